"""The text of a page with its boxes, in the frame that people see: points, origin at the lower left of the shown page."""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import combining

from digitise.errors import UnreadableFile
from digitise.text import nfc

Rect = tuple[float, float, float, float]
_LEAST_UNIT, _MOST_UNIT = (
    0.01,
    1000.0,
)  # points in a unit: 14,400 units of 1,000 points are 5 km, more is a fault or an attack


class Glyph(NamedTuple):
    """One character; a tuple, as a page has thousands of them."""

    char: str
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True)
class Line:
    """Glyphs in reading order; `text` has one character for each."""

    glyphs: tuple[Glyph, ...]

    @cached_property
    def text(self) -> str:
        """The characters."""
        return "".join(glyph.char for glyph in self.glyphs)

    @cached_property
    def box(self) -> Rect:
        """Around the inked glyphs."""
        inked = [glyph for glyph in self.glyphs if not glyph.char.isspace()] or list(self.glyphs)
        return (
            min(glyph.x0 for glyph in inked),
            min(glyph.y0 for glyph in inked),
            max(glyph.x1 for glyph in inked),
            max(glyph.y1 for glyph in inked),
        )

    @property
    def middle(self) -> float:
        """Horizontal centre."""
        return (self.box[0] + self.box[2]) / 2

    def across(self) -> "Line":
        """Return the row from left to right: files may tell the right column first."""
        return Line(tuple(sorted(self.glyphs, key=lambda glyph: glyph.x0)))

    def segments(self) -> list["Line"]:
        """Return the parts between wide gaps: columns that share a line."""
        parts: list[list[Glyph]] = [[]]
        last: Glyph | None = None
        for glyph in self.glyphs:
            if glyph.char.isspace():
                parts[-1].append(glyph)
                continue
            wide = 2.5 * max(last.y1 - last.y0, 8.0) if last else 0.0
            if last is not None and not -wide < glyph.x0 - last.x1 < wide:  # the other column may be told first
                parts.append([])
            parts[-1].append(glyph)
            last = glyph
        return [Line(tuple(part)) for part in parts if any(not glyph.char.isspace() for glyph in part)]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page as shown."""

    index: int  # from 0
    width: float
    height: float
    rotation: int  # degrees clockwise at which it is shown
    origin: tuple[float, float]  # lower left corner of what is shown, user space
    lines: tuple[Line, ...]
    unit: float = 1.0  # points in one unit of user space (/UserUnit): a place is measured on paper, written in units

    def to_user(self, rect: Rect) -> Rect:
        """Return `rect` of the shown page in the page's user space."""
        a = self._point(rect[0], rect[1])
        b = self._point(rect[2], rect[3])
        return (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))

    def _point(self, x: float, y: float) -> tuple[float, float]:
        left, bottom = self.origin
        x, y = self._turned_back(x, y)
        return (left + x / self.unit, bottom + y / self.unit)

    def _turned_back(self, x: float, y: float) -> tuple[float, float]:
        match self.rotation:
            case 90:
                return (self.height - y, x)
            case 180:
                return (self.width - x, self.height - y)
            case 270:
                return (y, self.width - x)
            case _:
                return (x, y)

    def shown(self, rect: Rect) -> Rect:
        """Return `rect` of user space as it is shown: the inverse of `to_user`."""
        if self.rotation == 0 and rect[0] <= rect[2] and rect[1] <= rect[3]:
            (x, y), unit = self.origin, self.unit
            return ((rect[0] - x) * unit, (rect[1] - y) * unit, (rect[2] - x) * unit, (rect[3] - y) * unit)
        a = self._shown(rect[0], rect[1])
        b = self._shown(rect[2], rect[3])
        return (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))

    def _shown(self, x: float, y: float) -> tuple[float, float]:
        x, y = (x - self.origin[0]) * self.unit, (y - self.origin[1]) * self.unit
        match self.rotation:
            case 90:
                return (y, self.height - x)
            case 180:
                return (self.width - x, self.height - y)
            case 270:
                return (self.width - y, x)
            case _:
                return (x, y)


class PageReader:
    """Reads pages of one file when asked; raises UnreadableFile."""

    def __init__(self, path: Path) -> None:
        import pypdfium2

        self._path = path
        try:
            self._pdf = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError as error:
            raise UnreadableFile("damaged", file=path.name) from error
        self._sheets: dict[int, Sheet] = {}
        self._units: list[float] | None = None

    def __enter__(self) -> "PageReader":
        return self

    def __exit__(self, *_: object) -> None:
        self._pdf.close()

    def __len__(self) -> int:
        return len(self._pdf)

    def sheet(self, index: int) -> Sheet:
        """Return page `index` (from 0) with its text."""
        if index not in self._sheets:
            page = self._pdf[index]
            try:
                self._sheets[index] = _read(page, index, self._unit(index))
            finally:
                page.close()
        return self._sheets[index]

    def _unit(self, index: int) -> float:
        """Return the points in one unit of a page: PDFium passes over /UserUnit, qpdf shows it."""
        if self._units is None:
            self._units = units(self._path)
        return self._units[index] if index < len(self._units) else 1.0

    def ink(self, index: int, scale: float = 1.0) -> Any:
        """Return a boolean array of dark pixels, row 0 at the top, `scale` pixels per point; pictures included."""
        page = self._pdf[index]
        try:
            drawn = scale * self._unit(index)
            grey = page.render(scale=drawn, grayscale=True, may_draw_forms=True).to_numpy()
            grey = grey[:, :, 0] if grey.ndim == 3 else grey
            paper = float(sorted(grey[:: max(1, grey.shape[0] // 64), ::7].ravel())[-(grey.size // 2000 + 1)])
            return grey < min(paper, 255.0) * 0.72  # darker than the paper by more than scanner shade
        finally:
            page.close()


def units(path: Path) -> list[float]:
    """Return the /UserUnit of every page, 1 where a file says nothing sensible; none of a file that qpdf cannot read."""
    import pikepdf

    try:
        with pikepdf.open(path, suppress_warnings=True, inherit_page_attributes=False) as pdf:
            return [_sensible(page.obj.get("/UserUnit")) for page in pdf.pages]
    except pikepdf.PdfError:
        return []


def _sensible(value: Any) -> float:
    try:
        unit = float(value)
    except (TypeError, ValueError):
        return 1.0
    return unit if _LEAST_UNIT <= unit <= _MOST_UNIT else 1.0


def _read(page: Any, index: int, unit: float) -> Sheet:
    width, height = (side * unit for side in page.get_size())
    left, bottom, _, _ = page.get_bbox()  # what is shown: the crop box may reach beyond the media box
    sheet = Sheet(index, width, height, page.get_rotation(), (left, bottom), (), unit)
    textpage = page.get_textpage()
    try:
        lines: list[Line] = []
        glyphs: list[Glyph] = []
        count = textpage.count_chars()
        text = textpage.get_text_range() if count else ""
        if len(text) != count:  # characters beyond the basic plane count once here and twice there
            text = "".join(_char(textpage, number) for number in range(count))
        box_of = _boxes(textpage)
        for number, char in enumerate(text):
            if char in "\r\n":
                if glyphs:
                    lines.append(_line(glyphs))
                glyphs = []
                continue
            glyphs.append(Glyph(char, *sheet.shown(box_of(number))))
        if glyphs:
            lines.append(_line(glyphs))
    finally:
        textpage.close()
    kept = tuple(line for line in lines if line.text.strip())
    return replace(sheet, lines=kept)


def _boxes(textpage: Any) -> Callable[[int], Rect]:
    """Return what gives the box of a character in user space: `get_charbox` without four new numbers for each call."""
    import pypdfium2.raw

    left, right, bottom, top = sides = [ctypes.c_double() for _ in range(4)]
    given = [ctypes.byref(side) for side in sides]
    handle, ask = textpage.raw, pypdfium2.raw.FPDFText_GetCharBox

    def box(number: int) -> Rect:
        if not ask(handle, number, *given):
            raise UnreadableFile("damaged", file="-")
        return left.value, bottom.value, right.value, top.value

    return box


def _char(textpage: Any, number: int) -> str:
    import pypdfium2.raw

    return chr(pypdfium2.raw.FPDFText_GetUnicode(textpage, number) or 32)


def _line(glyphs: list[Glyph]) -> Line:
    """Join letters with the combining marks that follow them, so that text compares as NFC."""
    joined: list[Glyph] = []
    for glyph in glyphs:
        if joined and combining(glyph.char):
            both = nfc(joined[-1].char + glyph.char)
            if len(both) == 1:
                last = joined[-1]
                joined[-1] = Glyph(
                    both, min(last.x0, glyph.x0), min(last.y0, glyph.y0), max(last.x1, glyph.x1), max(last.y1, glyph.y1)
                )
                continue
        joined.append(glyph)
    return Line(tuple(joined))
