"""What the rest of the document says about a field's words: an agency misread in the head stands readable in the body."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digitise.model.recognition import PageText, Word
from digitise.scan.fields.loose import strip_marks
from digitise.scan.fields.phrases import cased_like
from digitise.text import fold

WELL_READ = (
    0.9  # small letters read so surely are right more often than another place's other word: `mục thủ`, `mức thu`
)
LEAST = 0.6  # words read less surely than this are no witnesses


@dataclass(frozen=True)
class Witness:
    """One word that follows another somewhere in the document."""

    word: int  # id() of the Word
    text: str  # lower case
    confidence: float


class Document:
    """Index of neighbouring words of all pages, by their folded letters."""

    def __init__(self, pages: Iterable[PageText]) -> None:
        self._pairs: dict[tuple[str, str], list[tuple[Witness, Witness]]] = defaultdict(list)
        for page in pages:
            for a, b in zip(page.words, page.words[1:], strict=False):
                if min(a.confidence, b.confidence) >= LEAST:
                    left, right = _witness(a), _witness(b)
                    self._pairs[fold(left.text), fold(right.text)].append((left, right))

    def settle(self, words: Sequence[Word], texts: list[str], certain: frozenset[int] = frozenset()) -> set[int]:
        """Put accents in `texts` (one per word, in place) right by the rest of the document; return the indices it confirms.

        Words at `certain` are left alone and counted as confirmed.

        Only neighbours count: `TÍNH BÉN TRE` becomes `TỈNH BẾN TRE` because `tỉnh Bến Tre` stands elsewhere, not because
        `tỉnh` is a common word. A word that stands nowhere else stays as read.
        """
        own = {id(word) for word in words}
        votes: list[dict[str, float]] = [defaultdict(float) for _ in words]
        for i in range(len(words) - 1):
            a, b = _plain(texts[i]), _plain(texts[i + 1])
            for left, right in self._pairs.get((fold(a), fold(b)), ()):
                if left.word not in own and right.word not in own:
                    votes[i][left.text] += left.confidence
                    votes[i + 1][right.text] += right.confidence
        confirmed = set(certain)
        for i, (word, vote) in enumerate(zip(words, votes, strict=True)):
            if not vote or i in certain:
                continue
            read = _plain(texts[i])
            vote[read] += word.confidence * (
                0.7 if texts[i].isupper() else 0.95 if word.confidence < WELL_READ else 9.0
            )
            best, weight = max(vote.items(), key=lambda item: item[1])
            if best != read:
                texts[i] = _replaced(texts[i], best)
            if weight > 0.75 * sum(vote.values()):
                confirmed.add(i)
        return confirmed


def _witness(word: Word) -> Witness:
    return Witness(id(word), _plain(word.text), word.confidence)


def _plain(text: str) -> str:
    return strip_marks(text).strip("()[]").lower()


def _replaced(text: str, wanted: str) -> str:
    """Return `text` with its letters as in `wanted`, its case and punctuation kept."""
    core = strip_marks(text).strip("()[]")
    if len(core) != len(wanted):
        return text
    cased = "".join(b.upper() if a.isupper() else b for a, b in zip(core, wanted, strict=True))
    return re.sub(
        re.escape(core), lambda _: cased if len(cased) == len(core) else cased_like(wanted, core), text, count=1
    )
