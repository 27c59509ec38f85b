"""XLSX: summary, lines, exceptions row by row, definitions, and native charts; rows are streamed in constant memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any, BinaryIO

from digitise.model.reports import Line, Report, Share
from digitise.report import sheets, words
from digitise.report.drawing import Fill, fill_of
from digitise.report.listing import Listing
from digitise.report.sheets import Sheet

ROWS_PER_SHEET = 1_000_000  # a sheet of the format ends at 1,048,576
_LINE = 15.0  # points that a line of 11 pt takes
_WIDER = 1.0  # a letter of the text, beside the digit that widths are counted in
_PATTERNS = {
    "solid": None,
    "rising": "wide_upward_diagonal",
    "falling": "wide_downward_diagonal",
    "crossed": "outlined_diamond",
    "dotted": "dotted_grid",
    "level": "narrow_horizontal",
    "empty": None,
}


def write_xlsx(report: Report, target: BinaryIO, lang: str, listing: Listing | None) -> None:
    """Write the workbook to `target`; text cells are always text, never formulas or links."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    book = xlsxwriter.Workbook(target, options)
    book.set_properties(
        {"title": words.say(f"title.{report.name}", lang), "created": report.asked_at.replace(tzinfo=None)}
    )
    styles = _Styles(book)
    tables = sheets.of(report, lang)
    below = _first(book, styles, report, tables[0], lang)
    for sheet in tables[1:-1]:
        _table(book, styles, sheet, lang)
    months = next((sheet for sheet in tables if sheet.name == "months"), None)
    if months and report.share.denominator:
        _charts(book, report, months, below, lang)
    if listing is not None:
        _listing(book, styles, listing, lang)
    _table(book, styles, tables[-1], lang)
    book.close()


class _Styles:
    def __init__(self, book: Any) -> None:
        self.title = book.add_format({"bold": True, "font_size": 14, "font_name": "Times New Roman"})
        base = {"font_name": "Times New Roman", "font_size": 11, "valign": "top"}
        self.plain = book.add_format({**base, "num_format": "@"})
        self.text = book.add_format({**base, "num_format": "@", "text_wrap": True})
        self.nothing = book.add_format({**base, "align": "right", "italic": True})
        self.fact = book.add_format({**base, "bold": True})
        head = {**base, "bold": True, "text_wrap": True, "border": 1, "bg_color": "#E7ECF2", "align": "center"} | {
            "valign": "vcenter"
        }
        self.heading = book.add_format(head)
        self.number = book.add_format({**base, "num_format": "#,##0"})
        self.decimal = book.add_format({**base, "num_format": "0.00"})
        self.share = book.add_format({**base, "num_format": "0.00%"})
        self.day = book.add_format({**base, "num_format": "dd/mm/yyyy"})


def _first(book: Any, styles: _Styles, report: Report, sheet: Sheet, lang: str) -> int:
    """Write title, facts and summary; return the row below them."""
    page = _page(book, sheet)
    page.set_portrait()
    page.write_string(0, 0, words.say(f"title.{report.name}", lang), styles.title)
    row = 1
    for name, told in sheets.facts(report, lang):
        page.write_string(row, 0, name, styles.fact)
        page.write_string(row, 1, told, styles.plain)
        row += 1
    _rows(page, styles, sheet, row + 1, lang)
    return row + 2 + len(sheet.rows)


def _table(book: Any, styles: _Styles, sheet: Sheet, lang: str) -> None:
    page = _page(book, sheet)
    _rows(page, styles, sheet, 0, lang)
    page.repeat_rows(0)
    page.freeze_panes(1, 1)


def _page(book: Any, sheet: Sheet) -> Any:
    page = book.add_worksheet(sheet.title[:31])
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.set_footer("&C&P/&N")
    return page


def _rows(page: Any, styles: _Styles, sheet: Sheet, start: int, lang: str) -> None:
    _height(page, start, sheet.headings, sheet.widths)
    for column, heading in enumerate(sheet.headings):
        page.write_string(start, column, heading, styles.heading)
    for number, row in enumerate(sheet.rows, start=start + 1):
        _height(page, number, row, sheet.widths)
        for column, value in enumerate(row):
            _cell(page, styles, number, column, value, lang)


def _height(page: Any, row: int, values: Sequence[sheets.Value], widths: Sequence[float]) -> None:
    """Make the row as high as its wrapped texts: not every program does so by itself."""
    texts = ((value, width) for value, width in zip(values, widths, strict=False) if isinstance(value, str))
    lines = max((ceil(len(text) * _WIDER / width) for text, width in texts), default=1)
    if lines > 1:
        page.set_row(row, _LINE * min(lines, 20))


def _cell(page: Any, styles: _Styles, row: int, column: int, value: sheets.Value, lang: str) -> None:
    if value is None or value == "":
        return
    if isinstance(value, Share):
        if value.denominator:
            page.write_number(row, column, value.numerator / value.denominator, styles.share)
        else:
            page.write_string(row, column, words.say("nothing", lang), styles.nothing)
    elif isinstance(value, int):
        page.write_number(row, column, value, styles.number)
    elif isinstance(value, float):
        page.write_number(row, column, value, styles.decimal)
    elif isinstance(value, date):
        page.write_datetime(row, column, value, styles.day)
    else:
        page.write_string(row, column, value[:32_767], styles.text)


def _listing(book: Any, styles: _Styles, listing: Listing, lang: str) -> None:
    headings = sheets.row_headings(listing.register, lang)
    title = words.say(f"sheet.{listing.title}", lang)
    empty = Sheet(listing.title, title, headings, (), sheets.row_widths(listing.register))
    page, row, part = _new(book, styles, empty, lang), 1, 1
    for each in listing.rows():
        if row > ROWS_PER_SHEET:
            part += 1
            page, row = _new(book, styles, Sheet(title, f"{title} {part}", headings, (), empty.widths), lang), 1
        values = sheets.row_values(listing.register, each, lang)
        _height(page, row, values, empty.widths)
        for column, value in enumerate(values):
            _cell(page, styles, row, column, value, lang)
        row += 1
    if row == 1 and part == 1:
        page.write_string(1, 0, words.say("chart.fewer", lang), styles.text)


def _new(book: Any, styles: _Styles, sheet: Sheet, lang: str) -> Any:
    page = _page(book, sheet)
    _rows(page, styles, sheet, 0, lang)
    page.repeat_rows(0)
    page.freeze_panes(1, 0)
    return page


def _charts(book: Any, report: Report, months: Sheet, below: int, lang: str) -> None:
    """Put native charts below the summary: stacked parts by month, and the monthly share as a line."""
    place = book.worksheets()[0]
    place.insert_chart(below + 1, 0, _columns(book, report, months, lang))
    place.insert_chart(below + 19, 0, _line(book, report, months, lang))


def _columns(book: Any, report: Report, months: Sheet, lang: str) -> Any:
    column = book.add_chart({"type": "column", "subtype": "stacked"})
    parts = [part for part in report.share.counts if report.share.counts[part]]
    for index, part in enumerate(report.share.counts, start=1):
        if part in parts:
            look = _look(fill_of(part, parts.index(part) - 1, part == parts[0]))
            column.add_series(_series(months.title[:31], index, len(report.months)) | look)
    column.set_title({"name": words.indicator(report.share.indicator, lang), "name_font": {"size": 11}})
    column.set_legend({"position": "bottom"})
    column.set_size({"width": 760, "height": 340})
    return column


def _look(fill: Fill) -> dict[str, Any]:
    """Return how a part is filled: by colour and pattern, so that it prints in grey."""
    pattern = _PATTERNS[fill.pattern.value]
    look: dict[str, Any] = {"border": {"color": fill.colour}, "gap": 60}
    if pattern:
        return look | {"pattern": {"pattern": pattern, "fg_color": fill.colour, "bg_color": "#FFFFFF"}}
    return look | {"fill": {"color": "#FFFFFF" if fill.pattern.value == "empty" else fill.colour}}


def _series(sheet: str, column: int, last: int) -> dict[str, Any]:
    """Return a series over a table of months: names in its first column, values in `column`."""
    return {
        "name": [sheet, 0, column],
        "categories": [sheet, 1, 0, last, 0],
        "values": [sheet, 1, column, last, column],
    }


def _line(book: Any, report: Report, months: Sheet, lang: str) -> Any:
    line = book.add_chart({"type": "line"})
    columns = _line_columns(report, lang)
    sheet = _behind(book, months, columns, lang)
    for number, column in enumerate(columns, start=1):
        line.add_series(_series(sheet, number, len(report.months)) | column.look)
    line.show_blanks_as("gap")
    line.set_title({"name": words.say("share", lang), "name_font": {"size": 11}})
    line.set_y_axis({"num_format": "0%", "max": 1})
    line.set_legend({"position": "bottom"})
    line.set_size({"width": 760, "height": 300})
    return line


@dataclass(frozen=True, slots=True)
class _Column:
    """What one line of the chart shows: a share for each month, None where nothing was issued."""

    heading: str
    shares: tuple[float | None, ...]
    look: dict[str, Any]


def _line_columns(report: Report, lang: str) -> list[_Column]:
    """Return this year, last year and the target, as far as they are known."""
    look = {"line": {"color": "#1F4E79", "width": 2}, "marker": {"type": "circle", "size": 6}}
    found = [_Column(words.say("share", lang), tuple(map(_ratio, report.months)), look)]
    if report.last_year:
        before = {"line": {"color": "#6B7280", "dash_type": "dash"}, "marker": {"type": "square", "size": 4}}
        past = tuple(map(_ratio, report.last_year[: len(report.months)]))
        found.append(_Column(words.say("last_year", lang), past, before))
    if report.target is not None:
        aim = {"line": {"color": "#9B1C1C", "dash_type": "round_dot"}, "marker": {"type": "none"}}
        found.append(_Column(words.say("target", lang), (report.target,) * len(report.months), aim))
    return found


def _ratio(line: Line) -> float | None:
    return line.share.numerator / line.share.denominator if line.share.denominator else None


def _behind(book: Any, months: Sheet, columns: list[_Column], lang: str) -> str:
    """Write the numbers of the line to a hidden sheet, where a month without documents is a gap and not a zero."""
    title = words.say("sheet.line", lang)[:31]
    page = book.add_worksheet(title)
    page.hide()
    for column, each in enumerate(columns, start=1):
        page.write_string(0, column, each.heading)
    for row, month in enumerate(months.rows[: len(columns[0].shares)], start=1):
        page.write_string(row, 0, str(month[0]))
        for column, each in enumerate(columns, start=1):
            value = each.shares[row - 1] if row <= len(each.shares) else None
            if value is not None:
                page.write_number(row, column, value)
    return title
