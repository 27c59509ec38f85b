"""Words of a page → pieces of lines with their place on the page: what the finders look at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from digitise.model.recognition import Box, PageText, Word
from digitise.text import fold

FEWEST_LONG = 4  # lines of five words and more
GAP = 2.0  # blanks wider than so many em part two columns; justified lines stay below, columns of the head above


@dataclass(frozen=True)
class Piece:
    """Words that stand together on one line; geometry in the upright frame, pixels."""

    words: tuple[Word, ...]

    @cached_property
    def box(self) -> Box:
        return hull(word.upright for word in self.words)

    @property
    def x0(self) -> float:
        return self.box[0]

    @property
    def x1(self) -> float:
        return self.box[2]

    @property
    def middle(self) -> float:
        return (self.box[0] + self.box[2]) / 2

    @cached_property
    def y(self) -> float:
        """Height of the line's middle; the median over its words, as one stray box must not move it."""
        return median((word.upright[1] + word.upright[3]) / 2 for word in self.words)

    @cached_property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @cached_property
    def folded(self) -> str:
        return fold(self.text)

    @property
    def confidence(self) -> float:
        """The least sure of its words."""
        return min(word.confidence for word in self.words)

    @cached_property
    def capitals(self) -> float:
        """Share of capitals among its letters."""
        letters = [c for c in self.text if c.isalpha()]
        return sum(c.isupper() for c in letters) / len(letters) if letters else 0.0


@dataclass(frozen=True)
class Sheet:
    """A page as the finders see it."""

    number: int  # 1-based
    page: PageText
    em: float  # height of its type, pixels
    pieces: tuple[Piece, ...]  # from top to bottom

    @cached_property
    def _long(self) -> list[Piece]:
        """Lines that tell the type area: those of many words; where they are few, as above a signer alone, all."""
        long = [p for p in self.pieces if len(p.words) > 4]
        return long if len(long) >= FEWEST_LONG else list(self.pieces)

    @cached_property
    def left(self) -> float:
        """Left edge of the type area."""
        edges = sorted(p.x0 for p in self._long)
        return edges[len(edges) // 10] if edges else 0.0

    @cached_property
    def right(self) -> float:
        """Right edge of the type area."""
        edges = sorted((p.x1 for p in self._long), reverse=True)
        return edges[len(edges) // 10] if edges else float(self.page.width)

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    @cached_property
    def top(self) -> float:
        return min((p.box[1] for p in self.pieces), default=0.0)

    @cached_property
    def bottom(self) -> float:
        return max((p.box[3] for p in self.pieces), default=float(self.page.height))

    def between(self, y0: float, y1: float) -> list[Piece]:
        """Return the pieces whose middle lies between two heights."""
        return [p for p in self.pieces if y0 <= p.y < y1]


def hull(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around `boxes`."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return (min(x0), min(y0), max(x1), max(y1))


def page_box(words: Sequence[Word]) -> Box | None:
    """Return the box of `words` in the page image."""
    return hull(word.box for word in words) if words else None


def sheet_of(page: PageText, number: int) -> Sheet:
    """Cut a page's words into pieces: the recogniser's lines, parted where a column's gap lies in them."""
    words = [word for word in page.words if any(c.isalnum() or c in "-–:/." for c in word.text)]
    heights = [w.upright[3] - w.upright[1] for w in words if len(w.text) > 2 and w.confidence > 0.5]
    em = (median(heights) if heights else 30.0) * 1.25
    lines: dict[int, list[Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    pieces = [piece for line in lines.values() for piece in part(line, GAP * em)]
    return Sheet(number, page, em, tuple(sorted(pieces, key=lambda p: (p.y, p.x0))))


def part(words: Sequence[Word], gap: float) -> list[Piece]:
    """Part the words of a line where two neighbours stand more than `gap` pixels from each other."""
    ordered = sorted(words, key=lambda w: w.upright[0])
    runs: list[list[Word]] = []
    for word in ordered:
        if runs and word.upright[0] - max(w.upright[2] for w in runs[-1]) <= gap:
            runs[-1].append(word)
        else:
            runs.append([word])
    return [Piece(tuple(run)) for run in runs]


def rows(pieces: Iterable[Piece], em: float) -> list[Piece]:
    """Join pieces of one height into whole rows, from top to bottom."""
    made: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.y):
        if made and abs(piece.y - made[-1][-1].y) < 0.55 * em and not _stacked(piece, made[-1]):
            made[-1].append(piece)
        else:
            made.append([piece])
    return [Piece(tuple(sorted((w for p in row for w in p.words), key=lambda w: w.upright[0]))) for row in made]


def _stacked(piece: Piece, row: list[Piece]) -> bool:
    """Say whether `piece` stands over or under a piece of the row rather than beside all of them."""
    return any(min(piece.x1, p.x1) - max(piece.x0, p.x0) > 0.3 * min(piece.x1 - piece.x0, p.x1 - p.x0) for p in row)
