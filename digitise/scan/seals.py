"""Round seals on pages without colour: found by their rim, taken off but for the rows of print that run through them.

A rim of 21 to 50 mm is looked for by a Hough transform and believed where ink stands on most of its circle; running text
reaches a half at the most. Lengths are pixels of the prepared page.
"""

from collections.abc import Sequence
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
ARC = 14  # degrees around the centre: 9 mm of a usual rim, longer than any stroke of print in that direction
MIDDLE = 0.4  # radii from the centre within which no row of the signer's block runs

_ANGLES = np.linspace(0, 2 * np.pi, 180, endpoint=False)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of print that runs through a seal; `left` is where it begins, minus infinity where that is not known."""

    top: float
    bottom: float
    left: float


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
        fitted = _fitted(check, *circle)
        share, x, y, radius = _outermost(check, fitted) if fitted[0] >= BELIEVED else fitted
        if share >= BELIEVED and all((x - d.x * scale) ** 2 + (y - d.y * scale) ** 2 > radius**2 for d in discs):
            discs.append(Disc(x / scale, y / scale, radius / scale))
    return discs


def _fitted(check: NDArray[Any], x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    """Move and size the circle by single pixels to where most of it bears ink; return (share, x, y, radius)."""
    best = (_rim(check, x, y, radius, 1), x, y, radius)
    for step in (3, 2, 1, 1, 1):
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


def _outermost(check: NDArray[Any], inner: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Return the rim around a ring, where the ring found is one of several: (share, x, y, radius)."""
    _, x, y, radius = inner
    reach = 0.12 * radius
    starts = [
        (_rim(check, x + i * reach, y + j * reach, grown * radius, 3), x + i * reach, y + j * reach, grown * radius)
        for grown in (1.1, 1.16, 1.22, 1.28, 1.34)
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
    ]
    outer = _fitted(check, *max(starts)[1:])
    return outer if outer[0] >= BELIEVED and 1.05 * radius < outer[3] < LARGEST / 25.4 * CHECK_DPI else inner


def _rim(check: NDArray[Any], x: float, y: float, radius: float, width: int) -> float:
    """Return the share of the circle's angles at which there is ink within `width` pixels of it."""
    hit = np.zeros(len(_ANGLES), bool)
    for off in range(-width, width + 1):
        columns = (x + (radius + off) * np.cos(_ANGLES)).astype(int).clip(0, check.shape[1] - 1)
        rows = (y + (radius + off) * np.sin(_ANGLES)).astype(int).clip(0, check.shape[0] - 1)
        hit |= check[rows, columns]
    return float(hit.mean())


def without_disc(page: Grey, mask: NDArray[Any], disc: Disc, rows: Sequence[Row], letter: float) -> None:
    """Take a seal off page and mask, in place; of the `rows` of print through it only its rings are taken."""
    reach = disc.radius * 1.08 + 0.2 * letter
    y0, y1 = max(0, int(disc.y - reach)), min(page.shape[0], int(disc.y + reach) + 1)
    x0, x1 = max(0, int(disc.x - reach)), min(page.shape[1], int(disc.x + reach) + 1)
    down, across = np.ogrid[y0:y1, x0:x1]
    away = np.sqrt((across - disc.x) ** 2 + (down - disc.y) ** 2)
    gone = away < reach
    kept = np.zeros(gone.shape, bool)
    for row in rows:
        if min(abs(row.top - disc.y), abs(row.bottom - disc.y)) < MIDDLE * disc.radius and not (
            row.top < disc.y < row.bottom
        ):
            continue
        kept |= (down >= row.top - 0.45 * letter) & (down <= row.bottom + 0.3 * letter) & (across >= row.left)
    gone &= ~kept | _arcs(mask[y0:y1, x0:x1], (disc.x - x0, disc.y - y0), reach)
    page[y0:y1, x0:x1][gone] = 255
    mask[y0:y1, x0:x1][gone] = 0


def _arcs(mask: NDArray[Any], centre: tuple[float, float], reach: float) -> NDArray[Any]:
    """Mark the ink that runs around the centre for longer than a stroke of print: rim and rings, where they waver too."""
    around = 720  # half degrees
    size = (max(2, round(reach)), around)
    polar = cv2.warpPolar(mask, size, centre, reach, cv2.INTER_NEAREST)
    thick = cv2.dilate(polar, np.ones((1, 3), np.uint8))
    turned = np.vstack([thick, thick[: 2 * ARC]])
    turned = cv2.morphologyEx(turned, cv2.MORPH_OPEN, np.ones((2 * ARC, 1), np.uint8))
    arcs = cv2.max(turned[:around], np.vstack([turned[around:], np.zeros((around - 2 * ARC, size[0]), np.uint8)]))
    arcs = cv2.min(arcs, polar)
    arcs[:, : size[0] // 2] = 0  # near the centre an arc is no longer than a letter
    runs = int(((arcs[:, 1:] > 0) & (arcs[:, :-1] == 0)).sum())
    across = round(2 * cv2.countNonZero(arcs) / max(1, runs)) + 1  # twice a ring's thickness: a stroke of print crosses
    arcs[cv2.morphologyEx(polar, cv2.MORPH_OPEN, np.ones((1, across), np.uint8)) > 0] = 0
    flat = cv2.warpPolar(arcs, (mask.shape[1], mask.shape[0]), centre, reach, cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP)
    return np.asarray(cv2.dilate(flat, np.ones((2, 2), np.uint8)) > 0)
