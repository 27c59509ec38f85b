"""A value on its way to becoming a field: what was read, from which words, and the evidence for and against it."""

from collections.abc import Sequence
from dataclasses import dataclass

from digitise.model.recognition import Field, Word
from digitise.scan.fields.lines import page_box
from digitise.text import squeeze


@dataclass(frozen=True, slots=True)
class Candidate:
    """One value; `doubt` multiplies up: 1.0 = nothing speaks against it."""

    value: str
    words: tuple[Word, ...]
    page: int
    doubt: float = 1.0  # product of factors ≤ 1, one per weakness of the evidence
    vouched: bool = False  # every word is a fixed phrase's or stands elsewhere in the document too

    def field(self) -> Field:
        """Return the field with its confidence: the evidence, and the words as the recogniser read them."""
        value = "\n".join(squeeze(line) for line in self.value.split("\n"))
        return Field(value, round(max(0.0, min(1.0, self.doubt)), 3), page_box(self.words), self.page)


def supported(words: Sequence[Word], certain: set[int]) -> float:
    """Return how surely `words` were read where those at the indices `certain` are vouched for by something else."""
    levels = sorted(1.0 if i in certain else word.confidence for i, word in enumerate(words))
    return 0.7 * levels[0] + 0.3 * sum(levels) / len(levels) if levels else 0.0


def read_surely(words: Sequence[Word]) -> float:
    """Return how surely `words` were read, 0..1: the least sure word counts most."""
    if not words:
        return 0.0
    levels = sorted(word.confidence for word in words)
    return 0.7 * levels[0] + 0.3 * sum(levels) / len(levels)
