"""Number and date, written into the blanks that the draft left for them (NĐ 30/2020, art. 14 and 15)."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from digitise.errors import SigningRefused
from digitise.sign.appearance import Text
from digitise.sign.order import Mark
from digitise.sign.page_text import Line, PageReader, Sheet
from digitise.text import fold

_BLANK = r"[\s.…_·]*"
_NUMBER = re.compile(rf"^\s*so\s*[:;]?(?P<before>{_BLANK})(?P<number>\d+[a-z]?)?(?P<after>{_BLANK})/")
_DATE = re.compile(
    rf"ngay(?P<day>{_BLANK}\d*{_BLANK})thang(?P<month>{_BLANK}\d*{_BLANK})nam(?P<year>{_BLANK}\d*{_BLANK})$"
)
_HEADING = 16  # lines at the top of page 1 among which the blanks stand
_CAPITAL = 0.662  # height of a capital in sizes (Tinos)
_BELOW = 0.22  # of the size: what `Text` keeps under the base line


@dataclass(frozen=True, slots=True)
class Numbering:
    """What to draw, and what the page says already."""

    marks: tuple[Mark, ...] = ()
    printed_number: int | None = None
    blank_for_number: bool = False
    blank_for_date: bool = False
    printed_date: bool = False

    def unwritten(self, writes: Collection[str]) -> tuple[str, ...]:
        """Return what people should be told (keys below `sign.warnings`): what is to be written and finds neither blank nor print."""
        told = []
        if "number" in writes and self.printed_number is None and not self.blank_for_number:
            told.append("number_not_written")
        if "date" in writes and not self.printed_date and not self.blank_for_date:
            told.append("date_not_written")
        return tuple(told)


def two_digits(number: int) -> str:
    """Return the number as official documents write it: below 10 with a leading 0."""
    return f"{number:02d}"


def numbering(reader: PageReader, number: int | None, issued_on: date | None) -> Numbering:
    """Return drawings for the blanks of page 1; raises SigningRefused where it says another number or date already."""
    sheet = reader.sheet(0)
    parts = [part for line in sheet.lines[:_HEADING] for part in dict.fromkeys((line, line.across(), *line.segments()))]
    numbered = next((pair for part in parts if (pair := _match(_NUMBER, part))), None)
    dated = next((pair for part in parts if part.middle > sheet.width * 0.4 and (pair := _match(_DATE, part))), None)
    made = Numbering()
    if numbered:
        made = _number(made, sheet, *numbered, number)
    if dated:
        made = _date(made, sheet, *dated, issued_on)
    return made


def _match(pattern: re.Pattern[str], line: Line) -> tuple[Line, re.Match[str]] | None:
    # one folded letter for each glyph, so that positions in the text are positions on the page
    found = pattern.search("".join((fold(glyph.char) or " ")[0] for glyph in line.glyphs).rstrip())
    return (line, found) if found else None


def _number(made: Numbering, sheet: Sheet, line: Line, found: re.Match[str], number: int | None) -> Numbering:
    printed = found["number"]
    if printed:
        value = int(re.sub(r"\D", "", printed))
        if number is not None and value != number:
            raise SigningRefused("number_differs", printed=value, wanted=number)
        return replace(made, printed_number=value)
    left = line.glyphs[found.start("before") - 1].x1
    right = line.glyphs[found.end() - 1].x0
    if number is None:
        return replace(made, blank_for_number=True)
    text = _text(line, two_digits(number), "Regular")
    if text.width > right - left + 1:
        return made  # the slash follows at once: there is no blank
    mark = _mark(sheet, line, text, (left + right) / 2)
    return replace(made, marks=(*made.marks, mark), blank_for_number=True)


def _date(made: Numbering, sheet: Sheet, line: Line, found: re.Match[str], issued_on: date | None) -> Numbering:
    wanted = {"day": "", "month": "", "year": ""}
    if issued_on:
        month = f"{issued_on.month:02d}" if issued_on.month < 3 else str(issued_on.month)
        wanted = {"day": f"{issued_on.day:02d}", "month": month, "year": str(issued_on.year)}
    marks = []
    blank = False
    for name, value in wanted.items():
        printed = re.sub(r"\D", "", found[name])
        if printed and not (name == "year" and printed == "20" and value):
            if value and int(printed) != int(value):
                printed_date = "".join(glyph.char for glyph in line.glyphs[found.start() : found.end()]).strip()
                raise SigningRefused("date_differs", printed=printed_date, wanted=f"{issued_on:%d/%m/%Y}")
            continue
        blank = True
        if value:
            rest = value[2:] if printed == "20" else value
            marks.append(_date_part(sheet, line, found, name, rest))
    return replace(made, marks=(*made.marks, *marks), blank_for_date=blank, printed_date=not blank)


def _date_part(sheet: Sheet, line: Line, found: re.Match[str], name: str, value: str) -> Mark:
    text = _text(line, value, "Italic")
    start, end = found.span(name)
    inked = [number for number in range(start, end) if line.glyphs[number].char.isdigit()]
    left = line.glyphs[(inked[-1] if inked else start - 1)].x1
    if end < len(line.glyphs) and name != "year":
        return _mark(sheet, line, text, (left + line.glyphs[end].x0) / 2)
    gap = 0 if inked else text.size * 0.25
    return _mark(sheet, line, text, left + gap + text.width / 2)


def _text(line: Line, value: str, style: str) -> Text:
    return Text((value,), _size(line), "centre", style)


def _size(line: Line) -> float:
    """Return the type size of a line, from the height of its capitals."""
    heights = [glyph.y1 - glyph.y0 for glyph in line.glyphs if glyph.char in "SNHTBCDĐKLMPQUVX"]
    if not heights:
        heights = [glyph.y1 - glyph.y0 for glyph in line.glyphs if glyph.char in "tháng/"]
    size = (sorted(heights)[len(heights) // 2] if heights else 9.0) / _CAPITAL
    return round(min(max(size, 8.0), 16.0) * 2) / 2  # documents are set in whole and half points


def _mark(sheet: Sheet, line: Line, text: Text, middle: float) -> Mark:
    flat = [glyph.y0 for glyph in line.glyphs if glyph.char in "ahimnotANSHTBD"]
    base = sorted(flat)[len(flat) // 2] if flat else line.box[1]
    bottom = base - text.size * _BELOW
    rect = (middle - text.width / 2, bottom, middle + text.width / 2, bottom + text.height)
    return Mark(sheet.index, sheet.to_user(rect), replace(text, rotation=sheet.rotation))
