"""The signer's block where black ink of a seal or a pen lies over it: read anew from its letters alone.

The first reading holds nothing to vote on there. Several pictures of the letters (`print_ink`) are read by both models, and what they say
together takes the place of what was read.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from digitise.model.recognition import Word
from digitise.scan.accents import by_shape
from digitise.scan.consensus import consensus
from digitise.scan.engine import Grey, OcrEngine
from digitise.scan.fields.lines import hull
from digitise.scan.fields.zones import Zone
from digitise.scan.lost_words import inside
from digitise.scan.print_ink import INK, Letters, large_ink, letters_of
from digitise.scan.readings import Seen, match, spelled, word_of
from digitise.scan.zone_reading import View, Way, best_size, read_zone

ENLARGED = 1.45  # of the best size: unlike it, so that readings err elsewhere
OTHER = 0.25  # share of a word's ink that is print where a seal or a pen was read as a word
UNANIMOUS = 3  # readings that suffice where all of them have one name alike
ROW = 0.5  # type heights by which the words of one row may be off its middle


@dataclass(frozen=True, slots=True)
class Reread:
    """All words of a page with the rows of a zone that were read anew, and the readings that said so."""

    words: list[Word]
    new: tuple[Word, ...]  # those of `words` that the readings settled
    readings: list[list[Seen]]


def under_ink(
    words: Sequence[Word], zone: Zone, view: View, engine: OcrEngine, until: float, disputed: bool = False
) -> Reread | None:
    """Read the rows of the zone that large black ink touches anew; None where there is no such ink.

    Where readings dispute a name, it is read anew without such ink as well: a stroke too pale to be black crosses it.
    `view` shows black ink alone (`black_of`). Raises LimitExceeded, EngineUnavailable.
    """
    x0, y0 = max(0, int(zone.box[0] * view.scale)), max(0, int(zone.box[1] * view.scale))
    here = (slice(y0, int(zone.box[3] * view.scale) + 1), slice(x0, int(zone.box[2] * view.scale) + 1))
    part = view.image[here]
    boxes = large_ink(part, zone.type_height * view.scale) if part.size else []
    if not (boxes or (disputed and part.size)):
        return None

    def on_page(shown: Grey) -> Grey:
        page = np.full_like(view.image, 255)
        page[here] = shown
        return page

    letters = letters_of(part, zone.type_height * view.scale)
    readings: list[list[Seen]] = []
    for way in _ways(zone, view.scale, letters, engine):
        shown = replace(view, image=on_page(way.image))
        readings.append(list(read_zone(zone, shown, way.engine, way.size, until)))
        if len(readings) >= UNANIMOUS and _name_in_all(readings, zone.type_height):
            break
    top = (min((b[1] for b in boxes), default=0) + y0) / view.scale  # what stands below may be its rim in pieces
    firm, soft = on_page(letters.firm), on_page(letters.soft)
    kept = [w for w in words if not inside(w, zone) or not _is_other_ink(w, view, firm)]
    first = [Seen(w.text, w.upright, w.confidence) for w in kept if inside(w, zone)]
    new: list[Word] = []
    for row in consensus([*readings, first], zone.type_height):
        if _middle(row) <= top or not (boxes or _is_name(row)):
            continue
        kept, settled = _with_row(kept, row, zone, view)
        new += settled
    shaped = {id(w): by_shape(w, spelled(w.upright, readings), soft, view.scale, zone.type_height) for w in new}
    kept, new = [shaped.get(id(w), w) for w in kept], [shaped[id(w)] for w in new]
    return Reread(kept, tuple(new), readings)


def _ways(zone: Zone, scale: float, letters: Letters, engine: OcrEngine) -> Iterator[Way]:
    """Yield the readings: of a dozen tried on 80 blocks, these six together had most names right."""
    size, other = best_size(zone, scale), engine.second or engine
    yield Way(size, letters.soft, engine)
    yield Way(size, letters.soft, other)
    yield Way(size * ENLARGED, letters.firm, engine)
    yield Way(size * ENLARGED, letters.smooth, engine)
    yield Way(size * ENLARGED, letters.generous, other)
    yield Way(size * ENLARGED, letters.generous, engine)


def _name_in_all(readings: Sequence[Sequence[Seen]], type_height: float) -> bool:
    """Say whether all readings have the same name."""
    return any(
        all((met := match(seen.box, reading)) and met.text == seen.text for reading in readings for seen in row)
        for row in consensus(readings, type_height)
        if _is_name(row)
    )


def _middle(row: Sequence[Seen]) -> float:
    box = hull(seen.box for seen in row)
    return (box[1] + box[3]) / 2


def _is_name(row: Sequence[Seen]) -> bool:
    return len(row) > 1 and all(seen.text.istitle() for seen in row)


def _is_other_ink(word: Word, view: View, letters: Grey) -> bool:
    """Say whether next to no letter's ink stands where a word was read: it was a seal or a signature."""
    x0, y0, x1, y1 = (max(0, round(v * view.scale)) for v in word.upright)
    ink = int((view.image[y0:y1, x0:x1] < INK).sum())
    return ink > 0 and int((letters[y0:y1, x0:x1] < INK).sum()) < OTHER * ink


def _with_row(words: list[Word], row: Sequence[Seen], zone: Zone, view: View) -> tuple[list[Word], list[Word]]:
    """Put a row in the place of what was read at its height in the zone; return all words, and the row's."""
    middle = _middle(row)
    old = [w for w in words if inside(w, zone) and abs(_height(w) - middle) < ROW * zone.type_height]
    was = " ".join(w.text for w in old) or None
    above = [i for i, w in enumerate(words) if inside(w, zone) and _height(w) < middle and w not in old]
    at = above[-1] + 1 if above else next((i for i, w in enumerate(words) if w in old or inside(w, zone)), len(words))
    new = [word_of(seen, -1, view.to_page, read=was) for seen in row]
    return [w for w in words[:at] if w not in old] + new + [w for w in words[at:] if w not in old], new


def _height(word: Word) -> float:
    return (word.upright[1] + word.upright[3]) / 2
