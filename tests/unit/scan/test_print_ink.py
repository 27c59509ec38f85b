"""Black seal and signature told from the letters below them, on a page of two levels."""

import numpy as np
import pytest
from numpy.typing import NDArray

from digitise.scan.engine import Grey
from digitise.scan.print_ink import large_ink, letters_of
from tests.papers import degrade, paper
from tests.papers.paper import Sheet

TYPE_HIGH = 30.0  # pixels of a word at 200 dpi


def block(sheet: Sheet, seed: int) -> Grey:
    """Return the signer's block of a sheet as a fax shows it."""
    assert sheet.leaf.ink is not None
    x, y = (round(v * 200 / 72) for v in (sheet.leaf.ink.x, (sheet.leaf.ink.top + sheet.leaf.ink.bottom) / 2))
    page = np.asarray(degrade(sheet.image, "fax", seed).convert("L"))
    return np.ascontiguousarray(page[y - 170 : y + 150, x - 260 : x + 260])


@pytest.fixture(params=[80009, 80023, 80037])
def blocks(request: pytest.FixtureRequest) -> tuple[Grey, NDArray[np.bool_]]:
    seed = request.param
    under = paper(seed, "notice", seal=None, signature=False).sheets[-1]
    return block(paper(seed, "notice").sheets[-1], seed), block(under, seed) < 128


def test_letters_stay_and_what_lies_over_them_goes(blocks: tuple[Grey, NDArray[np.bool_]]) -> None:
    shown, letters = blocks
    alone = letters_of(shown, TYPE_HIGH).firm < 128
    other = (shown < 128) & ~letters
    assert (alone & letters).sum() > 0.93 * letters.sum()
    assert (alone & other).sum() < 0.12 * other.sum()


def test_only_a_block_under_a_seal_or_a_pen_is_overlaid(blocks: tuple[Grey, NDArray[np.bool_]]) -> None:
    shown, letters = blocks
    assert large_ink(shown, TYPE_HIGH)
    assert not large_ink(np.where(letters, np.uint8(0), np.uint8(255)), TYPE_HIGH)


def test_a_block_without_ink_stays_white() -> None:
    white = np.full((61, 83), 255, np.uint8)
    made = letters_of(white, TYPE_HIGH)
    assert all((picture == 255).all() for picture in (made.soft, made.smooth, made.firm, made.generous))
    assert not large_ink(white, TYPE_HIGH)
