"""How a page lies: quarter turns and the small angle that remains, found from its own ink."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from digitise.scan.engine import Grey
from digitise.scan.pieces import labelled
from digitise.scan.scaling import at_scale

WORK_HEIGHT = 1100  # pixels of the longer side: text lines are still 10 px high, and angles resolve to 0.05°
WIDEST_ANGLE = 8.0  # degrees; scanners feed no page further askew than that
PAPER = 225  # flattened grey level above which a blank page's noise would count as ink
SIDEWAYS = 1.4  # times sharper rows after a quarter turn; upright pages of text stay below 0.5
COARSE, FEW_POINTS = 0.5, 8000  # degrees from which a step is coarse, and points that are enough for it
FEWEST_POINTS = 200  # fewer edge pixels than a line of text has: no angle can be told

Mask = NDArray[Any]  # 255 where there is ink


def ink_mask(grey: Grey) -> tuple[Mask, float]:
    """Return the text-sized ink of a flattened page at working scale, and that scale."""
    scale = min(1.0, WORK_HEIGHT / max(grey.shape))
    small = at_scale(grey, scale)
    level, _ = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    _, mask = cv2.threshold(small, min(max(level, 100), PAPER), 255, cv2.THRESH_BINARY_INV)
    labels, stats = labelled(mask)
    largest = max(12, int(0.045 * max(small.shape)))
    sizes = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    keep = (sizes <= largest) & (stats[:, cv2.CC_STAT_AREA] >= 3)
    keep[0] = False
    ink = np.flatnonzero(mask > 0)
    mask.ravel()[ink[~keep[labels.ravel()[ink]]]] = 0
    return mask, scale


def _energy(x: NDArray[np.float32], y: NDArray[np.float32], angle: float) -> float:
    """Return how sharply points line up in rows when the page is turned by `angle` degrees."""
    slope = np.tan(np.radians(angle))
    rows = (y - slope * x).astype(np.int32)
    rows -= rows.min()
    counts = np.bincount(rows).astype(np.float64)
    return float((counts * counts).sum() / len(x))


def _points(mask: Mask) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return lower edges of ink: they stand on baselines."""
    edge = np.flatnonzero(mask[:-1] > mask[1:])
    edge = edge[:: len(edge) // 40_000 + 1 if len(edge) > 40_000 else 1]
    y, x = np.divmod(edge, mask.shape[1])
    return x.astype(np.float32), y.astype(np.float32)


STEPS = ((0.5, WIDEST_ANGLE), (0.1, 0.5), (0.03, 0.1))  # degrees: step and reach of each search around the last best


def best_angle(mask: Mask, steps: Sequence[tuple[float, float]] = STEPS) -> tuple[float, float]:
    """Return (degrees by which text lines fall to the right, sharpness of the rows at that angle)."""
    x, y = _points(mask)
    if len(x) < FEWEST_POINTS:
        return 0.0, 0.0
    best = top = 0.0
    for step, reach in steps:
        few = len(x) // FEW_POINTS + 1 if step >= COARSE else 1
        some_x, some_y = x[::few], y[::few]
        centre, top = best, _energy(some_x, some_y, best)
        for angle in np.arange(centre - reach, centre + reach + step / 2, step):
            energy = _energy(some_x, some_y, float(angle))
            if energy > top * 1.0001:
                best, top = float(angle), energy
    return best, top / len(x)


def lies_sideways(mask: Mask, upright: float) -> bool:
    """Say whether text lines run up and down; `upright` is the sharpness of the rows as the page lies."""
    return best_angle(np.ascontiguousarray(np.rot90(mask)), STEPS[:2])[1] > SIDEWAYS * upright
