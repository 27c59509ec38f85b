"""Recognised words → invisible text that lies on the words of the picture, selects and searches like printed text."""

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from digitise.model.recognition import Affine, Box, PageText, Word
from digitise.scan.geometry import apply, compose, lengths, scale
from digitise.scan.glyphless import ADVANCE, DESCENT, UNITS, Codes

FONT = "/DigitiseInvisible"  # name of the font in the page's resources
_CHAR = ADVANCE / UNITS  # width of a character at font size 1
_BELOW = -DESCENT / UNITS  # part of the font size below the baseline
_NEAR = (0.7, 1.4)  # of the page's usual line height: taken as the same type
_MOST_GAP = 40.0  # of the font size
_SAME_LINE = 0.35  # of a line's height: a word whose middle is farther off keeps its own height
_LEVEL_DEGREES = 10.0  # scanned askew; beyond that the text was meant to slant
# Of the font size that a word may be moved towards its line's middle height. Measured with poppler on drawn pages: written
# as it lies, a line is torn apart from one degree on (words in order: 83 % at 1°, 40 % at 3°); moved without bound it stays
# whole, but marks its neighbour at the page's edges. By up to 0.7 its mark still touches the word, and 95 % of the words of a
# page 2.95° askew come out in order, 99 % at 2.2° (by 0.55: 82 and 89 %).
_MOST_LEVELLING = 0.7
_LEAST_GAP = 0.05  # of the font size: width of the blank between words that touch


def contents(page: PageText, quad: Affine, codes: Codes) -> bytes:
    """Return the content stream that writes `page`'s words; `quad` maps the displayed unit square to user space."""
    to_user = compose(compose(quad, scale(1 / page.width, 1 / page.height)), page.to_page)
    lines = _lines(page.words)
    usual = median(line.height for line in lines) if lines else 0.0
    rows = [row for line in lines for row in _rows(line.sized(usual), to_user, codes)]
    if not rows:
        return b""
    return ("q BT 3 Tr\n" + "\n".join(rows) + "\nET Q\n").encode("ascii")


@dataclass(frozen=True, slots=True)
class _Line:
    """The words of one line and where it lies in the upright frame."""

    words: Sequence[Word]
    top: float
    bottom: float

    @property
    def height(self) -> float:
        """Height in pixels."""
        return self.bottom - self.top

    def sized(self, usual: float) -> "_Line":
        """Return the line in the page's usual size where it is near to it.

        A line without ascenders looks smaller than its type is, and extractors part a paragraph where the size changes.
        """
        if not _NEAR[0] * usual <= self.height <= _NEAR[1] * usual:
            return self
        middle = (self.top + self.bottom) / 2
        return _Line(self.words, middle - usual / 2, middle + usual / 2)


def _lines(words: Iterable[Word]) -> list[_Line]:
    by_number: dict[int, list[Word]] = {}
    for word in words:
        x0, y0, x1, y1 = word.upright
        if clean(word.text) and x1 > x0 and y1 > y0:
            by_number.setdefault(word.line, []).append(word)
    return [
        _Line(line, median(word.upright[1] for word in line), median(word.upright[3] for word in line))
        for line in by_number.values()
    ]


def _rows(line: _Line, to_user: Affine, codes: Codes) -> list[str]:
    frame = _frame(to_user)
    middle = (min(word.upright[0] for word in line.words) + max(word.upright[2] for word in line.words)) / 2
    rows: list[str] = []
    for at, word in enumerate(line.words):
        x0, y0, x1, y1 = word.upright
        if abs((y0 + y1) / 2 - (line.top + line.bottom) / 2) <= _SAME_LINE * line.height:
            y0, y1 = line.top, line.bottom
        rows.append(_shown(clean(word.text), (x0, y0, x1, y1), middle, frame, codes))
        if at + 1 < len(line.words):
            end = max(line.words[at + 1].upright[0], x1 + _LEAST_GAP * (y1 - y0))
            end = min(end, x1 + _MOST_GAP * (y1 - y0))
            rows.append(_shown(" ", (x1, y0, end, y1), middle, frame, codes))
    return rows


@dataclass(frozen=True, slots=True)
class _Frame:
    """How the upright frame lies in user space."""

    to_user: Affine
    along: float  # user units per pixel, reading direction
    upward: float
    right: tuple[float, float]  # unit vectors in which text is written
    up: tuple[float, float]
    drift: float  # what a line rises across the page, per user unit of reading; 0 where text is written as it lies


def _frame(to_user: Affine) -> _Frame:
    """Lay the writing on the page's axes where it is near to them.

    Text extractors (poppler) part a word where its baseline drifts by half a point: on a page that was scanned askew each
    word is therefore written level.
    """
    along, upward = lengths(to_user)
    a, b, _, d, e, _ = to_user
    right, up = (a / along, d / along), (-b / upward, -e / upward)
    angle = math.degrees(math.atan2(right[1], right[0]))
    nearest = round(angle / 90) * 90
    if abs(angle - nearest) > _LEVEL_DEGREES:
        return _Frame(to_user, along, upward, right, up, 0.0)
    level = (float(round(math.cos(math.radians(nearest)))), float(round(math.sin(math.radians(nearest)))))
    mirrored = right[0] * up[1] - right[1] * up[0] < 0
    upright = (level[1], -level[0]) if mirrored else (-level[1], level[0])
    return _Frame(to_user, along, upward, level, upright, right[0] * upright[0] + right[1] * upright[1])


def _shown(text: str, box: Box, middle: float, frame: _Frame, codes: Codes) -> str:
    """Write `text` so that it fills `box`; `middle` is the middle of its line along the reading direction."""
    x0, y0, x1, y1 = box
    width, size = (x1 - x0) * frame.along, (y1 - y0) * frame.upward
    stretch = width / (len(text) * _CHAR * size) * 100
    centre_x, centre_y = apply(frame.to_user, (x0 + x1) / 2, (y0 + y1) / 2)
    rise = frame.drift * ((x0 + x1) / 2 - middle) * frame.along
    level = -max(-_MOST_LEVELLING * size, min(_MOST_LEVELLING * size, rise))
    down = size * (0.5 - _BELOW) - level
    x = centre_x - frame.right[0] * width / 2 - frame.up[0] * down
    y = centre_y - frame.right[1] * width / 2 - frame.up[1] * down
    turn = f"{frame.right[0]:.5g} {frame.right[1]:.5g} {frame.up[0]:.5g} {frame.up[1]:.5g}"
    return f"{FONT} {size:.3f} Tf {stretch:.3f} Tz {turn} {x:.3f} {y:.3f} Tm <{codes.hex(text)}> Tj"


def clean(text: str) -> str:
    """Return NFC `text` without white space and characters that have no width of their own."""
    text = unicodedata.normalize("NFC", text)
    if text.isprintable() and " " not in text:
        return text
    kept = (char for char in text if unicodedata.category(char)[0] not in "CZ")
    return "".join(kept)
