"""Several readings of one part of a page, laid over each other: which words are the same, which lines agree."""

from collections.abc import Sequence
from dataclasses import dataclass

from digitise.model.recognition import Affine, Box, Word

SURE = 0.85  # a word or line that the first reading has otherwise, or not at all, must be surer than this
FAIR = 0.6  # least confidence of a word that two readings have alike


@dataclass(frozen=True, slots=True)
class Seen:
    """One word of one reading, in the upright frame."""

    text: str
    box: Box
    confidence: float


def match(box: Box, reading: Sequence[Seen]) -> Seen | None:
    """Return the word of a reading that lies where `box` is."""
    best, most = None, 0.5
    x0, y0, x1, y1 = box
    for seen in reading:
        left, top, right, bottom = seen.box
        if left >= x1 or right <= x0 or top >= y1 or bottom <= y0:
            continue
        share = (min(x1, right) - max(x0, left)) / max(x1 - x0, right - left)
        if share > most and min(y1, bottom) - max(y0, top) > 0.3 * min(y1 - y0, bottom - top):
            best, most = seen, share
    return best


def spelled(box: Box, readings: Sequence[Sequence[Seen]]) -> set[str]:
    """Return how readings spelled the word that lies where `box` is."""
    return {seen.text for reading in readings if (seen := match(box, reading))}


def misplaced(word: Word, reading: Sequence[Seen]) -> Seen | None:
    """Return the same word of a reading where the first one's box is but a part of it, as Tesseract's sometimes are."""
    return next((s for s in reading if s.text == word.text and covered(word.upright, s.box)), None)


def covered(inner: Box, outer: Box) -> bool:
    if inner[0] >= outer[2] or inner[2] <= outer[0] or inner[1] >= outer[3] or inner[3] <= outer[1]:
        return False
    wide = min(inner[2], outer[2]) - max(inner[0], outer[0])
    high = min(inner[3], outer[3]) - max(inner[1], outer[1])
    return wide > 0.8 * (inner[2] - inner[0]) and high > 0.4 * (inner[3] - inner[1])


def touches(a: Box, b: Box) -> bool:
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    return wide > 0.25 * min(a[2] - a[0], b[2] - b[0]) and high > 0.25 * min(a[3] - a[1], b[3] - b[1])


def on(inner: Box, outer: Box) -> bool:
    """Say whether the middle of one box lies within another."""
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] < x < outer[2] and outer[1] < y < outer[3]


def beside(a: Box, b: Box) -> bool:
    """Say whether two boxes stand at one height."""
    return abs(a[1] + a[3] - b[1] - b[3]) < b[3] - b[1]


def _lines(reading: Sequence[Seen]) -> list[list[Seen]]:
    """Return a reading's words by lines; a gap of two letters' height ends one."""
    lines: list[list[Seen]] = []
    for seen in sorted(reading, key=lambda s: (s.box[1] + s.box[3], s.box[0])):
        high = seen.box[3] - seen.box[1]
        middle = (seen.box[1] + seen.box[3]) / 2
        home = next((ln for ln in lines if abs((ln[0].box[1] + ln[0].box[3]) / 2 - middle) < 0.5 * high), None)
        if home is None:
            lines.append([seen])
        else:
            home.append(seen)
    return [sorted(line, key=lambda s: s.box[0]) for line in lines]


def agreed_lines(readings: Sequence[Sequence[Seen]]) -> list[list[Seen]]:
    """Return lines of several words that two readings have alike, each word as surely as the surer of them; longest last."""
    found: list[list[Seen]] = []
    for i, reading in enumerate(readings):
        for line in _lines(reading):
            for later in readings[i + 1 :]:
                twins = [twin for seen in line if (twin := match(seen.box, later)) and twin.text == seen.text]
                if len(twins) < len(line) or len(line) < 2:
                    continue
                made = [s if s.confidence >= t.confidence else t for s, t in zip(line, twins, strict=True)]
                if min(s.confidence for s in made) >= FAIR:
                    found.append(made)
    return sorted(found, key=lambda line: (len(line), min(s.confidence for s in line)))


def word_of(seen: Seen, line: int, to_page: Affine, read: str | None = None) -> Word:
    a, b, c, d, e, f = to_page
    x0, y0, x1, y1 = seen.box
    xs = [a * x + b * y + c for x in (x0, x1) for y in (y0, y1)]
    ys = [d * x + e * y + f for x in (x0, x1) for y in (y0, y1)]
    box = (min(xs), min(ys), max(xs), max(ys))
    return Word(seen.text, box, seen.box, round(seen.confidence, 4), line, read=read)
