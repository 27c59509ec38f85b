"""Charts of a report: stacked months, bars by unit, the share as a line with target and last year, Pareto of reasons.

Every mark is a link to the rows behind it; every area differs by pattern as well as by colour.
"""

from digitise.model.reports import GroupBy, Line, Report
from digitise.report import words
from digitise.report.chart_frame import (
    BRIEF,
    LEFT,
    PLOT,
    RIGHT,
    TOP,
    UNITS_SHOWN,
    WIDTH,
    Href,
    grid_lines,
    legend,
    parts_of,
    percent_text,
    ratio,
    rows_address,
    table_chart,
)
from digitise.report.chart_line import line
from digitise.report.chart_pareto import pareto
from digitise.report.drawing import (
    FILLS,
    GRID,
    INK,
    MUTED,
    Area,
    Chart,
    Fill,
    Label,
    Pattern,
    Shape,
    Stroke,
    nice_step,
    shortened,
)
from digitise.text import group_thousands, percent

__all__ = ["Href", "line", "months", "of", "pareto", "rows_address", "units"]


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
    parts = parts_of(lines, report)
    most = max((entry.share.denominator for entry in lines), default=0)
    step = nice_step(max(most, 4) * 1.08, 4)
    top = step * -(-most * 1.08 // step) if most else 4 * step
    shapes: list[Shape] = [*legend(parts, lang), *grid_lines(top, step, lambda value: group_thousands(round(value)))]
    place = (WIDTH - LEFT - RIGHT) / max(len(lines), 1)
    for index, entry in enumerate(lines):
        x, width = LEFT + place * (index + 0.18), place * 0.64
        shapes += _column(report, entry, x, width, top, parts, lang, href)
        shapes.append(
            Label(x + width / 2, TOP + PLOT + 18, words.line_label(entry, GroupBy.MONTH, lang), 11.5, "middle")
        )
    if not most:
        shapes.append(Label(WIDTH / 2, TOP + PLOT / 2, words.say("chart.empty", lang), 14, "middle", MUTED))
    return table_chart("months", report, lang, TOP + PLOT + 34, shapes, GroupBy.MONTH, lines, parts)


def _column(
    report: Report, entry: Line, x: float, width: float, top: float, parts: dict[str, Fill], lang: str, href: Href
) -> list[Shape]:
    shapes: list[Shape] = []
    y = TOP + PLOT
    for part, fill in parts.items():
        count = entry.share.counts.get(part, 0)
        if not count:
            continue
        height = max(PLOT * count / top, 1.2)
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
    lines = sorted((entry for entry in report.units if entry.share.denominator), key=ratio)
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
        brief = shortened(BRIEF.sub("UBND", label), 12, left - 20)
        told = f"{label} · {words.fraction(entry.share, lang)}"
        shapes.append(Label(left - 10, y + 16, brief, 12, "end", INK, href=address))
        shapes.append(Area(left, y + 4, scale, row - 9, Fill(GRID, Pattern.EMPTY), told, address))
        shapes.append(Area(left, y + 4, scale * ratio(entry), row - 9, FILLS["signed"], told, address))
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
    return table_chart("units", report, lang, height + 8, shapes, GroupBy.UNIT, lines, parts_of(lines, report))


def _target_mark(x: float, y: float, target: float, lang: str) -> list[Shape]:
    told = f"{words.say('target', lang)}: {percent_text(target * 100)}"
    return [Stroke(((x, 30), (x, y + 4)), "#9b1c1c", 1.4, (5, 3)), Label(x, y + 18, told, 11, "middle", "#9b1c1c")]
