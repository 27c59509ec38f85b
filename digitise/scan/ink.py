"""Coloured ink: seals, stamps and pen strokes made light for recognition, lines of coloured print kept dark.

Red and blue ink is lightest in its brightest channel, and so is a certificate's red title. The two are told apart by
shape: print stands in straight rows of letters of one height with nothing black beneath it and no seal around it.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from digitise.scan.engine import Grey
from digitise.scan.pieces import labelled

LOOK_DPI = 100  # scale at which colour is looked at: letters are 6 px high and more
COLOURED = 45  # brightest less darkest channel, above the paper's own tint
LETTER = (0.03, 0.4)  # inch: height of a printed letter
BLANK = 0.16  # inch between two words of one row
SEAL = (0.4, 2.6)  # inch: a blot between these two, in both directions or in one, is a seal or a signature
FEWEST_LETTERS = 6
EVEN = 0.5  # share of a row's letters whose height lies close to the median
DARK = 110  # brightest channel below which ink is black
TALLEST_ROW = 2.6  # letters: a row of print is no higher, with marks above and below; lines that slope are
MARGIN = 0.06  # inch above and below the letters: accents
BLACK_SHARE = 0.03  # of the row's coloured pixels: more black among them is print below a stroke or a stamp


def without_colour(page: NDArray[Any], dpi: int) -> Grey:
    """Return grey in which seals and pen strokes of red or blue ink are light, coloured print is dark.

    `page` is grey (h, w), returned as it is, or RGB (h, w, 3).
    """
    if page.ndim == 2:
        return page
    red, green, blue = cv2.split(page)
    light = cv2.max(cv2.max(red, green), blue)
    for x0, y0, x1, y1 in coloured_rows(page, dpi):
        here = (slice(y0, y1), slice(x0, x1))
        light[here] = cv2.min(cv2.min(red[here], green[here]), blue[here])
    return light


def coloured_rows(page: NDArray[Any], dpi: int) -> list[tuple[int, int, int, int]]:
    """Return the boxes (x0, y0, x1, y1), pixels of `page`, of rows of coloured print."""
    step = max(1, round(dpi / LOOK_DPI))
    high, wide = page.shape[0] // step, page.shape[1] // step
    small = cv2.resize(page[: high * step, : wide * step], (wide, high), interpolation=cv2.INTER_NEAREST)
    dpi = round(dpi / step)
    red, green, blue = cv2.split(small)
    light = cv2.max(cv2.max(red, green), blue)
    chroma = cv2.subtract(light, cv2.min(cv2.min(red, green), blue))
    paper = float(np.median(chroma[::4, ::4]))
    colour = cv2.threshold(chroma, COLOURED + paper, 255, cv2.THRESH_BINARY)[1]
    if cv2.countNonZero(colour) < 30:
        return []
    labels, stats = labelled(colour)
    width, height = stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT]
    letters = (height >= LETTER[0] * dpi) & (height <= LETTER[1] * dpi) & (width <= 2 * LETTER[1] * dpi)
    letters[0] = False
    if letters.sum() < FEWEST_LETTERS:
        return []
    long, short = np.maximum(width, height), np.minimum(width, height)
    blots = stats[(long > SEAL[0] * dpi) & (long < SEAL[1] * dpi) & (short > 0.2 * SEAL[0] * dpi) & ~letters][:, :4]
    ink = np.where(letters, np.uint8(255), np.uint8(0))[labels]
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, max(3, round(BLANK * dpi))), np.uint8))
    rows = labelled(joined)[1][1:, :4]
    margin = max(1, round(MARGIN * dpi))
    return [
        (step * max(0, x - margin), step * max(0, y - margin), step * (x + wide + margin), step * (y + high + margin))
        for x, y, wide, high in rows.tolist()
        if _is_print((x, y, wide, high), stats[letters][:, :4], blots, light, colour)
    ]


def _is_print(row: tuple[int, ...], letters: NDArray[Any], blots: NDArray[Any], light: Grey, colour: Grey) -> bool:
    """Say whether a coloured row is print: letters of one height, no seal or pen stroke across it, no black in it."""
    x, y, wide, high = row
    if wide < 3 * high or _touching(blots, row).any():
        return False
    heights = letters[_touching(letters, row)][:, 3]
    if len(heights) < FEWEST_LETTERS:
        return False
    usual = float(np.median(heights))
    if high > TALLEST_ROW * usual or float(np.mean(np.abs(heights - usual) <= 0.35 * usual)) < EVEN:
        return False
    here = (slice(y, y + high), slice(x, x + wide))
    return int((light[here] < DARK).sum()) <= BLACK_SHARE * int((colour[here] > 0).sum())


def _touching(boxes: NDArray[Any], row: tuple[int, ...]) -> NDArray[Any]:
    """Mark the boxes (x, y, width, height) that share a point with `row`."""
    x, y, wide, high = row
    return np.asarray(
        (boxes[:, 0] < x + wide)
        & (boxes[:, 0] + boxes[:, 2] > x)
        & (boxes[:, 1] < y + high)
        & (boxes[:, 1] + boxes[:, 3] > y)
    )
