"""Whose document it is: the lines above the number, parted into the superior body and the issuer."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from digitise.model.recognition import Word
from digitise.scan import syllables
from digitise.scan.fields.agree import Document
from digitise.scan.fields.candidate import Candidate, supported
from digitise.scan.fields.head import Code, Head
from digitise.scan.fields.kinds import kind_of_code
from digitise.scan.fields.lines import Piece, Sheet
from digitise.scan.fields.loose import is_syllable, strip_marks
from digitise.scan.fields.phrases import ORGANISATIONS, TERRITORIES, right_accents
from digitise.text import fold, nfc

DISPUTED = 0.6  # below it readings disputed a word: the same misreading elsewhere, by the same model, makes it no surer
_STARTS = re.compile(
    r"(?:"
    + "|".join(sorted((fold(p) for p in ORGANISATIONS), key=len, reverse=True))
    + r"|ubnd|hdnd|ban (?!nhan))\s+\S"
)
_TERRITORY = re.compile(r"(?:" + "|".join(fold(p) for p in TERRITORIES) + r")\s+\S")
_BARE = re.compile(r"(?:uy ban nhan dan|ubnd|hoi dong nhan dan|hdnd)")


def find_issuer(
    sheet: Sheet, head: Head, code: Code | None, document: Document
) -> tuple[Candidate | None, Candidate | None]:
    """Return superior and issuer, in capitals as printed; either may be missing."""
    lines = _lines(sheet, head, code)
    if not lines:
        return None, None
    at, certain = _issuer_begins([fold(_text(line)) for line in lines], _agency_code(code))
    factor = 1.0 if certain else 0.8
    superior = _joined(lines[:at], sheet, document, factor) if at else None
    if superior is not None and not superior.vouched:
        superior = replace(superior, doubt=min(superior.doubt, 0.89))  # a place's name that stands nowhere else
    return superior, _joined(lines[at:], sheet, document, factor)


def _lines(sheet: Sheet, head: Head, code: Code | None) -> list[Piece]:
    """Return the lines of the left column from the top down to the number, without what is no capital letter."""
    bottom = code.row.y - 0.5 * sheet.em if code else head.motto_y + 1.2 * sheet.em
    lines: list[Piece] = []
    for piece in head.left:
        if piece.y >= bottom:
            break
        words = _capitals(piece.words)
        if words:
            lines.append(Piece(words))
    while len(lines) > 1 and lines[1].y - lines[0].y > 3 * sheet.em:  # a stamp or a file mark above the head
        lines = lines[1:]
    return lines


def _capitals(words: Sequence[Word]) -> tuple[Word, ...]:
    """Return the words in capitals; scraps of rules and seals between and around them fall out."""
    kept = [w for w in words if _is_capital(w) or (w.text in "-–" and w.confidence > 0.5)]
    return tuple(kept) if sum(c.isalpha() for w in kept for c in w.text) >= 2 else ()


def _is_capital(word: Word) -> bool:
    letters = [c for c in word.text if c.isalpha()]
    if (
        not letters
        or word.confidence <= 0.15
        or (len(letters) == 1 and (word.confidence < 0.6 or not is_syllable(letters[0])))
    ):
        return False
    return sum(c.isupper() for c in letters) >= 0.7 * len(letters)


def _text(piece: Piece) -> str:
    return strip_marks(piece.text) + (" -" if piece.text.rstrip().endswith(("-", "–")) else "")


def _joined(lines: Sequence[Piece], sheet: Sheet, document: Document, factor: float) -> Candidate | None:
    """Join lines to one name, its accents put right by fixed phrases and by the rest of the document."""
    words: list[Word] = []
    texts: list[str] = []
    starts: set[int] = set()
    for line in lines:
        starts.add(len(words))
        words.extend(line.words)
        texts.extend(re.sub(r"[\[\]{}|]", "", word.text) for word in line.words)
        texts[-1] = texts[-1] if texts[-1] in "-–" else strip_marks(texts[-1])
    if not words:
        return None
    fixed = frozenset(right_accents(texts, frozenset(starts)))
    certain = document.settle(words, texts, fixed)
    value = " ".join(text for text in texts if text).strip(" -–,.;:")
    level = factor * supported(words, certain)
    if any(words[i].confidence < DISPUTED for i in certain - fixed):
        level = min(level, 0.89)
    return Candidate(value, tuple(words), sheet.number, level, vouched=len(certain) == len(words))


def _issuer_begins(lines: list[str], code: str | None) -> tuple[int, bool]:
    """Return the line that the issuer's name begins on, and whether that is certain.

    `lines` are folded. The symbol's agency part, an acronym of the issuer's name, decides where it can.
    """
    starts = [i for i in range(1, len(lines)) if _may_begin(lines, i)]
    if code:
        for at in [*reversed(starts), 0]:
            if is_acronym(code, " ".join(lines[at:])):
                return at, True
    if not starts:
        return 0, (not _TERRITORY.match(lines[0]) or len(lines) == 1) and code is None
    return starts[-1], len(starts) == 1 and code is None


def _may_begin(lines: list[str], at: int) -> bool:
    line, before = lines[at], lines[at - 1]
    if before.endswith(("-", ",", " va", " ve", " thuoc")):
        return False
    if _BARE.fullmatch(before) and at == 1:
        return False
    return bool(_STARTS.match(line))


def _agency_code(code: Code | None) -> str | None:
    """Return the agency's part of the symbol, folded: of `QĐ-UBND` the last, of a letter's `UBND-NC` the first."""
    if code is None or code.symbol is None:
        return None
    parts = [fold(part) for part in code.symbol.value.rpartition("/")[2].split("-")]
    first = code.symbol.value.rpartition("/")[2].split("-")[0]
    if len(parts) > 1 and kind_of_code(first):
        return parts[1]
    return parts[0]


def is_acronym(code: str, name: str) -> bool:
    """Say whether a folded code such as `sgddt` is made of a folded name's first letters, `so giao duc va dao tao`."""
    plain = re.sub(r"[^a-z]", "", code)
    spelled = name.replace("uy ban nhan dan", "u b n d").replace("ubnd", "u b n d")
    letters = [word[0] for word in re.findall(r"[a-z]+", spelled)]
    small = [word[0] for word in re.findall(r"[a-z]+", spelled) if word not in ("va", "cua", "ve")]
    return len(plain) >= 2 and ("".join(letters).startswith(plain) or "".join(small).startswith(plain))


def completed(issuer: Candidate, place: Candidate | None) -> Candidate:
    """Return a people's committee's name checked against the place of the date line, its end added where it was lost.

    `ỦY BAN NHÂN DÂN QUẬN MỘC` at `Mộc Châu` was one word longer; at another place nothing vouches for its end.
    """
    words = issuer.value.split()
    folded = [fold(word) for word in words]
    starts = [i for i in range(len(words)) for n in (1, 2) if " ".join(folded[i : i + n]) in _PLAIN_TERRITORIES]
    if not starts or not _BARE.match(" ".join(folded)):
        return issuer
    names = [at + (2 if " ".join(folded[at : at + 2]) in _PLAIN_TERRITORIES else 1) for at in starts]
    said = fold(place.value).split() if place else []
    name = next((at for at in names if folded[at:] == said), names[-1])  # a name may end like `tỉnh`: Hà Tĩnh
    tail = folded[name:]
    if tail and tail == said and place is not None:
        spelled = place.value.upper().split()
        if words[name:] == spelled:
            return issuer
        halves = [_both_marks(a, b) for a, b in zip(words[name:], spelled, strict=True)]
        if halves != words[name:] and all(halves):
            value = " ".join([*words[:name], *(half or "" for half in halves)])
            return replace(issuer, value=value, doubt=min(issuer.doubt, place.doubt, 0.6))
        surer = (
            issuer if issuer.doubt > place.doubt + 0.3 else replace(issuer, value=" ".join([*words[:name], *spelled]))
        )
        return replace(surer, doubt=min(issuer.doubt, place.doubt, 0.85))  # two spellings: one of them is wrong
    if place is not None and said[: len(tail)] == tail and len(said) > len(tail):
        ending = place.value.upper().split()[len(tail) :]
        return replace(issuer, value=" ".join([*words, *ending]), doubt=min(issuer.doubt, place.doubt, 0.85))
    return replace(issuer, doubt=min(issuer.doubt, 0.89 if tail else 0.5))


def _both_marks(a: str, b: str) -> str | None:
    """Return the word of which each of two readings saw one mark: `CẦN` of `CÀN` and `CÂN`; None where they contradict."""
    made = []
    for x, y in zip(a, b, strict=False):
        if x == y:
            made.append(x)
            continue
        first, second = (set(unicodedata.normalize("NFD", c)[1:]) for c in (x, y))
        if len(first) != 1 or len(second) != 1 or bool(first & syllables.TONES) == bool(second & syllables.TONES):
            return None  # only a tone and another mark go together
        marks = sorted(first | second, key=lambda mark: mark in syllables.TONES)
        made.append(nfc(unicodedata.normalize("NFD", x)[0] + "".join(marks)))
    word = "".join(made)
    return word if len(a) == len(b) and syllables.is_syllable(word) else None


_PLAIN_TERRITORIES = frozenset(fold(phrase) for phrase in TERRITORIES)
