"""What a page looks like at two moments, and where it differs: the evidence that people understand.

Made only when something is suspicious: rendering costs more than everything else together.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from digitise.verify.source import Source

SCALE = 100 / 72  # 100 dpi: a changed digit of 13 pt text is some 20 pixels high
MAX_PAGES = 60  # pages compared: more would take minutes; the pages beyond are named as not compared
MAX_PIXELS = 30_000_000  # of one page picture; larger pages are drawn smaller
THRESHOLD = 48  # difference of a channel (of 255) below which anti-aliasing, not people, made it
CELL = 12  # pixels: side of the squares in which differences are gathered into boxes
FEW_WORDS = 200  # dark pixels: four or five letters of 13 pt
INK, PAPER = 140, 215  # brightness below which a pixel is ink, above which it is paper

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class PageDifference:
    """Where one page differs; boxes are (x0, y0, x1, y1) in points from the top left corner."""

    page: int  # from 0
    boxes: tuple[Box, ...]
    share: float  # of the page's area inside the boxes
    hidden_ink: float  # share of the former ink that is now paper
    without_annotations: bool  # the page itself differs, not only what is laid over it


@dataclass(slots=True)
class Comparison:
    """Two revisions compared page by page."""

    pages_before: int = 0
    pages_after: int = 0
    differences: list[PageDifference] = field(default_factory=list)
    compared: int = 0
    failed: str | None = None  # why no comparison was possible

    @property
    def same(self) -> bool:
        """Say whether everything was compared and nothing differs."""
        return self.failed is None and self.pages_before == self.pages_after == self.compared and not self.differences


class Window(io.RawIOBase):
    """The first bytes of a file, read where they lie: a revision of a large file is not held in memory."""

    def __init__(self, source: Source, size: int) -> None:
        self._source, self._size, self._at = source, size, 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be moved in."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to an offset; returns it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; returns how many bytes there were."""
        data = self._source.read(self._at, max(0, min(len(buffer), self._size - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class Pictures:
    """Draws revisions of one file; keeps documents open between comparisons."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._open: dict[int, Any] = {}

    def _document(self, end: int) -> Any:
        if end not in self._open:
            document = pdfium.PdfDocument(io.BufferedReader(Window(self._source, end)))
            document.init_forms()
            self._open[end] = document
        return self._open[end]

    def close(self) -> None:
        """Free what was opened."""
        for document in self._open.values():
            document.close()
        self._open.clear()

    def compare(self, before: int, after: int | None = None, *, most: int = MAX_PAGES) -> Comparison:
        """Compare the file up to byte `before` with the file up to `after` (default: all of it), the first `most` pages."""
        found = Comparison()
        try:
            old, new = self._document(before), self._document(after or self._source.size)
            found.pages_before, found.pages_after = len(old), len(new)
            for number in range(min(len(old), len(new), most)):
                if difference := _compare(old, new, number):
                    found.differences.append(difference)
                found.compared += 1
        except (pdfium.PdfiumError, ValueError, MemoryError, OSError) as e:
            found.failed = str(e)[:200] or type(e).__name__
        return found

    def hidden_under(self, before: int, number: int, box: Box) -> float:
        """Return which share of the words that a page itself had in `box` is paper now; 0 where there were none to speak of.

        What earlier signatures showed there does not count: a seal may lie over the signature that it belongs to.
        """
        try:
            old, new = self._document(before), self._document(self._source.size)
            words = _draw(old, number, annotations=False, box=box).max(axis=2) < INK
            if int(words.sum()) < FEW_WORDS:
                return 0.0
            now = _draw(new, number, box=box).min(axis=2) > PAPER
            return float((words & now).sum()) / int(words.sum()) if words.shape == now.shape else 1.0
        except (pdfium.PdfiumError, ValueError, MemoryError, OSError, IndexError):
            return 0.0

    def show(self, comparison: Comparison, before: int, after: int | None = None) -> bytes | None:
        """Return a PNG of the first page that differs: as signed, and as it is now with the differences framed."""
        if not comparison.differences:
            return None
        difference = comparison.differences[0]
        try:
            old = _draw(self._document(before), difference.page)
            new = _draw(self._document(after or self._source.size), difference.page)
        except (pdfium.PdfiumError, ValueError, MemoryError, OSError):
            return None
        return _side_by_side(old, new, difference)


def _scale(page: Any) -> float:
    width, height = page.get_size()
    area = max(width * height, 1.0)
    return float(min(SCALE, (MAX_PIXELS / area) ** 0.5))


def _draw(document: Any, number: int, *, annotations: bool = True, box: Box | None = None) -> NDArray[np.uint8]:
    """Draw a page, or what lies in `box` of it."""
    page = document[number]
    cut = (0.0, 0.0, 0.0, 0.0)
    if box is not None:
        width, height = page.get_size()
        sides = (box[0], height - box[3], width - box[2], box[1])  # left, bottom, right, top
        cut = tuple(max(0.0, side) for side in sides)  # type: ignore[assignment]
    bitmap = page.render(
        scale=_scale(page),
        crop=cut,
        may_draw_forms=annotations,
        draw_annots=annotations,
        rev_byteorder=True,
        prefer_bgrx=False,
    )
    pixels: NDArray[np.uint8] = np.array(bitmap.to_numpy()[:, :, :3], copy=True)
    bitmap.close()
    page.close()
    return pixels


def _compare(old: Any, new: Any, number: int) -> PageDifference | None:
    before, after = _draw(old, number), _draw(new, number)
    if before.shape != after.shape:
        return PageDifference(number, ((0.0, 0.0, 1e4, 1e4),), 1.0, 1.0, True)
    differs = _differing(before, after)
    if not differs.any():
        return None
    bare_before, bare_after = _draw(old, number, annotations=False), _draw(new, number, annotations=False)
    bare = bool(_differing(bare_before, bare_after).any()) if bare_before.shape == bare_after.shape else True
    ink = before.max(axis=2) < INK
    gone = ink & (after.min(axis=2) > PAPER)
    boxes = tuple(_boxes(differs))
    height, width = differs.shape
    points = tuple(tuple(round(v / SCALE, 1) for v in box) for box in boxes)
    share = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes) / (width * height)
    hidden = float(gone.sum()) / max(int(ink.sum()), 1)
    return PageDifference(number, points, min(share, 1.0), hidden, bare)  # type: ignore[arg-type]


def _differing(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.bool_]:
    apart = np.abs(one.astype(np.int16) - other.astype(np.int16)).max(axis=2)
    differs: NDArray[np.bool_] = apart > THRESHOLD
    return differs


def _boxes(differs: NDArray[np.bool_]) -> Iterator[tuple[int, int, int, int]]:
    """Gather differing pixels into boxes: cells that touch belong together."""
    import cv2

    height, width = differs.shape
    rows, columns = -(-height // CELL), -(-width // CELL)
    padded = np.zeros((rows * CELL, columns * CELL), dtype=bool)
    padded[:height, :width] = differs
    cells: Any = padded.reshape(rows, CELL, columns, CELL).any(axis=(1, 3)).astype(np.uint8)
    count, labels = cv2.connectedComponents(cv2.dilate(cells, np.ones((3, 3), np.uint8)))
    for label in range(1, count):
        where = np.argwhere((labels == label) & (cells > 0))
        if len(where):
            (y0, x0), (y1, x1) = where.min(axis=0), where.max(axis=0)
            yield (
                int(x0) * CELL,
                int(y0) * CELL,
                min((int(x1) + 1) * CELL, width),
                min((int(y1) + 1) * CELL, height),
            )


def _side_by_side(old: NDArray[np.uint8], new: NDArray[np.uint8], difference: PageDifference) -> bytes:
    from PIL import Image, ImageDraw

    left, right = Image.fromarray(old), Image.fromarray(new)
    gap = 24
    sheet = Image.new("RGB", (left.width + right.width + 3 * gap, max(left.height, right.height) + 2 * gap), "#d8dde3")
    sheet.paste(left, (gap, gap))
    sheet.paste(right, (left.width + 2 * gap, gap))
    pen = ImageDraw.Draw(sheet)
    for x0, y0, x1, y1 in difference.boxes:
        corners = [v * SCALE for v in (x0, y0, x1, y1)]
        for shift in (gap, left.width + 2 * gap):
            frame = [corners[0] + shift - 3, corners[1] + gap - 3, corners[2] + shift + 3, corners[3] + gap + 3]
            pen.rectangle(frame, outline="#c00000", width=3)
    output = io.BytesIO()
    sheet.save(output, "PNG", optimize=False)
    return output.getvalue()
