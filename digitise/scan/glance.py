"""A first look at a scan while the one who brought the paper waits: a few pages drawn small, nothing recognised.

It says what a second scan would cure (blank, upside down, askew, cut off, too dark) and reads the codes of the first page.
Each finding bears the name that recognition gives it later; a doubt is left to recognition, as a false alarm costs a scan.
"""

import time
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitise.scan import skew
from digitise.scan.pages import PageSource
from digitise.scan.pieces import labelled
from digitise.scan.prepare import as_array, readable
from digitise.scan.quality import ASKEW, DARK

PIXELS = 1654  # of the longer side: A4 at 140 dpi, where a printed QR's dots still have 3 pixels
DPI = 140
SECONDS = 1.5  # after this no further page is begun
LEAST_INK = 0.001  # share of a page; a page of three lines has 0.01, dust 0.0002
UPSIDE_DOWN = 0.42  # see `upright_share`: upright pages have 0.51 to 0.83, turned ones 0.17 to 0.46
FEWEST_LINES = 8  # fewer tell too little of which end is up
EDGE_MM = 1.0
LETTER_MM = (1.2, 6.0)  # heights of letters, from 8 points to the largest heading
FEWEST_CUT = 3  # letters at one edge; one may be a punch hole's rim

Mask = NDArray[Any]  # 255 where there is ink


def glance(source: PageSource) -> dict[str, Any]:
    """Return the `codes` of the first page (text, format, box) and the `warnings` of the first, last and middle one.

    `warnings` is None where none of these pages is a scan.
    """
    began = time.monotonic()
    found: dict[str, None] = {}
    any_scan = False
    codes: list[list[Any]] = []
    for number in dict.fromkeys((1, source.count, (source.count + 1) // 2)):
        if number > 1 and time.monotonic() - began > SECONDS:
            break
        scanned = source.is_scan(number)
        if number > 1 and not scanned:
            continue
        picture = source.picture(number, PIXELS)
        if number == 1:
            codes = read(picture)
        if scanned:
            any_scan = True
            found.update(dict.fromkeys(flaws(picture)))
    return {"warnings": list(found) if any_scan else None, "codes": codes}


def read(picture: Image.Image) -> list[list[Any]]:
    """Return text, format and box of the codes on a page."""
    from digitise.scan.codes import read_codes

    return [[code.text, code.format, list(code.box)] for code in read_codes(picture.convert("L"))]


def flaws(picture: Image.Image) -> list[str]:
    """Return what is wrong with one page as scanned, as keys of `warnings`."""
    cv2.setNumThreads(1)  # one process per core: more threads only wait for each other
    page = as_array(picture)
    if float(np.median(page[::4, ::4])) < DARK:
        return ["dark"]  # what else is seen on such a page is not to be relied on
    grey = readable(page, DPI)[0]
    mask, scale = skew.ink_mask(grey)
    height, width = mask.shape
    margin_y, margin_x = height // 30, width // 30
    if (mask[margin_y:-margin_y, margin_x:-margin_x] > 0).mean() < LEAST_INK:
        return ["blank"]
    angle, sharpness = skew.best_angle(mask)
    sideways = skew.lies_sideways(mask, sharpness)
    told = {
        "rotated": sideways or lies_upside_down(mask, angle),
        "skewed": not sideways and abs(angle) >= ASKEW,
        "cut_edge": letters_cut(mask, DPI * scale),
    }
    return [name for name, true in told.items() if true]


def lies_upside_down(mask: Mask, angle: float) -> bool:
    """Say whether the page's lines stand on their heads."""
    share, lines = upright_share(mask, angle)
    return lines >= FEWEST_LINES and share < UPSIDE_DOWN


def upright_share(mask: Mask, angle: float) -> tuple[float, int]:
    """Return which share of the ink outside the lines' bodies lies above them, and the number of lines.

    Vietnamese carries its tones, hats and ascenders above the body of a line, and little below it.
    """
    height, width = mask.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    level = cv2.warpAffine(mask, turn, (width, height), flags=cv2.INTER_NEAREST)
    rows = (level > 0).sum(axis=1).astype(float)
    inked = np.concatenate(([0], rows > 0.004 * width, [0]))
    starts, ends = np.flatnonzero(np.diff(inked) == 1), np.flatnonzero(np.diff(inked) == -1)
    above = below = 0.0
    lines = 0
    for start, end in zip(starts, ends, strict=True):
        if not 6 <= end - start <= 40:  # pixels at the mask's scale; more is two lines that touch
            continue
        line = rows[start:end]
        body = np.flatnonzero(line >= 0.5 * line.max())
        above += float(line[: body[0]].sum())
        below += float(line[body[-1] + 1 :].sum())
        lines += 1
    return (above / (above + below) if above + below else 0.5), lines


def letters_cut(mask: Mask, dpi: float) -> bool:
    """Say whether lines run out of the picture: several letters touch one edge, each with its line behind it."""
    height, width = mask.shape
    boxes = _letters(mask, dpi / 25.4)
    turned = boxes[:, [1, 0, 3, 2]]
    near = EDGE_MM * dpi / 25.4
    return (
        _lines_cut(boxes, near)
        or _lines_cut(_mirrored(boxes, width), near)
        or _row_cut(turned, near, width)
        or _row_cut(_mirrored(turned, height), near, width)
    )


def _letters(mask: Mask, mm: float) -> NDArray[Any]:
    """Return x, y, width, height of what has the size of a letter, n x 4."""
    boxes = labelled(mask)[1][1:, :4]
    w, h = boxes[:, 2], boxes[:, 3]
    return boxes[(h >= LETTER_MM[0] * mm) & (h <= LETTER_MM[1] * mm) & (w <= LETTER_MM[1] * mm) & (w >= 0.15 * h)]


def _mirrored(boxes: NDArray[Any], size: int) -> NDArray[Any]:
    turned = boxes.copy()
    turned[:, 0] = size - boxes[:, 0] - boxes[:, 2]
    return turned


def _lines_cut(boxes: NDArray[Any], near: float) -> bool:
    """Say whether lines begin at the left edge: a letter there, and its neighbour further in at the same height."""
    inner = boxes[boxes[:, 0] > near]
    cut = 0
    for x, y, w, h in boxes[boxes[:, 0] <= near]:
        gap = inner[:, 0] - (x + w)
        level = abs(inner[:, 1] + inner[:, 3] / 2 - (y + h / 2)) < h / 2
        cut += bool(((gap >= 0) & (gap < h) & level).any())
    return cut >= FEWEST_CUT


def _row_cut(turned: NDArray[Any], near: float, width: int) -> bool:
    """Say whether a line lies along an edge (boxes turned so that it is the left one): noise lies there in heaps."""
    at_edge = turned[turned[:, 0] <= near]
    return len(at_edge) >= FEWEST_CUT and float(np.ptp(at_edge[:, 1])) > width / 4
