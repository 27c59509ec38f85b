"""A second look at the parts of a page that bear fields: other scale, other layout; the readings vote word by word.

What several readings agree on is surer than any one of them says; what they dispute is doubtful, however sure each is.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

from digitise.errors import LimitExceeded
from digitise.model.recognition import Affine, Box, PageText, Word
from digitise.scan.accents import by_shape
from digitise.scan.dots import dotted
from digitise.scan.engine import Grey, OcrEngine
from digitise.scan.fields.loose import alike, is_syllable
from digitise.scan.fields.zones import Zone, field_zones
from digitise.scan.lost_words import insert, inside, lost, parted, renumbered, whole, with_line
from digitise.scan.readings import Seen, agreed_lines, covered, match, misplaced, spelled, word_of
from digitise.scan.single_words import Ballots, elected, one_by_one
from digitise.scan.under_ink import under_ink
from digitise.scan.zone_reading import SCALES, View, Way, best_size, black_of, read_zone

LARGER, SMALLER = 1.45, 0.85  # the two further readings, of that: unlike each other, so that they err elsewhere
LIKE = 0.45  # a reading less like the first one's is of something else


def look_again(
    page: PageText,
    image: Grey,
    plain: Grey,
    scale: float,
    dpi: int,
    engine: OcrEngine,
    seconds: float = 20.0,
    *,
    bilevel: bool = False,
) -> PageText:
    """Return `page` with the words of its field zones settled by one to four more readings, then by reading each doubtful
    word for itself.

    `image` is what the page was recognised from: upright, prepared; `plain` the same before ink was taken off it, where a
    name under a seal may have gone with the seal; `scale` their pixels per page pixel. On a `bilevel` page seal and pen
    are as black as print: what they touch is read from its letters alone at once, elsewhere where no two readings agree.
    When `seconds` are over, the zones that were not reached stay as first read. Raises EngineUnavailable.
    """
    words = list(page.words)
    until = time.monotonic() + seconds
    ballots: Ballots = {}
    for zone in field_zones(page):
        shown = View(black_of(plain, zone, scale) if zone.may_be_lost else image, scale, dpi, page.to_page)
        try:
            anew = under_ink(words, zone, shown, engine, until) if zone.may_be_lost and bilevel else None
            if anew:
                words, readings = anew.words, anew.readings
                zone = replace(zone, may_be_lost=False)  # what was lost is found
            else:
                readings, agreed = _readings(words, zone, shown, plain, engine, until)
                if zone.may_be_lost and not agreed and (anew := under_ink(words, zone, shown, engine, until, True)):
                    words = anew.words
            open_ = partial(_open, zone=zone, settled={id(word) for word in anew.new} if anew else set())
            words = _settled(words, open_, zone, readings, page.to_page, ballots)
            words = one_by_one(words, open_, shown.image, scale, engine, ballots, until)
            words = [_marked(w, zone, shown, readings) if open_(w) else w for w in words]
        except LimitExceeded:
            break
    return replace(page, words=renumbered(words))


def _marked(word: Word, zone: Zone, shown: View, readings: Sequence[Sequence[Seen]]) -> Word:
    """Return a word with its dots and accents as their shapes tell."""
    dots = dotted([word], shown.image, shown.scale)[0]
    return by_shape(
        dots, {dots.read or "", *spelled(dots.upright, readings)}, shown.image, shown.scale, zone.type_height
    )


def _readings(
    words: Sequence[Word], zone: Zone, view: View, plain: Grey, engine: OcrEngine, until: float
) -> tuple[list[list[Seen]], bool]:
    """Return further readings of the zone, until one says the same as was read or two agree on a name; and whether so."""
    readings: list[list[Seen]] = []
    held = [word.upright for word in words if inside(word, zone)]
    for way in _ways(zone, view.scale, plain, view.image, engine):
        seen = read_zone(zone, replace(view, image=way.image), way.engine, way.size, until)
        torn = zone.may_be_lost  # there a word's halves may stand apart, and the whole of it is news
        readings.append([s for s in seen if (torn and is_syllable(s.text)) or not _runs_together(s, held)])
        if _undisputed(words, zone, readings) or (zone.may_be_lost and _name_agreed(readings)):
            return readings, True
    return readings, False


def _ways(zone: Zone, scale: float, plain: Grey, shown: Grey, engine: OcrEngine) -> Iterator[Way]:
    """Yield the further readings in their order: sizes, pictures and models unlike each other, so that they err elsewhere."""
    ideal = best_size(zone, scale)
    larger, smaller = min(ideal * LARGER, SCALES[1]), max(ideal * SMALLER, SCALES[0])
    other = engine.second or engine
    if zone.may_be_lost:
        yield Way(larger, shown, engine)
        yield Way(smaller, shown, other)
        yield Way(larger, plain, engine)
        yield Way(smaller, plain, other)
    else:
        yield Way(larger, shown, other)
        yield Way(smaller, shown, engine)


def _runs_together(seen: Seen, held: Sequence[Box]) -> bool:
    """Say whether a word of another reading lies over two words of the first that stand apart: `tháng9` over `tháng` and `9`."""
    under = sorted(box for box in held if covered(box, seen.box))
    return any(a[2] <= b[0] for a, b in pairwise(under))


def _undisputed(words: Sequence[Word], zone: Zone, readings: Sequence[Sequence[Seen]]) -> bool:
    """Say whether the last reading saw the whole words of the zone, all of them and no others."""
    held = [w for w in words if _uncut(w, zone) and any(c.isalnum() for c in w.text)]
    if zone.may_be_lost and (len(readings[-1]) != len(held) or sum(_like_a_name(w) for w in held) < 2):
        return False
    if zone.name == "issuer" and len(readings[-1]) > len(held):
        return False
    return all((seen := match(w.upright, readings[-1])) is not None and seen.text == w.text for w in held)


def _like_a_name(word: Word) -> bool:
    return word.text[:1].isupper() and word.text[1:].islower() and is_syllable(word.text)


def _name_agreed(readings: Sequence[Sequence[Seen]]) -> bool:
    """Say whether the last two readings have one line alike that is shaped like a name."""
    return any(
        all(s.text[:1].isupper() and s.text[1:].islower() and is_syllable(s.text) for s in line)
        for line in agreed_lines(readings[-2:])
    )


def _open(word: Word, zone: Zone, settled: set[int]) -> bool:
    """Say whether a whole word lies in the zone, and is not settled."""
    return id(word) not in settled and _uncut(word, zone)


def _uncut(word: Word, zone: Zone) -> bool:
    """Say whether a word lies in the zone and its edge does not cut it: one that is cut is another to every reading."""
    return zone.box[0] <= word.upright[0] and word.upright[2] <= zone.box[2] and inside(word, zone)


def _settled(
    words: list[Word],
    open_: Callable[[Word], bool],
    zone: Zone,
    readings: Sequence[Sequence[Seen]],
    to_page: Affine,
    ballots: Ballots,
) -> list[Word]:
    """Let the readings vote on each open word of the zone, and add what the first reading lost under a seal."""
    made: list[Word] = []
    for word in words:
        if not open_(word) or not any(c.isalnum() for c in word.text):
            made.append(word)
            continue
        parts = parted(word, readings, to_page)
        made.extend(parts or [_voted(_completed(word, words, readings, to_page), readings, to_page, ballots)])
    if zone.may_be_lost or zone.name in ("issuer", "date"):  # words are lost, lines that lie close are read as one
        for line in agreed_lines(readings):
            if zone.name == "issuer" and not all(seen.text.isupper() for seen in line):
                continue  # an abstract under the number
            made = with_line(made, line, zone, to_page)
    if zone.may_be_lost or zone.name == "issuer":  # its last line may be one short word, taken for dirt
        for seen in lost(made, zone, readings):
            insert(made, seen, zone, to_page)
    return made


def _completed(word: Word, words: Sequence[Word], readings: Sequence[Sequence[Seen]], to_page: Affine) -> Word:
    """Return the word with the part of it that ink hid from the first reading, where two readings have the whole."""
    met = whole(word, words, readings)
    if not met:
        return word
    best = max(met, key=lambda s: (sum(s.text == t.text for t in met), s.confidence))
    return word_of(replace(best, confidence=0.5 * best.confidence), word.line, to_page, read=word.text)


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
