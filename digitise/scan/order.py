"""Words in the order in which a person reads the page.

Official papers have a two-column head (organisation, number | national title, place and date), a body over the full
width, tables, and at the foot the recipients beside the signer. A head, foot or newspaper column is read column by
column; everything else row by row. Words come in the upright, deskewed frame.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from rapidfuzz.fuzz import partial_ratio, ratio

from digitise.scan.engine import Token
from digitise.text import fold

COLUMN_GAP = 1.6  # em between two words of one row that belong to different columns; justified words stay below 1.2
NARROW_GAP = 0.8  # em of clear gutter that is enough where several rows in a row leave it free
LEAST_GUTTER = 0.2  # em that all rows together must leave free, where each by itself leaves a gap between columns
LONGEST_PAUSE = 8.0  # em of white between two rows of one head or foot: the room for seal and signature
SHORT_PAUSE = 2.0  # em of white after which a centred line begins something new
SAME_ROW = 0.5  # share of the lower height by which two words must overlap to stand on one row
# Marks of a head or foot, folded (NĐ 30/2020 annex I): national title, recipients, words that open a signer block.
COLUMN_MARKS = ("cong hoa xa hoi chu nghia viet nam", "doc lap - tu do - hanh phuc", "noi nhan:", "luu: vt")
LIKE_TITLE = 84.0  # rapidfuzz ratio, letters without marks


@dataclass(frozen=True, slots=True)
class Row:
    """Words on one baseline, left to right."""

    words: tuple[Token, ...]

    @property
    def top(self) -> float:
        """Upper edge: median over the words, so that one tall blot does not count."""
        return _median([word.box[1] for word in self.words])

    @property
    def bottom(self) -> float:
        """Lower edge: median over the words."""
        return _median([word.box[3] for word in self.words])


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def rows_of(tokens: Sequence[Token]) -> list[Row]:
    """Return the words in rows from top to bottom; the engine's lines are kept together where they are level."""
    pieces: dict[tuple[int, int, int], list[Token]] = {}
    for token in tokens:
        pieces.setdefault((token.block, token.paragraph, token.line), []).append(token)
    rows: list[list[Token]] = []
    for piece in sorted(pieces.values(), key=lambda words: _median([(w.box[1] + w.box[3]) / 2 for w in words])):
        home = next((row for row in reversed(rows[-4:]) if _level(row, piece)), None)
        if home is None:
            rows.append(list(piece))
        else:
            home.extend(piece)
    made = [Row(tuple(sorted(row, key=lambda word: word.box[0]))) for row in rows]
    return sorted(made, key=lambda row: row.top + row.bottom)


def _level(row: Sequence[Token], piece: Sequence[Token]) -> bool:
    """Say whether `piece` continues `row`: level with it and not on top of its words."""
    top, bottom = _median([w.box[1] for w in row]), _median([w.box[3] for w in row])
    other_top, other_bottom = _median([w.box[1] for w in piece]), _median([w.box[3] for w in piece])
    shared = min(bottom, other_bottom) - max(top, other_top)
    if shared < SAME_ROW * min(bottom - top, other_bottom - other_top):
        return False
    x0, x1 = min(w.box[0] for w in piece), max(w.box[2] for w in piece)
    return not any(min(w.box[2], x1) - max(w.box[0], x0) > 0.6 * (w.box[2] - w.box[0]) for w in row)


def em_of(rows: Sequence[Row]) -> float:
    """Return the usual height of a row of words, pixels."""
    return max(1.0, _median([row.bottom - row.top for row in rows])) if rows else 1.0


def in_reading_order(tokens: Sequence[Token]) -> list[list[Token]]:
    """Return the lines of the page in reading order, each its words from left to right."""
    rows = rows_of(tokens)
    em = em_of(rows)
    seen = [_head_parted(row, em) for row in rows]
    lines: list[list[Token]] = []
    at = 0
    while at < len(rows):
        band = _column_band(seen, at, em)
        if band is None:
            lines.append(list(rows[at].words))
            at += 1
            continue
        for side in (True, False):
            for row, shown in zip(rows[band.start : band.end], seen[band.start : band.end], strict=True):
                pairs = zip(row.words, shown.words, strict=True)
                part = [word for word, box in pairs if (_centre(box) < band.gutter) == side]
                if part:
                    lines.append(part)
        at = band.end
    return lines


def _head_parted(row: Row, em: float) -> Row:
    """Return the row with a gutter before the national title: no paper has it in one line with the issuer's name.

    A long name comes close to it, and a stain at the name's end, taken for a stop, closer still.
    """
    title = COLUMN_MARKS[0].split(" ")
    likeness, at = max(
        (
            ratio(fold(" ".join(word.text for word in row.words[-count:])), " ".join(title[:count])),
            len(row.words) - count,
        )
        for count in (len(title), len(title) - 1, len(title) - 2)  # a narrow column breaks it before its last words
    )
    if at < 1 or likeness < LIKE_TITLE:
        return row
    before, first = row.words[at - 1], row.words[at]
    x0, y0, x1, y1 = before.box
    narrow = replace(before, box=(x0, y0, max(x0, min(x1, round(first.box[0] - COLUMN_GAP * em))), y1))
    return Row((*row.words[: at - 1], narrow, *row.words[at:]))


def _centre(word: Token) -> float:
    return (word.box[0] + word.box[2]) / 2


def _gaps(row: Row, least: float) -> list[tuple[float, float]]:
    """Return the empty stretches of at least `least` pixels between the words of a row."""
    return [(a.box[2], b.box[0]) for a, b in pairwise(row.words) if b.box[0] - a.box[2] >= least]


@dataclass(frozen=True, slots=True)
class Band:
    """Rows `start` to `end` (exclusive) that leave a gutter free between two columns."""

    start: int
    end: int
    gutter: float


def _column_band(rows: Sequence[Row], start: int, em: float) -> Band | None:
    """Return the two columns that begin at row `start`; None where there are none."""
    least = COLUMN_GAP * em * 0.6
    first = next((i for i in (start, start + 1) if i < len(rows) and _gaps(rows[i], least)), None)
    gaps = _gaps(rows[first], least) if first is not None else _beside_recipients(rows, start)
    best = _longest(rows, start, gaps, em)
    if best is not None and first == start + 1:  # row `start` may just end where a gutter begins
        later = _longest(rows, first, gaps, em)
        if later is not None and later.end > best.end:
            return None
    return best


def _longest(rows: Sequence[Row], start: int, gaps: Sequence[tuple[float, float]], em: float) -> Band | None:
    """Return the band from row `start` that reaches furthest down, of those that one of `gaps` opens."""
    grown = [_grow(rows, start, gap, em) for gap in gaps]
    bands = [band for band in grown if band and _is_read_by_column(rows, band, em)]
    return max(bands, key=lambda band: band.end, default=None)


def _beside_recipients(rows: Sequence[Row], start: int) -> list[tuple[float, float]]:
    """Return the room right of `Nơi nhận:`, where a signer's rows may stand at other heights than the list's."""
    for row in rows[start : start + 2]:
        if (
            len(row.words) == 2
            and ratio(fold(" ".join(word.text for word in row.words)), COLUMN_MARKS[2]) >= LIKE_TITLE
        ):
            return [(row.words[-1].box[2], max(word.box[2] for other in rows[start:] for word in other.words))]
    return []


def _grow(rows: Sequence[Row], start: int, gap: tuple[float, float], em: float) -> Band | None:
    """Extend a gutter downwards as long as rows leave it free."""
    left, right = gap
    end, was_crowded = start, False
    for row in rows[start:]:
        crowded = len(_gaps(row, COLUMN_GAP * em)) >= 2
        if crowded and (end == start or was_crowded):  # rows of a table; one alone is a stain between the columns
            break
        was_crowded = crowded
        new_left, new_right = _widest_free(row, left, right)
        if new_right - new_left < NARROW_GAP * em and not _clear(row, new_left, new_right, em):
            break
        pause = row.top - rows[end - 1].bottom if end > start else 0.0
        if pause > LONGEST_PAUSE * em or (pause > SHORT_PAUSE * em and _straddles(row, new_left, new_right, em)):
            break
        left, right = new_left, new_right
        end += 1
    return Band(start, end, (left + right) / 2) if end - start >= 2 else None


def _widest_free(row: Row, left: float, right: float) -> tuple[float, float]:
    """Return the widest part of the stretch `left` to `right` in which the row has no word."""
    edges = [left, *(min(max(edge, left), right) for word in row.words for edge in (word.box[0], word.box[2])), right]
    free = [(edges[i], edges[i + 1]) for i in range(0, len(edges), 2)]
    return max(free, key=lambda stretch: stretch[1] - stretch[0])


def _clear(row: Row, left: float, right: float, em: float) -> bool:
    """Say whether a row leaves much room around a gutter that other rows have narrowed, or stands on one side of it."""
    if right - left < LEAST_GUTTER * em:
        return False
    middle = (left + right) / 2
    before = max((word.box[2] for word in row.words if word.box[2] <= middle), default=float("-inf"))
    after = min((word.box[0] for word in row.words if word.box[0] >= middle), default=float("inf"))
    return after - before >= COLUMN_GAP * em


def _straddles(row: Row, left: float, right: float, em: float) -> bool:
    """Say whether the row is one centred line that happens to have a wide space at the gutter: `Kính gửi:  …`."""
    before = [word.box[2] for word in row.words if word.box[2] <= left + 1]
    after = [word.box[0] for word in row.words if word.box[0] >= right - 1]
    return bool(before and after) and min(after) - max(before) < COLUMN_GAP * em


def _is_read_by_column(rows: Sequence[Row], band: Band, em: float) -> bool:
    """Say whether the band is a head, a foot with a signer, or running text in two columns, and not a table or form."""
    inside = rows[band.start : band.end]
    lefts = [[w for w in row.words if _centre(w) < band.gutter] for row in inside]
    rights = [[w for w in row.words if _centre(w) >= band.gutter] for row in inside]
    if not any(lefts) or not any(rights):
        return False
    text = fold(" ".join(word.text for row in inside for word in row.words))
    if any(partial_ratio(mark, text) >= 80 for mark in COLUMN_MARKS):
        return True
    both = sum(bool(a) and bool(b) for a, b in zip(lefts, rights, strict=True))
    return band.start <= 1 or (both >= 6 and _runs(lefts, em) and _runs(rights, em))


def _runs(side: Sequence[Sequence[Token]], em: float) -> bool:
    """Say whether one column is running text: most of its lines reach as far as the longest."""
    widths = [words[-1].box[2] - words[0].box[0] for words in side if words]
    return _median(widths) > max(12 * em, 0.75 * max(widths))
