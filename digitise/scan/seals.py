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
from digitise.scan.pieces import labelled

SMALLEST, LARGEST = 10.5, 25.0  # mm, radius; a people's committee's seal has 18
FIND_DPI, CHECK_DPI = 60, 100  # scales of the search and of the check: the rim is one to three pixels wide
BELIEVED = 0.66  # share of the rim that must bear ink; seals 0.73 … 1.0, text at most 0.5
RIM_PART = 9.0  # mm: a rim that is broken still leaves a piece that wide and high
NEAR = 3  # pixels by which a circle that is not yet fitted may miss the rim
CANDIDATES = 4  # circles worth a closer look
ARC = 14  # degrees around the centre: 9 mm of a usual rim, longer than any stroke of print in that direction
GROWN = np.arange(1.1, 1.7, 0.06)  # radii of an inner ring at which its seal's rim may lie
MIDDLE = 0.4  # radii from the centre within which no row of the signer's block runs

_ANGLES = np.linspace(0, 2 * np.pi, 180, endpoint=False)
_COSINES, _SINES = np.cos(_ANGLES), np.sin(_ANGLES)


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
    small = _around_large_ink(cv2.add(small, small))
    if not small.any():
        return []
    found = cv2.HoughCircles(
        cv2.GaussianBlur(small, (3, 3), 0),
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
    inked = cv2.resize(mask, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) > 60
    rough = np.asarray(found)[0][:12].astype(float) * (CHECK_DPI / FIND_DPI)
    shares = _rims(inked, rough, NEAR)
    discs: list[Disc] = []
    for at in np.argsort(-shares)[:CANDIDATES]:
        fitted = _fitted(inked, rough[at])
        share, circle = _outermost(inked, fitted) if fitted[0] >= BELIEVED else fitted
        x, y, radius = (float(value) for value in circle)
        if share >= BELIEVED and all((x - d.x * scale) ** 2 + (y - d.y * scale) ** 2 > radius**2 for d in discs):
            discs.append(Disc(x / scale, y / scale, radius / scale))
    return discs


def _around_large_ink(small: NDArray[Any]) -> NDArray[Any]:
    """Return the ink as far as a rim may reach from a piece that is as large as a part of one; letters of text are not.

    The transform's cost grows with the square of the ink that it is given.
    """
    least, reach = FIND_DPI * RIM_PART / 25.4, round(2 * FIND_DPI * LARGEST / 25.4)
    stats = labelled(cv2.threshold(small, 60, 255, cv2.THRESH_BINARY)[1])[1][1:]
    large = stats[(stats[:, cv2.CC_STAT_WIDTH] > least) & (stats[:, cv2.CC_STAT_HEIGHT] > least), :4]
    kept = np.zeros_like(small)
    for x, y, wide, high in large.tolist():
        here = (slice(max(0, y - reach), y + high + reach), slice(max(0, x - reach), x + wide + reach))
        kept[here] = small[here]
    return kept


Circle = NDArray[np.float64]  # x, y, radius
_STEPS = np.array([(i, j, k) for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)], float)


def _fitted(inked: NDArray[Any], circle: Circle) -> tuple[float, Circle]:
    """Move and size the circle by single pixels to where most of it bears ink; return the share that does, too."""
    share = 0.0
    for step in (3, 2, 1, 1, 1):
        tried = circle + step * _STEPS
        shares = _rims(inked, tried)
        share = float(shares.max())
        circle = tried[shares == share].mean(axis=0)  # in the middle of those that fit alike
    return share, circle


def _outermost(inked: NDArray[Any], inner: tuple[float, Circle]) -> tuple[float, Circle]:
    """Return the rim around a ring, where the ring found is one of several."""
    x, y, radius = inner[1]
    reach = 0.12 * radius
    starts = np.array(
        [(x + i * reach, y + j * reach, grown * radius) for grown in GROWN for i in (-1, 0, 1) for j in (-1, 0, 1)]
    )
    outer = _fitted(inked, starts[int(_rims(inked, starts, NEAR).argmax())])
    largest = LARGEST / 25.4 * CHECK_DPI
    return outer if outer[0] >= BELIEVED and 1.05 * radius < outer[1][2] < largest else inner


def _rims(inked: NDArray[Any], circles: NDArray[np.float64], width: int = 1) -> NDArray[np.float64]:
    """Return for each circle (x, y, radius) the share of its angles at which ink lies within `width` pixels of it."""
    x, y, radius = (circles[:, column, None] for column in range(3))
    hit = np.zeros((len(circles), len(_ANGLES)), bool)
    for off in range(-width, width + 1):
        columns = np.clip((x + (radius + off) * _COSINES).astype(np.int32), 0, inked.shape[1] - 1)
        rows = np.clip((y + (radius + off) * _SINES).astype(np.int32), 0, inked.shape[0] - 1)
        hit |= inked[rows, columns]
    return np.asarray(hit.mean(axis=1))


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
    nearest = cv2.INTER_NEAREST | cv2.WARP_FILL_OUTLIERS  # else what lies outside is whatever the memory held before
    polar = cv2.warpPolar(mask, size, centre, reach, nearest)
    thick = cv2.dilate(polar, np.ones((1, 3), np.uint8))
    turned = np.vstack([thick, thick[: 2 * ARC]])
    turned = cv2.morphologyEx(turned, cv2.MORPH_OPEN, np.ones((2 * ARC, 1), np.uint8))
    arcs = cv2.max(turned[:around], np.vstack([turned[around:], np.zeros((around - 2 * ARC, size[0]), np.uint8)]))
    arcs = cv2.min(arcs, polar)
    arcs[:, : size[0] // 2] = 0  # near the centre an arc is no longer than a letter
    runs = int(((arcs[:, 1:] > 0) & (arcs[:, :-1] == 0)).sum())
    across = round(2 * cv2.countNonZero(arcs) / max(1, runs)) + 1  # twice a ring's thickness: a stroke of print crosses
    arcs[cv2.morphologyEx(polar, cv2.MORPH_OPEN, np.ones((1, across), np.uint8)) > 0] = 0
    flat = cv2.warpPolar(arcs, mask.shape[::-1], centre, reach, nearest | cv2.WARP_INVERSE_MAP)
    return np.asarray(cv2.dilate(flat, np.ones((2, 2), np.uint8)) > 0)
