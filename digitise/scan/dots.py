"""The dot of an i told from a hook or an accent by its shape, where the recogniser prefers the commoner word.

Tesseract's Vietnamese models read `chi` as `chỉ` in nearly every context and at every scale, with full confidence: the dot
of a bold i looks like a hook to them. On paper a dot is round and full, a hook or an accent is neither.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from digitise.model.recognition import Word
from digitise.scan.engine import Grey
from digitise.scan.fields.loose import strip_marks
from digitise.scan.levels import quantile
from digitise.scan.pieces import labelled
from digitise.scan.syllables import is_syllable
from digitise.text import fold

ENLARGED = 3  # a dot of four pixels is measured on twelve
DARKEST = 0.03  # share of a word's pixels that its print's core has at the least
LEAST_HIGH = 12  # pixels of a word below which a dot has too few
FULL = 0.725  # share of its box that a dot fills (π/4 and its blur); hooks and accents stay below 0.65, blurred ones below 0.72
ROUND = (0.84, 1.25)  # width by height of a dot
_MARKED_I = re.compile(r"[a-zA-ZđĐ]*[ỉíìĩ][a-z]*")


def dotted(words: Sequence[Word], image: Grey, scale: float) -> list[Word]:
    """Return `words` with `ỉ`, `í`, `ì`, `ĩ` put to `i` where `image` (`scale` pixels per page pixel) bears a plain dot.

    Only words with no other mark are judged: there just one blot lies above the small letters.
    """
    return [
        _without_mark(word, image, scale) if _MARKED_I.fullmatch(strip_marks(word.text)) else word for word in words
    ]


def _without_mark(word: Word, image: Grey, scale: float) -> Word:
    core = strip_marks(word.text)
    plain = re.sub("[ỉíìĩ]", "i", core)
    if not is_syllable(plain) or fold(plain)[-1:] in "cpt" or not _bears_dot(word, image, scale):
        return word
    return replace(word, text=word.text.replace(core, plain), read=word.read or word.text)


def _bears_dot(word: Word, image: Grey, scale: float) -> bool:
    x0, y0, x1, y1 = (value * scale for value in word.upright)
    high = y1 - y0
    part = image[max(0, int(y0 - 0.15 * high)) : int(y1 + 0.1 * high) + 1, max(0, int(x0) - 1) : int(x1) + 2]
    if high < LEAST_HIGH or part.size == 0:
        return False
    part = cv2.resize(part, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    ink = (part < (quantile(part, DARKEST) + 255) / 2).astype(np.uint8)
    blots = labelled(ink)[1][1:]
    blots = blots[blots[:, cv2.CC_STAT_AREA] > 2 * ENLARGED**2]
    letters = blots[blots[:, cv2.CC_STAT_HEIGHT] > 0.3 * part.shape[0]]
    if not len(letters):
        return False
    bottom = float(np.median(letters[:, cv2.CC_STAT_TOP] + letters[:, cv2.CC_STAT_HEIGHT]))
    small = bottom - float(letters[:, cv2.CC_STAT_TOP].max())  # height of the small letters
    above = blots[
        (blots[:, cv2.CC_STAT_TOP] + blots[:, cv2.CC_STAT_HEIGHT] < bottom - 0.85 * small)
        & (blots[:, cv2.CC_STAT_HEIGHT] < 0.9 * small)
    ]
    if len(above) != 1:
        return False
    _, _, wide, tall, area = above[0].tolist()
    return bool(area >= FULL * wide * tall and ROUND[0] <= wide / tall <= ROUND[1])
