"""A report as text for a terminal: facts, shares, lines, reasons, rows, definitions."""

from itertools import islice

from digitise.model.reports import Report, Share
from digitise.report import sheets, words
from digitise.report.listing import Listing
from digitise.report.sheets import Sheet, Value
from digitise.text import group_thousands

MAX_COLUMN = 60  # characters; longer cells are cut with an ellipsis


def as_table(report: Report, lang: str, listing: Listing | None = None, limit: int = 50) -> str:
    """Return the report as lines of text; `listing` adds its first `limit` rows."""
    told = [words.say(f"title.{report.name}", lang), ""]
    told += [f"{name}: {value}" for name, value in sheets.facts(report, lang)]
    told += [
        "",
        *(f"{words.indicator(share.indicator, lang)}: {words.fraction(share, lang)}" for share in report.shares),
        "",
    ]
    tables = sheets.of(report, lang)
    for sheet in tables[1:-1] if listing is None else [table for table in tables if table.name == "reasons"]:
        told += [sheet.title, *_lines(sheet, lang), ""]
    told += _apart(report, lang)
    if listing is not None:
        told += _listed(listing, lang, limit)
    told += [f"{name}: {formula} ({basis})" for name, formula, basis in words.definitions(report, lang)]
    told += words.rules(report, lang)
    return "\n".join(told) + "\n"


def _apart(report: Report, lang: str) -> list[str]:
    apart = [
        f"{words.part(part, lang)}: {group_thousands(count)}" for part, count in report.share.apart.items() if count
    ]
    return [f"{words.say('apart', lang)}: {'; '.join(apart)}", ""] if apart else []


def _listed(listing: Listing, lang: str, limit: int) -> list[str]:
    rows = iter(listing.rows())
    shown = tuple(sheets.row_values(listing.register, row, lang, printed=True) for row in islice(rows, limit))
    left_out = sum(1 for _ in rows)
    title = words.say(f"sheet.{listing.title}", lang)
    told = [title, *_lines(Sheet("", title, sheets.row_headings(listing.register, lang, True), shown), lang)]
    if left_out:
        told.append(words.say("rows_left_out", lang, count=group_thousands(left_out)))
    return [*told, ""]


def _lines(sheet: Sheet, lang: str) -> list[str]:
    rows = [[_text(value, lang) for value in row] for row in sheet.rows]
    right = [any(_is_number(value) for value in column) for column in zip(*sheet.rows, strict=True)] if rows else []
    headings = [heading[:MAX_COLUMN] for heading in sheet.headings]
    widths = [max(len(text) for text in column) for column in zip(headings, *rows, strict=True)]
    told = [_row(headings, widths, [False] * len(widths)), "  ".join("─" * width for width in widths)]
    return told + [_row(row, widths, right) for row in rows]


def _row(cells: list[str], widths: list[int], right: list[bool]) -> str:
    aligned = (
        cell.rjust(width) if number else cell.ljust(width)
        for cell, width, number in zip(cells, widths, right or [False] * len(cells), strict=True)
    )
    return "  ".join(aligned).rstrip()


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float | Share)


def _text(value: Value, lang: str) -> str:
    if isinstance(value, Share):
        return words.share_text(value, lang)
    if isinstance(value, int):
        return group_thousands(value)
    if isinstance(value, float):
        return f"{value:.2f}".replace(".", ",")
    told = str(words.cell(value))
    return told if len(told) <= MAX_COLUMN else told[: MAX_COLUMN - 1] + "…"
