"""The tables of a report, once, for every format: headings, rows, and what kind of value each cell is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from digitise.model.reports import GroupBy, Line, RegisterName, Report, Share
from digitise.report import words

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
Value = str | int | float | date | None | Share  # a Share prints as its percentage


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table."""

    name: str  # key below `report.sheet`
    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    widths: tuple[float, ...] = ()  # in characters


def of(report: Report, lang: str) -> list[Sheet]:
    """Return the tables of a report: summary, lines, reasons, points; definitions last."""
    found = [summary(report, lang), lines(report, report.by, report.lines, lang)]
    if report.by is not GroupBy.UNIT and len(report.units) > 1:
        found.append(lines(report, GroupBy.UNIT, report.units, lang))
    if report.by is not GroupBy.MONTH and len(report.months) > 1:
        found.append(lines(report, GroupBy.MONTH, report.months, lang))
    if report.by is not GroupBy.LEVEL and len(report.levels) > 1:
        found.append(lines(report, GroupBy.LEVEL, report.levels, lang))
    if report.points:
        found.append(points(report, lang))
    if report.reasons:
        found.append(reasons(report, lang))
    return [*found, definitions(report, lang)]


def summary(report: Report, lang: str) -> Sheet:
    """Return each share with its fraction and its parts, those counted apart marked."""
    rows: list[tuple[Value, ...]] = []
    for share in report.shares:
        rows.append((words.indicator(share.indicator, lang), share.numerator, share.denominator, share))
        rows += [(f"   {words.part(part, lang)}", count, None, None) for part, count in share.counts.items()]
        apart = {part: count for part, count in share.apart.items() if count}
        if apart:
            rows.append((f"   {words.say('apart', lang)}:", None, None, None))
            rows += [(f"      {words.part(part, lang)}", count, None, None) for part, count in apart.items()]
    headings = tuple(words.say(key, lang) for key in ("term", "numerator", "denominator", "share"))
    return Sheet("summary", words.say("sheet.summary", lang), headings, tuple(rows), (58, 14, 14, 16))


def lines(report: Report, by: GroupBy, entries: Iterable[Line], lang: str) -> Sheet:
    """Return one row for each line: its parts, denominator and share; further indicators follow as shares."""
    parts = list(report.share.counts)
    others = report.shares[1:]
    headings = (
        words.say(f"by.{by.value}", lang),
        *(words.part(part, lang) for part in parts),
        words.say("denominator", lang),
        words.say("share", lang),
        *(words.say(f"short.{share.indicator}", lang) for share in others),
    )
    rows = [
        (
            words.line_label(entry, by, lang),
            *(entry.share.counts.get(part, 0) for part in parts),
            entry.share.denominator,
            entry.share,
            *(share for share in entry.shares[1:]),
            *(None for _ in range(len(others) - len(entry.shares) + 1)),
        )
        for entry in entries
    ]
    if report.share.denominator and len(rows) > 1:
        counts = [report.share.counts.get(part, 0) for part in parts]
        rows.append((words.say("total", lang), *counts, report.share.denominator, report.share, *others))
    name = {"month": "months", "unit": "units", "level": "levels", "kind": "lines"}[by.value]
    plain = len(parts) + 1  # counts; the shares behind them are wider: 100,00 %
    widths = (36.0 if by is GroupBy.UNIT else 18.0, *(13.0 if n < plain else 16.0 for n in range(len(headings) - 1)))
    return Sheet(name, words.say(f"sheet.{name}", lang), headings, tuple(rows), widths)


def reasons(report: Report, lang: str) -> Sheet:
    """Return the reasons why documents are not counted, most frequent first."""
    rows = tuple(
        (words.reason(entry.reason, lang), words.part(entry.part, lang), entry.count, entry.oldest)
        for entry in report.reasons
    )
    headings = tuple(words.say(key, lang) for key in ("reason", "part", "count", "oldest"))
    return Sheet("reasons", words.say("sheet.reasons", lang), headings, rows, (60, 24, 12, 14))


def points(report: Report, lang: str) -> Sheet:
    """Return the points of each criterion."""
    rows: list[tuple[Value, ...]] = [
        (
            words.indicator(each.criterion, lang),
            each.share,
            each.most,
            each.earned,
            words.say(f"note_points.{each.note}", lang),
        )
        for each in report.points
    ]
    earned = sum(each.earned or 0.0 for each in report.points)
    rows.append((words.say("total", lang), None, sum(each.most for each in report.points), round(earned, 2), ""))
    headings = tuple(words.say(key, lang) for key in ("criterion", "share", "points_most", "points_earned", "note"))
    return Sheet("points", words.say("sheet.points", lang), headings, tuple(rows), (58, 16, 14, 14, 28))


def definitions(report: Report, lang: str) -> Sheet:
    """Return what every number means, on what basis, and the rules of counting."""
    rows: list[tuple[Value, ...]] = [(name, formula, basis) for name, formula, basis in words.definitions(report, lang)]
    rows += [(words.say("rule", lang), rule, "") for rule in words.rules(report, lang)]
    rows += [(name, told, "") for name, told in facts(report, lang)]
    headings = tuple(words.say(key, lang) for key in ("term", "definition", "source"))
    return Sheet("definitions", words.say("sheet.definitions", lang), headings, tuple(rows), (40, 90, 50))


def facts(report: Report, lang: str) -> list[tuple[str, str]]:
    """Return what was asked, of whom, when, and under which figure it is kept."""
    told = [
        (words.say("unit", lang), words.scope(report, lang)),
        (words.say("period", lang), words.period(report.selection, lang)),
        (words.say("calendar", lang), words.calendar(report.selection, lang)),
        (words.say("asked_at", lang), f"{report.asked_at.astimezone(VIETNAM):%d/%m/%Y %H:%M:%S} (UTC+7)"),
    ]
    if report.figures:
        told.append((words.say("figure", lang), ", ".join(report.figures)))
    return told


_COLUMNS = {
    RegisterName.OUTGOING: (
        ("issued_on", 13),
        ("number", 8),
        ("symbol", 16),
        ("unit", 16),
        ("kind", 8),
        ("abstract", 60),
        ("signer", 24),
        ("part", 22),
        ("reason", 44),
        ("checked_at", 20),
        ("key", 28),
    ),
    RegisterName.DOSSIERS: (
        ("key", 28),
        ("unit", 16),
        ("procedure", 14),
        ("received_on", 13),
        ("due_on", 13),
        ("resolved_on", 13),
        ("channel", 14),
        ("part", 36),
    ),
    RegisterName.INCOMING: (
        ("received_on", 13),
        ("number", 16),
        ("sender", 30),
        ("subject", 60),
        ("unit", 16),
        ("part", 20),
        ("key", 28),
    ),
}


_PRINTED = {  # the same on a page of A4, where room is short
    RegisterName.OUTGOING: (
        ("issued_on", 18),
        ("document", 24),
        ("unit", 13),
        ("abstract", 38),
        ("part", 17),
        ("reason", 36),
    ),
    RegisterName.DOSSIERS: (
        ("key", 32),
        ("unit", 14),
        ("received_on", 18),
        ("due_on", 18),
        ("resolved_on", 18),
        ("channel", 16),
        ("part", 26),
    ),
    RegisterName.INCOMING: (
        ("received_on", 18),
        ("number", 20),
        ("sender", 26),
        ("subject", 42),
        ("unit", 16),
        ("part", 18),
    ),
}
_DAYS = frozenset({"issued_on", "received_on", "due_on", "resolved_on", "returned_on"})


def columns(register: RegisterName, printed: bool = False) -> tuple[tuple[str, float], ...]:
    """Return the columns of a list of register rows with their widths in characters; fewer where it is `printed`."""
    return (_PRINTED if printed else _COLUMNS)[register]


def row_headings(register: RegisterName, lang: str, printed: bool = False) -> tuple[str, ...]:
    """Return the headings of such a list."""
    return tuple(words.say(f"column.{name}", lang) for name, _ in columns(register, printed))


def row_widths(register: RegisterName, printed: bool = False) -> tuple[float, ...]:
    """Return the widths of its columns, in characters."""
    return tuple(float(width) for _, width in columns(register, printed))


def row_values(register: RegisterName, row: Mapping[str, Any], lang: str, printed: bool = False) -> tuple[Value, ...]:
    """Return one register row as a list shows it: parts and reasons in words, moments in Vietnam's time.

    Rows come from the register or, frozen, from JSON, where days and moments are ISO 8601 text.
    """
    return tuple(_shown(name, row, lang) for name, _ in columns(register, printed))


def _shown(name: str, row: Mapping[str, Any], lang: str) -> Value:
    if name == "document":
        number, symbol = row.get("number"), row.get("symbol")
        return f"{number:02d}/{symbol or ''}" if isinstance(number, int) else symbol
    value: Any = row.get(name)
    if value is None or value == "":
        return None
    if name in ("part", "channel"):
        return words.part(value, lang)
    if name == "reason":
        return words.reason(value, lang)
    if name in _DAYS and isinstance(value, str):
        return date.fromisoformat(value)
    if name == "checked_at":
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return f"{moment.astimezone(VIETNAM):%d/%m/%Y %H:%M}"
    found: Value = value
    return found
