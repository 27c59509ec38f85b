"""XLSX: summary, lines, exceptions row by row, definitions, and native charts; rows are streamed in constant memory."""

from datetime import date
from typing import Any, BinaryIO

from digitise.model.reports import Report, Share
from digitise.report import sheets, words
from digitise.report.drawing import Fill, fill_of
from digitise.report.listing import Listing
from digitise.report.sheets import Sheet

ROWS_PER_SHEET = 1_000_000  # a sheet of the format ends at 1,048,576
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
    _first(book, styles, report, tables[0], lang)
    for sheet in tables[1:-1]:
        _table(book, styles, sheet, lang)
    months = next((sheet for sheet in tables if sheet.name == "months"), None)
    if months and report.share.denominator:
        _charts(book, report, months, lang)
    if listing is not None:
        _listing(book, styles, listing, lang)
    _table(book, styles, tables[-1], lang)
    book.close()


class _Styles:
    def __init__(self, book: Any) -> None:
        self.title = book.add_format({"bold": True, "font_size": 14, "font_name": "Times New Roman"})
        base = {"font_name": "Times New Roman", "font_size": 11, "valign": "top"}
        self.plain = book.add_format({**base, "text_wrap": True})
        self.text = book.add_format({**base, "num_format": "@"})
        self.fact = book.add_format({**base, "bold": True})
        head = {**base, "bold": True, "text_wrap": True, "border": 1, "bg_color": "#E7ECF2", "align": "center"}
        self.heading = book.add_format(head)
        self.number = book.add_format({**base, "num_format": "#,##0"})
        self.decimal = book.add_format({**base, "num_format": "0.00"})
        self.share = book.add_format({**base, "num_format": "0.00%"})
        self.day = book.add_format({**base, "num_format": "dd/mm/yyyy"})


def _first(book: Any, styles: _Styles, report: Report, sheet: Sheet, lang: str) -> None:
    page = _page(book, sheet)
    page.write_string(0, 0, words.say(f"title.{report.name}", lang), styles.title)
    row = 1
    for name, told in sheets.facts(report, lang):
        page.write_string(row, 0, name, styles.fact)
        page.write_string(row, 1, told, styles.text)
        row += 1
    _rows(page, styles, sheet, row + 1, lang)


def _table(book: Any, styles: _Styles, sheet: Sheet, lang: str) -> None:
    page = _page(book, sheet)
    _rows(page, styles, sheet, 0, lang)
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
    for column, heading in enumerate(sheet.headings):
        page.write_string(start, column, heading, styles.heading)
    page.repeat_rows(start)
    for number, row in enumerate(sheet.rows, start=start + 1):
        for column, value in enumerate(row):
            _cell(page, styles, number, column, value, lang)


def _cell(page: Any, styles: _Styles, row: int, column: int, value: sheets.Value, lang: str) -> None:
    if value is None or value == "":
        return
    if isinstance(value, Share):
        if value.denominator:
            page.write_number(row, column, value.numerator / value.denominator, styles.share)
        else:
            page.write_string(row, column, words.say("nothing", lang), styles.text)
    elif isinstance(value, int):
        page.write_number(row, column, value, styles.number)
    elif isinstance(value, float):
        page.write_number(row, column, value, styles.decimal)
    elif isinstance(value, date):
        page.write_datetime(row, column, value, styles.day)
    else:
        page.write_string(row, column, value[:32_767], styles.text if len(value) < 60 else styles.plain)


def _listing(book: Any, styles: _Styles, listing: Listing, lang: str) -> None:
    headings = sheets.row_headings(listing.register, lang)
    title = words.say(f"sheet.{listing.title}", lang)
    empty = Sheet(listing.title, title, headings, (), sheets.row_widths(listing.register))
    page, row, part = _new(book, styles, empty, lang), 1, 1
    for each in listing.rows():
        if row > ROWS_PER_SHEET:
            part += 1
            page, row = _new(book, styles, Sheet(title, f"{title} {part}", headings, (), empty.widths), lang), 1
        for column, value in enumerate(sheets.row_values(listing.register, each, lang)):
            _cell(page, styles, row, column, value, lang)
        row += 1
    if row == 1 and part == 1:
        page.write_string(1, 0, words.say("chart.fewer", lang), styles.text)


def _new(book: Any, styles: _Styles, sheet: Sheet, lang: str) -> Any:
    page = _page(book, sheet)
    _rows(page, styles, sheet, 0, lang)
    page.freeze_panes(1, 0)
    return page


def _charts(book: Any, report: Report, months: Sheet, lang: str) -> None:
    """Put native charts on the summary: stacked parts by month, and the monthly share as a line."""
    place = book.worksheets()[0]
    place.insert_chart("F2", _columns(book, report, months, lang))
    place.insert_chart("F20", _line(book, report, months))


def _columns(book: Any, report: Report, months: Sheet, lang: str) -> Any:
    column = book.add_chart({"type": "column", "subtype": "stacked"})
    parts = [part for part in report.share.counts if report.share.counts[part]]
    for index, part in enumerate(report.share.counts, start=1):
        if part in parts:
            look = _look(fill_of(part, parts.index(part) - 1, part == parts[0]))
            column.add_series(_series(months, index, len(report.months)) | look)
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


def _series(months: Sheet, column: int, last: int) -> dict[str, Any]:
    """Return a series over the months' table: names in its first column, values in `column`."""
    name = months.title[:31]
    return {
        "name": [name, 0, column],
        "categories": [name, 1, 0, last, 0],
        "values": [name, 1, column, last, column],
    }


def _line(book: Any, report: Report, months: Sheet) -> Any:
    line = book.add_chart({"type": "line"})
    share = len(report.share.counts) + 2
    look = {"line": {"color": "#1F4E79", "width": 2}, "marker": {"type": "circle", "size": 6}}
    line.add_series(_series(months, share, len(report.months)) | look)
    line.set_y_axis({"num_format": "0%", "max": 1})
    line.set_legend({"position": "bottom"})
    line.set_size({"width": 760, "height": 300})
    return line
