"""Plane maps between page image, displayed page and PDF user space."""

import math

from digitise.model.recognition import Affine

IDENTITY: Affine = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def compose(outer: Affine, inner: Affine) -> Affine:
    """Return the map that does `inner` first, then `outer`."""
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return (a * g + b * j, a * h + b * k, a * i + b * m + c, d * g + e * j, d * h + e * k, d * i + e * m + f)


def scale(x: float, y: float) -> Affine:
    """Return the map that multiplies x and y."""
    return (x, 0.0, 0.0, 0.0, y, 0.0)


def apply(to: Affine, x: float, y: float) -> tuple[float, float]:
    """Map one point."""
    a, b, c, d, e, f = to
    return a * x + b * y + c, d * x + e * y + f


def from_pdf(matrix: tuple[float, float, float, float, float, float]) -> Affine:
    """Return a PDF matrix [a b c d e f] (x' = a·x + c·y + e) in our order."""
    a, b, c, d, e, f = matrix
    return (a, c, e, b, d, f)


def lengths(to: Affine) -> tuple[float, float]:
    """Return how long the unit vectors of x and y become."""
    a, b, _, d, e, _ = to
    return math.hypot(a, d), math.hypot(b, e)


# Unit square as displayed (u right, v down) → unit square of the stored picture, for each of the eight ways to turn it.
TURNS: dict[str, Affine] = {
    "": (1, 0, 0, 0, 1, 0),
    "FLIP_LEFT_RIGHT": (-1, 0, 1, 0, 1, 0),
    "ROTATE_180": (-1, 0, 1, 0, -1, 1),
    "FLIP_TOP_BOTTOM": (1, 0, 0, 0, -1, 1),
    "TRANSPOSE": (0, 1, 0, 1, 0, 0),
    "ROTATE_270": (0, 1, 0, -1, 0, 1),
    "TRANSVERSE": (0, -1, 1, -1, 0, 1),
    "ROTATE_90": (0, -1, 1, 1, 0, 0),
}


def displayed(box: tuple[float, float, float, float], rotate: int) -> Affine:
    """Return displayed unit square (u right, v down) → user space, for a crop box and a page's /Rotate."""
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    return {
        0: (width, 0.0, x0, 0.0, -height, y1),
        90: (0.0, width, x0, height, 0.0, y0),
        180: (-width, 0.0, x1, 0.0, height, y0),
        270: (0.0, -width, x1, -height, 0.0, y1),
    }[rotate % 360]


def inverse(to: Affine) -> Affine:
    """Return the map back; raises ZeroDivisionError where there is none."""
    a, b, c, d, e, f = to
    by = a * e - b * d
    return (e / by, -b / by, (b * f - c * e) / by, -d / by, a / by, (c * d - a * f) / by)
