"""The reports: which indicators each holds, counted in one pass and gathered by month, unit, kind and level."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from operator import add
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import or_

from digitise.model.reports import GroupBy, Line, Report, Selection, Share
from digitise.report import indicators as formulas
from digitise.report import periods, scheme
from digitise.report.indicators import Condition, Indicator, Terms
from digitise.report.register import Cell, Registers
from digitise.report.units import Tree
from digitise.text import collation_key

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
K = TypeVar("K")


def signed_share(
    registers: Registers,
    selection: Selection,
    asked_at: datetime,
    *,
    variant: str = "A",
    by: GroupBy = GroupBy.MONTH,
    recalled_apart: bool = True,
    target: float | None = None,
    compare: bool = True,
) -> Report:
    """Return how many of the documents issued are digitally signed, as verified; `compare` adds last year's months.

    Raises NotFound for an unknown variant or unit.
    """
    terms = Terms(_day(asked_at), recalled_apart)
    chosen = [formulas.signed_share(variant, terms)]
    report = _compile("signed-share", registers, chosen, selection, asked_at, by, terms, compare=compare, target=target)
    missing = {part: chosen[0].parts[part] for part in chosen[0].denominator - chosen[0].numerator}
    reasons = registers.reasons(Tree(registers.units()).scope(selection), missing) if report.share.missing else []
    return _with(report, reasons=tuple(reasons))


def exceptions(
    registers: Registers,
    selection: Selection,
    asked_at: datetime,
    *,
    variant: str = "A",
    by: GroupBy = GroupBy.UNIT,
    recalled_apart: bool = True,
) -> Report:
    """Return the documents that are not counted as signed, by reason and unit; their rows come from `missing_rows`."""
    report = signed_share(
        registers, selection, asked_at, variant=variant, by=by, recalled_apart=recalled_apart, compare=False
    )
    return _with(report, name="exceptions")


def dossiers(
    registers: Registers,
    selection: Selection,
    asked_at: datetime,
    *,
    by: GroupBy = GroupBy.MONTH,
    compare: bool = False,
) -> Report:
    """Return dossiers resolved, on time, filed online and paid online, with what nobody can account for shown."""
    terms = Terms(_day(asked_at))
    chosen = [formulas.resolved(terms), formulas.on_time(terms), formulas.online(), formulas.paid_online()]
    return _compile("dossiers", registers, chosen, selection, asked_at, by, terms, compare=compare)


def digitisation(
    registers: Registers,
    selection: Selection,
    asked_at: datetime,
    *,
    by: GroupBy = GroupBy.MONTH,
    declared: Mapping[str, bool | None] | None = None,
) -> Report:
    """Return the digitisation group of the scheme in force (QĐ 766/QĐ-TTg) with its points.

    `declared` answers criteria that no register shows (connections to other systems): yes, no, or nobody has said.
    """
    terms = Terms(_day(asked_at))
    chosen = [formulas.electronic_results(), formulas.digitised_dossiers(terms), formulas.reused()]
    report = _compile("digitisation", registers, chosen, selection, asked_at, by, terms)
    copies = certified_copies(registers, selection, asked_at, by=by).share
    shares = (*report.shares, copies)
    return _with(report, shares=shares, points=scheme.points(shares, declared or {}, selection.period.last))


def reuse(registers: Registers, selection: Selection, asked_at: datetime, *, by: GroupBy = GroupBy.MONTH) -> Report:
    """Return in how many dossiers a component was reused instead of asked for again."""
    return _compile("reuse", registers, [formulas.reused()], selection, asked_at, by, Terms(_day(asked_at)))


def certified_copies(
    registers: Registers, selection: Selection, asked_at: datetime, *, by: GroupBy = GroupBy.MONTH
) -> Report:
    """Return the electronic share of certified copies."""
    return _compile(
        "certified-copies", registers, [formulas.certified_copies()], selection, asked_at, by, Terms(_day(asked_at))
    )


def incoming(registers: Registers, selection: Selection, asked_at: datetime, *, by: GroupBy = GroupBy.MONTH) -> Report:
    """Return how many documents came in, and how many of them electronically."""
    return _compile(
        "incoming", registers, [formulas.incoming_electronic()], selection, asked_at, by, Terms(_day(asked_at))
    )


def _compile(
    name: str,
    registers: Registers,
    chosen: Sequence[Indicator],
    selection: Selection,
    asked_at: datetime,
    by: GroupBy,
    terms: Terms,
    *,
    compare: bool = False,
    target: float | None = None,
) -> Report:
    tree = Tree(registers.units())
    scope, register, parts = tree.scope(selection), chosen[0].register, _parts(chosen)
    grouped = "kind" if by is GroupBy.KIND else "unit"  # one pass over the register, whatever is asked
    cells = registers.tally(register, scope, parts, by=grouped, starts=_starts(tree, selection))
    gather = _Gather(chosen, selection, cells, tree)
    of_units = by is not GroupBy.KIND
    before = _year_before(registers, tree, chosen[0], selection) if compare else ()
    return Report(
        name=name,
        selection=selection,
        asked_at=asked_at,
        shares=gather.total(),
        by=by,
        lines=gather.by(by),
        months=gather.by_month(),
        units=gather.by_unit() if of_units else (),
        levels=gather.by_level() if of_units else (),
        last_year=before if any(line.share.denominator for line in before) else (),
        target=target,
        unit_name=tree.name(selection.unit, selection.period.last) if selection.unit else "",
        as_of=terms.as_of,
        rule="apart" if terms.recalled_apart else "counted",
    )


def _year_before(registers: Registers, tree: Tree, leading: Indicator, selection: Selection) -> tuple[Line, ...]:
    """Return last year's months of the leading share: counted and not counted is all that a line shows."""
    missing = [leading.parts[part] for part in leading.denominator - leading.numerator]
    counted = [leading.parts[part] for part in leading.numerator]
    names = (next(iter(leading.numerator)), next(iter(leading.denominator - leading.numerator), ""))
    parts = {name: or_(*conditions) for name, conditions in zip(names, (counted, missing), strict=True) if conditions}
    simple = replace(leading, parts=parts, numerator=frozenset(names[:1]), denominator=frozenset(parts))
    earlier = selection.narrowed(period=periods.year_before(selection.period))
    cells = registers.tally(leading.register, tree.scope(earlier), parts, by="day", starts=_starts(tree, earlier))
    return _Gather([simple], earlier, cells, tree).by_month()


MOST_STARTS = 60  # comparisons of each daily count in SQL; beyond them the days themselves are cheaper


def _starts(tree: Tree, selection: Selection) -> list[date] | None:
    """Return the days on which a month begins or a unit's level may change: between two of them, days may be added up."""
    period = selection.period
    months = {month.first for month in periods.months(period)} | {period.first}
    found = sorted(months | tree.changes(period))
    return found if len(found) <= MOST_STARTS else None


class _Gather:
    """Adds cells up, once, by month, group and level; lines are drawn from the sums."""

    def __init__(self, chosen: Sequence[Indicator], selection: Selection, cells: Iterable[Cell], tree: Tree) -> None:
        self._chosen, self._selection, self._tree = chosen, selection, tree
        self._names = tuple(_parts(chosen))
        self._months = periods.months(selection.period)
        self._sums: dict[tuple[int, str, str], tuple[int, ...]] = {}
        starts = [month.first for month in self._months]
        month_of: dict[date, int] = {}
        level_of: dict[tuple[str, date], str] = {}
        for day, group, counts in cells:
            if day not in month_of:
                month_of[day] = bisect_right(starts, day) - 1
            place = (group or "", day)
            if place not in level_of:
                level_of[place] = tree.level(*place)
            key = (month_of[day], place[0], level_of[place])
            self._sums[key] = _added(self._sums[key], counts) if key in self._sums else counts

    def total(self) -> tuple[Share, ...]:
        """Return the shares of everything."""
        return self._shares(self._by(lambda _month, _group, _level: "").get("", ()))

    def by(self, by: GroupBy) -> tuple[Line, ...]:
        """Return the lines that were asked for."""
        makers = {GroupBy.MONTH: self.by_month, GroupBy.UNIT: self.by_unit, GroupBy.LEVEL: self.by_level}
        return makers.get(by, self.by_kind)()

    def by_month(self) -> tuple[Line, ...]:
        """Return a line for each month of the period, those without rows too."""
        sums = self._by(lambda month, _group, _level: month)
        return tuple(
            self._line(month.label, month.label, sums.get(index, ()), period=month)
            for index, month in enumerate(self._months)
        )

    def by_unit(self) -> tuple[Line, ...]:
        """Return a line for each unit that has rows, under the name it bore at the period's end."""
        last = self._selection.period.last
        return self._named(
            self._by(lambda _month, group, _level: group),
            lambda code: {"label": self._tree.name(code, last), "unit": code, "below": False},
        )

    def by_kind(self) -> tuple[Line, ...]:
        """Return a line for each kind that has rows."""
        return self._named(self._by(lambda _month, group, _level: group), lambda kind: {"label": kind, "kind": kind})

    def by_level(self) -> tuple[Line, ...]:
        """Return a line for each level of units that has rows, the highest first, the unclassified last."""
        order = {"province": 0, "district": 1, "commune": 2}
        found = self._named(
            self._by(lambda _month, _group, level: level), lambda level: {"label": level, "level": level}
        )
        return tuple(sorted(found, key=lambda line: order.get(line.key, 3)))

    def _by(self, key: Callable[[int, str, str], K]) -> dict[K, tuple[int, ...]]:
        sums: dict[K, tuple[int, ...]] = {}
        for place, counts in self._sums.items():
            name = key(*place)
            sums[name] = _added(sums[name], counts) if name in sums else counts
        return sums

    def _named(
        self, sums: Mapping[str, tuple[int, ...]], described: Callable[[str], dict[str, Any]]
    ) -> tuple[Line, ...]:
        lines = []
        for key, counts in sums.items():
            told = described(key)
            lines.append(self._line(key, told.pop("label"), counts, **told))
        return tuple(sorted(lines, key=lambda line: collation_key(line.label)))

    def _line(self, key: str, label: str, counts: tuple[int, ...], **narrowed: object) -> Line:
        return Line(key, label, self._selection.narrowed(**narrowed), self._shares(counts))

    def _shares(self, counts: tuple[int, ...]) -> tuple[Share, ...]:
        told = dict(zip(self._names, counts, strict=False))
        return tuple(indicator.share(told) for indicator in self._chosen)


def _added(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(map(add, one, other))


def _parts(chosen: Sequence[Indicator]) -> dict[str, Condition]:
    parts: dict[str, Condition] = {}
    for indicator in chosen:
        parts |= indicator.parts
    return parts


def _day(asked_at: datetime) -> date:
    return asked_at.astimezone(VIETNAM).date()


def _with(report: Report, **changes: object) -> Report:
    return replace(report, **changes)  # type: ignore[arg-type]
