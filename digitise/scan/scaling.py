"""Pictures at another scale, quickly."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

FOUR_FIFTHS = 0.8  # from 300 dpi, what scanners deliver, to 240


def at_scale(image: NDArray[Any], scale: float) -> NDArray[Any]:
    """Return a grey `image` at `scale`, each pixel the mean of the area that it stands for.

    OpenCV takes five times as long over a page wherever the scale is not one over a whole number: whole steps are taken
    first, and only what remains, on few pixels, in its general way; four fifths are mixed row by row.
    """
    steps = max(1, int(1 / scale + 1e-6))
    high, wide = image.shape[0] // steps, image.shape[1] // steps
    if steps > 1 and high and wide:
        image = cv2.resize(image[: high * steps, : wide * steps], (wide, high), interpolation=cv2.INTER_AREA)
        scale *= steps
    if abs(scale - 1) < 1e-6:
        return image
    if abs(scale - FOUR_FIFTHS) < 1e-6 and min(image.shape) >= 5:
        return cv2.transpose(_rows_at_four_fifths(cv2.transpose(_rows_at_four_fifths(image))))
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _rows_at_four_fifths(image: NDArray[Any]) -> NDArray[Any]:
    """Return four rows for each five; each is one and a quarter of them."""
    wanted = round(FOUR_FIFTHS * image.shape[0])
    if image.shape[0] % 5:
        image = cv2.copyMakeBorder(image, 0, -image.shape[0] % 5, 0, 0, cv2.BORDER_REPLICATE)
    made = np.empty((image.shape[0] // 5 * 4, image.shape[1]), np.uint8)
    for at, share in enumerate((0.8, 0.6, 0.4, 0.2)):
        cv2.addWeighted(image[at::5], share, image[at + 1 :: 5], 1 - share, 0, dst=made[at::4])
    return made[:wanted]
