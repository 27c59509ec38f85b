"""Directions of edges by cells: what the nets behind `digitise.scan.marks` and `digitise.scan.digits` look at."""

import numpy as np
from numpy.typing import NDArray

CELL, DIRECTIONS = 4, 8  # pixels of a cell's side, directions in a full turn

Floats = NDArray[np.float32]


def by_cells(pictures: Floats, margin: int = 0) -> Floats:
    """Return how strong the edges of each direction are in each cell: (n, DIRECTIONS, cells down, cells across).

    `pictures` are (n, rows, columns), 1 = ink. Their outermost `margin` pixels lie in no cell; the rest is a multiple of CELL.
    """
    across, down = np.zeros_like(pictures), np.zeros_like(pictures)
    across[:, :, 1:-1] = pictures[:, :, 2:] - pictures[:, :, :-2]
    down[:, 1:-1] = pictures[:, 2:] - pictures[:, :-2]
    inner = (slice(None), *(slice(margin, side - margin) for side in pictures.shape[1:]))
    across, down = across[inner], down[inner]
    strength = np.hypot(across, down)
    turn = (np.arctan2(down, across) / (2 * np.pi) * DIRECTIONS) % DIRECTIONS
    low = np.floor(turn).astype(int) % DIRECTIONS
    share = turn - np.floor(turn)
    count, rows, columns = across.shape
    cells = np.empty((count, DIRECTIONS, rows // CELL, columns // CELL), np.float32)
    for way in range(DIRECTIONS):
        part = strength * np.where(low == way, 1 - share, np.where((low + 1) % DIRECTIONS == way, share, 0))
        cells[:, way] = part.reshape(count, rows // CELL, CELL, columns // CELL, CELL).sum((2, 4))
    return cells
