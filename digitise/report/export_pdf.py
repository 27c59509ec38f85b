"""PDF on A4 as an office prints it (NĐ 30/2020, annex I): title block, tables, charts, definitions, page numbers."""

from collections.abc import Sequence
from functools import partial
from itertools import islice
from typing import Any, BinaryIO
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Frame,
    KeepTogether,
    LongTable,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from digitise.model.reports import Report, Share
from digitise.pdf.printing import PRINTING
from digitise.report import charts, sheets, words
from digitise.report.listing import Listing
from digitise.report.office import Office
from digitise.report.pdf_chart import ChartFlowable
from digitise.report.pdf_fonts import BOLD, ITALIC, REGULAR, register_fonts
from digitise.report.pdf_pages import BOTTOM, LEFT, RIGHT, TOP, NumberedCanvas
from digitise.report.sheets import VIETNAM, Sheet
from digitise.text import group_thousands

TOGETHER = 16  # rows of a table that is not parted between pages
LISTED = 300  # rows of a listing that are printed: 10 pages; the whole list is in XLSX, CSV and the evidence
_WIDTH = A4[0] - LEFT - RIGHT


def write_pdf(report: Report, target: BinaryIO, lang: str, office: Office, listing: Listing | None) -> None:
    """Write the report as PDF, the same bytes for the same report. Raises EngineUnavailable where the font is missing."""
    with PRINTING:
        register_fonts(office.font_dir)
    title = words.say(f"title.{report.name}", lang)
    foot = f"{title} · {words.period(report.selection, lang)}" + "".join(f" · {each}" for each in report.figures[:1])
    frame = Frame(LEFT, BOTTOM, _WIDTH, A4[1] - TOP - BOTTOM, 0, 0, 0, 0)
    document = BaseDocTemplate(
        target,
        pagesize=A4,
        title=title,
        author=office.organisation,
        subject=words.period(report.selection, lang),
        invariant=1,
        lang=lang,
    )
    document.addPageTemplates(PageTemplate("page", [frame]))
    with PRINTING:
        document.build(_story(report, lang, office, listing), canvasmaker=partial(NumberedCanvas, foot=foot, lang=lang))


def _style(name: str, size: float = 12, font: str = REGULAR, **given: Any) -> ParagraphStyle:
    return ParagraphStyle(name, fontName=font, fontSize=size, leading=size * 1.25, **given)


_BODY = _style("body")
_SMALL = _style("small", 9.5)
_CENTRE = _style("centre", alignment=TA_CENTER)
_BOLD_CENTRE = _style("bold_centre", 12, BOLD, alignment=TA_CENTER)
_TITLE = _style("title", 14, BOLD, alignment=TA_CENTER, spaceBefore=14, spaceAfter=2)
_UNDER = _style("under", 12, ITALIC, alignment=TA_CENTER, spaceAfter=10)
_DATE = _style("date", 12, ITALIC, alignment=TA_CENTER)
_SECTION = _style("section", 12.5, BOLD, spaceBefore=12, spaceAfter=5, keepWithNext=1)
_OF_LONG = _style(
    "of_long", 12.5, BOLD, spaceBefore=12, spaceAfter=5
)  # kept with the next, it would pull a whole table
_CELL = _style("cell", 9.5)
_HEAD = _style("head", 9.5, BOLD, alignment=TA_CENTER)
_NUMBER = _style("number", 9.5, alignment=TA_RIGHT)
_GREAT = _style("great", 21, BOLD, alignment=TA_CENTER, spaceBefore=2, spaceAfter=8)


def _story(report: Report, lang: str, office: Office, listing: Listing | None) -> list[Any]:
    story: list[Any] = [*_heading(report, lang, office)]
    story.append(Paragraph(escape(words.indicator(report.share.indicator, lang)), _CENTRE))
    story.append(Paragraph(escape(words.fraction(report.share, lang)), _GREAT))
    tables = sheets.of(report, lang)
    story += _section(tables[0], lang)
    for chart in charts.of(report, lang):
        story.append(KeepTogether([Paragraph(escape(chart.title), _SECTION), ChartFlowable(chart, _WIDTH)]))
    for sheet in tables[1:-1]:
        story += _section(sheet, lang)
    if listing is not None:
        story += _list(listing, lang)
    story += _definitions(report, tables[-1], lang)
    return [*story, KeepTogether([Spacer(1, 18), _signatures(lang)])]


def _heading(report: Report, lang: str, office: Office) -> list[Any]:
    """Return the title block: organisation and number left, national title, place and date right, title of the report."""
    left = (
        [Paragraph(escape(office.superior.upper()), _style("superior", 11.5, alignment=TA_CENTER))]
        if office.superior
        else []
    )
    left.append(Paragraph(escape((office.organisation or words.scope(report, lang)).upper()), _BOLD_CENTRE))
    right = [
        Paragraph(words.say("office.nation", lang), _style("nation", 11.5, BOLD, alignment=TA_CENTER)),
        Paragraph(words.say("office.motto", lang), _style("motto", 12.5, BOLD, alignment=TA_CENTER)),
    ]
    number = Paragraph(escape(words.say("office.number", lang, symbol=office.symbol)), _CENTRE)
    rows: list[list[Any]] = [
        [[*left, _Rule(22 * mm)], [*right, _Rule(52 * mm)]],
        [number, Paragraph(escape(_dated(report, lang, office)), _DATE)],
    ]
    block = Table(rows, colWidths=[_WIDTH * 0.44, _WIDTH * 0.56])
    block.setStyle(
        TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ]
        )
    )
    under = f"{words.scope(report, lang)} · {words.period(report.selection, lang)}"
    return [
        block,
        Paragraph(escape(words.say(f"title.{report.name}", lang).upper()), _TITLE),
        Paragraph(f"{escape(under)}<br/>({escape(words.calendar(report.selection, lang))})", _UNDER),
    ]


def _dated(report: Report, lang: str, office: Office) -> str:
    """Return place and date; a 0 before days under 10 and months 1 and 2 (NĐ 30/2020, annex I)."""
    day = report.asked_at.astimezone(VIETNAM)
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    told = {"place": office.place or "…………", "day": f"{day.day:02d}", "month": month, "year": day.year}
    return words.say("office.place_day", lang, **told)


class _Rule(Spacer):
    """The short line under an organisation's name and under the national motto."""

    def __init__(self, length: float) -> None:
        super().__init__(length, 4)
        self._length = length

    def wrap(self, available: float, _height: float) -> tuple[float, float]:
        self.width = available
        return available, self.height

    def draw(self) -> None:
        self.canv.setLineWidth(0.7)
        start = (self.width - self._length) / 2
        self.canv.line(start, 2, start + self._length, 2)


def _section(sheet: Sheet, lang: str) -> list[Any]:
    table = _table(sheet.headings, [[_told(value, lang) for value in row] for row in sheet.rows], sheet.widths)
    if len(sheet.rows) > TOGETHER:
        return _long(sheet.title, table)
    return [KeepTogether([Paragraph(escape(sheet.title), _SECTION), table])]


def _long(title: str, table: LongTable) -> list[Any]:
    """Let a table begin on the page under way wherever its title and some rows still fit."""
    return [CondPageBreak(40 * mm), Paragraph(escape(title), _OF_LONG), table]


def _table(headings: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[float]) -> LongTable:
    shares = list(widths) or [1.0] * len(headings)
    total = sum(shares)
    numbers = [all(isinstance(row[column], _Number) for row in rows) for column in range(len(headings))]
    body = [
        [
            Paragraph(_indented(str(value)), _NUMBER if numbers[column] or isinstance(value, _Number) else _CELL)
            for column, value in enumerate(row)
        ]
        for row in rows
    ]
    head = [Paragraph(escape(heading), _HEAD) for heading in headings]
    table = LongTable([head, *body], colWidths=[_WIDTH * share / total for share in shares], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, colors.HexColor("#8a8f94")),
                ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#eef1f4")),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
                ("LEFTPADDING", (0, 0), (-1, -1), 4),
                ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ]
        )
    )
    return table


def _indented(text: str) -> str:
    plain = text.lstrip(" ")
    return "&nbsp;" * (len(text) - len(plain)) * 2 + escape(plain)


class _Number(str):
    """A printed number: stands at the right of its cell."""


def _told(value: sheets.Value, lang: str) -> str:
    if isinstance(value, Share):
        return _Number(words.share_text(value, lang))
    if isinstance(value, bool) or value is None:
        return _Number("")
    if isinstance(value, int):
        return _Number(group_thousands(value))
    if isinstance(value, float):
        return _Number(f"{value:.2f}".replace(".", ","))
    return str(words.cell(value))


def _list(listing: Listing, lang: str) -> list[Any]:
    rows = iter(listing.rows())
    register = listing.register
    shown = [sheets.row_values(register, row, lang, printed=True) for row in islice(rows, LISTED)]
    told = [[_told(value, lang) for value in row] for row in shown]
    headings, widths = sheets.row_headings(register, lang, True), sheets.row_widths(register, True)
    story = _long(words.say(f"sheet.{listing.title}", lang), _table(headings, told, widths))
    left_out = sum(1 for _ in rows)
    if left_out:
        story.append(Paragraph(escape(words.say("rows_left_out", lang, count=group_thousands(left_out))), _SMALL))
    return story


def _definitions(report: Report, sheet: Sheet, lang: str) -> list[Any]:
    story: list[Any] = [Paragraph(escape(sheet.title), _SECTION)]
    for name, told, basis in sheet.rows:
        source = f" <i>{escape(str(basis))}</i>" if basis else ""
        story.append(
            Paragraph(
                f"<b>{escape(str(name))}.</b> {escape(str(told))}{source}", _style("definition", 10.5, spaceAfter=3)
            )
        )
    for figure in report.figures[:1]:
        story.append(Paragraph(escape(words.say("figures_note", lang, id=figure)), _SMALL))
    return story


def _signatures(lang: str) -> Table:
    under = Paragraph(words.say("office.sign_here", lang), _style("sign_here", 11, ITALIC, alignment=TA_CENTER))
    cells = [[Paragraph(words.say(f"office.{who}", lang), _BOLD_CENTRE) for who in ("maker", "head")], [under, under]]
    return Table(
        cells, colWidths=[_WIDTH / 2] * 2, rowHeights=[None, 28 * mm], style=[("VALIGN", (0, 0), (-1, -1), "TOP")]
    )
