"""Changes of words that keep what was read beside what was put."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from digitise.model.recognition import Box, Word

SIGNS = "()[]{}\"'“”‘’«».,;:!?…/*"


def put(word: Word, text: str) -> Word:
    """Return `word` with another text."""
    return replace(word, text=text, read=word.read or word.text) if text != word.text else word


@lru_cache(maxsize=20_000)
def parts(text: str) -> tuple[str, str, str]:
    """Split signs off both ends of a word."""
    core = text.strip(SIGNS)
    start = text.find(core) if core else 0
    return text[:start], core, text[start + len(core) :]


def cut(word: Word, texts: Sequence[str]) -> list[Word]:
    """Return `word` as several words, its boxes shared out by the number of letters."""
    total = sum(len(text) for text in texts)
    made, at = [], 0
    for text in texts:
        from_, to = at / total, (at + len(text)) / total
        at += len(text)
        box, upright = _slice(word.box, from_, to), _slice(word.upright, from_, to)
        made.append(replace(word, text=text, read=word.read or word.text, box=box, upright=upright))
    return made


def joined(words: Sequence[Word], text: str) -> Word:
    """Return several neighbours as one word."""
    confidence = min(word.confidence for word in words)
    read = " ".join(word.read or word.text for word in words)
    box, upright = _around([word.box for word in words]), _around([word.upright for word in words])
    return replace(words[0], text=text, read=read, confidence=confidence, box=box, upright=upright)


def _around(boxes: Sequence[Box]) -> Box:
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


def _slice(box: Box, from_: float, to: float) -> Box:
    """Return the part of a box between two shares of its width."""
    x0, y0, x1, y1 = box
    return (x0 + from_ * (x1 - x0), y0, x0 + to * (x1 - x0), y1)
