"""Inside the child: source file + what was read → searchable PDF, PDF/A-2b where everything in it allows that."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium
from pikepdf import Name

from digitise.errors import UnreadableFile
from digitise.pdf.active import strip
from digitise.pdf.budget import Budget
from digitise.pdf.page import PageKind, analyse
from digitise.pdf.reading import checked_pages, inherited, open_pdf
from digitise.pdf.strip_text import shallow, strip_text
from digitise.scan import glyphless, layer, pdfa
from digitise.scan.images import ImageFile
from digitise.scan.kinds import FileKind, kind_of_file
from digitise.scan.pages import as_it_is, drawable, quad_of
from digitise.scan.result import PageResult, from_json
from digitise.scan.wrap import wrap

Numbered = tuple[int, PageResult]
_PAGES_A_TIME = 16  # that pdfium looks at before its memory is given back


def searchable(source: str, target: str, results: str, budget: dict[str, Any], about: dict[str, Any]) -> dict[str, Any]:
    """Write `target`; return `pages`, `pdfa` and what was noticed.

    `results` is a file with one JSON list [page number, PageResult] per line, in the order of the output's pages.
    `about` gives title, language, date (ISO 8601), producer.
    """
    path = Path(source)
    with tempfile.TemporaryDirectory(prefix="digitise-wrap-") as folder:
        if kind_of_file(path) is not FileKind.PDF:
            path = _wrapped(path, Path(folder) / "wrapped.pdf", Budget(**budget))
        with open_pdf(path) as pdf:
            return _write(pdf, path, Path(target), results, Budget(**budget), about)


def _wrapped(path: Path, target: Path, budget: Budget) -> Path:
    wrap(ImageFile(path, kind_of_file(path), budget), path, target, budget.page_points)
    return target


def _write(
    pdf: pikepdf.Pdf, path: Path, target: Path, results: str, budget: Budget, about: dict[str, Any]
) -> dict[str, Any]:
    pages = checked_pages(pdf, budget)
    numbers: list[int] = []
    laid = _Layers(pdf, path, len(pages))
    for number, result in _results(results):
        if not 1 <= number <= len(pages):
            raise UnreadableFile("page", page=number)
        laid.on(pages[number - 1], number, result)
        numbers.append(number)
    laid.finish()
    removed = strip(pdf, pages)
    if numbers != list(range(1, len(pages) + 1)):
        _keep_only(pdf, numbers)
    claim = pdfa.finish(pdf, [page.obj for page in pdf.pages], numbers, about)
    pdf.save(
        target, force_version="1.7", object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True,
        compress_streams=True, stream_decode_level=pikepdf.StreamDecodeLevel.none, encryption=False,
    )  # fmt: skip
    return {"pages": len(numbers), "pdfa": claim, "warnings": [] if claim else ["not_pdfa"], "removed": sorted(removed)}


def _results(path: str) -> Iterator[Numbered]:
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            number, result = json.loads(line)
            yield int(number), from_json(result)


def _keep_only(pdf: pikepdf.Pdf, numbers: list[int]) -> None:
    kept = set(numbers)
    for number in range(len(pdf.pages), 0, -1):
        if number not in kept:
            del pdf.pages[number - 1]


class _Layers:
    """Lays text over pages; all of them share one font."""

    def __init__(self, pdf: pikepdf.Pdf, path: Path, pages: int) -> None:
        self._pdf = pdf
        self._path, self._pages, self._looked_at = path, pages, 0
        self._seen = drawable(path, pdf, pages)
        self._codes = glyphless.Codes()
        self._font = pdf.make_indirect(pikepdf.Dictionary(Type=Name.Font))
        self._used = False

    def on(self, page: pikepdf.Object, number: int, result: PageResult) -> None:
        """Lay the result's text over `page`, in place of a layer that is there, and turn the page upright."""
        if result.kind is PageKind.BLANK and "page_failed" not in result.warnings:
            page[Name.Contents] = self._pdf.make_stream(b"")  # nothing of it is visible: what it drags along may go
            page[Name.Resources] = pikepdf.Dictionary()
        text = result.layer
        if text is None:
            return
        found = analyse(self._leaf(number))
        resources = inherited(page, Name.Resources)
        page[Name.Resources] = resources if isinstance(resources, pikepdf.Dictionary) else pikepdf.Dictionary()
        if found.hidden_text:
            strip_text(self._pdf, page, everything=found.kind is PageKind.IMAGE)
        if text.rotation and found.kind in (PageKind.IMAGE, PageKind.DRAWN):
            page[Name.Rotate] = (found.rotate + text.rotation) % 360
        drawn = layer.contents(text, quad_of(found, result.kind), self._codes)
        if drawn:
            self._append(page, drawn)

    def _leaf(self, number: int) -> pdfium.PdfPage:
        """Return a page of the source, opened anew every few pages: pdfium keeps the images of all it has looked at."""
        self._looked_at += 1
        if self._looked_at % _PAGES_A_TIME == 0:
            again = as_it_is(self._path, self._pages)
            if again is not None:
                self._seen.close()
                self._seen = again
        return self._seen[number - 1]

    def _append(self, page: pikepdf.Object, drawn: bytes) -> None:
        self._used = True
        before = page.get(Name.Contents)
        streams = list(before) if isinstance(before, pikepdf.Array) else [before] if before is not None else []
        opened = self._pdf.make_stream(b"q\n")
        closed = self._pdf.make_stream(b"\nQ\n" + drawn)
        page[Name.Contents] = pikepdf.Array([opened, *streams, closed])
        resources = page[Name.Resources]
        fonts = resources.get(Name.Font)
        fonts = shallow(fonts) if isinstance(fonts, pikepdf.Dictionary) else pikepdf.Dictionary()
        fonts[layer.FONT] = self._font
        copy = shallow(resources)
        copy[Name.Font] = fonts
        page[Name.Resources] = copy

    def finish(self) -> None:
        """Fill in the font, now that all characters are known."""
        self._seen.close()
        if not self._used:
            return
        pdf, name = self._pdf, Name("/" + glyphless.NAME)
        program = pdf.make_stream(glyphless.program())
        program[Name.Length1] = len(glyphless.program())
        descriptor = pikepdf.Dictionary(
            Type=Name.FontDescriptor, FontName=name, Flags=5, FontBBox=[0, glyphless.DESCENT, glyphless.ADVANCE, glyphless.ASCENT],
            ItalicAngle=0, Ascent=glyphless.ASCENT, Descent=glyphless.DESCENT, CapHeight=glyphless.ASCENT, StemV=80,
            FontFile2=program,
        )  # fmt: skip
        descendant = pikepdf.Dictionary(
            Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=name, DW=glyphless.ADVANCE,
            CIDSystemInfo=pikepdf.Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
            FontDescriptor=pdf.make_indirect(descriptor), CIDToGIDMap=pdf.make_stream(self._codes.glyphs),
        )  # fmt: skip
        self._font[Name.Subtype] = Name.Type0
        self._font[Name.BaseFont] = name
        self._font[Name.Encoding] = Name("/Identity-H")
        self._font[Name.DescendantFonts] = pikepdf.Array([pdf.make_indirect(descendant)])
        self._font[Name.ToUnicode] = pdf.make_stream(self._codes.to_unicode)
