"""A second look at the parts of a page that bear fields: other scale, other layout; the readings vote word by word.

What several readings agree on is surer than any one of them says; what they dispute is doubtful, however sure each is.
"""

import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np
from rapidfuzz.distance import Levenshtein

from digitise.errors import LimitExceeded
from digitise.model.recognition import Affine, Box, PageText, Word
from digitise.scan.dots import dotted
from digitise.scan.engine import Grey, Layout, OcrEngine
from digitise.scan.fields.lines import hull
from digitise.scan.fields.loose import alike, is_syllable, strip_marks
from digitise.scan.fields.zones import Zone, field_zones
from digitise.scan.readings import SURE, Seen, agreed_lines, beside, covered, match, misplaced, on, touches, word_of
from digitise.scan.single_words import Ballots, elected, one_by_one
from digitise.scan.syllables import plausible
from digitise.text import fold, nfc

BEST_CAPITAL = 34.0  # pixels of a capital at which Tesseract reads best: 12 pt at 300 dpi
SCALES = (0.5, 2.5)  # enlarging further adds blur, not letters
LARGER, SMALLER = 1.45, 0.85  # the two further readings, of that: unlike each other, so that they err elsewhere
PRINT, PALE = 0.01, 0.6  # share of a zone's pixels that is print for sure; paler than so much of its depth is no print
SPLIT = 0.5  # words surer than this are counted before a line of fewer words takes their place
LIKE = 0.45  # a reading less like the first one's is of something else


@dataclass(frozen=True, slots=True)
class Way:
    """One further reading of a zone: at what size, of which picture, by which model."""

    size: float
    image: Grey
    engine: OcrEngine


def look_again(
    page: PageText, image: Grey, plain: Grey, scale: float, dpi: int, engine: OcrEngine, seconds: float = 20.0
) -> PageText:
    """Return `page` with the words of its field zones settled by one to four more readings, then by reading each doubtful
    word for itself.

    `image` is what the page was recognised from: upright, prepared; `plain` the same before ink was taken off it, where a
    name under a seal may have gone with the seal; `scale` their pixels per page pixel. When `seconds` are
    over, the zones that were not reached stay as first read. Raises EngineUnavailable.
    """
    words = list(page.words)
    until = time.monotonic() + seconds
    ballots: Ballots = {}
    for zone in field_zones(page):
        readings: list[list[Seen]] = []
        shown = black_of(plain, zone, scale) if zone.may_be_lost else image
        try:
            for way in _ways(zone, scale, image, plain, shown, engine):
                held = [word.upright for word in words if _inside(word, zone)]
                seen = _read(zone, way.image, scale, dpi, way.engine, way.size, max(0.5, until - time.monotonic()))
                lost = zone.may_be_lost  # there a word's halves may stand apart, and the whole of it is news
                readings.append([s for s in seen if (lost and is_syllable(s.text)) or not _runs_together(s, held)])
                if _undisputed(words, zone, readings) or (zone.may_be_lost and _name_agreed(readings)):
                    break
            words = _settled(words, zone, readings, page.to_page, ballots)
            words = one_by_one(words, partial(_within, zone=zone), shown, scale, engine, ballots, until)
            words = [dotted([w], shown, scale)[0] if _within(w, zone) else w for w in words]
        except LimitExceeded:
            break
    return replace(page, words=_renumbered(words))


def _ways(zone: Zone, scale: float, image: Grey, plain: Grey, black: Grey, engine: OcrEngine) -> Iterator[Way]:
    """Yield the further readings in their order: sizes, pictures and models unlike each other, so that they err elsewhere."""
    ideal = min(max(BEST_CAPITAL / max(1.0, zone.type_height * scale), SCALES[0]), SCALES[1])
    larger, smaller = min(ideal * LARGER, SCALES[1]), max(ideal * SMALLER, SCALES[0])
    other = engine.second or engine
    if zone.may_be_lost:
        yield Way(larger, black, engine)
        yield Way(smaller, black, other)
        yield Way(larger, plain, engine)
        yield Way(smaller, plain, other)
    else:
        yield Way(larger, image, other)
        yield Way(smaller, image, engine)


def black_of(plain: Grey, zone: Zone, scale: float) -> Grey:
    """Return a page with the zone in it as its black ink alone: what is paler than print, as seals and pens are, is white."""
    x0, y0 = max(0, int(zone.box[0] * scale)), max(0, int(zone.box[1] * scale))
    x1, y1 = int(zone.box[2] * scale) + 1, int(zone.box[3] * scale) + 1
    part = plain[y0:y1, x0:x1]
    made = np.full_like(plain, 255)
    if part.size:
        black = float(np.quantile(part, PRINT))
        depth = PALE * (255 - black)
        made[y0:y1, x0:x1] = np.clip((part.astype(np.float32) - black) * 255 / max(1.0, depth), 0, 255).astype(np.uint8)
    return made


def _runs_together(seen: Seen, held: Sequence[Box]) -> bool:
    """Say whether a word of another reading lies over two words of the first: `tháng9` over `tháng` and `9`."""
    return sum(covered(box, seen.box) for box in held) > 1


def _undisputed(words: Sequence[Word], zone: Zone, readings: Sequence[Sequence[Seen]]) -> bool:
    """Say whether the last reading saw the words of the zone, all of them and no others."""
    inside = [w for w in words if _inside(w, zone) and any(c.isalnum() for c in w.text)]
    if zone.may_be_lost and (len(readings[-1]) != len(inside) or sum(_like_a_name(w) for w in inside) < 2):
        return False
    if zone.name == "issuer" and len(readings[-1]) > len(inside):
        return False
    return all((seen := match(w.upright, readings[-1])) is not None and seen.text == w.text for w in inside)


def _read(
    zone: Zone, image: Grey, scale: float, dpi: int, engine: OcrEngine, factor: float, seconds: float
) -> Iterator[Seen]:
    """Read the zone enlarged by `factor`."""
    x0, y0 = max(0, int(zone.box[0] * scale)), max(0, int(zone.box[1] * scale))
    x1, y1 = int(zone.box[2] * scale) + 1, int(zone.box[3] * scale) + 1
    part = image[y0:y1, x0:x1]
    if part.shape[0] < 8 or part.shape[1] < 8:
        return
    shown = part
    if abs(factor - 1) <= 0.05:
        factor = 1.0  # as good as it is; what is not enlarged is not measured as if it were
    else:
        kind = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
        shown = cv2.resize(part, None, fx=factor, fy=factor, interpolation=kind)
    shown = cv2.copyMakeBorder(shown, 12, 12, 12, 12, cv2.BORDER_CONSTANT, value=255)
    for token in engine.read(shown, dpi=max(70, round(dpi * factor)), layout=Layout.BLOCK, seconds=seconds):
        box = [(v - 12) / factor for v in token.box]
        upright = ((box[0] + x0) / scale, (box[1] + y0) / scale, (box[2] + x0) / scale, (box[3] + y0) / scale)
        cut = (x0 > 0 and box[0] < 2) or (x1 < image.shape[1] and box[2] > shown.shape[1] / factor - 24 / factor - 2)
        if any(c.isalnum() for c in token.text) and not cut:
            text = re.sub(r"^1(?=[^\W\d_])", "L", nfc(token.text))  # a letter cannot follow a one: the serif of an L
            yield Seen(text, upright, token.confidence * (0.9 if text != token.text else 1.0))


def _like_a_name(word: Word) -> bool:
    return word.text[:1].isupper() and word.text[1:].islower() and is_syllable(word.text)


def _name_agreed(readings: Sequence[Sequence[Seen]]) -> bool:
    """Say whether the last two readings have one line alike that is shaped like a name."""
    return any(
        all(s.text[:1].isupper() and s.text[1:].islower() and is_syllable(s.text) for s in line)
        for line in agreed_lines(readings[-2:])
    )


def _inside(word: Word, zone: Zone) -> bool:
    x, y = (word.upright[0] + word.upright[2]) / 2, (word.upright[1] + word.upright[3]) / 2
    return zone.box[0] < x < zone.box[2] and zone.box[1] < y < zone.box[3]


def _within(word: Word, zone: Zone) -> bool:
    """Say whether a whole word lies in the zone: one that its edge cuts is another word to every reading."""
    return _inside(word, zone) and zone.box[0] <= word.upright[0] and word.upright[2] <= zone.box[2]


def _settled(
    words: list[Word], zone: Zone, readings: Sequence[Sequence[Seen]], to_page: Affine, ballots: Ballots
) -> list[Word]:
    """Let the readings vote on each word of the zone, and add what the first reading lost under a seal."""
    made: list[Word] = []
    for word in words:
        if not _within(word, zone) or not any(c.isalnum() for c in word.text):
            made.append(word)
            continue
        parted = _parted(word, readings, to_page)
        made.extend(parted or [_voted(word, readings, to_page, ballots)])
    if zone.may_be_lost or zone.name in ("issuer", "date"):  # words are lost, lines that lie close are read as one
        for line in agreed_lines(readings):
            if zone.name == "issuer" and not all(seen.text.isupper() for seen in line):
                continue  # an abstract under the number
            made = _with_line(made, line, zone, to_page)
    if zone.may_be_lost or zone.name == "issuer":  # its last line may be one short word, taken for dirt
        for seen in _lost(made, zone, readings):
            _insert(made, seen, zone, to_page)
    return made


def _with_line(words: list[Word], line: Sequence[Seen], zone: Zone, to_page: Affine) -> list[Word]:
    """Put an agreed line in the place of what the first reading made of it, where that is less sure or run together."""
    box = hull(seen.box for seen in line)
    old = [w for w in words if _inside(w, zone) and (covered(w.upright, box) or on(w.upright, box))]
    texts = [seen.text for seen in line]
    if not old or [w.text for w in old if any(c.isalnum() for c in w.text)] == texts or len({w.line for w in old}) > 1:
        return words
    if len(line) < sum(plausible(w.text) and w.confidence > SPLIT for w in old):
        return words  # the readings lost words or ran them together
    if len(line) <= len(old) and min(seen.confidence for seen in line) < min(w.confidence for w in old):
        return words
    was = " ".join(w.text for w in old)
    mixed = any(w.line == old[0].line and w not in old and not beside(w.upright, box) for w in words)
    number = -1 if mixed else old[0].line
    new = [word_of(replace(seen, confidence=0.95 * seen.confidence), number, to_page, read=was) for seen in line]
    dashes = [replace(w, line=number) for w in old if not any(c.isalnum() for c in w.text)]  # readings hold none
    new = sorted([*new, *dashes], key=lambda w: w.upright[0])
    at = next(i for i, w in enumerate(words) if w is old[0])
    return [w for w in words[:at] if w not in old] + new + [w for w in words[at:] if w not in old]


def _voted(word: Word, readings: Sequence[Sequence[Seen]], to_page: Affine, ballots: Ballots) -> Word:
    """Return the word as most readings have it, its confidence by their agreement; note the votes."""
    met = [seen for reading in readings if (seen := match(word.upright, reading) or misplaced(word, reading))]
    twice = {a.text for i, a in enumerate(met) for b in met[:i] if a.text == b.text}
    matched = [seen for seen in met if seen.text in twice or _akin(word, seen)]
    if not matched:
        return replace(word, confidence=round(word.confidence * 0.6, 4))
    votes = [(word.text, word.confidence), *((s.text, s.confidence) for s in matched)]
    made = elected(word, votes)
    whole = next((s for s in matched if s.text == made.text and covered(word.upright, s.box)), None)
    if whole is not None:
        made = word_of(replace(whole, confidence=made.confidence), word.line, to_page, read=made.read)
    ballots[id(made)] = (made, votes)
    return made


def _akin(word: Word, seen: Seen) -> bool:
    return word.confidence < max(0.3, seen.confidence - 0.3) or alike(word.text, seen.text) >= LIKE


def _parted(word: Word, readings: Sequence[Sequence[Seen]], to_page: Affine) -> list[Word] | None:
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


def _lost(words: Sequence[Word], zone: Zone, readings: Sequence[Sequence[Seen]]) -> Iterator[Seen]:
    """Yield words that the first reading has nothing for."""
    held = [w.upright for w in words if _inside(w, zone)]
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


def _insert(words: list[Word], seen: Seen, zone: Zone, to_page: Affine) -> None:
    """Put a found word into its line, or into a line of its own after the nearest one above it in the zone."""
    middle = (seen.box[1] + seen.box[3]) / 2
    high = seen.box[3] - seen.box[1]
    at, line = None, -1
    for i, word in enumerate(words):
        if not _inside(word, zone):
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


def _renumbered(words: Sequence[Word]) -> tuple[Word, ...]:
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
