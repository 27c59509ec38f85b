"""Incoming stamps (dấu đến) on pages without colour: a small ruled frame with the word ĐẾN, set anywhere on the first page.

Their text is the receiver's, not the paper's, and lies across it. A frame of a stamp's size is found by its shape; whether
it is a stamp and not a table is told by what is read in it. Lengths in mm are of the paper.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from digitise.scan.engine import Grey, Token
from digitise.scan.pieces import pieces_of
from digitise.scan.scaling import at_scale
from digitise.text import fold

LOOK_DPI = 100  # scale of the search: a frame's line is a pixel wide and more
WIDTH, HEIGHT = (28.0, 95.0), (14.0, 50.0)  # mm: stamps seen are 45 … 75 wide and 20 … 35 high
CELL = 3.0  # mm: the least height of a compartment; smaller holes are those of letters
FILLED = 0.8  # share of the frame that the hulls of its compartments must cover
BORDER = 0.035  # share of the frame's height that its line may take
MARGIN = 0.12  # inch around the frame in which its lines are looked for; half the least length of one
STEEPEST = 12.0  # degrees by which a hand sets a stamp askew
COMPARTMENTS = 6  # more are a table's


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: its four corners, pixels of the page, in order around it."""

    corners: NDArray[Any]  # 4 x 2, float

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Upright box around it: x0, y0, x1, y1."""
        x, y = self.corners[:, 0], self.corners[:, 1]
        return int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1


def find_frames(grey: Grey, dpi: int) -> list[Frame]:
    """Return the frames of a stamp's size; tables of that size are among them."""
    scale = LOOK_DPI / dpi
    small = at_scale(grey, scale)
    ink = cv2.dilate(_ink(small), np.ones((2, 2), np.uint8))
    if not cv2.countNonZero(ink):
        return []
    outlines, tree = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    pixel = LOOK_DPI / 25.4
    cells: dict[int, list[NDArray[Any]]] = {}
    for outline, (_, _, _, parent) in zip(outlines, tree[0], strict=True):
        if parent >= 0 and min(cv2.boundingRect(outline)[2:]) >= CELL * pixel:
            cells.setdefault(int(parent), []).append(outline)
    few = (holes for holes in cells.values() if len(holes) <= COMPARTMENTS)
    return [frame for holes in few if (frame := _frame(holes, pixel, scale))]


def _frame(holes: Sequence[NDArray[Any]], pixel: float, scale: float) -> Frame | None:
    """Return the rectangle around the compartments of one piece of ink, where it has a stamp's size and they fill it."""
    rectangle = cv2.minAreaRect(np.vstack(list(holes)))
    corners = cv2.boxPoints(rectangle)
    sides = corners[1] - corners[0], corners[2] - corners[1]
    wide, high = sorted(sides, key=lambda side: -abs(side[0]))
    if abs(np.degrees(np.arctan(wide[1] / max(1e-6, abs(wide[0]))))) > STEEPEST:
        return None
    width, height = float(np.hypot(*wide)) / pixel, float(np.hypot(*high)) / pixel
    if not (WIDTH[0] <= width <= WIDTH[1] and HEIGHT[0] <= height <= HEIGHT[1] and width > 1.2 * height):
        return None
    filled = sum(cv2.contourArea(cv2.convexHull(hole)) for hole in holes) / (width * height * pixel * pixel)
    return Frame(corners / scale) if filled >= FILLED else None


def levelled(page: Grey, frame: Frame) -> Grey:
    """Return what is in the frame, turned level, its border painted white."""
    turn, (wide, high) = _level(frame, 0)
    part = cv2.warpAffine(page, turn, (wide, high), flags=cv2.INTER_CUBIC, borderValue=255)
    border = max(4, round(BORDER * high))
    inner = part[border:-border, border:-border]
    return cv2.copyMakeBorder(inner, *(2 * border,) * 4, cv2.BORDER_CONSTANT, value=255)


def _level(frame: Frame, margin: int) -> tuple[NDArray[Any], tuple[int, int]]:
    """Return the map from the page to the level frame with a margin around it, and that image's width and height."""
    first, *middle, _ = sorted(frame.corners, key=lambda corner: float(corner.sum()))
    right, below = sorted(middle, key=lambda corner: float(corner[1]))
    wide, high = int(np.hypot(*(right - first))), int(np.hypot(*(below - first)))
    to = np.array([[0, 0], [wide, 0], [0, high]], np.float32) + margin
    turn = cv2.getAffineTransform(np.array([first, right, below], np.float32), to)
    return turn, (wide + 2 * margin, high + 2 * margin)


def says_arrival(tokens: Sequence[Token]) -> bool:
    """Say whether what was read in a frame is an incoming stamp's text: it bears ĐẾN in capitals."""
    cores = (token.text.strip(".,:;") for token in tokens)
    return any(core.isupper() and fold(core) == "den" for core in cores)


def without_frame(page: Grey, frame: Frame, dpi: int) -> Grey:
    """Return the page without the frame's lines and what stands more than half in it; print across its border stays."""
    margin = round(MARGIN * dpi)
    x0, y0, x1, y1 = frame.box
    x0, y0 = max(0, x0 - margin), max(0, y0 - margin)
    made = page.copy()
    part = made[y0 : y1 + margin, x0 : x1 + margin]
    lines, inside = _lines(part, Frame(frame.corners - (x0, y0)), margin)
    part[lines > 0] = 255
    pieces = pieces_of(_ink(part))
    within = np.bincount(pieces.labels.ravel(), inside.ravel() > 0, len(pieces.area)) / pieces.area
    gone = within > 0.5
    gone[0] = False
    part[cv2.dilate(gone[pieces.labels].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0] = 255
    return made


def _ink(grey: Grey) -> NDArray[Any]:
    return cv2.threshold(grey, 170, 255, cv2.THRESH_BINARY_INV)[1]


def _lines(part: Grey, frame: Frame, margin: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return masks of the frame's own lines, straight once it is turned level, and of what they enclose."""
    turn, size = _level(frame, margin)
    level = cv2.warpAffine(_ink(part), turn, size, flags=cv2.INTER_NEAREST)
    found: NDArray[Any] = np.zeros(level.shape, np.uint8)
    for kernel, thicken in (((1, 2 * margin), (3, 1)), ((2 * margin, 1), (1, 3))):
        thick = cv2.dilate(level, np.ones(thicken, np.uint8))
        found = cv2.max(found, cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones(kernel, np.uint8)))
    x, y, wide, high = cv2.boundingRect(found)
    enclosed = np.zeros_like(found)
    enclosed[y : y + high, x : x + wide] = 255
    back = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    lines, inside = (cv2.warpAffine(m, turn, part.shape[::-1], flags=back) for m in (found, enclosed))
    return cv2.dilate(lines, np.ones((3, 3), np.uint8)), inside
