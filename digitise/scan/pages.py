"""Any accepted file → its pages, one at a time, as a viewer shows them. Runs in the limited child."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2 as pdfium
from numpy.typing import NDArray
from PIL import Image

from digitise.errors import LimitExceeded, UnreadableFile
from digitise.model.recognition import Affine, PageText
from digitise.pdf.budget import Budget
from digitise.pdf.page import PageFacts, PageKind, Picture, analyse
from digitise.pdf.reading import checked_pages, facts, image_size, images_of, open_pdf
from digitise.scan import born, geometry
from digitise.scan.geometry import TURNS, compose, displayed, from_pdf, inverse, lengths
from digitise.scan.images import ImageFile, normalised
from digitise.scan.kinds import FileKind, kind_of_file
from digitise.scan.resolution import Resolution, resolution

DRAWN_DPI = 300.0  # what Tesseract reads best; also the archives' wish
_DRAWN_BETWEEN = (200.0, 400.0)  # a page is drawn at its pictures' resolution within these
READ_PIXELS = 36_000_000  # A2 at 300 dpi: larger pages are read coarser, so that a worker stays small
_UNIT: Affine = (1.0, 0.0, 0.0, 0.0, -1.0, 1.0)  # image unit square, v down → PDF unit square, y up


@dataclass(frozen=True, slots=True)
class PageImage:
    """One page as a viewer shows it. `text` is set instead of `image` where the page's own text is good."""

    kind: PageKind
    dpi: float
    image: Image.Image | None = None  # mode 1, L or RGB, equal dpi on both axes
    text: PageText | None = None
    warnings: tuple[str, ...] = ()

    def sha256(self, pixels: NDArray[Any]) -> str:
        """Hash of what the recogniser is given: pixels and resolution."""
        assert self.image is not None
        head = f"{self.image.mode} {self.image.width}x{self.image.height} {self.dpi:.1f} "
        total = hashlib.sha256(head.encode())
        total.update(np.ascontiguousarray(pixels).data)
        return total.hexdigest()


class PageSource:
    """An open file. Raises UnreadableFile, PasswordNeeded, LimitExceeded, UnsupportedType."""

    def __init__(self, path: Path, budget: Budget) -> None:
        self._budget = budget
        self.kind = kind_of_file(path)
        self.facts: dict[str, Any] = {}
        self._pdf: pdfium.PdfDocument | None = None
        self._structure: pikepdf.Pdf | None = None
        self._leaves: list[pikepdf.Object] = []
        self._images: ImageFile | None = None
        if self.kind is FileKind.PDF:
            self.facts = facts(str(path), budget.as_json())
            self._structure = open_pdf(path)
            self._leaves = checked_pages(self._structure, budget)
            self._pdf = drawable(path, self._structure, len(self._leaves))
            self.count = min(len(self._pdf), int(self.facts["pages"]))
        else:
            self._images = ImageFile(path, self.kind, budget)
            self.count = len(self._images.frames)

    def page(self, number: int) -> PageImage:
        """Return page `number` (1-based)."""
        if self._images is not None:
            return self._frame(number - 1)
        assert self._pdf is not None
        try:
            page = self._pdf[number - 1]
            return self._of_pdf(page, number)
        except pdfium.PdfiumError as error:
            raise UnreadableFile("page", page=number, cause=str(error)[:200]) from error

    def picture(self, number: int, pixels: int) -> Image.Image:
        """Return page `number` as a viewer shows it, its longest side `pixels`."""
        if self._images is not None:
            image = self._images.frame(number - 1).convert("RGB")
            image.thumbnail((pixels, pixels))
            return image
        assert self._pdf is not None
        page = self._pdf[number - 1]
        scale = pixels / max(1.0, *page.get_size())
        return normalised(page.render(scale=scale, may_draw_forms=True, prefer_bgrx=False).to_pil())

    def header_warnings(self, number: int) -> tuple[str, ...]:
        """Return what the headers alone say against page `number`; nothing is decoded."""
        if self._images is not None:
            frame = self._images.frames[number - 1]
            return warnings_of(frame.colours, frame.resolution)
        assert self._pdf is not None
        try:
            found = analyse(self._pdf[number - 1])
        except pdfium.PdfiumError:
            return ("page_failed",)
        if found.kind is PageKind.BLANK:
            return ("blank",)
        if found.kind is not PageKind.IMAGE:
            return ("text_unmapped",) if found.garbage_text else ()
        picture = found.pictures[0]
        said = resolution(picture.width, picture.height, picture.dpi)
        return warnings_of("bilevel" if picture.bits == 1 else "grey" if picture.grey else "colour", said)

    def is_scan(self, number: int) -> bool:
        """Say whether page `number` is a picture of paper, not text that a program wrote."""
        if self._pdf is None:
            return True
        try:
            return analyse(self._pdf[number - 1]).kind is PageKind.IMAGE
        except pdfium.PdfiumError:
            return False

    def _frame(self, index: int) -> PageImage:
        assert self._images is not None
        frame = self._images.frames[index]
        image = self._images.frame(index)
        found = frame.resolution
        if frame.orientation >= 5:
            found = Resolution(found.y, found.x, found.believed)
        square, dpi = squared(image, found)
        return PageImage(PageKind.IMAGE, dpi, square, warnings=warnings_of(frame.colours, found))

    def _of_pdf(self, page: pdfium.PdfPage, number: int) -> PageImage:
        found = analyse(page)
        if found.kind is PageKind.BLANK:
            width, height = shown_size(found)
            text = born.empty(width, height)
            return PageImage(found.kind, text.dpi, text=text, warnings=("blank",))
        if found.kind is PageKind.TEXT:
            text = born.page_text(page, found)
            return PageImage(found.kind, text.dpi, text=text)
        warnings: tuple[str, ...] = ("text_layer_replaced",) if found.hidden_text else ()
        warnings += ("text_unmapped",) if found.garbage_text else ()
        taken = self._taken(found, number) if found.kind is PageKind.IMAGE else None
        image = taken or self._drawn(page, found)
        own = born.page_text(page, found) if found.kind is PageKind.MIXED else None
        return PageImage(image.kind, image.dpi, image.image, own, (*warnings, *image.warnings))

    def _taken(self, found: PageFacts, number: int) -> PageImage | None:
        """Return the page's one image by its own pixels, turned as the page shows it; None where they are not what it shows."""
        picture = found.pictures[0]
        self._check(picture.width * picture.height)
        if self._masked(number, picture):
            return None
        try:
            image = _pixels(picture)
        except pdfium.PdfiumError:
            return None
        turn, _ = turned(found, picture)
        said = resolution(picture.width, picture.height, picture.dpi)
        if turn:
            image = image.transpose(Image.Transpose[turn])
        if turn in _SWAPPING:
            said = Resolution(said.y, said.x, said.believed)
        square, dpi = squared(image, said)
        return PageImage(found.kind, dpi, square, warnings=warnings_of(colours_of(picture, image), said))

    def _drawn(self, page: pdfium.PdfPage, found: PageFacts) -> PageImage:
        width, height = shown_size(found)
        wanted = max((max(p.dpi) for p in found.pictures if p.worth_reading and p.cover > 0.05), default=DRAWN_DPI)
        dpi = min(max(wanted, _DRAWN_BETWEEN[0]), _DRAWN_BETWEEN[1])
        pixels = min(READ_PIXELS, self._budget.page_pixels)
        dpi = min(dpi, (pixels / max(1.0, width * height)) ** 0.5 * 72)
        bitmap = page.render(scale=dpi / 72, may_draw_forms=True, prefer_bgrx=False)
        image = normalised(bitmap.to_pil())
        kind = PageKind.DRAWN if found.kind is PageKind.IMAGE else found.kind
        return PageImage(kind, dpi, image)

    def _masked(self, number: int, picture: Picture) -> bool:
        """Say whether the picture is shown through a mask, or is one: its pixels alone do not tell what is seen."""
        assert self._structure is not None
        page = self._leaves[number - 1]
        return any(
            image_size(image) == (picture.width, picture.height)
            and any(name in image for name in ("/SMask", "/Mask", "/ImageMask", "/SMaskInData"))
            for image in images_of(page)
        )

    def _check(self, pixels: int) -> None:
        if pixels > self._budget.page_pixels:
            raise LimitExceeded("page_pixels", limit=self._budget.page_pixels, found=pixels)


_SWAPPING = {"TRANSPOSE", "TRANSVERSE", "ROTATE_90", "ROTATE_270"}


def drawable(path: Path, structure: pikepdf.Pdf, pages: int) -> pdfium.PdfDocument:
    """Open with pdfium; what only qpdf can read, or reads with other `pages`, is handed over repaired."""
    found = as_it_is(path, pages)
    if found is not None:
        return found
    with tempfile.NamedTemporaryFile(suffix=".pdf") as repaired:
        structure.save(repaired.name)
        return pdfium.PdfDocument(Path(repaired.name).read_bytes())


def as_it_is(path: Path, pages: int) -> pdfium.PdfDocument | None:
    """Open with pdfium; None where it cannot read the file, or reads it with other `pages`."""
    try:
        found = pdfium.PdfDocument(path)
    except pdfium.PdfiumError:
        return None
    if len(found) == pages:
        return found
    found.close()
    return None


def shown_size(found: PageFacts) -> tuple[float, float]:
    """Return width and height of the page as displayed, in user-space units."""
    x0, y0, x1, y1 = found.box
    return (y1 - y0, x1 - x0) if found.rotate % 180 else (x1 - x0, y1 - y0)


def turned(found: PageFacts, picture: Picture) -> tuple[str, Affine]:
    """Return how the stored image must be turned to look as displayed, and displayed unit square → user space.

    Of the eight ways to turn and mirror, the one whose axes point right and down on the displayed page.
    """
    to_user = compose(from_pdf(picture.matrix), _UNIT)
    to_display = inverse(displayed(found.box, found.rotate))
    width, height = shown_size(found)
    best, score, quad = "", float("-inf"), to_user
    for name, turn in TURNS.items():
        candidate = compose(to_user, turn)
        a, b, _, d, e, _ = compose(geometry.scale(width, height), compose(to_display, candidate))
        right, down = lengths((a, b, 0, d, e, 0))
        value = (a / right if right else 0.0) + (e / down if down else 0.0)
        if value > score + 1e-9:
            best, score, quad = name, value, candidate
    return best, quad


def quad_of(found: PageFacts, read_as: PageKind) -> Affine:
    """Return the map from the displayed unit square of what was read (the picture, or the drawn page) to user space."""
    if read_as is PageKind.IMAGE and found.pictures:
        return turned(found, found.pictures[0])[1]
    return displayed(found.box, found.rotate)


def _pixels(picture: Picture) -> Image.Image:
    seen = picture.item.get_bitmap(render=False).to_pil()
    image = normalised(seen)
    return (
        image.copy() if image is seen and image.mode != "RGB" else image
    )  # grey shares the bitmap's memory; RGB was copied


def colours_of(picture: Picture, image: Image.Image) -> str:
    """Return `bilevel`, `grey` or `colour`, as the PDF's dictionary declares."""
    if picture.bits == 1:
        return "bilevel"
    return "grey" if picture.grey or image.mode == "L" else "colour"


def squared(image: Image.Image, found: Resolution) -> tuple[Image.Image, float]:
    """Return the image with equal resolution on both axes (the finer one), and that resolution."""
    if found.square:
        return limited(image, (found.x + found.y) / 2)
    dpi = max(found.x, found.y)
    size = (round(image.width * dpi / found.x), round(image.height * dpi / found.y))
    grey = image.convert("L") if image.mode == "1" else image
    return limited(grey.resize(size, Image.Resampling.BICUBIC), dpi)


def limited(image: Image.Image, dpi: float) -> tuple[Image.Image, float]:
    """Return the image at no more than READ_PIXELS; the picture in the PDF stays as it is."""
    factor = (READ_PIXELS / (image.width * image.height)) ** 0.5
    if factor >= 1:
        return image, dpi
    grey = image.convert("L") if image.mode == "1" else image
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return grey.resize(size, Image.Resampling.BOX, reducing_gap=2.0), dpi * factor


STANDARD_DPI = 200.0  # digitisation standard: at least 200 dpi, colour, full size
_TOLERANCE = 0.98


def warnings_of(colours: str, found: Resolution) -> tuple[str, ...]:
    """Return which rules of the digitisation standard the image misses, as keys of `warnings`."""
    warnings = [] if found.believed else ["dpi_estimated"]
    if min(found.x, found.y) < STANDARD_DPI * _TOLERANCE:
        warnings.append("low_dpi")
    if colours != "colour":
        warnings.append(colours)
    return tuple(warnings)
