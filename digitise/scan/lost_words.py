"""What the first reading lost, tore or ran together, put right by further readings that agree: lines, words, ends of words."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rapidfuzz.distance import Levenshtein

from digitise.model.recognition import Affine, Box, Word
from digitise.scan.fields.lines import hull
from digitise.scan.fields.loose import is_syllable, strip_marks
from digitise.scan.fields.zones import Zone
from digitise.scan.readings import SURE, Seen, beside, covered, match, on, touches, word_of
from digitise.scan.syllables import plausible
from digitise.text import fold

SPLIT = 0.5  # words surer than this are counted before a line of fewer words takes their place
ROW = 3  # words of a line that stands for more than chance


def inside(word: Word, zone: Zone) -> bool:
    """Say whether a word's middle lies in the zone."""
    x, y = (word.upright[0] + word.upright[2]) / 2, (word.upright[1] + word.upright[3]) / 2
    return zone.box[0] < x < zone.box[2] and zone.box[1] < y < zone.box[3]


def with_line(words: list[Word], line: Sequence[Seen], zone: Zone, to_page: Affine) -> list[Word]:
    """Put an agreed line in the place of what the first reading made of it, where that is less sure or run together."""
    box = hull(seen.box for seen in line)
    old = [w for w in words if inside(w, zone) and (covered(w.upright, box) or on(w.upright, box))]
    texts = [seen.text for seen in line]
    if not old or [w.text for w in old if any(c.isalnum() for c in w.text)] == texts:
        return words
    if not (_torn(old, line, box) or _surer(old, line)):
        return words
    was = " ".join(w.text for w in old)
    mixed = any(w.line == old[0].line and w not in old and not beside(w.upright, box) for w in words)
    number = -1 if mixed else old[0].line
    new = [word_of(replace(seen, confidence=0.95 * seen.confidence), number, to_page, read=was) for seen in line]
    dashes = [replace(w, line=number) for w in old if not any(c.isalnum() for c in w.text)]  # readings hold none
    new = sorted([*new, *dashes], key=lambda w: w.upright[0])
    at = next(i for i, w in enumerate(words) if w is old[0])
    return [w for w in words[:at] if w not in old] + new + [w for w in words[at:] if w not in old]


def _surer(old: Sequence[Word], line: Sequence[Seen]) -> bool:
    """Say whether an agreed line is better than the words of one line that it would replace."""
    if len({w.line for w in old}) > 1:
        return False
    if len(line) < sum(plausible(w.text) and w.confidence > SPLIT for w in old):
        return False  # the readings lost words or ran them together
    return len(line) > len(old) or min(seen.confidence for seen in line) >= min(w.confidence for w in old)


def _torn(old: Sequence[Word], line: Sequence[Seen], box: Box) -> bool:
    """Say whether the first reading tore one row into two lines of scraps: noise may, `Nông Cố ìy 21` over `on ong, nga`."""
    if len({w.line for w in old}) != 2 or len(line) < ROW or min(seen.confidence for seen in line) < SURE:
        return False
    if not all(beside(w.upright, box) and any(on(w.upright, seen.box) for seen in line) for w in old):
        return False
    return any(sum(on(w.upright, seen.box) for w in old) > 1 for seen in line)


def whole(word: Word, words: Sequence[Word], readings: Sequence[Sequence[Seen]]) -> list[Seen]:
    """Return what two readings or more have where the first one has but a word's end: `Phan` for `an`; empty where none."""
    core = fold(strip_marks(word.text))
    if not core.isalpha():
        return []
    met = []
    for reading in readings:
        for seen in reading:
            full = fold(strip_marks(seen.text))
            cut = (
                core != full and (full.endswith(core) or full.startswith(core)) and is_syllable(strip_marks(seen.text))
            )
            if (
                cut
                and covered(word.upright, seen.box)
                and not any(w is not word and on(w.upright, seen.box) for w in words)
            ):
                met.append(seen)
    return met if len(met) > 1 and len({fold(strip_marks(s.text)) for s in met}) == 1 else []


def parted(word: Word, readings: Sequence[Sequence[Seen]], to_page: Affine) -> list[Word] | None:
    """Return the words that two readings agree `word` was run together from: `SỞNỘI` → `SỞ NỘI`."""
    ways: dict[str, list[list[Seen]]] = defaultdict(list)
    for reading in readings:
        under = [s for s in reading if covered(s.box, word.upright)]
        parts = [strip_marks(s.text) for s in under]
        if len(under) > 1 and all(is_syllable(part) or not part.isalpha() for part in parts):
            ways[" ".join(s.text for s in under)].append(under)
    if not ways:
        return None
    way, found = max(ways.items(), key=lambda item: len(item[1]))
    joined = fold(way.replace(" ", ""))
    tight = joined == fold(word.text)
    if not tight and (len(found) < 2 or Levenshtein.distance(joined, fold(word.text)) > 1):
        return None
    return [word_of(seen, word.line, to_page, read=word.text) for seen in found[0]]


def lost(words: Sequence[Word], zone: Zone, readings: Sequence[Sequence[Seen]]) -> Iterator[Seen]:
    """Yield words that the first reading has nothing for."""
    held = [w.upright for w in words if inside(w, zone)]
    taken: list[Seen] = []
    for number, reading in enumerate(readings):
        for seen in reading:
            if any(touches(seen.box, box) for box in (*held, *(t.box for t in taken))):
                continue
            others = [other for i, r in enumerate(readings) if i != number and (other := match(seen.box, r))]
            agreed = any(other.text == seen.text for other in others)
            best = max([seen, *others], key=lambda s: s.confidence)
            text = re.sub(r"^[1|](?=[^\W\d_])", "L", best.text)  # the serif of an L under a seal's rim
            if is_syllable(strip_marks(text)) and (agreed or seen.confidence > SURE):
                taken.append(
                    Seen(text, seen.box, best.confidence if agreed and text == best.text else 0.7 * best.confidence)
                )
    yield from taken


def insert(words: list[Word], seen: Seen, zone: Zone, to_page: Affine) -> None:
    """Put a found word into its line, or into a line of its own after the nearest one above it in the zone."""
    middle = (seen.box[1] + seen.box[3]) / 2
    high = seen.box[3] - seen.box[1]
    at, line = None, -1
    for i, word in enumerate(words):
        if not inside(word, zone):
            continue
        y = (word.upright[1] + word.upright[3]) / 2
        if abs(y - middle) < 0.5 * max(high, zone.type_height):
            if word.upright[0] < seen.box[0]:
                at, line = i + 1, word.line
            elif at is None or words[at - 1].line != word.line:
                at, line = i, word.line
        elif y < middle and line == -1:
            at = i + 1
    words.insert(len(words) if at is None else at, word_of(seen, line, to_page))


def renumbered(words: Sequence[Word]) -> tuple[Word, ...]:
    """Number the lines anew in reading order; words with line -1 that follow each other at one height are one line."""
    made: list[Word] = []
    number = -1
    before: Word | None = None
    for word in words:
        new = before is None or word.line != before.line
        if before is not None and word.line == -1 == before.line:
            new = abs(word.upright[1] - before.upright[1]) > 0.8 * (before.upright[3] - before.upright[1])
        number += new
        made.append(word if word.line == number else replace(word, line=number))
        before = word
    return tuple(made)
