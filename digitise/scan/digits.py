"""Single digits as pen, stamp or type leave them: which digit a blot of ink is, and how surely.

A net of one hidden layer over directions of edges and coarse ink, trained by `scripts/train_digits.py` on handwritten digits
(MNIST) and on typed ones; Tesseract's own models read print alone. 45 kB, a millisecond for a number.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

from digitise.scan import edges
from digitise.scan.engine import Grey

SIDE, INNER = 28, 20  # pixels of a digit's square, and of the digit within it
EDGE = 2  # pixels around the square in which edges do not count
NO_DIGIT = 10  # the class of letters, strokes, and halves of two digits

Floats = NDArray[np.float32]


def squared(ink: Grey) -> Floats | None:
    """Fit ink (bright on black, any size) into the middle of a square, its proportions kept; None where there is none."""
    rows, columns = np.nonzero(ink > 60)
    if len(rows) < 3:
        return None
    part = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    factor = INNER / max(part.shape)
    size = (max(1, round(part.shape[1] * factor)), max(1, round(part.shape[0] * factor)))
    part = cv2.resize(part, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    made = np.zeros((SIDE, SIDE), np.float32)
    top, left = (SIDE - part.shape[0]) // 2, (SIDE - part.shape[1]) // 2
    made[top : top + part.shape[0], left : left + part.shape[1]] = part
    return np.asarray(made / max(1.0, float(made.max())), np.float32)


def features(squares: Floats) -> Floats:
    """Return one row per square (n, 28, 28): edge directions per cell, then ink at half size."""
    count = len(squares)
    cells = edges.by_cells(squares, EDGE).reshape(count, -1)
    cells = cells / (np.linalg.norm(cells, axis=1, keepdims=True) + 1e-3) * 4
    half = squares.reshape(count, SIDE // 2, 2, SIDE // 2, 2).mean((2, 4)).reshape(count, -1)
    return np.hstack([cells, half]).astype(np.float32)


@cache
def _weights() -> tuple[Floats, Floats, Floats, Floats]:
    with files("digitise.scan").joinpath("digits.npz").open("rb") as file, np.load(file) as held:
        first, second, third, fourth = (held[name].astype(np.float32) for name in ("w0", "b0", "w1", "b1"))
        return first, second, third, fourth


def digits_of(inks: Sequence[Grey]) -> list[tuple[int, float]]:
    """Return for each blot its class, 0…9 or NO_DIGIT, and the probability that it is that."""
    squares = [squared(ink) for ink in inks]
    known = [square for square in squares if square is not None]
    if not known:
        return [(NO_DIGIT, 1.0)] * len(inks)
    w0, b0, w1, b1 = _weights()
    score = np.maximum(features(np.stack(known)) @ w0 + b0, 0) @ w1 + b1
    power = np.exp(score - score.max(axis=1, keepdims=True))
    chances = power / power.sum(axis=1, keepdims=True)
    told = iter([(int(row.argmax()), float(row.max())) for row in chances])
    return [(NO_DIGIT, 1.0) if square is None else next(told) for square in squares]
