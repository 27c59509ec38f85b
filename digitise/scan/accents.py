"""Accents of disputed words judged by the shapes of their marks: of the spellings that readings had, the one whose marks stand there."""

import math
from collections.abc import Collection
from dataclasses import replace

from digitise.model.recognition import Word
from digitise.scan.engine import Grey
from digitise.scan.marks import spellings
from digitise.text import fold

EM_HIGH = 1.25  # type heights of an em, as `Sheet` has it
LEAST = 1.2  # how much likelier (natural logarithm) another spelling must be to take the place of what was elected
DISPUTED = 0.8  # below this confidence readings disputed a word; what all have alike is left alone
CHANGED = 0.75  # highest confidence of a word whose accents were taken from its marks


def by_shape(word: Word, seen: Collection[str], image: Grey, scale: float, type_height: float) -> Word:
    """Return a disputed `word` with the accents that one of the spellings `seen` has, where its marks clearly show these.

    Spellings that no reading had are not thought of: on real pages the net alone read `Trẫn` for `Trần`.
    `image` bears dark type on white, `scale` pixels per page pixel; `type_height` of a capital in page pixels.
    """
    rivals = {text for text in seen if text != word.text and fold(text) == fold(word.text)}
    if word.confidence >= DISPUTED or not rivals:
        return word
    x0, y0, x1, y1 = (value * scale for value in word.upright)
    told = spellings(image, (x0, y0, x1, y1), word.text, EM_HIGH * type_height * scale)
    best = max(rivals, key=lambda text: told.get(text, 0.0))
    if math.log(max(told.get(best, 0.0), 1e-6) / max(told.get(word.text, 0.0), 1e-6)) < LEAST:
        return word
    return replace(word, text=best, confidence=round(min(word.confidence, CHANGED), 4), read=word.read or word.text)
