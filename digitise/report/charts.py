"""Charts of a report: stacked months, bars by unit, the share as a line with target and last year, Pareto of reasons.

Every mark is a link to the rows behind it; every area differs by pattern as well as by colour.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlencode

from digitise.model.reports import GroupBy, Line, Report, Selection
from digitise.report import words
from digitise.report.drawing import (
    FILLS,
    GRID,
    INK,
    MUTED,
    Area,
    Chart,
    Dot,
    Fill,
    Label,
    Pattern,
    Shape,
    Stroke,
    fill_of,
    nice_step,
    shortened,
    text_width,
)
from digitise.text import group_thousands, percent

Href = Callable[
    [str, Selection, str | None, str | None], str
]  # indicator, selection, part, reason → address of the rows

WIDTH = 760.0  # of every chart; a page's column on a screen of 1366 pixels, and A4 portrait
UNITS_SHOWN = 20  # bars that fit a page; the table holds every unit
_LEFT, _RIGHT, _TOP = 64.0, 20.0, 70.0
_PLOT = 230.0
_BRIEF = re.compile(r"^[ỦU](?:ỷ|y) ban nhân dân\b", re.I)  # offices write UBND wherever room is short


def rows_address(indicator: str, selection: Selection, part: str | None = None, reason: str | None = None) -> str:
    """Return the address of the rows behind a mark, relative to the service."""
    chosen = {
        "indicator": indicator,
        "from": selection.period.first.isoformat(),
        "to": selection.period.last.isoformat(),
        "unit": selection.unit,
        "below": None if selection.below else "0",
        "kind": selection.kind,
        "level": selection.level,
        "part": part,
        "reason": reason,
    }
    return "/reports/rows?" + urlencode({name: value for name, value in chosen.items() if value is not None})


def of(report: Report, lang: str = "vi", href: Href = rows_address) -> list[Chart]:
    """Return the charts of a report, in the order it prints them."""
    charts = [months(report, lang, href)]
    if report.months and len(report.months) > 1:
        charts.append(line(report, lang, href))
    if report.units:
        charts.append(units(report, lang, href))
    if report.reasons:
        charts.append(pareto(report, lang, href))
    return charts


def months(report: Report, lang: str = "vi", href: Href = rows_address) -> Chart:
    """Draw a column for each month, its parts stacked, the share above it."""
    lines = report.months
    parts = _parts(lines, report)
    most = max((entry.share.denominator for entry in lines), default=0)
    step = nice_step(max(most, 4) * 1.08, 4)
    top = step * -(-most * 1.08 // step) if most else 4 * step
    shapes: list[Shape] = [*_legend(parts, lang), *_scale(top, step, lambda value: group_thousands(round(value)))]
    place = (WIDTH - _LEFT - _RIGHT) / max(len(lines), 1)
    for index, entry in enumerate(lines):
        x, width = _LEFT + place * (index + 0.18), place * 0.64
        shapes += _column(report, entry, x, width, top, parts, lang, href)
        shapes.append(
            Label(x + width / 2, _TOP + _PLOT + 18, words.line_label(entry, GroupBy.MONTH, lang), 11.5, "middle")
        )
    if not most:
        shapes.append(Label(WIDTH / 2, _TOP + _PLOT / 2, words.say("chart.empty", lang), 14, "middle", MUTED))
    return _chart("months", report, lang, _TOP + _PLOT + 34, shapes, GroupBy.MONTH, lines, parts)


def _column(
    report: Report, entry: Line, x: float, width: float, top: float, parts: dict[str, Fill], lang: str, href: Href
) -> list[Shape]:
    shapes: list[Shape] = []
    y = _TOP + _PLOT
    for part, fill in parts.items():
        count = entry.share.counts.get(part, 0)
        if not count:
            continue
        height = max(_PLOT * count / top, 1.2)
        y -= height
        told = f"{words.line_label(entry, GroupBy.MONTH, lang)} · {words.part(part, lang)}: {group_thousands(count)}"
        shapes.append(Area(x, y, width, height, fill, told, href(entry.share.indicator, entry.selection, part, None)))
    if entry.share.denominator:
        told = percent(entry.share.numerator, entry.share.denominator) or ""
        size = 10.5 if width > 40 else 8.5
        shapes.append(Label(x + width / 2, y - 6, told, size, "middle", INK, True))
    return shapes


def units(report: Report, lang: str = "vi", href: Href = rows_address) -> Chart:
    """Draw a bar for each unit's share, the lowest on top; the twenty lowest where there are more."""
    lines = sorted((entry for entry in report.units if entry.share.denominator), key=_ratio)
    shown, more = lines[:UNITS_SHOWN], len(lines) - UNITS_SHOWN
    left, right, row = 232.0, 160.0, 25.0
    scale = WIDTH - left - right
    shapes: list[Shape] = []
    for tick in range(0, 101, 25):
        x = left + scale * tick / 100
        shapes.append(Stroke(((x, 30), (x, 36 + row * len(shown))), GRID))
        shapes.append(Label(x, 24, f"{tick} %", 11, "middle", MUTED))
    for index, entry in enumerate(shown):
        y = 36 + row * index
        address = href(entry.share.indicator, entry.selection, None, None)
        label = words.line_label(entry, GroupBy.UNIT, lang)
        brief = shortened(_BRIEF.sub("UBND", label), 12, left - 20)
        told = f"{label} · {words.fraction(entry.share, lang)}"
        shapes.append(Label(left - 10, y + 16, brief, 12, "end", INK, href=address))
        shapes.append(Area(left, y + 4, scale, row - 9, Fill(GRID, Pattern.EMPTY), told, address))
        shapes.append(Area(left, y + 4, scale * _ratio(entry), row - 9, FILLS["signed"], told, address))
        numbers = f"{group_thousands(entry.share.numerator)}/{group_thousands(entry.share.denominator)}"
        shapes.append(Label(left + scale + 8, y + 16, numbers, 11, "start", MUTED))
        shapes.append(Label(WIDTH - 4, y + 16, words.share_text(entry.share, lang), 12, "end", INK, True))
    if report.target is not None and shown:
        shapes += _target_mark(left + scale * report.target, 36 + row * len(shown), report.target, lang)
    height = 36 + row * len(shown) + 26
    if more > 0:
        shapes.append(Label(left, height - 6, words.say("chart.more_units", lang, count=more), 11, "start", MUTED))
    if not shown:
        shapes.append(Label(WIDTH / 2, 50, words.say("chart.empty", lang), 14, "middle", MUTED))
    return _chart("units", report, lang, height + 8, shapes, GroupBy.UNIT, lines, _parts(lines, report))


def _target_mark(x: float, y: float, target: float, lang: str) -> list[Shape]:
    told = f"{words.say('target', lang)}: {_percent(target * 100)}"
    return [Stroke(((x, 30), (x, y + 4)), "#9b1c1c", 1.4, (5, 3)), Label(x, y + 18, told, 11, "middle", "#9b1c1c")]


def line(report: Report, lang: str = "vi", href: Href = rows_address) -> Chart:
    """Draw the share of each month as a line, with the target and the same months of last year."""
    lines = report.months
    ratios = [_ratio(entry) for entry in (*lines, *report.last_year) if entry.share.denominator]
    lowest = min([*ratios, report.target if report.target is not None else 1.0], default=0.0)
    floor = max(0.0, min(90.0, (lowest * 100 - 2) // 10 * 10))
    step = 2.0 if floor >= 90 else 5.0 if floor >= 70 else 10.0 if floor >= 50 else 20.0
    scale = _PLOT / (100.0 - floor)
    shapes: list[Shape] = list(_scale(100.0, step, _percent, floor))
    place = (WIDTH - _LEFT - _RIGHT) / max(len(lines), 1)

    def at(index: int, entry: Line) -> tuple[float, float]:
        return _LEFT + place * (index + 0.5), _TOP + _PLOT - (_ratio(entry) * 100 - floor) * scale

    if report.target is not None:
        y = _TOP + _PLOT - (report.target * 100 - floor) * scale
        shapes.append(Stroke(((_LEFT, y), (WIDTH - _RIGHT, y)), "#9b1c1c", 1.4, (2, 3)))
    shapes += _series(report.last_year[: len(lines)], at, "#6b7280", (6, 4), True, lang, href)
    shapes += _series(lines, at, "#1f4e79", (), False, lang, href)
    for index, entry in enumerate(lines):
        x = _LEFT + place * (index + 0.5)
        shapes.append(Label(x, _TOP + _PLOT + 18, words.line_label(entry, GroupBy.MONTH, lang), 11.5, "middle"))
        if entry.share.denominator:
            y = at(index, entry)[1]
            beside = [at(each, lines[each])[1] for each in (index - 1, index + 1) if 0 <= each < len(lines)]
            valley = all(other < y for other in beside) and y + 20 < _TOP + _PLOT
            room = y + 20 if valley or y - 10 < _TOP - 4 else y - 10
            told = percent(entry.share.numerator, entry.share.denominator) or ""
            shapes.append(Label(x, room, told, 10.5 if place > 50 else 8.5, "middle", INK, True))
    shapes += _line_legend(report, lang)
    return _chart("line", report, lang, _TOP + _PLOT + 34, shapes, GroupBy.MONTH, lines, {})


def _series(
    lines: Sequence[Line],
    at: Callable[[int, Line], tuple[float, float]],
    colour: str,
    dash: tuple[float, ...],
    hollow: bool,
    lang: str,
    href: Href,
) -> list[Shape]:
    shapes: list[Shape] = []
    run: list[tuple[float, float]] = []
    dots: list[Shape] = []
    for index, entry in enumerate(lines):
        if not entry.share.denominator:  # a month without events is a gap, never a drop to 0
            shapes += [Stroke(tuple(run), colour, 2.2, dash)] if len(run) > 1 else []
            run = []
            continue
        point = at(index, entry)
        run.append(point)
        told = f"{words.line_label(entry, GroupBy.MONTH, lang)} · {words.fraction(entry.share, lang)}"
        dots.append(Dot(*point, 4, colour, hollow, told, href(entry.share.indicator, entry.selection, None, None)))
    shapes += [Stroke(tuple(run), colour, 2.2, dash)] if len(run) > 1 else []
    return shapes + dots


def _line_legend(report: Report, lang: str) -> list[Shape]:
    entries: list[tuple[str, str, tuple[float, ...]]] = [(words.say("this_year", lang), "#1f4e79", ())]
    if report.last_year:
        entries.append((words.say("last_year", lang), "#6b7280", (6, 4)))
    if report.target is not None:
        entries.append((f"{words.say('target', lang)}: {_percent(report.target * 100)}", "#9b1c1c", (2, 3)))
    shapes: list[Shape] = []
    x = _LEFT
    for told, colour, dash in entries:
        shapes += [Stroke(((x, 20), (x + 28, 20)), colour, 2.2, dash), Label(x + 34, 24, told, 12)]
        x += 34 + text_width(told, 12) + 24
    return shapes


def pareto(report: Report, lang: str = "vi", href: Href = rows_address) -> Chart:
    """Draw the reasons why documents are not counted, most frequent first, with the cumulative share."""
    reasons = report.reasons[:8]
    total = max(1, sum(entry.count for entry in report.reasons))
    left, row = 300.0, 30.0
    scale = WIDTH - left - 90.0
    shapes: list[Shape] = []
    running = 0
    points: list[tuple[float, float]] = []
    indicator = report.share.indicator
    for index, entry in enumerate(reasons):
        y = 12 + row * index
        running += entry.count
        address = href(indicator, report.selection, entry.part, entry.reason)
        label, told = words.reason(entry.reason, lang), group_thousands(entry.count)
        shapes.append(Label(left - 10, y + 16, shortened(label, 12, left - 14), 12, "end", INK, href=address))
        fill = fill_of(entry.part, index, False)
        shapes.append(Area(left, y + 2, scale * entry.count / total, row - 11, fill, f"{label}: {told}", address))
        shapes.append(Label(left + scale * entry.count / total + 6, y + 16, told, 12, "start", INK, True))
        points.append((left + scale * running / total, y + row / 2 - 4))
        shapes.append(Label(WIDTH - 4, y + 16, percent(running, total) or "", 11.5, "end", MUTED))
    height = 12 + row * len(reasons) + 22
    shapes.append(Label(WIDTH - 4, height - 6, words.say("cumulative", lang), 11, "end", MUTED))
    shapes += [Stroke(tuple(points), MUTED, 1.4, (4, 3)), *(Dot(x, y, 3, MUTED, True) for x, y in points)]
    rows = _reason_rows(report, total, lang)
    told = words.say(
        "chart.pareto_desc", lang, period=words.period(report.selection, lang), summary=group_thousands(total)
    )
    headings = tuple(words.say(key, lang) for key in ("reason", "part", "count", "cumulative", "oldest"))
    return Chart("pareto", words.say("chart.pareto", lang), told, WIDTH, height + 6, tuple(shapes), headings, rows)


def _reason_rows(report: Report, total: int, lang: str) -> tuple[tuple[str, ...], ...]:
    rows, running = [], 0
    for entry in report.reasons:
        running += entry.count
        rows.append(
            (
                words.reason(entry.reason, lang),
                words.part(entry.part, lang),
                group_thousands(entry.count),
                percent(running, total) or "",
                words.day(entry.oldest),
            )
        )
    return tuple(rows)


def _chart(
    name: str,
    report: Report,
    lang: str,
    height: float,
    shapes: Iterable[Shape],
    by: GroupBy,
    lines: Sequence[Line],
    parts: Iterable[str],
) -> Chart:
    named = words.indicator(report.share.indicator, lang)
    summary = words.summary(report.share, lang)
    told = words.say(f"chart.{name}_desc", lang, period=words.period(report.selection, lang), summary=summary)
    columns = list(parts) or list(report.share.counts)
    headings = (
        words.say(f"by.{by.value}", lang),
        *(words.part(part, lang) for part in columns),
        words.say("denominator", lang),
        words.say("share", lang),
    )
    rows = tuple(
        (
            words.line_label(entry, by, lang),
            *(group_thousands(entry.share.counts.get(part, 0)) for part in columns),
            group_thousands(entry.share.denominator),
            words.share_text(entry.share, lang),
        )
        for entry in lines
    )
    title = words.say(f"chart.{name}", lang, indicator=named)
    return Chart(name, title, told, WIDTH, height, tuple(shapes), headings, rows)


def _parts(lines: Iterable[Line], report: Report) -> dict[str, Fill]:
    present = [part for part in report.share.counts if any(entry.share.counts.get(part) for entry in lines)]
    leading = next((part for part in present), None)
    return {part: fill_of(part, index - 1, part == leading) for index, part in enumerate(present)}


def _legend(parts: dict[str, Fill], lang: str) -> list[Shape]:
    shapes: list[Shape] = []
    x, y = _LEFT, 10.0
    for part, fill in parts.items():
        told = words.part(part, lang)
        width = 24 + text_width(told, 12) + 20
        if x + width > WIDTH - _RIGHT:
            x, y = _LEFT, y + 20
        shapes += [Area(x, y, 18, 12, fill), Label(x + 24, y + 10.5, told, 12)]
        x += width
    return shapes


def _scale(top: float, step: float, told: Callable[[float], str], floor: float = 0.0) -> list[Shape]:
    shapes: list[Shape] = []
    value = floor
    while value <= top + step / 1000:
        y = _TOP + _PLOT - _PLOT * (value - floor) / (top - floor)
        shapes.append(Stroke(((_LEFT, y), (WIDTH - _RIGHT, y)), MUTED if value == floor else GRID))
        shapes.append(Label(_LEFT - 8, y + 4, told(value), 11, "end", MUTED))
        value += step
    return shapes


def _ratio(entry: Line) -> float:
    return entry.share.numerator / entry.share.denominator if entry.share.denominator else 0.0


def _percent(value: float) -> str:
    return f"{value:.0f} %" if value == round(value) else f"{value:.2f} %".replace(".", ",")
