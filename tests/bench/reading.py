"""How well a page was read: letter errors order-free and in order, word errors, accent errors, errors per word.

Text is compared after NFC with white space folded to single blanks.
"""

import json
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

HOPELESS = 0.6  # a line's best span with more errors per letter than this is no match


@dataclass
class Truth:
    """What is written on one page."""

    name: str
    image: Path
    damage: str
    dpi: float
    orders: list[str]
    lines: list[str]


@dataclass
class Score:
    """Counts that add up over pages."""

    pages: int = 0
    letters: int = 0
    in_order: int = 0
    line_letters: int = 0
    reading: int = 0
    accents: int = 0  # substitutions in order that keep the base letter
    words: int = 0
    word_errors: int = 0
    worst: list[tuple[float, int]] = field(default_factory=list)  # (doubt, letter errors) of each word read

    def add(self, other: "Score") -> None:
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def percent(self, name: str) -> float:
        base = {"reading": self.line_letters, "word_errors": self.words}.get(name, self.letters)
        return 100 * getattr(self, name) / max(1, base)

    def held_by_worst(self, share: float) -> float:
        """Return which share of all letter errors lies in the given share of words with the most doubt."""
        ranked = sorted(self.worst, key=lambda pair: -pair[0])
        total = sum(errors for _, errors in ranked)
        return sum(errors for _, errors in ranked[: round(share * len(ranked))]) / total if total else 1.0


def truths(folder: Path) -> list[Truth]:
    """Return the pages of a corpus that have a truth, by name."""
    found = []
    for file in sorted(folder.glob("*_p[0-9].json")):
        data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        lines = [line["text"] for line in data["lines"]] if "lines" in data else data["orders"][0].split("\n")
        found.append(
            Truth(file.stem, folder / data["image"], data["profile"], float(data["dpi"]), data["orders"], lines)
        )
    return found


def folded(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()


def base_letter(char: str) -> str:
    plain = char.replace("đ", "d").replace("Đ", "D")
    return "".join(c for c in unicodedata.normalize("NFD", plain) if not unicodedata.combining(c))


def score(truth: Truth, text: str, doubts: list[tuple[str, float]] | None = None) -> Score:
    """Compare `text` with the truth; `doubts` are (word, doubt) in the order of the text."""
    read = folded(text)
    order = min((folded(o) for o in truth.orders), key=lambda o: Levenshtein.distance(o, read))
    edits = Levenshtein.editops(order, read)
    accents = sum(
        1 for e in edits if e.tag == "replace" and base_letter(order[e.src_pos]) == base_letter(read[e.dest_pos])
    )
    words = read.split()
    word_errors = min(Levenshtein.distance(folded(o).split(), words) for o in truth.orders)
    reading, line_letters = order_free(truth.lines, read)
    worst = _errors_by_word(read, edits, doubts) if doubts else []
    return Score(1, len(order), len(edits), line_letters, reading, accents, len(order.split()), word_errors, worst)


def order_free(lines: list[str], read: str) -> tuple[int, int]:
    """Return (letter errors, letters) where each true line, longest first, takes its best span of what is left.

    Lines without a match and letters that are left over stand for each other: the larger number counts.
    """
    rest = [read]
    errors = letters = lost = 0
    for line in sorted((folded(line) for line in lines if line.strip()), key=len, reverse=True):
        letters += len(line)
        best = min((_best_span(line, piece, at) for at, piece in enumerate(rest) if piece), default=None)
        if best is None or best[0] > HOPELESS * len(line):
            lost += len(line)
            continue
        distance, at, start, end = best
        errors += distance
        rest[at : at + 1] = [rest[at][:start], rest[at][end:]]
    left_over = sum(len(re.sub(r"\s", "", piece)) for piece in rest)
    return errors + max(lost, left_over), letters


def _best_span(line: str, piece: str, at: int) -> tuple[int, int, int, int]:
    start, end = 0, len(piece)
    if len(piece) > len(line):
        aligned = fuzz.partial_ratio_alignment(line, piece)
        if aligned:
            start, end = aligned.dest_start, aligned.dest_end
    starts = range(max(0, start - 4), min(len(piece), start + 5))
    ends = [e for e in range(end - 4, end + 5) if 0 < e <= len(piece)] or [len(piece)]
    return min(
        ((Levenshtein.distance(line, piece[s:e]), at, s, e) for s in starts for e in ends if e > s),
        default=(len(line), at, 0, 0),
    )


def _errors_by_word(read: str, edits: Any, doubts: list[tuple[str, float]]) -> list[tuple[float, int]]:
    """Give each letter error to the word of the text where it stands (a lost letter to the word before it)."""
    owner: list[int] = []
    for number, word in enumerate(read.split(" ")):
        owner += [number] * (len(word) + 1)
    counts = [0] * (owner[-1] + 1 if owner else 1)
    for edit in edits:
        counts[owner[min(edit.dest_pos, len(owner) - 1)] if owner else 0] += 1
    return [(doubt, count) for (_, doubt), count in zip(doubts, counts, strict=False)]
