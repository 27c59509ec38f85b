"""What several readings of the same ink say together, where none of them is a skeleton to hold on to: rows, words, letters.

Words that lie over each other are rivals. Of the ways to part a row into words the one with most support is taken, and of each word's
spellings that which most readings have, those that can be Vietnamese counting more.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from digitise.scan.fields.lines import hull
from digitise.scan.readings import Seen
from digitise.scan.syllables import is_syllable

SAME_PLACE = 0.6  # share of the wider one's width from which two words are one
APART = 0.25  # share of the narrower one's width that two words of one row may overlap by
IMPOSSIBLE = 0.25  # weight of a spelling that no syllable has
SMALL = 0.6  # weight of a spelling that begins small where its row's words begin large
LEAST = 2  # readings that must have a word
ALONE = 0.5  # confidence below which a single letter is a piece of a stroke


def consensus(readings: Sequence[Sequence[Seen]], type_height: float) -> list[list[Seen]]:
    """Return the rows of words, from top to bottom, that the readings agree on best; confidence is the winners' share."""
    rows: list[list[tuple[int, Seen]]] = []
    tokens = [(number, part) for number, reading in enumerate(readings) for seen in reading for part in _parts(seen)]
    for token in sorted(tokens, key=lambda t: t[1].box[1] + t[1].box[3]):
        middle = (token[1].box[1] + token[1].box[3]) / 2
        if rows and middle - _middle(rows[-1]) < 0.5 * type_height:
            rows[-1].append(token)
        else:
            rows.append([token])
    return [row for row in (_row(tokens, len(readings)) for tokens in rows) if row]


def _parts(seen: Seen) -> list[Seen]:
    """Return the letters of a word without signs around and between them: a stroke joins two words to `Dương/Hiếu`.

    The stop of `TM.` stays.
    """
    x0, y0, x1, y1 = seen.box
    wide = (x1 - x0) / max(1, len(seen.text))
    return [
        replace(seen, text=run[0], box=(x0 + run.start() * wide, y0, x0 + run.end() * wide, y1))
        for run in re.finditer(r"(?:TM|KT|TL|TUQ)\.|[^\W\d_]+", seen.text)
    ]


def _middle(row: Sequence[tuple[int, Seen]]) -> float:
    heights = sorted((s.box[1] + s.box[3]) / 2 for _, s in row)
    return heights[len(heights) // 2]


def _row(tokens: Sequence[tuple[int, Seen]], count: int) -> list[Seen]:
    """Return the words of one row: the best way to part it, each word as most have it."""
    slots: list[list[tuple[int, Seen]]] = []
    for number, seen in sorted(tokens, key=lambda t: -t[1].confidence):
        home = next((slot for slot in slots if _same_place(seen, slot[0][1])), None)
        if home is None:
            slots.append([(number, seen)])
        elif all(other != number for other, _ in home):
            home.append((number, seen))
    large = sum(s.text[:1].isupper() for _, s in tokens) > 0.5 * len(tokens)
    told = [_elected(slot, large, count) for slot in slots if len(slot) >= LEAST]
    return _parted([(seen, weight) for seen, weight in told if len(seen.text) > 1 or seen.confidence > ALONE])


def _same_place(a: Seen, b: Seen) -> bool:
    wide = min(a.box[2], b.box[2]) - max(a.box[0], b.box[0])
    return wide > SAME_PLACE * max(a.box[2] - a.box[0], b.box[2] - b.box[0])


def _elected(slot: Sequence[tuple[int, Seen]], large: bool, count: int) -> tuple[Seen, float]:
    """Return a word as most readings have it, and how much speaks for there being this word at all."""
    weight: dict[str, float] = defaultdict(float)
    surest: dict[str, Seen] = {}
    for _, seen in slot:
        value = (seen.confidence + 0.1) * (1.0 if is_syllable(seen.text) else IMPOSSIBLE)
        weight[seen.text] += value * (SMALL if large and not seen.text[:1].isupper() else 1.0)
        if seen.text not in surest or seen.confidence > surest[seen.text].confidence:
            surest[seen.text] = seen
    best = max(weight, key=lambda text: weight[text])
    share = weight[best] / sum(weight.values()) * len(slot) / count
    box = hull(s.box for _, s in slot if s.text == best)
    return Seen(best, box, round(surest[best].confidence * share, 4)), sum(weight.values())


def _parted(words: Sequence[tuple[Seen, float]]) -> list[Seen]:
    """Return those words, from left to right, that do not overlap and weigh most together."""
    ordered = sorted(words, key=lambda w: w[0].box[2])
    best: list[tuple[float, list[Seen]]] = [(0.0, [])]
    for i, (seen, weight) in enumerate(ordered):
        before = max(
            (best[j + 1] for j in range(i) if _clear(ordered[j][0], seen)), key=lambda way: way[0], default=best[0]
        )
        best.append((before[0] + weight, [*before[1], seen]))
    return max(best, key=lambda way: way[0])[1]


def _clear(left: Seen, right: Seen) -> bool:
    narrower = min(left.box[2] - left.box[0], right.box[2] - right.box[0])
    return left.box[2] - right.box[0] < APART * narrower
