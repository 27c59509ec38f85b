"""Reading what the recogniser nearly read: tolerant comparison, digits among look-alikes, shapes of Vietnamese syllables."""

import re

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio_alignment, ratio

from digitise.model.recognition import Word
from digitise.scan.fields.lines import Piece
from digitise.text import fold

_LOOK_ALIKES = str.maketrans("OoÔlI|][ÏÍ!iSsBb", "0001111111115588")
_ONSET = "ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnprstvx]"
_RHYME = (
    "(?:[aeiouy]|ai|ao|au|ay|eo|eu|ia|ie|ieu|iu|oa|oai|oao|oay|oe|oeo|oi|oo|ua|uai|uao|uay|uau|ue|ui|uo|uoi|uou|uu|uy|uya|uye|uyu|"
    "ye|yeu|yu|ya)"
)
_SYLLABLE = re.compile(rf"(?:{_ONSET})?{_RHYME}(?:ch|ng|nh|[cmnpt])?")


def as_digits(text: str) -> str:
    """Return `text` with letters that are misread digits as digits: `O1` → `01`."""
    return text.translate(_LOOK_ALIKES)


def alike(a: str, b: str) -> float:
    """Return how alike two texts are without accents and case, 0..1."""
    return ratio(fold(a), fold(b)) / 100


def is_near(word: str, wanted: str, errors: int = 1) -> bool:
    """Say whether `word` is `wanted` (folded) but for accents, punctuation at the ends and at most `errors` letters."""
    plain = fold(word).strip(".,:;-–_'\"“”()/")
    return Levenshtein.distance(plain, wanted, score_cutoff=errors) <= errors


def is_syllable(text: str) -> bool:
    """Say whether `text` may be a Vietnamese syllable, by onset, rhyme and final; accents are not judged."""
    return bool(_SYLLABLE.fullmatch(fold(text)))


def locate(piece: Piece, phrase: str, least: float = 78.0) -> tuple[tuple[Word, ...], float] | None:
    """Find a folded phrase within a piece, blanks ignored: the words it covers and how alike they are (0..1)."""
    wanted = phrase.replace(" ", "")
    starts: list[tuple[int, int]] = []
    flat = ""
    for word in piece.words:
        plain = re.sub(r"\W", "", fold(word.text))
        starts.append((len(flat), len(flat) + len(plain)))
        flat += plain
    if len(flat) < 0.7 * len(wanted):
        return None
    found = partial_ratio_alignment(wanted, flat, score_cutoff=least)
    if found is None:
        return None
    inside = [
        word
        for word, (a, b) in zip(piece.words, starts, strict=True)
        if min(b, found.dest_end) - max(a, found.dest_start) > 0.5 * max(1, b - a)
    ]
    return (tuple(inside), found.score / 100) if inside else None


def strip_marks(text: str) -> str:
    """Return `text` without marks that a rule, a seal or dust leave at its ends; brackets and full stops stay inside."""
    return text.strip(" .,;:'\"`’‘“”|_-–—*•^~=+<>«»/\\")
