"""CSV: UTF-8 with a byte order mark, as spreadsheets expect; cells that would be read as formulas are defused."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from digitise.model.reports import Report, Share
from digitise.report import sheets, words
from digitise.report.listing import Listing

BOM = b"\xef\xbb\xbf"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def defused(value: Any) -> Any:
    """Return text that no spreadsheet reads as a formula: an apostrophe goes before = + - @ (OWASP CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA) else value


def write_csv(report: Report, target: BinaryIO, lang: str, listing: Listing | None) -> None:
    """Write the listing where there is one, else the report's lines; facts and definitions follow below the table."""
    target.write(BOM)
    for line in encoded(_table(report, lang, listing)):
        target.write(line)


def encoded(rows: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """Yield each row as one CSV line, UTF-8, defused."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in rows:
        writer.writerow([defused(value) for value in row])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def _table(report: Report, lang: str, listing: Listing | None) -> Iterator[Iterable[Any]]:
    if listing is not None:
        yield sheets.row_headings(listing.register, lang)
        for row in listing.rows():
            yield (words.cell(value) for value in sheets.row_values(listing.register, row, lang))
        return
    lines = sheets.lines(report, report.by, report.lines, lang)
    yield lines.headings
    for values in lines.rows:
        yield (_told(value, lang) for value in values)
    yield ()
    for sheet in (sheets.summary(report, lang), sheets.definitions(report, lang)):
        yield sheet.headings
        for values in sheet.rows:
            yield (_told(value, lang) for value in values)
        yield ()


def _told(value: sheets.Value, lang: str) -> Any:
    return words.share_text(value, lang) if isinstance(value, Share) else words.cell(value)
