"""Edges told by direction and cell."""

import numpy as np
import pytest

from digitise.scan import edges


def stepped(ways: int) -> edges.Floats:
    """Return one picture of 12 x 16 pixels, ink on its right half, or turned by `ways` quarters."""
    half = np.zeros((12, 16), np.float32)
    half[:, 8:] = 1
    return np.ascontiguousarray(np.rot90(half, -ways))[None]


@pytest.mark.parametrize("ways", range(4))
def test_an_edge_is_told_in_its_direction_and_where_it_stands(ways: int) -> None:
    cells = edges.by_cells(stepped(ways))
    direction = ways * edges.DIRECTIONS // 4
    assert cells.shape == ((1, 8, 3, 4) if ways % 2 == 0 else (1, 8, 4, 3))
    assert cells.dtype == np.float32
    assert cells[0, direction].sum() == pytest.approx(24)  # two pixels wide, 12 long
    assert np.delete(cells[0], direction, axis=0).sum() == pytest.approx(0, abs=1e-4)
    across = np.rot90(cells[0, direction], ways)  # turned back
    assert np.asarray(across) == pytest.approx(np.array([[0, 4, 4, 0]] * 3), abs=1e-4)


def test_an_edge_between_two_directions_is_shared() -> None:
    turn = np.pi / 8  # half-way from the first direction to the second
    y, x = np.mgrid[0:8, 0:8].astype(np.float32)
    cells = edges.by_cells((x * np.cos(turn) + y * np.sin(turn)).astype(np.float32)[None], margin=2)
    assert cells[0, :, 0, 0] == pytest.approx([16, 16, 0, 0, 0, 0, 0, 0], abs=1e-3)  # 16 pixels of strength 2


def test_what_lies_in_the_margin_is_in_no_cell() -> None:
    picture = np.zeros((1, 12, 12), np.float32)
    picture[0, 0, 0] = 1
    assert edges.by_cells(picture).any()
    assert edges.by_cells(picture, margin=2).shape == (1, 8, 2, 2)
    assert not edges.by_cells(picture, margin=2).any()
    picture[0, 1, 5] = 1  # is seen from the first row that counts
    assert edges.by_cells(picture, margin=2).any()
