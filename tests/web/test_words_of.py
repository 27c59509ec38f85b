"""A page that was scanned turned is shown upright, and its words with it."""

import pytest

from digitise.web.words_of import upright

PAGE = (100.0, 200.0)  # width, height as scanned


@pytest.mark.parametrize(
    ("turn", "where"),
    [(0, (10, 20, 30, 25)), (90, (175, 10, 180, 30)), (180, (70, 175, 90, 180)), (270, (20, 70, 25, 90))],
)
def test_a_box_turns_with_its_page(turn: int, where: tuple[float, ...]) -> None:
    assert upright((10, 20, 30, 25), *PAGE, turn) == where


def test_four_quarter_turns_lead_back() -> None:
    box, (width, height) = (10.0, 20.0, 30.0, 25.0), PAGE
    for _ in range(4):
        box = upright(box, width, height, 90)
        width, height = height, width
    assert box == (10, 20, 30, 25)
