"""Inside the child: what one page of a PDF is made of, and so whether it must be read by eye."""

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from digitise.pdf.legacy import is_garbage, is_legacy_font

_FEW_CHARS = 200  # visible text of a stamp or a header over a scan; a page that speaks for itself has more
_MIXED_COVER = 0.2  # part of the page under one image from which a page with little text holds more than its text
_WORTH_PIXELS = 100_000  # an image with fewer is an ornament
_FULL = 0.85  # part of the page that an image must cover to hide the text drawn before it
_MAX_DEPTH = 4  # forms inside forms
_MAX_OBJECTS = 20_000  # a drawing with more objects is drawn whole, not looked into
_INVISIBLE = {3, 7}  # text rendering modes


class PageKind(StrEnum):
    """How a page is read."""

    TEXT = "text"  # born digital: its own text is good
    IMAGE = "image"  # one image and nothing else that is visible: taken as it is
    DRAWN = "drawn"  # anything else without good text: drawn, then read
    MIXED = "mixed"  # good text and a picture that may hold more: drawn, read, what is new is added
    BLANK = "blank"  # nothing visible


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as placed on the page."""

    width: int  # pixels
    height: int
    matrix: tuple[float, float, float, float, float, float]  # PDF order; unit square → user space
    cover: float  # part of the page, 0..1
    transparent: bool
    item: Any  # pypdfium2's object, for its pixels

    @property
    def bits(self) -> int:
        """Bits of a dot, all channels together."""
        return int(self.item.get_metadata().bits_per_pixel)

    @property
    def grey(self) -> bool:
        """Say whether the dictionary declares grey."""
        grey = (raw.FPDF_COLORSPACE_DEVICEGRAY, raw.FPDF_COLORSPACE_CALGRAY)
        return int(self.item.get_metadata().colorspace) in grey

    @property
    def worth_reading(self) -> bool:
        """Say whether the image is large enough to hold writing."""
        return self.width * self.height >= _WORTH_PIXELS

    @property
    def dpi(self) -> tuple[float, float]:
        """Dots per inch along the image's own width and height, before /UserUnit."""
        a, b, c, d, _, _ = self.matrix
        across, down = math.hypot(a, b), math.hypot(c, d)
        return (self.width / across * 72 if across else 0.0, self.height / down * 72 if down else 0.0)


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What was found on a page."""

    kind: PageKind
    box: tuple[float, float, float, float]  # crop box, user space
    rotate: int
    pictures: tuple[Picture, ...]
    hidden_text: bool  # a prior layer of recognised text
    garbage_text: bool  # visible text whose characters mean nothing


@dataclass(slots=True)
class _Seen:
    visible: int = 0  # characters
    hidden: int = 0
    legacy: int = 0
    paths: int = 0


def analyse(page: pdfium.PdfPage) -> PageFacts:
    """Tell what `page` is made of; nothing is decoded."""
    box = page.get_cropbox()
    seen = _Seen()
    pictures: list[Picture] = []
    text = page.get_textpage()
    try:
        for index, (item, to_page) in enumerate(_objects(page)):
            if index >= _MAX_OBJECTS:
                seen.paths += 1
                break
            if item.type == raw.FPDF_PAGEOBJ_IMAGE:
                picture = _picture(item, to_page, box)
                if picture.cover >= _FULL and not picture.transparent:
                    seen.hidden += seen.visible  # drawn over: the text before it cannot be seen
                    seen.visible = seen.legacy = 0
                pictures.append(picture)
            elif item.type == raw.FPDF_PAGEOBJ_TEXT:
                _count_text(item, text, seen)
            elif item.type != raw.FPDF_PAGEOBJ_FORM:
                seen.paths += 1
        said = text.get_text_range() if seen.visible else ""
    finally:
        text.close()
    garbage = bool(seen.visible) and (is_garbage(said) or seen.legacy * 2 > seen.visible)
    kind = _kind(seen, pictures, garbage)
    return PageFacts(kind, box, page.get_rotation() % 360, tuple(pictures), seen.hidden > 0, garbage)


def _kind(seen: _Seen, pictures: list[Picture], garbage: bool) -> PageKind:
    if seen.visible and not garbage:
        holds_more = any(picture.cover >= _MIXED_COVER and picture.worth_reading for picture in pictures)
        if seen.visible > _FEW_CHARS or not holds_more:
            return PageKind.TEXT
        return PageKind.MIXED
    if len(pictures) == 1 and not (seen.visible or seen.paths) and _plain(pictures[0]):
        return PageKind.IMAGE
    return PageKind.DRAWN if pictures or seen.paths or seen.visible else PageKind.BLANK


def _plain(picture: Picture) -> bool:
    return not picture.transparent and picture.cover > 0


def _objects(page: pdfium.PdfPage) -> Iterator[tuple[Any, pdfium.PdfMatrix]]:
    """Walk the page's objects in drawing order, those inside forms with the map that places them."""
    stack: list[tuple[Any, pdfium.PdfMatrix, int]] = [
        (item, pdfium.PdfMatrix(), 0) for item in reversed(list(islice(page.get_objects(max_depth=1), _MAX_OBJECTS)))
    ]
    while stack:
        item, to_page, depth = stack.pop()
        if item.type == raw.FPDF_PAGEOBJ_FORM and depth < _MAX_DEPTH:
            inner = item.get_matrix().multiply(to_page)
            parts = list(islice(page.get_objects(max_depth=1, form=item.raw), _MAX_OBJECTS))
            stack.extend((part, inner, depth + 1) for part in reversed(parts))
        else:
            yield item, to_page


def _picture(item: Any, to_page: pdfium.PdfMatrix, box: tuple[float, float, float, float]) -> Picture:
    width, height = item.get_px_size()
    matrix = item.get_matrix().multiply(to_page)
    corners = [matrix.on_point(x, y) for x in (0, 1) for y in (0, 1)]
    across = max(0.0, min(max(x for x, _ in corners), box[2]) - max(min(x for x, _ in corners), box[0]))
    down = max(0.0, min(max(y for _, y in corners), box[3]) - max(min(y for _, y in corners), box[1]))
    area = max(1.0, (box[2] - box[0]) * (box[3] - box[1]))
    transparent = bool(raw.FPDFPageObj_HasTransparency(item.raw))
    return Picture(width, height, tuple(matrix.get()), across * down / area, transparent, item)


def _count_text(item: Any, text: Any, seen: _Seen) -> None:
    length = max(0, raw.FPDFTextObj_GetText(item.raw, text.raw, None, 0) // 2 - 1)
    if raw.FPDFTextObj_GetTextRenderMode(item.raw) in _INVISIBLE:
        seen.hidden += length
        return
    seen.visible += length
    if length and is_legacy_font(_font_name(item)):
        seen.legacy += length


def _font_name(item: Any) -> str:
    font = raw.FPDFTextObj_GetFont(item.raw)
    if not font:
        return ""
    size = raw.FPDFFont_GetBaseFontName(font, None, 0)
    buffer = (ctypes.c_char * max(1, size))()
    raw.FPDFFont_GetBaseFontName(font, buffer, size)
    return bytes(buffer).split(b"\x00")[0].decode("utf-8", "replace")
