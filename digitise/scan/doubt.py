"""How likely each word is not what stands on the paper: a logistic model over what tells errors apart.

What it looks at: the engine's confidence of the word, its neighbours, its line and the lines around; whether it can be Vietnamese and
makes an expression with its neighbour; odd signs, sizes and joins; whether its line stands between two lines of another column;
strokes read as a sign, words that stand apart, stops before small letters, heights unlike the page's.
The weights were fitted by `scripts/fit_doubt.py`.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from digitise.model.recognition import Word
from digitise.scan.edits import parts
from digitise.scan.phrases import PAIRS
from digitise.scan.syllables import is_syllable, plausible
from digitise.text import fold

_ODD = re.compile(r"[^\w\s.,;:()/“”\"%-]")
_JOINED = re.compile(r"[^\W\d_][.,;:)][^\W\d_]|[^\W\d_]\d|\d[^\W\d_]")
_DASHES = "-–&"  # single signs that stand on paper by right
_APART = 1.5  # usual heights of blank after a word: wider than any space between words
_FOLDED_PAIRS = frozenset((fold(a), fold(b)) for a, b in PAIRS)

Line = Sequence[Word]
WEIGHTS = {  # in the order of `traits`; fitted to the 48 given documents, `always` and the last four as the script tells
    "always": -0.59,
    "unsure": -0.96,
    "log": 1.61,
    "impossible": 1.92,
    "signs": -1.67,
    "short": 0.14,
    "capitals": 0.41,
    "digits": 0.52,
    "odd": 0.57,
    "size": 0.17,
    "corrected": -0.54,
    "joined": 1.00,
    "colon": 1.11,
    "wide": 0.73,
    "long": -0.36,
    "line": -0.13,
    "few": 0.59,
    "last": 0.25,
    "poor line": 0.48,
    "next to unsure": 0.41,
    "off": 1.49,
    "capital": -0.29,
    "expression": -0.87,
    "misspelled": 0.44,
    "between": 0.52,
    "around": 2.08,
    "rival": 0.57,
    "repeated": -0.50,
    "stray": 1.67,
    "apart": 0.79,
    "small next": 1.47,
    "height": 1.46,
}


def doubts(words: Sequence[Word]) -> list[float]:
    """Return for each word the probability, 0..1, that it is not what stands on the paper."""
    if not words:
        return []
    weights = np.array(list(WEIGHTS.values()))
    totals = np.clip(traits(words) @ weights, -30, 30)
    return [float(p) for p in 1 / (1 + np.exp(-totals))]


def traits(words: Sequence[Word]) -> NDArray[np.float64]:
    """Return one row per word and one column per name in `WEIGHTS`."""
    heights = sorted(word.upright[3] - word.upright[1] for word in words)
    usual = max(1.0, heights[len(heights) // 2])
    lines = [list(group) for _, group in groupby(words, key=lambda word: word.line)]
    means = [sum(w.confidence for w in line) / len(line) for line in lines]
    seen = Counter(parts(w.text)[1].lower() for w in words)
    spelled: dict[str, set[str]] = {}
    for text in seen:
        spelled.setdefault(fold(text), set()).add(text)
    rows: list[list[float]] = []
    for number, line in enumerate(lines):
        around = [means[i] for i in (number - 1, number + 1) if 0 <= i < len(lines)]
        between = float(_interrupts(lines, number))
        for at, word in enumerate(line):
            core = parts(word.text)[1].lower()
            rivals = max((seen[other] for other in spelled[fold(core)] if other != core), default=0)
            rows.append(
                [
                    *_of_word(word, usual),
                    *_of_place(line, at, means[number]),
                    *_of_neighbours(line, at),
                    between,
                    1 - min(around, default=means[number]),
                    float(rivals > 2 * seen[core] and word.text.isalpha()),
                    float(seen[core] > 2),
                    *_of_looks(line, at, usual),
                ]
            )
    return np.array(rows, np.float64)


def _of_word(word: Word, usual: float) -> list[float]:
    sure = min(max(word.confidence, 0.01), 0.995)
    core = parts(word.text)[1]
    height = (word.upright[3] - word.upright[1]) / usual
    wide = (word.upright[2] - word.upright[0]) / usual / max(1, len(word.text))
    return [
        1.0,
        1 - sure,
        math.log(1 - sure),
        float(not plausible(word.text)),
        float(not any(char.isalnum() for char in word.text)),
        float(len(core) <= 2),
        float(core.isupper() and len(core) > 1),
        float(any(char.isdigit() for char in word.text)),
        float(bool(_ODD.search(word.text))),
        float(height > 1.8 or height < 0.4),
        float(word.read is not None),
        float(bool(_JOINED.search(word.text)) or _humped(word.text)),
        float(word.text.endswith(":")),
        float(wide > 1.2 or wide < 0.25),
        min(len(core), 12) / 10,
    ]


def _humped(text: str) -> bool:
    """Say whether a capital follows a small letter: `SởVH`, `CHủ`."""
    return any(a.islower() and b.isupper() for a, b in pairwise(text))


def _of_place(line: Line, at: int, mean: float) -> list[float]:
    nearest = [line[i].confidence for i in (at - 1, at + 1) if 0 <= i < len(line)]
    word = line[at]
    high = word.upright[3] - word.upright[1]
    middles = sorted(w.upright[1] + w.upright[3] for w in line)
    off = abs(word.upright[1] + word.upright[3] - middles[len(middles) // 2]) / 2 / max(1.0, high)
    small = sum(w.text.islower() for w in line)
    return [
        1 - mean,
        float(len(line) <= 2),
        float(at == len(line) - 1),
        float(mean < 0.8),
        1 - min(nearest, default=mean),
        float(off > 0.25 and any(char.isalpha() for char in word.text)),
        float(word.text.isupper() and len(word.text) > 1 and small > 0.5 * len(line)),
    ]


def _of_neighbours(line: Line, at: int) -> list[float]:
    """Say whether the word makes an expression with a neighbour, and whether it would with other accents."""
    made = nearly = False
    for left, right in ((at - 1, at), (at, at + 1)):
        if left < 0 or right >= len(line):
            continue
        pair = (parts(line[left].text)[1].lower(), parts(line[right].text)[1].lower())
        made = made or pair in PAIRS
        nearly = nearly or (pair not in PAIRS and (fold(pair[0]), fold(pair[1])) in _FOLDED_PAIRS)
    return [float(made), float(nearly and not made)]


def _of_looks(line: Line, at: int, usual: float) -> list[float]:
    """Say whether a word is one stray sign, stands apart from the next, ends in a stop before a small letter; how odd its height."""
    word = line[at]
    text = word.text
    after = line[at + 1] if at + 1 < len(line) else None
    written = any(char.isalnum() for char in text)
    high = max((word.upright[3] - word.upright[1]) / usual, 0.1)
    return [
        float(len(text) == 1 and not text.isdigit() and text not in _DASHES and not is_syllable(text)),
        float(after is not None and after.upright[0] - word.upright[2] > _APART * usual),
        float(after is not None and written and text[-1] in ".:" and after.text[:1].islower()),
        abs(math.log(high)) if written else 0.0,
    ]


def _interrupts(lines: Sequence[Line], at: int) -> bool:
    """Say whether a line stands beside the lines before and after it, which follow each other: a block read in between."""
    if not 0 < at < len(lines) - 1:
        return False
    before, here, after = (_span(lines[i]) for i in (at - 1, at, at + 1))
    together = min(before[1], after[1]) - max(before[0], after[0]) > 0
    apart = min(here[1], before[1]) < max(here[0], before[0]) and min(here[1], after[1]) < max(here[0], after[0])
    return together and apart


def _span(line: Line) -> tuple[float, float]:
    return min(w.upright[0] for w in line), max(w.upright[2] for w in line)
