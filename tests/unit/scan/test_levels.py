"""The counted quantile is the sorted one."""

import numpy as np
import pytest

from digitise.scan.levels import quantile


@pytest.mark.parametrize("share", [0.0, 0.03, 0.1, 0.5, 0.97, 1.0])
@pytest.mark.parametrize("pixels", [1, 2, 7, 1001])
def test_it_is_what_numpy_says(pixels: int, share: float) -> None:
    levels = np.random.default_rng(pixels).integers(0, 256, pixels, dtype=np.uint8)
    assert quantile(levels, share) == pytest.approx(float(np.quantile(levels, share)))
