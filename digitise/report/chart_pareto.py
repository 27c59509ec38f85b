"""The reasons why documents are not counted: most frequent first, with the cumulative share (Pareto)."""

from digitise.model.reports import Report
from digitise.report import words
from digitise.report.chart_frame import WIDTH, Href, rows_address
from digitise.report.drawing import INK, MUTED, Area, Chart, Dot, Label, Shape, Stroke, fill_of, shortened
from digitise.text import group_thousands, percent


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
