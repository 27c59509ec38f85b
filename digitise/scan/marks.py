"""Which marks stand on a word's letters, told by their shapes alone: a reader of accents that no context sways.

Tesseract reads `phó` for `phố` and `Tân` for `Tấn` in every size and with both models, as its lines lean on what is usual. Here a
net of one hidden layer looks at each vowel for itself: where it stands in the word follows from the widths of the letters before
it. Trained by `scripts/train_marks.py` on syllables drawn by lot in several faces with the damages of scans; no list of words.
"""

import itertools
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

from digitise.model.recognition import Box
from digitise.scan import edges
from digitise.scan.engine import Grey
from digitise.scan.syllables import is_syllable

EM = 30  # pixels to which a word's type is brought
ROWS, COLUMNS = 44, 32  # pixels of a letter's window
RISE = 33  # of its rows that lie above the foot of the letters
REACH = 24  # pixels looked at around a word's box
SMALL, LARGE = 13, 20  # pixels from the foot of letters to the top of small ones, of capitals
SHAPES = ("", "\u0302", "\u0306", "\u031b")  # circumflex, breve, horn
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
CLASSES = len(SHAPES) * len(TONES)
VOWELS = "aeiouyAEIOUY"
MAY_BEAR = {"a": (0, 1, 2), "e": (0, 1), "i": (0,), "o": (0, 1, 3), "u": (0, 3), "y": (0,)}  # of SHAPES
SCALED = (0.8, 1.25)  # by how much a word's type may differ from what it is said to be
SIGNS = '.,;:()-/"“”'  # that may stand around a word
LEAST_INK = 25.0  # black pixels of a window; a thin i with its dot has 60
LIKELIEST = 8  # marks per letter that are thought of
_NARROW, _WIDE = 0.17, 0.12  # of an em: how far beyond a box its word's ink is looked for

# Advance widths in hundredths of an em, between regular and bold of the serif face that official papers are set in.
_WIDTHS = {
    char: width
    for width, chars in {
        28: "ijlt.,;:",
        33: "fI-()",
        39: "rsJ",
        44: "cez",
        50: "agvxyo",
        53: "bdhknpqu",
        58: "SPF",
        64: "BELTZ",
        70: "CRVXYAwK",
        72: "DGHNUQO",
        80: "m",
        92: "M",
        97: "W",
    }.items()
    for char in chars
}

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Letter:
    """A vowel of a word: which, and where its middle lies between the word's ends."""

    at: int
    base: str
    middle: float  # 0..1


def split(char: str) -> tuple[str, int]:
    """Return a letter's base and the number of its marks among CLASSES; what bears other marks counts as bare."""
    parts = unicodedata.normalize("NFD", char)
    shape = next((i for i, mark in enumerate(SHAPES) if mark and mark in parts), 0)
    tone = next((i for i, mark in enumerate(TONES) if mark and mark in parts), 0)
    return parts[:1], shape * len(TONES) + tone


def marked(base: str, number: int) -> str:
    """Return the letter `base` with the marks of that number."""
    shape, tone = divmod(number, len(TONES))
    return unicodedata.normalize("NFC", base + SHAPES[shape] + TONES[tone])


def letters(text: str) -> tuple[list[Letter], float]:
    """Return a word's vowels and how many em wide it is in usual type."""
    bases = [split(char)[0].replace("đ", "d").replace("Đ", "D") for char in text]
    wide = [_WIDTHS.get(base, 55) / 100 for base in bases]
    total = max(sum(wide), 0.1)
    found, before = [], 0.0
    for at, (base, own) in enumerate(zip(bases, wide, strict=True)):
        if base in VOWELS:
            found.append(Letter(at, base, (before + own / 2) / total))
        before += own
    return found, total


def tone_stands_right(word: str) -> bool:
    """Say whether a syllable's tone is written over the vowel that bears it; of `hoà` and `hòa` both are."""
    parts = [split(char) for char in word.lower()]
    at = next((i for i, (_, number) in enumerate(parts) if number % len(TONES)), None)
    vowels = [i for i, (base, _) in enumerate(parts) if base in VOWELS]
    if at is None or not vowels:
        return at is None
    if len(vowels) > 1 and word.lower()[:1] + parts[vowels[0]][0] in ("gi", "qu") and vowels[0] == 1:
        vowels = vowels[1:]  # part of the onset
    shaped = [i for i in vowels if parts[i][1] >= len(TONES)]
    if shaped:
        return at == shaped[-1]
    if len(vowels) == 1 or vowels[-1] < len(word) - 1:
        return at == vowels[-1]
    pair = "".join(parts[i][0] for i in vowels)
    return at in vowels if pair in ("oa", "oe", "uy") else at == vowels[-2]


def windows(image: Grey, box: Box, text: str, em: float) -> Floats:
    """Return the surroundings of each vowel (n, ROWS, COLUMNS), 1 = black, of a word that lies at `box` of `image`.

    `em` is the height of its type in pixels as far as the page tells; the word's own width says it better.
    """
    found, wide = letters(text)
    own = (box[2] - box[0]) / wide if len(text) > 2 else em
    em = min(max(own, SCALED[0] * em), SCALED[1] * em)
    ink, (left, right), (top, bottom) = _strip(image, box, EM / em)
    foot = _foot(ink[:, left : right + 1], LARGE if text.isupper() else SMALL, top, bottom)
    left, right = _ends(ink[max(0, foot - SMALL) : foot], left, right)
    ink = np.pad(ink, ((ROWS, ROWS), (COLUMNS, COLUMNS)))
    rows = slice(foot - RISE + ROWS, foot - RISE + 2 * ROWS)
    made = np.zeros((len(found), ROWS, COLUMNS), np.float32)
    for i, letter in enumerate(found):
        x = round(left + letter.middle * (right - left) - COLUMNS / 2) + COLUMNS
        made[i] = ink[rows, x : x + COLUMNS]
    return made


def _strip(image: Grey, box: Box, factor: float) -> tuple[Floats, tuple[int, int], tuple[int, int]]:
    """Return the ink around a box, scaled, and where the box's ends and its top and bottom lie in it."""
    reach = REACH / factor
    x0, y0 = max(0, int(box[0] - reach)), max(0, int(box[1] - reach))
    x1, y1 = min(image.shape[1], int(box[2] + reach) + 1), min(image.shape[0], int(box[3] + reach) + 1)
    part = image[y0:y1, x0:x1]
    size = (max(2, round(part.shape[1] * factor)), max(2, round(part.shape[0] * factor)))
    grey = cv2.resize(part, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    ink = 255 - grey.astype(np.float32)
    darkest = float(np.partition(ink.ravel(), -max(1, ink.size // 50))[-max(1, ink.size // 50)])
    ink = np.clip(ink / max(darkest, 40.0), 0, 1)
    across = (round((box[0] - x0) * factor), min(size[0] - 1, round((box[2] - x0) * factor)))
    return ink, across, (round((box[1] - y0) * factor), min(size[1], round((box[3] - y0) * factor)))


def _foot(ink: Floats, high: int, top: int, bottom: int) -> int:
    """Return the row on which the letters stand: above it a band `high` full of ink, below it and over it less."""
    rows = np.concatenate([np.zeros(1), np.cumsum(ink.sum(axis=1))])
    best, most = bottom, -np.inf
    for foot in range(max(high + 2, (top + bottom) // 2), min(len(rows) - 4, bottom + 5)):
        band = (rows[foot] - rows[foot - high]) / high
        score = band - 0.7 * (rows[foot + 3] - rows[foot]) / 3 - 0.3 * (rows[foot - high] - rows[foot - high - 2]) / 2
        if score > most:
            best, most = foot, score
    return best


def _ends(body: Floats, left: int, right: int) -> tuple[int, int]:
    """Return the first and last column of the word's ink near the ends of its box."""
    full = body.sum(axis=0) > 1.2
    slack, inner = round(_WIDE * EM), round(_NARROW * EM)
    first = next((x for x in range(max(0, left - slack), min(len(full), left + inner)) if full[x]), left)
    last = next((x for x in range(min(len(full) - 1, right + slack), max(0, right - inner), -1) if full[x]), right)
    return (first, last) if last > first else (left, right)


def features(pictures: Floats, bases: Sequence[str]) -> Floats:
    """Return one row per window: edge directions by cells, ink at half size, which letter it is said to be."""
    count = len(pictures)
    half = pictures.reshape(count, ROWS // 2, 2, COLUMNS // 2, 2).mean((2, 4)).reshape(count, -1)
    named = np.zeros((count, len(VOWELS)), np.float32)
    named[np.arange(count), [VOWELS.index(base) for base in bases]] = 1
    return np.hstack([np.sqrt(edges.by_cells(pictures).reshape(count, -1)), half, named]).astype(np.float32)


def possible(bases: Sequence[str]) -> NDArray[np.bool_]:
    """Return for each base letter which of the CLASSES it can bear."""
    made = np.zeros((len(bases), CLASSES), bool)
    for i, base in enumerate(bases):
        for shape in MAY_BEAR[base.lower()]:
            made[i, shape * len(TONES) : (shape + 1) * len(TONES)] = True
    return made


def scores(x: Floats, bases: Sequence[str], net: Sequence[Floats]) -> Floats:
    """Return the logarithms of the probabilities of CLASSES for each row of `x`."""
    told = np.maximum(x @ net[0] + net[1], 0) @ net[2] + net[3]
    told = np.where(possible(bases), told, -1e9)
    told -= told.max(axis=1, keepdims=True)
    return np.asarray(told - np.log(np.exp(told).sum(axis=1, keepdims=True)), np.float32)


@cache
def _weights() -> list[Floats]:
    with files("digitise.scan").joinpath("marks.npz").open("rb") as file, np.load(file) as held:
        return [held[f"p{i}"].astype(np.float32) * np.float32(held[f"s{i}"]) for i in range(4)]


def spellings(image: Grey, box: Box, text: str, em: float) -> dict[str, float]:
    """Return how likely each spelling with the letters of `text` is what stands at `box`, by the shapes of its marks.

    Only possible syllables are given, with the signs that stand around `text`. Empty where it bears no vowel, is no word, or
    where no ink stands.
    """
    found, core = letters(text)[0], text.strip(SIGNS)
    if not found or not core.isalpha():
        return {}
    begins = text.index(core)
    bases = [letter.base for letter in found]
    pictures = windows(image, box, text, em)
    if float(pictures.sum(axis=(1, 2)).min()) < LEAST_INK:
        return {}
    told = scores(features(pictures, bases), bases, _weights())
    made: dict[str, float] = {}
    for way in itertools.product(*(np.argsort(-row)[:LIKELIEST].tolist() for row in told)):
        if sum(number % len(TONES) > 0 for number in way) > 1:
            continue
        spelled = list(text)
        for letter, number in zip(found, way, strict=True):
            spelled[letter.at] = marked(letter.base, number)
        word = "".join(spelled[begins : begins + len(core)])
        if is_syllable(word) and tone_stands_right(word):
            made["".join(spelled)] = float(sum(told[i, number] for i, number in enumerate(way)))
    most = max(made.values(), default=0.0)
    total = sum(np.exp(value - most) for value in made.values())
    return {word: float(np.exp(value - most) / total) for word, value in made.items()}
