"""Doubtful words read one by one: set under each other as lines of one word, so that no neighbour sways the recogniser.

A line's reading leans on what usually stands together, and so reads `thu, chỉ` for `thu, chi` and a rare name as a common
word. A word alone is read by its letters. All of a zone's are set on one sheet, which costs one call per model.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np

from digitise.model.recognition import Box, Word
from digitise.scan.engine import Grey, Layout, OcrEngine, Token
from digitise.scan.fields.loose import alike, strip_marks
from digitise.scan.syllables import plausible

HIGH = 36  # pixels of a word's box as it is set: capitals of about 27
SPACE = 36  # pixels between two words
SETTLED = 0.93  # a word that all readings have alike and this surely is not read again
AGREED = 0.965  # highest confidence that agreement alone gives; below `language.CERTAIN`
FOREIGN = str.maketrans("ÑñŸÿÇç", "NnYyCc")  # letters that Vietnamese has not: a stroke of ink over their base
IMPOSSIBLE = 0.5  # weight of a reading that no Vietnamese word can be: `TYần` beside `Trần`
LIKE = 0.45  # a reading less like the others is of something else
MOST_WORDS = 60  # of one zone: a zone with more doubtful words is no head or signer's block

Votes = list[tuple[str, float]]  # text and confidence of each reading
Ballots = dict[int, tuple[Word, Votes]]  # by id() of the word


def elected(word: Word, votes: Votes) -> Word:
    """Return `word` as most of `votes` (its own among them) have it, its confidence by their agreement."""
    weight: dict[str, float] = defaultdict(float)
    sure: dict[str, float] = defaultdict(float)
    for text, confidence in ((text.translate(FOREIGN), confidence) for text, confidence in votes):
        weight[text] += (confidence + 0.01) * (1.0 if plausible(text) else IMPOSSIBLE)
        sure[text] = max(sure[text], confidence)
    best = max(weight, key=lambda text: weight[text])
    confidence = min(sure[best], 0.9) * weight[best] / sum(weight.values())
    if len(weight) == 1:  # one model's readings err alike: their agreement makes no accent certain
        confidence = max(sure[best], min(1 - (1 - sure[best]) * 0.35, AGREED))
    read = word.read if best == word.text else (word.read or word.text)
    return replace(word, text=best, confidence=round(confidence, 4), read=read)


def one_by_one(
    words: Sequence[Word],
    inside: Callable[[Word], bool],
    image: Grey,
    scale: float,
    engine: OcrEngine,
    ballots: Ballots,
    until: float,
) -> list[Word]:
    """Return `words` with the doubtful ones of those `inside` a zone read by themselves and voted on again.

    `image` with `scale` pixels per page pixel; `ballots` holds the votes so far; `until` on the monotonic clock.
    Raises LimitExceeded, EngineUnavailable.
    """
    doubtful = [w for w in words if inside(w) and _doubtful(w, ballots)][:MOST_WORDS]
    if not doubtful:
        return list(words)
    boxes = _boxes(words, doubtful)
    sheet, rows = _set(doubtful, boxes, image, scale)
    votes = {id(w): list(ballots[id(w)][1]) if id(w) in ballots else [(w.text, w.confidence)] for w in doubtful}
    for reader in (engine, engine.second) if engine.second else (engine,):
        left = max(0.5, until - time.monotonic())
        tokens = reader.read(sheet, dpi=300, layout=Layout.BLOCK, seconds=left)
        for word, row in zip(doubtful, _by_row(tokens, rows), strict=True):
            seen = _as_written(word, row)
            if seen is not None:
                votes[id(word)].append(seen)
    again = {id(w): elected(w, votes[id(w)]) for w in doubtful}
    return [again.get(id(w), w) for w in words]


def _doubtful(word: Word, ballots: Ballots) -> bool:
    core = strip_marks(word.text)
    if not any(c.isalpha() for c in core) or any(c.isdigit() for c in core):
        return False
    votes = ballots[id(word)][1] if id(word) in ballots else [(word.text, word.confidence)]
    return len({text for text, _ in votes}) > 1 or min(sure for _, sure in votes) < SETTLED


def _boxes(words: Sequence[Word], wanted: Sequence[Word]) -> dict[int, Box]:
    """Return for each wanted word the box to cut out: half of the blanks beside it, room for accents above and below."""
    lines: dict[int, list[Word]] = defaultdict(list)
    for word in words:
        lines[word.line].append(word)
    boxes: dict[int, Box] = {}
    for word in wanted:
        x0, y0, x1, y1 = word.upright
        high = y1 - y0
        before = [w.upright[2] for w in lines[word.line] if w is not word and w.upright[2] <= x0]
        after = [w.upright[0] for w in lines[word.line] if w is not word and w.upright[0] >= x1]
        left = max(x0 - 0.2 * high, (max(before, default=x0 - high) + x0) / 2)
        right = min(x1 + 0.2 * high, (min(after, default=x1 + high) + x1) / 2)
        boxes[id(word)] = (left, y0 - 0.18 * high, right, y1 + 0.18 * high)
    return boxes


def _set(words: Sequence[Word], boxes: dict[int, Box], image: Grey, scale: float) -> tuple[Grey, list[float]]:
    """Set the words under each other; return the sheet and the height of each one's middle."""
    parts: list[Grey] = []
    for word in words:
        x0, y0, x1, y1 = (value * scale for value in boxes[id(word)])
        part = image[max(0, int(y0)) : int(y1) + 1, max(0, int(x0)) : int(x1) + 1]
        factor = min(max(HIGH / max(8.0, (word.upright[3] - word.upright[1]) * scale), 0.5), 3.0)
        if part.size == 0:
            part = np.full((HIGH, HIGH), 255, np.uint8)
        size = (max(1, round(part.shape[1] * factor)), max(1, round(part.shape[0] * factor)))
        parts.append(cv2.resize(part, size, interpolation=cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA))
    sheet = np.full(
        (sum(p.shape[0] + SPACE for p in parts) + SPACE, max(p.shape[1] for p in parts) + 80), 255, np.uint8
    )
    rows, y = [], SPACE
    for part in parts:
        sheet[y : y + part.shape[0], 40 : 40 + part.shape[1]] = part
        rows.append(y + part.shape[0] / 2)
        y += part.shape[0] + SPACE
    return sheet, rows


def _by_row(tokens: Sequence[Token], rows: Sequence[float]) -> list[list[Token]]:
    found: list[list[Token]] = [[] for _ in rows]
    for token in tokens:
        middle = (token.box[1] + token.box[3]) / 2
        found[min(range(len(rows)), key=lambda i: abs(rows[i] - middle))].append(token)
    return found


def _as_written(word: Word, row: Sequence[Token]) -> tuple[str, float] | None:
    """Return what was read with the signs that stand around the word: alone it loses its comma or gains a speck."""
    if len(row) != 1:
        return None
    core, own = strip_marks(row[0].text), strip_marks(word.text)
    if not core or not own or alike(core, own) < LIKE:
        return None
    return word.text.replace(own, core, 1), row[0].confidence
