"""The share of each month as a line, with the target and the same months of last year."""

from collections.abc import Callable, Sequence

from digitise.model.reports import GroupBy, Line, Report
from digitise.report import words
from digitise.report.chart_frame import (
    LEFT,
    PLOT,
    RIGHT,
    TOP,
    WIDTH,
    Href,
    grid_lines,
    percent_text,
    ratio,
    rows_address,
    table_chart,
)
from digitise.report.drawing import INK, Chart, Dot, Label, Shape, Stroke, text_width
from digitise.text import percent


def line(report: Report, lang: str = "vi", href: Href = rows_address) -> Chart:
    """Draw the share of each month as a line, with the target and the same months of last year."""
    lines = report.months
    ratios = [ratio(entry) for entry in (*lines, *report.last_year) if entry.share.denominator]
    lowest = min([*ratios, report.target if report.target is not None else 1.0], default=0.0)
    floor = max(0.0, min(90.0, (lowest * 100 - 2) // 10 * 10))
    step = 2.0 if floor >= 90 else 5.0 if floor >= 70 else 10.0 if floor >= 50 else 20.0
    scale = PLOT / (100.0 - floor)
    shapes: list[Shape] = list(grid_lines(100.0, step, percent_text, floor))
    place = (WIDTH - LEFT - RIGHT) / max(len(lines), 1)

    def at(index: int, entry: Line) -> tuple[float, float]:
        return LEFT + place * (index + 0.5), TOP + PLOT - (ratio(entry) * 100 - floor) * scale

    if report.target is not None:
        y = TOP + PLOT - (report.target * 100 - floor) * scale
        shapes.append(Stroke(((LEFT, y), (WIDTH - RIGHT, y)), "#9b1c1c", 1.4, (2, 3)))
    shapes += _series(report.last_year[: len(lines)], at, "#6b7280", (6, 4), True, lang, href)
    shapes += _series(lines, at, "#1f4e79", (), False, lang, href)
    for index, entry in enumerate(lines):
        x = LEFT + place * (index + 0.5)
        shapes.append(Label(x, TOP + PLOT + 18, words.line_label(entry, GroupBy.MONTH, lang), 11.5, "middle"))
        if entry.share.denominator:
            y = at(index, entry)[1]
            beside = [at(each, lines[each])[1] for each in (index - 1, index + 1) if 0 <= each < len(lines)]
            valley = all(other < y for other in beside) and y + 20 < TOP + PLOT
            room = y + 20 if valley or y - 10 < TOP - 4 else y - 10
            told = percent(entry.share.numerator, entry.share.denominator) or ""
            shapes.append(Label(x, room, told, 10.5 if place > 50 else 8.5, "middle", INK, True))
    shapes += _line_legend(report, lang)
    return table_chart("line", report, lang, TOP + PLOT + 34, shapes, GroupBy.MONTH, lines, {})


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
        entries.append((f"{words.say('target', lang)}: {percent_text(report.target * 100)}", "#9b1c1c", (2, 3)))
    shapes: list[Shape] = []
    x = LEFT
    for told, colour, dash in entries:
        shapes += [Stroke(((x, 20), (x + 28, 20)), colour, 2.2, dash), Label(x + 34, 24, told, 12)]
        x += 34 + text_width(told, 12) + 24
    return shapes
