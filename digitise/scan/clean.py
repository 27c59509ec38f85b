"""What is not text taken off the page: specks, pale ink of seals and of the other side, rules, blots, strokes of a pen.

Works on connected pieces of ink of the flattened, upright page; lengths are in units of the usual letter's height.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from digitise.scan import block, seals
from digitise.scan.engine import Grey
from digitise.scan.levels import quantile
from digitise.scan.pieces import Pieces, letter_height, pieces_of, row_bands
from digitise.scan.rules import without_rules

INK = 0.8  # how far from black to white a pixel may lie that still bears ink
PAPER = 215  # flattened grey level that print never reaches: what is lighter is the paper's own noise
NOISE = 2.5  # times the depth of the paper's darkest twentieth: what lies deeper is not noise
MIN_INK = 0.0005  # share of the page that must be ink before its level is believed
CORE = 0.36  # how far from black to white the core of a printed stroke may lie; seals and bleed-through are paler
SPECK = 0.1  # letter heights: side of a square that is no full stop yet
SEAL = 6.0  # letter heights: the least width of a seal
LARGEST_SEAL = 22  # letters across; more is the scanner's black border around the whole page
REACH = 4.0  # letter heights beside a blot in which letters tell where rows run through it
STROKE, THIN = 8.0, 0.12  # letters, and share of its box that a pen's stroke fills; letters run together fill a quarter
BLOT = 3.5  # letter heights: a capital with accent above and below has three


def cleaned(grey: Grey, dpi: int, *, look_for_seals: bool = False) -> tuple[Grey, tuple[str, ...]]:
    """Return the page without what is not text, and what was taken off.

    Round seals are looked for where `look_for_seals` says that no colour told them apart.
    """
    page = grey.copy()
    black = black_level(grey)
    if black is None:
        return page, ()
    mask = cv2.threshold(page, ink_level(grey, black), 255, cv2.THRESH_BINARY_INV)[1]
    steps: list[str] = []
    if without_rules(page, mask, dpi):
        steps.append("rules")
    pieces = pieces_of(mask)
    letter = letter_height(pieces, dpi)
    ink = inked(mask)
    edge = core_edge(page.ravel()[ink])
    if look_for_seals and _without_seals(page, mask, pieces, edge, dpi):
        steps.append("seal")
        pieces, ink = pieces_of(mask), inked(mask)
    owner = pieces.labels.ravel()[ink]
    pale = np.zeros(len(pieces.area), bool)
    if edge is not None:
        pale = is_pale(owner[page.ravel()[ink] < edge], pieces, letter)
        if pale.any():
            steps.append("pale ink")
    big, holes, specks = by_size(pieces, letter)
    gone = pale | specks | big | holes
    blots = np.flatnonzero(big & ~pale & ~holes)
    if big.any() or holes.any():
        steps.append("blots")
    for number in blots:
        gone |= inside_seal(pieces, int(number), letter)
    mask.ravel()[ink[gone[owner]]] = 0
    for number in blots:
        rescue_text(page, mask, pieces, int(number), letter, edge, gone)
    erase(page, mask)
    return page, tuple(steps)


def _without_seals(page: Grey, mask: NDArray[Any], pieces: Pieces, edge: float | None, dpi: int) -> bool:
    """Take round seals as dark as print off page and mask, in place; say whether there were any.

    Pale ones are told by their ink.
    """
    letter = letter_height(pieces, dpi)
    dark = mask if edge is None else cv2.threshold(page, edge, 255, cv2.THRESH_BINARY_INV)[1]
    discs = seals.find_discs(dark, dpi)
    for disc in discs:
        seals.without_disc(page, mask, disc, block.rows_through(pieces, disc, letter), letter)
    return bool(discs)


def by_size(pieces: Pieces, letter: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which pieces are too big or too long for letters, which are punch holes, and which are specks."""
    specks = pieces.area < (SPECK * letter) ** 2
    long, box = np.maximum(pieces.width, pieces.height), pieces.width * pieces.height
    stroke = (long > STROKE * letter) & (pieces.area < THIN * box)
    big = (pieces.height > BLOT * letter) | (pieces.width > 25 * letter) | stroke
    solid = pieces.area > 0.7 * pieces.width * pieces.height
    holes = solid & (np.minimum(pieces.width, pieces.height) > 1.6 * letter)
    big[0] = holes[0] = False
    specks[0] = True  # the first piece is the paper
    return big, holes, specks


def erase(page: Grey, mask: NDArray[Any]) -> None:
    """Paint white, in place, everything but the letters kept in `mask` and their blurred edge."""
    cv2.bitwise_or(page, cv2.bitwise_not(cv2.dilate(mask, np.ones((3, 3), np.uint8))), dst=page)


def inside_seal(pieces: Pieces, number: int, letter: float) -> NDArray[Any]:
    """Mark the pieces in the disc of blot `number` that do not continue a row of letters beside it."""
    inside = np.zeros(len(pieces.area), bool)
    width, height = int(pieces.width[number]), int(pieces.height[number])
    if (
        min(width, height) < SEAL * letter
        or max(width, height) > LARGEST_SEAL * letter
        or not 0.6 < width / height < 1.7
    ):
        return inside
    middle_x, middle_y = pieces.x[number] + width / 2, pieces.y[number] + height / 2
    off_x = np.maximum(np.abs(pieces.x - middle_x), np.abs(pieces.x + pieces.width - middle_x)) / (width / 2)
    off_y = np.maximum(np.abs(pieces.y - middle_y), np.abs(pieces.y + pieces.height - middle_y)) / (height / 2)
    inside = (off_x**2 + off_y**2 < 1.05) & (np.maximum(pieces.width, pieces.height) < max(width, height) * 0.9)
    inside[0] = False
    beside = letters_beside(pieces, number, letter) & ~inside
    for top, low in row_bands(pieces, beside, letter):
        centre = pieces.y + pieces.height / 2
        inside &= ~((centre > top - 0.5 * letter) & (centre < low + 0.3 * letter))
    return np.asarray(inside)


def letters_beside(pieces: Pieces, number: int, letter: float) -> NDArray[Any]:
    """Mark letter-sized pieces level with blot `number` and at most `REACH` letters to its left or right."""
    x, y = int(pieces.x[number]), int(pieces.y[number])
    right, bottom = x + int(pieces.width[number]), y + int(pieces.height[number])
    beside = (
        (pieces.height >= 0.7 * letter)
        & (pieces.height <= 2.2 * letter)
        & (pieces.width <= 4 * letter)
        & (pieces.x < right + REACH * letter)
        & (pieces.x + pieces.width > x - REACH * letter)
        & (pieces.y < bottom)
        & (pieces.y + pieces.height > y)
    )
    beside[0] = False
    return np.asarray(beside)


def rescue_text(
    page: Grey,
    mask: NDArray[Any],
    pieces: Pieces,
    number: int,
    letter: float,
    edge: float | None,
    gone: NDArray[Any],
) -> None:
    """Add to `mask` what of a blot continues the rows of letters beside it: names under a seal, titles on its rim."""
    x, y = int(pieces.x[number]), int(pieces.y[number])
    right, bottom = x + int(pieces.width[number]), y + int(pieces.height[number])
    here = (slice(y, bottom), slice(x, right))
    ink = pieces.labels[here] == number
    if edge is not None:  # a seal paler than print: only what is as dark as print, and its rim, can be a letter
        dark = (page[here] < edge) & ink
        ink &= cv2.dilate(dark.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    beside = letters_beside(pieces, number, letter) & ~gone
    keep = np.zeros(ink.shape, bool)
    for top, low in row_bands(pieces, beside, letter):
        keep[max(0, round(top - 0.45 * letter) - y) : max(0, round(low + 0.3 * letter) - y)] = True
    found = (ink & keep).astype(np.uint8)
    if not found.any():
        return
    parts = pieces_of(found)
    letters = (parts.height >= 0.25 * letter) & (parts.height <= 3 * letter) & (parts.width <= 8 * letter)
    letters[0] = False
    mask[here] |= np.where(letters, np.uint8(255), np.uint8(0))[parts.labels]


def black_level(grey: Grey) -> float | None:
    """Return the usual grey level of print on a flattened page, 0 … 215; None where there is no print."""
    sample = np.ascontiguousarray(grey[::3, ::3])
    level, _ = cv2.threshold(sample, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    ink = sample[sample <= min(level, PAPER)]
    return quantile(ink, 0.5) if ink.size >= MIN_INK * sample.size else None


def ink_level(grey: Grey, black: float) -> float:
    """Return the grey level below which a pixel bears ink: close to the paper's, but clear of its noise."""
    sample = grey[::5, ::5]
    paper = sample[sample > (black + 255) / 2]
    noise = 255 - quantile(paper, 0.05) if paper.size else 0.0
    usual = black + INK * (255 - black)
    return max(min(usual, 255 - NOISE * noise), (black + 255) / 2)


def inked(mask: NDArray[Any]) -> NDArray[Any]:
    """Return where ink is, as places in the flat page: a twentieth of its pixels, so that tables are cheap to look up."""
    return np.flatnonzero(mask > 0)


def core_edge(levels: NDArray[Any]) -> float | None:
    """Return the grey level below which ink is as dark as print's core; `levels` of all ink. None where it is too little."""
    if levels.size < 100:
        return None
    darkest = quantile(levels[:: max(1, levels.size // 100_000)], 0.1)
    return darkest + CORE * (255 - darkest)


def is_pale(dark_pixels: NDArray[Any], pieces: Pieces, letter: float) -> NDArray[Any]:
    """Mark the pieces that lack the dark core which print has on this page: seals in grey, the other side.

    `dark_pixels` holds the piece of each pixel as dark as print's core.
    """
    dark = np.bincount(dark_pixels, minlength=len(pieces.area)) / np.maximum(pieces.area, 1)
    letters = (pieces.height >= 0.6 * letter) & (pieces.height <= 2 * letter)
    letters[0] = False
    usual = float(np.median(dark[letters])) if letters.any() else 0.0
    pale = (dark < 0.2 * usual) & (pieces.height >= 0.3 * letter)
    pale[0] = False
    return np.asarray(pale)
