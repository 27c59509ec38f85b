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
    for line in ((1, round(LONG_ACROSS * dpi)), (round(LONG_DOWN * dpi), 1)):
        runs = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones(line, np.uint8))
        if not cv2.countNonZero(runs):
            continue
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
