"""Print told from seal and pen where all are black: which ink of a 1-bit page belongs to a letter.

A net of two hidden layers looks at each pixel's surroundings, close by and at a quarter of the size, and says how likely print
stands there; trained by `scripts/train_print.py` on names and titles set under seals and strokes of a pen. On pages with colour
or greys the ink's own level tells better, and nothing here is needed.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from digitise.scan.engine import Grey

TYPE_HIGH = 30.0  # pixels of a word's box at which the net was trained: 14 pt at 200 dpi
NEAR, WIDE, STEP = 25, 25, 4  # sides of both windows in pixels, the second one's pixels of STEP x STEP
INPUTS = NEAR * NEAR + WIDE * WIDE
INK = 160  # grey level below which a pixel bears ink
BATCH = 4096  # pixels at a time: 20 MB
SPECK = 0.02  # squares of a type height: smaller pieces are no letters; a full stop has 0.03
SMOOTH = 0.8  # pixels
LARGE = 2.5  # type heights: no letter with its marks is so high; a seal, a stroke or what they join is

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Letters:
    """Pictures of a part of a page with its letters alone, unlike each other so that readings of them err elsewhere."""

    soft: Grey  # ink as dark as it is likely a letter's, without specks
    smooth: Grey  # the same, blurred: gaps where a stroke ran across are bridged
    firm: Grey  # what is rather a letter's than not
    generous: Grey  # what may be a letter's


def large_ink(page: Grey, type_height: float) -> list[tuple[int, int, int, int]]:
    """Return the boxes (x0, y0, x1, y1) of black ink too large for print on a part of a page: seals, signatures."""
    stats = cv2.connectedComponentsWithStats(cv2.threshold(page, INK, 255, cv2.THRESH_BINARY_INV)[1])[2][1:]
    found = stats[stats[:, cv2.CC_STAT_HEIGHT] > LARGE * type_height][:, :4].tolist()
    return [(x, y, x + wide, y + high) for x, y, wide, high in found]


def letters_of(page: Grey, type_height: float) -> Letters:
    """Return `page` (a part of a page, dark on white) without the ink that is none of a letter's.

    `type_height` is that of its words' boxes in pixels; the pictures have the page's size.
    """
    factor = min(max(TYPE_HIGH / max(1.0, type_height), 0.3), 3.0)
    kind = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    small = cv2.resize(page, None, fx=factor, fy=factor, interpolation=kind)
    told = likelihood((small < INK).astype(np.uint8))[: small.shape[0], : small.shape[1]]
    chance = cv2.resize(told, (page.shape[1], page.shape[0]), interpolation=cv2.INTER_LINEAR)
    loose = _loose_letters(page, chance, type_height)
    share = np.where(loose, np.float32(1), np.clip((chance - 0.15) / 0.7, 0, 1))
    soft = _without_specks(np.asarray(255 - (255 - page.astype(np.float32)) * share, np.uint8), type_height)
    firm = np.where((chance > 0.5) | loose, page, np.uint8(255))
    generous = np.where((chance > 0.35) | loose, page, np.uint8(255))
    return Letters(soft, cv2.GaussianBlur(soft, (0, 0), SMOOTH), firm, generous)


def _without_specks(page: Grey, type_height: float) -> Grey:
    """Return `page` without small pieces that stand neither above nor below a larger one, as accents do."""
    ink = cv2.threshold(page, INK, 255, cv2.THRESH_BINARY_INV)[1]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8, ltype=cv2.CV_32S)
    large = stats[:, cv2.CC_STAT_AREA] > SPECK * type_height**2
    large[0] = False
    reach = np.ones((max(1, round(0.35 * type_height)), 3), np.uint8)
    near = cv2.dilate(large.astype(np.uint8)[labels], reach) > 0
    kept = large | (np.bincount(labels[near].ravel(), minlength=count) > 0)
    kept[0] = True
    return np.where(kept[labels], page, np.uint8(255))


def _loose_letters(page: Grey, chance: NDArray[Any], type_height: float) -> NDArray[np.bool_]:
    """Mark pieces no larger than letters that are kept whole: those of which most is print, and all clear of what is larger."""
    ink = cv2.threshold(page, INK, 255, cv2.THRESH_BINARY_INV)[1]
    count, labels, stats, middles = cv2.connectedComponentsWithStats(ink, connectivity=8, ltype=cv2.CV_32S)
    small = stats[:, cv2.CC_STAT_HEIGHT] < 1.5 * type_height
    clear = np.ones(count, bool)
    for x, y, wide, high in stats[1:][stats[1:, cv2.CC_STAT_HEIGHT] > LARGE * type_height][:, :4].tolist():
        clear &= (middles[:, 0] < x) | (middles[:, 0] > x + wide) | (middles[:, 1] < y) | (middles[:, 1] > y + high)
    mean = np.bincount(labels.ravel(), chance.ravel(), count) / np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    kept = small & (clear | (mean > 0.5))
    kept[0] = False
    return np.asarray(cv2.dilate(kept.astype(np.uint8)[labels], np.ones((3, 3), np.uint8)) > 0)


def likelihood(ink: NDArray[np.uint8]) -> Floats:
    """Return for each pixel of `ink` (1 = ink) how likely print stands there; told for squares of two by two at a time."""
    ink = np.pad(ink, ((0, ink.shape[0] % 2), (0, ink.shape[1] % 2)))
    made = np.zeros(ink.shape, np.float32)
    seen = Windows(ink)
    rows, columns = (2 * at for at in np.nonzero(cv2.dilate(ink, np.ones((2, 2), np.uint8), anchor=(0, 0))[::2, ::2]))
    for start in range(0, len(rows), BATCH):
        part = slice(start, start + BATCH)
        told = chances(seen.at(rows[part], columns[part]), _weights())
        for i, (down, right) in enumerate(((0, 0), (0, 1), (1, 0), (1, 1))):
            made[rows[part] + down, columns[part] + right] = told[:, i]
    return made * ink


class Windows:
    """The surroundings of pixels of one picture of ink."""

    def __init__(self, ink: NDArray[np.uint8]) -> None:
        self._near = np.lib.stride_tricks.sliding_window_view(np.pad(ink, NEAR // 2), (NEAR, NEAR))
        reach = STEP * (WIDE // 2)
        dense = cv2.blur(np.pad(ink, reach).astype(np.float32), (STEP, STEP))
        whole = np.lib.stride_tricks.sliding_window_view(dense, (2 * reach + 1, 2 * reach + 1))
        self._wide = whole[:, :, ::STEP, ::STEP]

    def at(self, rows: NDArray[Any], columns: NDArray[Any]) -> Floats:
        """Return one row of INPUTS values, 0..1, per pixel."""
        near, wide = self._near[rows, columns], self._wide[rows, columns]
        return np.hstack([near.reshape(len(rows), -1), wide.reshape(len(rows), -1)]).astype(np.float32)


def chances(x: Floats, net: list[Floats]) -> Floats:
    """Return the net's probabilities of print (n, 4): of the pixel that each row of `x` surrounds, right of it, below, aslant."""
    first = np.maximum(x @ net[0] + net[1], 0)
    second = np.maximum(first @ net[2] + net[3], 0)
    score = second @ net[4] + net[5]
    return np.asarray(1 / (1 + np.exp(-np.clip(score, -30, 30))), np.float32)


@cache
def _weights() -> list[Floats]:
    with files("digitise.scan").joinpath("print_ink.npz").open("rb") as file, np.load(file) as held:
        return [held[f"p{i}"].astype(np.float32) * np.float32(held[f"s{i}"]) for i in range(6)]
