"""Number and date filled in by pen or stamp: read digit by digit from the page as it was, where print alone was expected.

Records clerks write them into the blanks of `Số: … /QĐ-UBND` and `ngày … tháng … năm …`, often in coloured ink, which is taken
off the page before recognition.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from digitise.model.recognition import Box, PageText, Word
from digitise.scan.digits import NO_DIGIT, digits_of
from digitise.scan.engine import Grey
from digitise.scan.fields.head import blanks_of_date, code_row
from digitise.scan.fields.lines import hull, sheet_of
from digitise.scan.pieces import labelled
from digitise.scan.readings import Seen, word_of

SURE_PRINT = 0.75  # digits that the engine read more surely than this stay
SURE_DIGIT = 0.5  # least probability of each digit
MOST = 0.8  # confidence of digits that the engine did not read itself: never sure on their own
AGREED = 0.965  # confidence of digits that both readers have alike
FAINT = 0.35  # share of the darkest ink's depth from which a pixel is ink
LEAST_DEPTH = 12  # grey levels below paper; what is paler is no ink
WIDE = 0.7  # width by height from which a blot that is no digit may be two
DIGIT_HIGH = (0.5, 1.5)  # em; small letters are lower
_SLASH = re.compile(r"[/⁄∕]")


@dataclass(frozen=True, slots=True)
class Blot:
    """One connected stroke of ink in a strip; geometry in the upright frame."""

    box: Box
    ink: Grey

    @property
    def high(self) -> float:
        return self.box[3] - self.box[1]

    @property
    def wide(self) -> float:
        return self.box[2] - self.box[0]


def filled_in(read: PageText, page: NDArray[Any]) -> PageText:
    """Return `read` with the number and the date of its head as they were filled in, where the engine was not sure.

    `page` is the page image as given, grey or RGB.
    """
    sheet = sheet_of(read, 1)
    if not sheet.pieces:
        return read
    words = list(read.words)
    row = code_row(sheet)
    if row is not None:
        words = _number(words, row.words, sheet.em, read, page)
    for before, after, most in blanks_of_date(sheet):
        words = _part_of_date(words, before, after, most, sheet.em, read, page)
    return read if words == list(read.words) else replace(read, words=tuple(words))


def _number(words: list[Word], row: Sequence[Word], em: float, read: PageText, page: NDArray[Any]) -> list[Word]:
    """Settle what stands between `Số:` and the stroke before the symbol."""
    at = next((i for i, word in enumerate(row) if _SLASH.search(word.text)), None)
    if at is None:
        return words
    bearer = row[at]
    head = _SLASH.split(bearer.text)[0]
    if _well_read([bearer] if head else row[max(0, at - 1) : at], head or "".join(w.text for w in row[:at])):
        return words
    x0, _, x1, _ = bearer.upright
    stroke = x0 + (len(head) + 0.5) / len(bearer.text) * (x1 - x0)
    strip = _row_box(row, em)
    end = _end_of_digits(_blots(strip, em, read, page), stroke, len(head), em)
    starts = [strip[0]]
    if at > 0 and not any(c.isdigit() for c in row[0].text):  # pale ink shows where no print lies beside it
        starts.append(row[0].upright[2] + 0.1 * em)
    runs = [_run_before(end, _blots((x, strip[1], end, strip[3]), em, read, page), em) for x in starts]
    found = max((r for r in runs if r), key=lambda r: (len(r.text), r.confidence), default=None)
    if found is None or _is_part(found.text, head):
        return words
    return _with_number(words, row, at, found, read)


def _is_part(found: str, said: str) -> bool:
    """Say whether digits are only the beginning of those that the engine read: a cut in the wrong place, nothing new."""
    known = re.sub(r"\D", "", re.sub(r"^\W*[S5]\S{1,2}[:.;]", "", said))
    return known != found and known.startswith(found)


def _well_read(bearing: Sequence[Word], said: str) -> bool:
    """Say whether the engine read a number surely: `said` may begin with the label."""
    number = re.fullmatch(r"(?:\W*[S5]\S{1,2}[:.;,]*)?\W*(\d{1,6})\W*", said)
    return bool(number and bearing and min(w.confidence for w in bearing) >= SURE_PRINT)


def _with_number(words: list[Word], row: Sequence[Word], at: int, seen: Seen, read: PageText) -> list[Word]:
    """Put the digits into the row: in the place of what was read there, or between label and symbol."""
    bearer = row[at]
    old = _SLASH.split(bearer.text)[0]
    if old:
        label = re.match(r"\W*[S5]\S{1,2}[:.;]", old)
        text = (label[0] if label else "") + seen.text + bearer.text[len(old) :]
        level = round(0.5 * (bearer.confidence + _level(seen, old, bearer.confidence)), 4)
        return [replace(w, text=text, confidence=level, read=w.text) if w is bearer else w for w in words]
    between = [w for w in row[:at] if w.upright[2] > seen.box[0] + 0.3 * (seen.box[2] - seen.box[0])]
    was = " ".join(w.text for w in between)
    level = _level(seen, was, min((w.confidence for w in between), default=0.0))
    made = [word_of(replace(seen, confidence=level), bearer.line, read.to_page, read=was or None)]
    if row[0] in between:  # label and number were read as one word
        made.insert(0, replace(row[0], text="Số:", read=row[0].text))
    kept = [w for w in words if not any(w is b for b in between)]
    place = next(i for i, w in enumerate(kept) if w is bearer)
    return [*kept[:place], *made, *kept[place:]]


def _level(seen: Seen, said: str, confidence: float) -> float:
    """Return how sure digits are, by both readers: they are trained apart, so that their agreement is strong."""
    if re.sub(r"\D", "", said) == seen.text and re.search(r"\d", said):
        return round(min(AGREED, 1 - (1 - confidence) * (1 - seen.confidence)), 4)
    return round(min(MOST, seen.confidence), 4)


def _part_of_date(
    words: list[Word], before: Word, after: Word, most: int, em: float, read: PageText, page: NDArray[Any]
) -> list[Word]:
    """Settle day or month, between the words `before` (`ngày`, `tháng`) and `after`; `most` is the highest that it can be."""
    first = next((i for i, w in enumerate(words) if w is before), len(words))
    last = next((i for i, w in enumerate(words) if w is after), 0)
    between = words[first + 1 : last]
    if last <= first or len(between) > 2 or after.text[:1].isdigit():
        return words
    tail = re.sub(r"^\W*[^\W\d_]+", "", before.text)
    said = tail + "".join(w.text for w in between)
    level = min([w.confidence for w in between], default=before.confidence)
    if re.fullmatch(r"\W*\d{1,2}\W*", said) and 1 <= int(re.sub(r"\D", "", said)) <= most and level >= SURE_PRINT:
        return words
    letters = len(before.text) - len(tail)
    wide = before.upright[2] - before.upright[0]
    start = before.upright[0] + letters / max(1, len(before.text)) * wide
    strip = _row_box([before, *between, after], em)
    end = after.upright[0]
    blots = _blots((start - (0.15 if tail else 0) * em, strip[1], end, strip[3]), em, read, page)
    found = _run_before(end, blots, em, 2)
    if found is None or not 1 <= int(found.text) <= most:
        return words
    made = word_of(replace(found, confidence=_level(found, said, level)), before.line, read.to_page, read=said or None)
    label = replace(before, text=before.text[:letters], read=before.text) if tail else before
    return [*words[:first], label, made, *words[last:]]


def _row_box(row: Sequence[Word], em: float) -> Box:
    middle = sorted((w.upright[1] + w.upright[3]) / 2 for w in row)[len(row) // 2]
    return (row[0].upright[0] - 0.2 * em, middle - 0.85 * em, row[-1].upright[2] + 0.2 * em, middle + 0.75 * em)


def _blots(box: Box, em: float, read: PageText, page: NDArray[Any]) -> list[Blot]:
    """Return the strokes of ink in a part of the page, from left to right; `page` in its own colours."""
    a, b, c, d, e, f = read.to_page
    x0, y0 = box[0], box[1]
    matrix = np.array([[a, b, c + a * x0 + b * y0], [d, e, f + d * x0 + e * y0]])
    size = (max(1, round(box[2] - box[0])), max(1, round(box[3] - box[1])))
    shown = cv2.warpAffine(
        page, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    dark = shown.min(axis=2) if shown.ndim == 3 else shown
    depth = np.clip(float(np.median(dark)) - dark.astype(np.float32), 0, None)
    deepest = float(np.quantile(depth, 0.985))
    if deepest < LEAST_DEPTH:
        return []
    ink = np.clip(depth / deepest * 255, 0, 255).astype(np.uint8)
    mask = (ink > 255 * FAINT).astype(np.uint8)
    labels, stats = labelled(mask)
    made = [
        Blot(
            (x0 + x, y0 + y, x0 + x + w, y0 + y + h),
            np.where(labels[y : y + h, x : x + w] == n, ink[y : y + h, x : x + w], 0),
        )
        for n, (x, y, w, h, area) in enumerate(stats.tolist())
        if n and h > 0.3 * em and area > 0.02 * em * em
    ]
    return sorted(made, key=lambda blot: blot.box[0])


def _end_of_digits(blots: Sequence[Blot], stroke: float, letters: int, em: float) -> float:
    """Return where the stroke before the symbol begins, looked for about `stroke`; the letter after it may touch it."""
    reach = (0.5 + 0.25 * letters) * em
    near = [b for b in blots if abs((b.box[0] + b.box[2]) / 2 - stroke) < reach]
    alone = [b for b in near if _is_slash(b, em)]
    sevens = [
        b for b in alone if digits_of([b.ink])[0][0] == 7
    ]  # some strokes look like one, some sevens like a stroke
    joined = [half for b in near if b.wide > WIDE * b.high and _is_slash(half := _halves(b)[0], em)]
    for slanted in ([b for b in alone if b not in sevens], joined, sevens):
        if slanted:
            return min(slanted, key=lambda b: abs((b.box[0] + b.box[2]) / 2 - stroke)).box[0]
    return stroke


def _is_slash(blot: Blot, em: float) -> bool:
    """Say whether a blot is a straight stroke that rises to the right."""
    if blot.high < 0.5 * em or blot.wide > 0.8 * blot.high or blot.wide < 0.12 * blot.high:
        return False
    rows, columns = np.nonzero(blot.ink)
    slope, at = np.polyfit(rows, columns, 1)
    away = np.abs(columns - (slope * rows + at))
    if slope > -0.1 or float(away.mean()) > 0.09 * em:
        return False
    return digits_of([blot.ink])[0][0] in (1, 7, NO_DIGIT)


def _run_before(end: float, blots: Sequence[Blot], em: float, most: int = 6) -> Seen | None:
    """Return the digits that stand left of `end` without a wide gap, as surely read as the least sure of them."""
    run: list[tuple[str, float, Box]] = []
    edge = end
    for blot in sorted(blots, key=lambda b: -b.box[2]):
        if (blot.box[0] + blot.box[2]) / 2 > end or not DIGIT_HIGH[0] * em < blot.high < DIGIT_HIGH[1] * em:
            continue
        if run and edge - blot.box[2] > 0.9 * em:
            break
        told = _digits([blot]) or (_digits(_halves(blot)) if blot.wide > WIDE * blot.high else None)
        if told is None:
            break
        run[:0] = told
        edge = blot.box[0]
        if len(run) >= most:
            break
    if not run:
        return None
    return Seen("".join(digit for digit, _, _ in run), hull(box for _, _, box in run), min(c for _, c, _ in run))


def _digits(parts: Sequence[Blot]) -> list[tuple[str, float, Box]] | None:
    """Return each blot's digit, its probability and box; None where one of them is no digit."""
    told = digits_of([part.ink for part in parts])
    if any(digit == NO_DIGIT or chance < SURE_DIGIT for digit, chance in told):
        return None
    return [(str(digit), chance, part.box) for (digit, chance), part in zip(told, parts, strict=True)]


def _halves(blot: Blot) -> list[Blot]:
    """Cut two digits that touch where least ink stands."""
    columns = (blot.ink > 0).sum(axis=0)
    third = len(columns) // 3
    cut = third + int(np.argmin(columns[third : 2 * third + 1]))
    x0, y0, x1, y1 = blot.box
    return [
        Blot((x0, y0, x0 + cut, y1), np.ascontiguousarray(blot.ink[:, :cut])),
        Blot((x0 + cut, y0, x1, y1), np.ascontiguousarray(blot.ink[:, cut:])),
    ]
