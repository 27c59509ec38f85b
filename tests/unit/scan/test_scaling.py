"""Pictures at another scale: the size asked for, nothing shifted, thin strokes not lost."""

import numpy as np
import pytest

from digitise.scan.scaling import at_scale


def page(high: int = 701, wide: int = 497) -> np.ndarray:
    """A white page with one black stroke, three pixels thick, a third from the top."""
    made = np.full((high, wide), 255, np.uint8)
    made[high // 3 : high // 3 + 3] = 0
    return made


@pytest.mark.parametrize("scale", [0.8, 0.6, 0.5, 0.392, 0.25, 1 / 8, 1.4])
def test_the_picture_has_the_scale_asked_for(scale: float) -> None:
    high, wide = at_scale(page(), scale).shape
    assert abs(high - 701 * scale) <= 1
    assert abs(wide - 497 * scale) <= 1


@pytest.mark.parametrize("scale", [0.8, 0.6, 0.5, 0.392, 0.25, 1 / 8, 1.4])
def test_a_thin_stroke_keeps_its_place_and_its_ink(scale: float) -> None:
    depth = 255.0 - at_scale(page(), scale).mean(axis=1)
    middle = float((depth * (np.arange(len(depth)) + 0.5)).sum() / depth.sum())
    assert middle / scale == pytest.approx(701 // 3 + 1.5, abs=0.5 + 0.5 / scale)
    assert depth.sum() / scale == pytest.approx(3 * 255, rel=0.12)


def test_a_picture_smaller_than_a_step_is_still_one() -> None:
    assert at_scale(np.zeros((5, 5), np.uint8), 1 / 8).size >= 1


def test_the_same_scale_is_the_same_picture() -> None:
    whole = page()
    assert at_scale(whole, 1.0) is whole
