"""A born-digital page's own text as words with boxes. Runs in the limited child."""

import ctypes
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from digitise.model.recognition import Affine, Box, PageText, Word
from digitise.pdf.page import PageFacts
from digitise.scan.geometry import IDENTITY, apply, compose, displayed, inverse, scale
from digitise.text import nfc

DPI = 300.0  # boxes are told in the pixels that a scan of the page would have
ENGINE = "pdf-text"
_MAX_CHARS = 200_000  # of one page; a dense A0 plan has 50,000


def empty(width: float, height: float) -> PageText:
    """Return a page of `width` x `height` points with no words."""
    return _page(width, height, ())


def _page(width: float, height: float, words: tuple[Word, ...]) -> PageText:
    pixels = DPI / 72
    return PageText(
        max(1, round(width * pixels)), max(1, round(height * pixels)), DPI, 0, 0.0, IDENTITY, words, ENGINE, ""
    )  # fmt: skip


def page_text(page: pdfium.PdfPage, found: PageFacts) -> PageText:
    """Return the words of `page` in the order of its content, NFC."""
    width, height = found.box[2] - found.box[0], found.box[3] - found.box[1]
    if found.rotate % 180:
        width, height = height, width
    pixels = DPI / 72
    to_pixels = compose(scale(width * pixels, height * pixels), inverse(displayed(found.box, found.rotate)))
    text = page.get_textpage()
    try:
        return _page(width, height, tuple(_words(text, to_pixels)))
    finally:
        text.close()


def _words(text: Any, to_pixels: Affine) -> list[Word]:
    words: list[Word] = []
    letters: list[str] = []
    box: list[float] | None = None
    line, fresh = 0, True
    edges = [ctypes.c_double() for _ in range(4)]

    def close() -> None:
        nonlocal letters, box, fresh
        if letters and box:
            spot = (box[0], box[1], box[2], box[3])
            words.append(Word(nfc("".join(letters)), spot, spot, 1.0, line))
            fresh = False
        letters, box = [], None

    for index in range(min(text.count_chars(), _MAX_CHARS)):
        char = chr(raw.FPDFText_GetUnicode(text.raw, index))
        if char in "\r\n":
            close()
            if not fresh:
                line, fresh = line + 1, True
        elif char.isspace() or char == "\x00":
            close()
        else:
            letters.append(_letter(char))
            if raw.FPDFText_GetCharBox(text.raw, index, *(ctypes.byref(edge) for edge in edges)):
                box = _joined(box, _spot(edges, to_pixels))
    close()
    return words


def _letter(char: str) -> str:
    return "-" if char in "\x02\u00ad\ufffe" else char  # pdfium marks a hyphen at a line's end in this way


def _spot(edges: list[Any], to_pixels: Affine) -> Box:
    left, right, bottom, top = (float(edge.value) for edge in edges)
    xs, ys = zip(apply(to_pixels, left, bottom), apply(to_pixels, right, top), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _joined(box: list[float] | None, spot: Box) -> list[float]:
    if box is None:
        return list(spot)
    return [min(box[0], spot[0]), min(box[1], spot[1]), max(box[2], spot[2]), max(box[3], spot[3])]
