"""What the document is and what it is about: the kind in capitals with the abstract below, or a letter's `V/v …`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from digitise.model.recognition import Word
from digitise.scan.fields.agree import Document
from digitise.scan.fields.candidate import Candidate, read_surely, supported
from digitise.scan.fields.head import Code, Head
from digitise.scan.fields.kinds import CODES, LETTER, kind_of_code
from digitise.scan.fields.lines import Piece, Sheet, part, rows
from digitise.scan.fields.loose import alike, strip_marks
from digitise.text import fold

_BODY = re.compile(
    r"(?:can cu|kinh gui|thuc hien|theo de nghi|xet de nghi|dieu 1|noi nhan|phan thu|chuong i)\b|\W*(?:\d{1,2}|[ivx]{1,4})[.)]\s"
)
_ABOUT = re.compile(r"^\W*(?:[vy](?:\s?[/iíl⁄1|]{1,2}\s?|\s)[vy]|về việc|v[eèêềế]\s*vi[eêệ]c)\W{0,2}\s+", re.IGNORECASE)
REPEATED = 0.9  # share of an abstract's words that the document must repeat before it can be sure
_REST = 1.9  # lines of one abstract follow each other within so many em


@dataclass(frozen=True)
class Title:
    """The kind's line, and where the title block ends."""

    kind: Candidate
    rows: tuple[Piece, ...]
    known: bool  # one of the kinds of the annex


def find_title(sheet: Sheet, head: Head | None, document: Document) -> Title | None:
    """Find the kind: the first centred line in capitals below the head that is a kind's name, else the first of all."""
    top = head.motto_y + 1.2 * sheet.em if head else sheet.top - 1
    limit = sheet.top + 0.62 * (sheet.bottom - sheet.top) + 4 * sheet.em
    others: list[Piece] = []
    for row in rows(sheet.between(top, limit), sheet.em):
        piece = _middle_part(row, sheet)
        if piece is None:
            continue
        name, likeness = _kind_of(piece.text)
        if name is not None and _is_title(piece, sheet, 0.7):
            return Title(_kind(name, piece, sheet, likeness, document), (piece,), True)
        if _is_title(piece, sheet, 0.85) and not (head and piece.x1 < head.split) and not _BODY.match(piece.folded):
            others.append(piece)
        if _BODY.match(row.folded) and row.capitals < 0.5:
            break
    return _unlisted(others, sheet, document) if others else None


def _middle_part(row: Piece, sheet: Sheet) -> Piece | None:
    """Return what stands in the middle of the page, without scraps at its sides."""
    parts = [p for p in part(row.words, 3 * sheet.em) if p.x0 - sheet.em < sheet.middle < p.x1 + sheet.em]
    if not parts:
        return None
    words = [w for w in parts[0].words if any(c.isalnum() for c in w.text)]
    return Piece(tuple(words)) if words else None


def _is_title(piece: Piece, sheet: Sheet, capitals: float) -> bool:
    centred = abs(piece.middle - sheet.middle) < max(3 * sheet.em, 0.06 * (sheet.right - sheet.left))
    letters = sum(c.isalpha() for c in piece.text)
    return centred and piece.capitals >= capitals and letters >= 5 and not piece.text.rstrip().endswith(":")


def _kind_of(text: str) -> tuple[str | None, float]:
    """Return the kind that a line names or begins with, and how alike it is; capitals and spaced letters allowed."""
    plain = strip_marks(text)
    whole = max(CODES, key=lambda name: alike(plain, name))
    if (likeness := alike(plain, whole)) >= 0.86:
        return whole, likeness
    tight = re.sub(r"\s", "", fold(plain))
    for name in CODES:
        if tight == re.sub(r"\s", "", fold(name)):
            return name, 0.97
    for name in sorted(CODES, key=len, reverse=True):
        count = len(name.split())
        words = plain.split()
        if len(words) > count and alike(" ".join(words[:count]), name) >= 0.9:
            return sentence_case(plain, name), 0.93
    return None, 0.0


def sentence_case(capitals: str, beginning: str = "") -> str:
    """Return a line in capitals as a name is written: first letter large, the rest small."""
    words = capitals.split()
    known = beginning.split()
    rest = [word.lower() for word in words[len(known) :]]
    made = [*known, *rest]
    made[0] = made[0][:1].upper() + made[0][1:]
    return " ".join(made)


def _kind(name: str, piece: Piece, sheet: Sheet, likeness: float, document: Document) -> Candidate:
    if name in CODES:
        return Candidate(name, piece.words, sheet.number, min(1.0, 0.35 + 0.65 * likeness))
    texts = strip_marks(piece.text).split()
    if len(texts) == len(piece.words):
        certain = document.settle(piece.words, texts)
        begun = kind_name_at_start(name)
        return Candidate(
            sentence_case(" ".join(texts), begun), piece.words, sheet.number, 0.9 * supported(piece.words, certain)
        )
    return Candidate(name, piece.words, sheet.number, 0.8 * read_surely(piece.words))


def kind_name_at_start(name: str) -> str:
    """Return the listed kind that a longer name begins with: `Chương trình` of `Chương trình phối hợp`."""
    return max((known for known in CODES if name.startswith(known)), key=len, default="")


def _unlisted(lines: Sequence[Piece], sheet: Sheet, document: Document) -> Title | None:
    """Take the first centred capitals as the name of a paper that is none of the listed kinds (certificates)."""
    first, *rest = lines
    block = [first]
    for piece in rest:
        if piece.y - block[-1].y > 1.8 * sheet.em or len(block) == 3:
            break
        block.append(piece)
    words = tuple(w for p in block for w in p.words)
    texts = [word.text for word in words]
    certain = document.settle(words, texts)
    text = strip_marks(" ".join(texts))
    if len(text.split()) < 2:
        return None
    kind = Candidate(sentence_case(text), words, sheet.number, 0.85 * supported(words, certain))
    return Title(kind, tuple(block), False)


def find_abstract(sheet: Sheet, title: Title, document: Document) -> Candidate | None:
    """Return the centred lines under the kind, joined."""
    last = title.rows[-1]
    taken: list[Piece] = []
    step = 0.0
    for whole in sheet.between(last.y + 0.6 * sheet.em, last.y + 16 * sheet.em):
        if not whole.x0 - sheet.em < sheet.middle < whole.x1 + sheet.em:
            continue  # an incoming stamp beside the abstract
        if taken and abs(whole.y - taken[-1].y) < 0.5 * sheet.em:
            continue
        whole = _centred(whole, sheet)
        distance = whole.y - (taken[-1].y if taken else last.y)
        if distance > (_REST if taken else 3.2) * sheet.em or (step and distance > 1.38 * step + 2):
            break
        if not _belongs(whole, sheet, first=not taken) or (taken and _begins_body(whole, taken[-1], sheet)):
            break
        if taken:
            step = max(step, distance)
        taken.append(whole)
    words = tuple(w for piece in taken for w in piece.words)
    if not words:
        return None
    return _settled(words, sheet, document)


def _begins_body(piece: Piece, before: Piece, sheet: Sheet) -> bool:
    """Say whether a line under a first line of abstract is a paragraph's own: it ends in a stop, or fills the type area
    where the line above would have had room for its first word.
    """
    if len(piece.words) > 3 and piece.text.endswith((".", ";", ":")):
        return True
    room = 0.96 * (sheet.right - sheet.left) - (before.x1 - before.x0)
    first = piece.words[0].upright[2] - piece.words[0].upright[0] + 0.5 * sheet.em
    return piece.x1 > sheet.right - 0.7 * sheet.em and piece.x0 < sheet.left + 4 * sheet.em and room > 3 * first


def _settled(words: tuple[Word, ...], sheet: Sheet, document: Document) -> Candidate | None:
    """Join the words of an abstract, their accents put right where the document repeats them."""
    texts = [word.text for word in words]
    certain = document.settle(words, texts)
    text = " ".join(texts).strip(" -–_.*•|'\"~")
    if len(text) <= 3:
        return None
    doubt = supported(words, certain)
    if len(certain) < REPEATED * len(words):
        doubt = min(doubt, 0.89)  # one accent misread makes another valid word, and so many words hide one often
    return Candidate(text, words, sheet.number, doubt)


def _centred(piece: Piece, sheet: Sheet) -> Piece:
    """Return the line without what stands at its ends and is none of it, where it is in the middle only without them.

    Such are doubtful words, words left of the type area, and capitals of a stamp beside the abstract.
    """
    if abs(piece.middle - sheet.middle) < 0.8 * sheet.em:
        return piece
    first, last = 0, len(piece.words)
    small = piece.capitals < 0.6
    while first < min(8, last - 2) and _stray(piece.words[first], sheet, small):
        first += 1
    while last - 2 > max(first, len(piece.words) - 4) and _stray(piece.words[last - 1], sheet, small):
        last -= 1
    ways = [
        (first - a + b - last, Piece(piece.words[a:b]))
        for a in range(first + 1)
        for b in range(last, len(piece.words) + 1)
    ]
    return min(ways, key=lambda way: (round(abs(way[1].middle - sheet.middle) / (0.8 * sheet.em)), way[0]))[1]


def _stray(word: Word, sheet: Sheet, small: bool) -> bool:
    outside = word.upright[0] < sheet.left - 0.5 * sheet.em
    return word.confidence <= 0.4 or outside or (small and word.text.isupper() and len(word.text) > 1)


def _belongs(piece: Piece, sheet: Sheet, *, first: bool) -> bool:
    """Say whether a line under the title is still abstract: centred, no body's opening, not in capitals alone."""
    if abs(piece.middle - sheet.middle) > 1.1 * sheet.em + 0.02 * (sheet.right - sheet.left):
        return False
    if _BODY.match(piece.folded) and not first:
        return False
    if re.match(r"(?:can cu|kinh gui|noi nhan)\b", piece.folded):
        return False
    return piece.capitals < 0.75 or (first and len(piece.words) < 3)


def find_about(sheet: Sheet, head: Head, code: Code | None, document: Document) -> Candidate | None:
    """Return a letter's `V/v …` from under its number."""
    top = code.row.y if code else head.motto_y
    taken: list[tuple[Word, ...]] = []
    y = top
    for row in head.left:
        if row.y <= top + 0.4 * sheet.em:
            continue
        if not taken and not _ABOUT.match(row.text):
            if row.y - top > 6 * sheet.em:
                break
            continue
        if taken and (row.y - y > 1.9 * sheet.em or row.folded.startswith("kinh gui")):
            break
        taken.append(row.words)
        y = row.y
    if not taken:
        return None
    made = _settled(tuple(w for line in taken for w in line), sheet, document)
    return replace(made, value=_ABOUT.sub("V/v ", made.value)) if made else None


def kind_without_title(sheet: Sheet, code: Code | None, about: Candidate | None) -> Candidate | None:
    """Name the kind where no title was read: a letter by its `V/v` or its symbol, others by the symbol's abbreviation."""
    symbol = code.symbol.value.rpartition("/")[2] if code and code.symbol else ""
    named = kind_of_code(symbol.split("-")[0]) if symbol else None
    words = code.row.words if code else ()
    if named:
        return Candidate(named, words, sheet.number, 0.75)
    if about is not None and symbol:
        return Candidate(LETTER, (*about.words[:1],), sheet.number, 0.97)
    if about is not None or (symbol and _addressed(sheet)):
        return Candidate(LETTER, words, sheet.number, 0.8)
    return None


def _addressed(sheet: Sheet) -> bool:
    return any(p.folded.startswith("kinh gui") for p in sheet.pieces)
