"""What a human should look at: doubtful words, and what is wrong with the scan itself.

The doubt of a word is a logistic model over what tells errors apart: the confidence of the word, of its neighbours and of the
line, whether the word can be Vietnamese, odd signs, odd size. Its weights were fitted on 18,736 words of drawn and real pages.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitise.model.recognition import PageText, Word
from digitise.scan.syllables import plausible

DOUBT = 0.22  # probability of an error from which a word is marked: two words in a hundred of ordinary pages
MANY = 0.08  # share of doubtful words above which the whole page is worth reading again
ASKEW = 1.0  # degrees
STANDARD_DPI = 200  # digitisation standard, NĐ 30/2020 annex: at least 200 dpi, colour
EDGE = 0.04  # inch from the paper's edge within which writing may be cut
DARK = 110  # grey level of the page's median below which little contrast is left

_ODD = re.compile(r"[^\w\s.,;:()/“”\"%-]")
_QUOTES = "()[]{}\"'“”‘’«».,;:!?…-–—/*•+"


def doubts(words: Sequence[Word]) -> list[float]:
    """Return for each word the probability, 0..1, that it is not what stands on the paper."""
    heights = sorted(word.upright[3] - word.upright[1] for word in words)
    usual = heights[len(heights) // 2] if heights else 1.0
    found: list[float] = []
    for _, group in groupby(words, key=lambda word: word.line):
        line = list(group)
        found += [_doubt(line, at, usual) for at in range(len(line))]
    return found


def _doubt(line: Sequence[Word], at: int, usual_height: float) -> float:
    word = line[at]
    sure = min(max(word.confidence, 0.01), 0.995)
    mean = sum(w.confidence for w in line) / len(line)
    nearest = [line[i].confidence for i in (at - 1, at + 1) if 0 <= i < len(line)]
    core = word.text.strip(_QUOTES)
    height = (word.upright[3] - word.upright[1]) / max(1.0, usual_height)
    total = (
        1.36
        + 2.11 * math.log(1 - sure)
        + 2.34 * (not plausible(word.text))
        - 2.51 * (not any(char.isalnum() for char in word.text))
        + 0.74 * (1 - mean)
        + 0.94 * (1 - min(nearest, default=mean))
        + 0.56 * (len(line) <= 2)
        + 0.48 * (at == len(line) - 1)
        + 0.37 * (len(core) <= 2)
        + 0.28 * (core.isupper() and len(core) > 1)
        + 0.40 * any(char.isdigit() for char in word.text)
        + 1.28 * bool(_ODD.search(word.text))
        + 0.50 * (height > 1.8 or height < 0.4)
        - 0.26 * (word.read is not None)
        - 2.07 * (1 - sure)
        + 0.02 * len(core)
        + 0.04 * (mean < 0.8)
    )
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def judged(page: PageText, image: NDArray[Any], *, dpi_known: bool) -> PageText:
    """Return `page` with doubtful words marked and the warnings that its scan deserves.

    `image` is the page as given, grey or RGB; warnings are keys below `warnings.` of the message catalogue.
    """
    levels = doubts(page.words)
    words = tuple(
        word if word.doubtful == (level >= DOUBT) else replace(word, doubtful=level >= DOUBT)
        for word, level in zip(page.words, levels, strict=True)
    )
    return replace(page, words=words, warnings=tuple(_warnings(replace(page, words=words), image, dpi_known)))


def _warnings(page: PageText, image: NDArray[Any], dpi_known: bool) -> list[str]:
    sample = image[::4, ::4]
    few = image.ndim == 2 and bool(((sample == 0) | (sample == 255)).all())
    checks = {
        "blank": not page.words,
        "dark": float(np.median(sample)) < DARK,
        "bilevel": bool(few) and bool(page.words),
        "grey": image.ndim == 2 and not few,
        "dpi_estimated": not dpi_known,
        "low_dpi": page.dpi < STANDARD_DPI - 1,
        "rotated": page.rotation != 0,
        "skewed": abs(page.skew) >= ASKEW,
        "cut_edge": any(_at_edge(word, page) for word in page.words),
        "doubtful": sum(word.doubtful for word in page.words) > max(2.0, MANY * len(page.words)),
    }
    return [name for name, true in checks.items() if true]


def _at_edge(word: Word, page: PageText) -> bool:
    """Say whether a word that was surely read lies so close to the edge that its neighbours may be cut off."""
    x0, y0, x1, y1 = word.box
    near = min(x0, y0, page.width - x1, page.height - y1) < EDGE * page.dpi
    return near and word.confidence > 0.6 and len(word.text) > 1 and plausible(word.text)
