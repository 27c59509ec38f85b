"""Round seals on pages without colour: found by their rim, taken off but for the rows of print that run through them.

A rim of 21 to 50 mm is looked for by a Hough transform and believed where ink stands on most of its circle; running text
reaches a half at the most. Lengths are pixels of the prepared page.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from digitise.scan.engine import Grey

SMALLEST, LARGEST = 10.5, 25.0  # mm, radius; a people's committee's seal has 18
FIND_DPI, CHECK_DPI = 60, 100  # scales of the search and of the check: the rim is one to three pixels wide
BELIEVED = 0.66  # share of the rim that must bear ink; seals 0.73 … 1.0, text at most 0.5
CANDIDATES = 4  # circles worth a closer look
MIDDLE = 0.4  # radii from the centre within which no row of the signer's block runs

_ANGLES = np.linspace(0, 2 * np.pi, 180, endpoint=False)


@dataclass(frozen=True, slots=True)
class Disc:
    """One seal."""

    x: float
    y: float
    radius: float


def find_discs(mask: NDArray[Any], dpi: int) -> list[Disc]:
    """Return the round seals of a page; `mask` is 255 where there is ink."""
    scale = FIND_DPI / dpi
    small = cv2.resize(mask, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(cv2.add(small, small), (3, 3), 0)
    found = cv2.HoughCircles(
        small,
        cv2.HOUGH_GRADIENT,
        1,
        25,
        param1=120,
        param2=22,
        minRadius=round(FIND_DPI * SMALLEST / 25.4),
        maxRadius=round(FIND_DPI * LARGEST / 25.4),
    )
    if found is None:
        return []
    scale = CHECK_DPI / dpi
    check = cv2.resize(mask, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) > 60
    rough = [(float(x), float(y), float(r)) for x, y, r in np.asarray(found)[0][:12] * (CHECK_DPI / FIND_DPI)]
    rough.sort(key=lambda circle: -_rim(check, circle[0], circle[1], circle[2], 3))
    discs: list[Disc] = []
    for circle in rough[:CANDIDATES]:
        share, x, y, radius = _fitted(check, *circle)
        if share >= BELIEVED and all((x - d.x * scale) ** 2 + (y - d.y * scale) ** 2 > radius**2 for d in discs):
            discs.append(Disc(x / scale, y / scale, radius / scale))
    return discs


def _fitted(check: NDArray[Any], x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    """Move and size the circle by single pixels to where most of it bears ink."""
    best = (0.0, x, y, radius)
    for step in (2, 1):
        _, x, y, radius = best
        best = max(
            (
                _rim(check, x + i * step, y + j * step, radius + k * step, 1),
                x + i * step,
                y + j * step,
                radius + k * step,
            )
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
            for k in (-1, 0, 1)
        )
    return best


def _rim(check: NDArray[Any], x: float, y: float, radius: float, width: int) -> float:
    """Return the share of the circle's angles at which there is ink within `width` pixels of it."""
    hit = np.zeros(len(_ANGLES), bool)
    for off in range(-width, width + 1):
        columns = (x + (radius + off) * np.cos(_ANGLES)).astype(int).clip(0, check.shape[1] - 1)
        rows = (y + (radius + off) * np.sin(_ANGLES)).astype(int).clip(0, check.shape[0] - 1)
        hit |= check[rows, columns]
    return float(hit.mean())


def without_disc(page: Grey, mask: NDArray[Any], disc: Disc, bands: list[tuple[float, float]], letter: float) -> None:
    """Take a seal off page and mask, in place; of `bands` (top, bottom of rows beside it) only the rim is taken."""
    reach = disc.radius * 1.08 + 0.2 * letter
    y0, y1 = max(0, int(disc.y - reach)), min(page.shape[0], int(disc.y + reach) + 1)
    x0, x1 = max(0, int(disc.x - reach)), min(page.shape[1], int(disc.x + reach) + 1)
    rows, columns = np.ogrid[y0:y1, x0:x1]
    away = np.sqrt((columns - disc.x) ** 2 + (rows - disc.y) ** 2)
    gone = away < reach
    for top, bottom in bands:
        if min(abs(top - disc.y), abs(bottom - disc.y)) < MIDDLE * disc.radius and not top < disc.y < bottom:
            continue
        inside = (rows >= top - 0.45 * letter) & (rows <= bottom + 0.3 * letter)
        gone &= ~(inside & (np.abs(away - disc.radius) > 0.12 * letter))
    page[y0:y1, x0:x1][gone] = 255
    mask[y0:y1, x0:x1][gone] = 0
