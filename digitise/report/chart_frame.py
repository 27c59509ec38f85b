"""What charts share: their frame, scale and legend, the table beside them, and the address of the rows behind a mark."""

import re
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import urlencode

from digitise.model.reports import GroupBy, Line, Report, Selection
from digitise.report import words
from digitise.report.drawing import GRID, MUTED, Area, Chart, Fill, Label, Shape, Stroke, fill_of, text_width
from digitise.text import group_thousands

Href = Callable[
    [str, Selection, str | None, str | None], str
]  # indicator, selection, part, reason → address of the rows

WIDTH = 760.0  # of every chart; a page's column on a screen of 1366 pixels, and A4 portrait
UNITS_SHOWN = 20  # bars that fit a page; the table holds every unit
LEFT, RIGHT, TOP = 64.0, 20.0, 70.0
PLOT = 230.0
BRIEF = re.compile(r"^[ỦU](?:ỷ|y) ban nhân dân\b", re.I)  # offices write UBND wherever room is short


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


def table_chart(
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


def parts_of(lines: Iterable[Line], report: Report) -> dict[str, Fill]:
    present = [part for part in report.share.counts if any(entry.share.counts.get(part) for entry in lines)]
    leading = next((part for part in present), None)
    return {part: fill_of(part, index - 1, part == leading) for index, part in enumerate(present)}


def legend(parts: dict[str, Fill], lang: str) -> list[Shape]:
    shapes: list[Shape] = []
    x, y = LEFT, 10.0
    for part, fill in parts.items():
        told = words.part(part, lang)
        width = 24 + text_width(told, 12) + 20
        if x + width > WIDTH - RIGHT:
            x, y = LEFT, y + 20
        shapes += [Area(x, y, 18, 12, fill), Label(x + 24, y + 10.5, told, 12)]
        x += width
    return shapes


def grid_lines(top: float, step: float, told: Callable[[float], str], floor: float = 0.0) -> list[Shape]:
    shapes: list[Shape] = []
    value = floor
    while value <= top + step / 1000:
        y = TOP + PLOT - PLOT * (value - floor) / (top - floor)
        shapes.append(Stroke(((LEFT, y), (WIDTH - RIGHT, y)), MUTED if value == floor else GRID))
        shapes.append(Label(LEFT - 8, y + 4, told(value), 11, "end", MUTED))
        value += step
    return shapes


def ratio(entry: Line) -> float:
    return entry.share.numerator / entry.share.denominator if entry.share.denominator else 0.0


def percent_text(value: float) -> str:
    return f"{value:.0f} %" if value == round(value) else f"{value:.2f} %".replace(".", ",")
