"""The signer's block where a seal lies over it: which rows of print run through the seal, and where each begins.

Title and name of the signer stand centred on one axis, and the seal covers their left part. A row that no seal touches
tells the axis; the end of a row that is touched, mirrored at the axis, is where that row begins: what lies further left
is the seal's.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitise.scan.pieces import Pieces, row_bands
from digitise.scan.seals import Disc, Row

COLUMN_GAP = 3.0  # letters: more white than between two words of capitals, less than between two blocks
ROWS_AWAY = 5.0  # letters above and below the seal in which rows of the same block stand
WIDEST = 9.0  # letters: bold capitals run together
SPARE = 0.8  # letters left of where a row should begin that are kept: titles are not centred to the pixel


def rows_through(pieces: Pieces, disc: Disc, letter: float) -> list[Row]:
    """Return the rows of the block beside `disc` that run through it."""
    beside = _letters_beside(pieces, disc, letter)
    bands = row_bands(pieces, beside, letter)
    axis = _axis(pieces, disc, letter)
    rows = []
    for top, bottom in bands:
        left = -np.inf
        if axis is not None:
            level = beside & _level(pieces, top, bottom)
            end = max((run.end for run in _runs(pieces, level, letter) if run.start < axis < run.end), default=None)
            end = end or max((run.end for run in _runs(pieces, level, letter)[:1]), default=None)
            left = 2 * axis - end - SPARE * letter if end is not None and end > axis else left
        rows.append(Row(top, bottom, float(left)))
    return rows


def _level(pieces: Pieces, top: float, bottom: float) -> NDArray[Any]:
    middle = pieces.y + pieces.height / 2
    return np.asarray((middle > top) & (middle < bottom))


def _letter_like(pieces: Pieces, letter: float) -> NDArray[Any]:
    like = (pieces.height >= 0.7 * letter) & (pieces.height <= 2.2 * letter) & (pieces.width <= WIDEST * letter)
    like[0] = False
    return np.asarray(like)


def _letters_beside(pieces: Pieces, disc: Disc, letter: float) -> NDArray[Any]:
    """Mark the letters outside the seal that are level with it and not left of it: the signer's block, not the recipients."""
    middle_x, middle_y = pieces.x + pieces.width / 2, pieces.y + pieces.height / 2
    outside = (middle_x - disc.x) ** 2 + (middle_y - disc.y) ** 2 > (1.05 * disc.radius) ** 2
    level = np.abs(middle_y - disc.y) < 1.1 * disc.radius + letter
    right = (middle_x > disc.x - 0.5 * disc.radius) & (middle_x < disc.x + 3 * disc.radius)
    return np.asarray(_letter_like(pieces, letter) & outside & level & right)


@dataclass(frozen=True, slots=True)
class _Run:
    """Letters of one row without a gap between columns."""

    start: float
    end: float
    count: int


def _runs(pieces: Pieces, chosen: NDArray[Any], letter: float) -> list[_Run]:
    """Return the runs of the chosen pieces from left to right."""
    index = np.flatnonzero(chosen)
    index = index[np.argsort(pieces.x[index])]
    runs: list[_Run] = []
    for i in index:
        start, end = float(pieces.x[i]), float(pieces.x[i] + pieces.width[i])
        if runs and start - runs[-1].end < COLUMN_GAP * letter:
            runs[-1] = _Run(runs[-1].start, max(runs[-1].end, end), runs[-1].count + 1)
        else:
            runs.append(_Run(start, end, 1))
    return runs


def _axis(pieces: Pieces, disc: Disc, letter: float) -> float | None:
    """Return the middle of the rows of the block that no seal touches; None where there are none."""
    middle_y = pieces.y + pieces.height / 2
    reach = disc.radius + ROWS_AWAY * letter
    near = _letter_like(pieces, letter) & (np.abs(middle_y - disc.y) < reach)
    middles = []
    for top, bottom in row_bands(pieces, near, letter):
        for run in _runs(pieces, near & _level(pieces, top, bottom), letter):
            if run.count >= 5 and _is_clear(run, top, bottom, disc, letter) and _is_blocks(run, disc):
                middles.append((run.start + run.end) / 2)
    return float(np.median(middles)) if middles else None


def _is_clear(run: _Run, top: float, bottom: float, disc: Disc, letter: float) -> bool:
    """Say whether the seal does not reach the run nor the place before it."""
    if bottom < disc.y - 1.02 * disc.radius or top > disc.y + 1.02 * disc.radius:
        return True
    height = min(abs(top - disc.y), abs(bottom - disc.y)) if not top < disc.y < bottom else 0.0
    half = float(np.sqrt(max(0.0, (1.05 * disc.radius) ** 2 - height**2)))
    return run.start - (disc.x + half) > COLUMN_GAP * letter


def _is_blocks(run: _Run, disc: Disc) -> bool:
    """Say whether a run lies where the signer's block does: over the seal or right of it."""
    middle = (run.start + run.end) / 2
    return disc.x - 0.3 * disc.radius < middle < disc.x + 3 * disc.radius and run.end - run.start < 5 * disc.radius
