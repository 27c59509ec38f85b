"""The indicators: each a named formula over one register, as SQL conditions that never overlap.

An indicator divides the rows of its register into *parts*; some make the numerator, some the denominator, and those
*apart* are counted, shown, and left out of the fraction by a stated rule. The sentences that define each indicator
and each part in words are in `digitise/locale/*/report.toml` and are printed with every report.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Boolean, ColumnElement, Date, Integer, String, and_, column, false, not_, or_, true

from digitise.errors import NotFound
from digitise.model.reports import RegisterName, Share

Condition = ColumnElement[bool]


def _flag(name: str) -> ColumnElement[bool]:
    return column(name, Boolean())


def _word(name: str) -> ColumnElement[str]:
    return column(name, String())


_due = column("due_on", Date())
_progress = _word("progress")

DATED_BY: dict[RegisterName, str] = {
    RegisterName.OUTGOING: "issued_on",  # the day of its number: registered, hence issued (NĐ 30/2020 art. 15)
    RegisterName.DOSSIERS: "received_on",
    RegisterName.INCOMING: "received_on",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What a formula depends on beside the rows."""

    as_of: date  # decides which pending dossiers are overdue
    recalled_apart: bool = True  # recalled and replaced documents: apart, or counted as any other


@dataclass(frozen=True, slots=True)
class Indicator:
    """A named formula; `parts` are exclusive, and rows in none of them are not its business."""

    name: str
    register: RegisterName
    parts: Mapping[str, Condition]
    numerator: frozenset[str]
    denominator: frozenset[str]

    @property
    def apart(self) -> frozenset[str]:
        """Parts that are shown but left out of the fraction."""
        return frozenset(self.parts) - self.denominator

    def share(self, counts: Mapping[str, int]) -> Share:
        """Return the value for `counts` of rows by part."""
        own = {part: counts.get(part, 0) for part in self.parts}
        return Share(
            self.name,
            {part: own[part] for part in self.parts if part in self.denominator},
            sum(own[part] for part in self.numerator),
            sum(own[part] for part in self.denominator),
            {part: own[part] for part in self.parts if part not in self.denominator},
        )


SIGNED, INVALID, INDETERMINATE, UNSIGNED, ERROR, UNCHECKED = (
    "signed",
    "invalid",
    "indeterminate",
    "unsigned",
    "error",
    "unchecked",
)
_OUTCOMES = {INVALID: "invalid", INDETERMINATE: "indeterminate", UNSIGNED: "unsigned", ERROR: "error"}
NOT_SIGNED = (INVALID, INDETERMINATE, UNSIGNED, ERROR, UNCHECKED)


def signed_share(variant: str, terms: Terms) -> Indicator:
    """Return the signed share: A of those issued electronically, B of all outgoing, C of full value (art. 5.1).

    "Signed" is what was verified here (newest verdict *valid*), never what a register claims. Raises NotFound.
    """
    if variant not in ("A", "B", "C"):
        raise NotFound("variant", what="variant", id=variant)
    verdict, secret, electronic = _word("verdict"), _flag("secret"), _word("medium") == "electronic"
    gone = _word("state").in_(("recalled", "replaced")) if terms.recalled_apart else false()
    counted = and_(not_(secret), not_(gone), true() if variant == "B" else electronic)
    full = _flag("full_value").is_(True)
    parts: dict[str, Condition] = {SIGNED: and_(verdict == "valid", full if variant == "C" else true(), counted)}
    if variant == "C":
        parts["incomplete"] = and_(
            verdict == "valid", or_(not_(_flag("full_value")), _flag("full_value").is_(None)), counted
        )
    parts |= {part: and_(verdict == outcome, counted) for part, outcome in _OUTCOMES.items()}
    if variant == "B":
        parts["paper"] = and_(verdict.is_(None), not_(electronic), counted)
    parts[UNCHECKED] = and_(verdict.is_(None), counted, electronic)
    inside = frozenset(parts)
    if variant != "B":
        parts["paper"] = and_(not_(electronic), not_(secret), not_(gone))
    if terms.recalled_apart:
        parts["recalled"] = and_(not_(secret), _word("state") == "recalled")
        parts["replaced"] = and_(not_(secret), _word("state") == "replaced")
    parts["secret"] = secret
    return Indicator(f"signed-share-{variant}", RegisterName.OUTGOING, parts, frozenset({SIGNED}), inside)


def certified_copies() -> Indicator:
    """Return the electronic share of certified copies (sao y, NĐ 30/2020 art. 25.1c)."""
    copy, gone = _flag("certified_copy"), _word("state").in_(("recalled", "replaced"))
    electronic = _word("medium") == "electronic"
    parts = {
        "electronic_copy": and_(copy, not_(gone), electronic),
        "paper_copy": and_(copy, not_(gone), not_(electronic)),
        "withdrawn_copy": and_(copy, gone),
    }
    inside = frozenset({"electronic_copy", "paper_copy"})
    return Indicator("certified-copies", RegisterName.OUTGOING, parts, frozenset({"electronic_copy"}), inside)


def incoming_electronic() -> Indicator:
    """Return how many incoming documents came electronically."""
    electronic = _word("medium") == "electronic"
    parts = {"electronic": electronic, "on_paper": not_(electronic)}
    return Indicator("incoming-electronic", RegisterName.INCOMING, parts, frozenset({"electronic"}), frozenset(parts))


RESOLVED = ("on_time", "late", "resolved")  # `resolved` alone: nobody can say whether in time ("chưa phân loại")


def _ended() -> Condition:
    return or_(*(_progress == part for part in RESOLVED))  # SQLite looks a list of three up in a tree, for every row


def _course(terms: Terms) -> dict[str, Condition]:
    progress, due = _progress, _due
    parts: dict[str, Condition] = {part: progress == part for part in RESOLVED}
    parts["pending_overdue"] = and_(progress == "pending", due < terms.as_of)
    parts["pending"] = and_(progress == "pending", or_(due >= terms.as_of, due.is_(None)))
    parts["unaccounted"] = progress == "unaccounted"
    parts["withdrawn"] = progress == "withdrawn"
    return parts


def _dossiers(name: str, parts: Mapping[str, Condition], numerator: set[str], denominator: set[str]) -> Indicator:
    return Indicator(name, RegisterName.DOSSIERS, parts, frozenset(numerator), frozenset(denominator))


def resolved(terms: Terms) -> Indicator:
    """Return the share of received dossiers that are resolved; withdrawn ones apart."""
    parts = _course(terms)
    return _dossiers("resolved", parts, set(RESOLVED), set(parts) - {"withdrawn"})


def on_time(terms: Terms) -> Indicator:
    """Return the share of resolved dossiers that were resolved before or on their due day."""
    return _dossiers("on-time", _course(terms), {"on_time"}, set(RESOLVED))


def online() -> Indicator:
    """Return the share of received dossiers that were filed online."""
    parts = {channel: _word("channel") == channel for channel in ("online", "counter", "post")}
    return _dossiers("online", parts, {"online"}, set(parts))


def paid_online() -> Indicator:
    """Return the share paid online of the dossiers with something to pay (those of which the register says so)."""
    paid = _flag("paid_online")
    parts = {"paid_online": paid.is_(True), "paid_otherwise": paid.is_(False), "nothing_to_pay": paid.is_(None)}
    return _dossiers("paid-online", parts, {"paid_online"}, {"paid_online", "paid_otherwise"})


def electronic_results() -> Indicator:
    """Return the share of dossiers with an electronic result among those resolved whose procedure gives a result."""
    ended, gives = _ended(), _flag("has_result")
    digitised = _flag("result_digitised")
    parts = {
        "result_electronic": and_(ended, gives, digitised),
        "result_paper": and_(ended, gives, not_(digitised)),
        "result_none": and_(ended, not_(gives)),
        "not_resolved": not_(ended),
    }
    return _dossiers("electronic-results", parts, {"result_electronic"}, {"result_electronic", "result_paper"})


def digitised_dossiers(terms: Terms) -> Indicator:
    """Return the share with a digitised component *and* a digitised result; one still pending in time is no failure."""
    ended = _ended()
    overdue = and_(_progress == "pending", _due < terms.as_of)
    both = and_(column("components_digitised", Integer()) > 0, _flag("result_digitised"))
    parts = {
        "both_digitised": and_(ended, both),
        "not_both_digitised": and_(ended, not_(both)),
        "overdue_undigitised": overdue,
        "still_open": and_(not_(ended), or_(_progress != "pending", not_(overdue), _due.is_(None))),
    }
    inside = {"both_digitised", "not_both_digitised", "overdue_undigitised"}
    return _dossiers("digitised-dossiers", parts, {"both_digitised"}, inside)


def reused() -> Indicator:
    """Return the share of received dossiers with at least one component reused instead of asked for again."""
    parts = {
        "reused": column("components_reused", Integer()) > 0,
        "not_reused": column("components_reused", Integer()) == 0,
    }
    return _dossiers("reuse", parts, {"reused"}, set(parts))


def named(name: str, terms: Terms) -> Indicator:
    """Return the indicator with this name. Raises NotFound."""
    if name.startswith("signed-share-"):
        return signed_share(name.removeprefix("signed-share-"), terms)
    makers = {
        "certified-copies": certified_copies,
        "incoming-electronic": incoming_electronic,
        "resolved": lambda: resolved(terms),
        "on-time": lambda: on_time(terms),
        "online": online,
        "paid-online": paid_online,
        "electronic-results": electronic_results,
        "digitised-dossiers": lambda: digitised_dossiers(terms),
        "reuse": reused,
    }
    if name not in makers:
        raise NotFound("indicator", what="indicator", id=name)
    return makers[name]()


NAMES = (
    *(f"signed-share-{variant}" for variant in "ABC"),
    *("certified-copies", "incoming-electronic", "resolved", "on-time", "online", "paid-online"),
    *("electronic-results", "digitised-dossiers", "reuse"),
)
