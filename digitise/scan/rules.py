"""Ruled lines taken off the page: table borders, underlines, the strokes below motto and issuer."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from digitise.scan.engine import Grey

LONG_ACROSS, LONG_DOWN = 0.45, 0.3  # inch: no stroke of a letter is that long in a straight line
THICKEST = 0.03  # inch
SLENDER = 6  # times longer than thick


def without_rules(page: Grey, mask: NDArray[Any], dpi: int) -> bool:
    """Take ruled lines out of page and mask, in place; say whether there were any."""
    found = False
    high, wide = mask.shape[0] // 2, mask.shape[1] // 2
    half = cv2.resize(mask[: 2 * high, : 2 * wide], (wide, high), interpolation=cv2.INTER_AREA)
    half = cv2.threshold(half, 0, 255, cv2.THRESH_BINARY)[1]  # ink where any of the four pixels bears it
    for across, down in ((round(LONG_ACROSS * dpi), 1), (1, round(LONG_DOWN * dpi))):
        rough = cv2.morphologyEx(
            half, cv2.MORPH_OPEN, np.ones((max(1, down // 2 - 1), max(1, across // 2 - 1)), np.uint8)
        )
        if cv2.countNonZero(rough):  # full size only where half size shows a line: most of a page has none
            for x, y, width, height in _places(rough):
                here = (slice(y, y + height), slice(x, x + width))
                found |= _take(page[here], mask[here], (down, across), dpi)
    return found


def _opened(mask: NDArray[Any], down: int, across: int) -> NDArray[Any]:
    """Return the ink in which a stroke of that size fits; none beyond the border, where letters may be cut."""
    kernel = np.ones((down, across), np.uint8)
    return cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)


def _places(rough: NDArray[Any]) -> list[tuple[int, int, int, int]]:
    """Return boxes, pixels at full size, that hold the lines seen at half size and do not overlap."""
    near = cv2.dilate(rough, np.ones((9, 9), np.uint8))
    outlines, _ = cv2.findContours(near, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    merged: list[tuple[int, int, int, int]] = []
    for y, x, height, width in sorted((y, x, high, wide) for x, y, wide, high in map(cv2.boundingRect, outlines)):
        box = (2 * x, 2 * y, 2 * (x + width), 2 * (y + height))
        overlapping = [m for m in merged if box[0] < m[2] and m[0] < box[2] and box[1] < m[3] and m[1] < box[3]]
        merged = [m for m in merged if m not in overlapping]
        every = [*overlapping, box]
        merged.append(
            (min(b[0] for b in every), min(b[1] for b in every), max(b[2] for b in every), max(b[3] for b in every))
        )
    return [(x0, y0, x1 - x0, y1 - y0) for x0, y0, x1, y1 in merged]


def _take(page: Grey, mask: NDArray[Any], size: tuple[int, int], dpi: int) -> bool:
    """Take the lines of at least `size` (down, across) out of a part of page and mask, in place."""
    runs = _opened(mask, *size)
    found = False
    outlines, _ = cv2.findContours(runs, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    for outline in outlines:
        x, y, width, height = cv2.boundingRect(outline)
        thick, long = min(width, height), max(width, height)
        if thick > max(3, THICKEST * dpi) or long < SLENDER * thick:
            continue
        found = True
        here = (slice(max(0, y - 1), y + height + 1), slice(max(0, x - 1), x + width + 1))
        rule = cv2.dilate(runs[here], np.ones((3, 3), np.uint8)) > 0
        page[here][rule] = 255
        mask[here][rule] = 0
    return found
