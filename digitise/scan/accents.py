"""Accents of doubtful words judged by the shapes of their marks, beside what the readings of their lines say."""

import math
from dataclasses import replace

from digitise.model.recognition import Word
from digitise.scan.engine import Grey
from digitise.scan.marks import spellings
from digitise.text import same_tone_placement

EM_HIGH = 1.25  # type heights of an em, as `Sheet` has it
CLEAR = 0.5  # least probability of a spelling that takes another's place
LEAST = 1.2  # how much likelier (natural logarithm) another spelling must be where the readings disputed the word
AGREED = 4.0  # the same where they all agreed
DISPUTED = 0.8  # below this confidence readings disputed a word
UNSURE = 0.85  # highest confidence of a word that all readings have alike while its marks look otherwise
CHANGED = 0.75  # highest confidence of a word whose accents were taken from its marks


def by_shape(word: Word, image: Grey, scale: float, type_height: float) -> Word:
    """Return `word` with the accents that their shapes show where these contradict what was read clearly.

    `image` bears dark type on white, `scale` pixels per page pixel; `type_height` of a capital in page pixels.
    """
    if sum(map(str.isalpha, word.text)) < 2:
        return word
    x0, y0, x1, y1 = (value * scale for value in word.upright)
    told = spellings(image, (x0, y0, x1, y1), word.text, EM_HIGH * type_height * scale)
    if not told:
        return word
    best = max(told, key=lambda text: told[text])
    if told[best] < CLEAR or same_tone_placement(best) == same_tone_placement(word.text):
        return word
    more = math.log(told[best] / max(told.get(word.text, 0.0), 1e-6))
    if more < LEAST:
        return word
    if word.confidence >= DISPUTED and more < AGREED:
        return replace(word, confidence=min(word.confidence, UNSURE))
    return replace(word, text=best, confidence=round(min(word.confidence, CHANGED), 4), read=word.read or word.text)
