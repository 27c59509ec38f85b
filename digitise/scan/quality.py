"""What a human should look at: doubtful words, and what is wrong with the scan itself.

How doubtful a word is tells `scan.doubt`.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitise.model.recognition import PageText, Word
from digitise.scan.doubt import doubts
from digitise.scan.syllables import plausible

DOUBT = 0.22  # probability of an error from which a word is marked: one to two words in a hundred of ordinary pages
MANY = 0.08  # share of doubtful words above which the whole page is worth reading again
ASKEW = 1.0  # degrees
STANDARD_DPI = 200  # digitisation standard, NĐ 30/2020 annex: at least 200 dpi, colour
EDGE = 0.04  # inch from the paper's edge within which writing may be cut
DARK = 110  # grey level of the page's median below which little contrast is left


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


def is_bilevel(image: NDArray[Any]) -> bool:
    """Say whether a page, grey or RGB, is black and white alone."""
    sample = image[::4, ::4]
    return image.ndim == 2 and bool(((sample == 0) | (sample == 255)).all())


def _warnings(page: PageText, image: NDArray[Any], dpi_known: bool) -> list[str]:
    sample = image[::4, ::4]
    few = is_bilevel(image)
    checks = {
        "blank": not page.words,
        "dark": float(np.median(sample)) < DARK,
        "bilevel": few and bool(page.words),
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
