"""The end of a document: recipients left, signer block right (NĐ 30/2020/NĐ-CP, annex I)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from digitise.model.recognition import Box, Word
from digitise.scan.fields.candidate import Candidate, read_surely
from digitise.scan.fields.lines import Piece, Sheet, hull, part, rows
from digitise.scan.fields.loose import is_near, is_syllable, strip_marks
from digitise.scan.fields.phrases import POSITION, nearest_position, right_position
from digitise.text import fold

# Before the signer's own title: on behalf of, in place of, by order of, by authority of.
_BEHALF = re.compile(r"^\W*(?:tm|t/m|kt|tl|tuq|thua lenh|thay mat)\b\.?", re.IGNORECASE)


NAME = 7.5  # em: half of a name of four long syllables
RUNNING = 6  # words of a line of running text
UNDER = 5.0  # em under a title that hold a signature, or two or three lines of running text
SIGNED_ABOVE = 20  # em above the recipients that a signer block may begin where it does not stand beside them


@dataclass(frozen=True)
class Foot:
    """The signer block and the recipients' list."""

    signer: Candidate | None
    title: Candidate | None
    recipients: Candidate | None
    zone: Box  # of the signer block, upright frame


def find_foot(sheet: Sheet, below: float) -> Foot | None:
    """Find recipients and signer under the height `below`; None where the page holds neither."""
    mark = _recipients_mark(sheet, below)
    top = mark.y - 3.2 * sheet.em if mark else None
    title_at = _title_rows(sheet, below if top is None else max(below, top), sheet.middle - 4 * sheet.em)
    if mark is None and not title_at:
        return None
    if mark is not None and not title_at and not _signed_beside(sheet, mark):
        raised = max(below, mark.y - SIGNED_ABOVE * sheet.em)
        title_at = _title_rows(sheet, raised, sheet.middle - 4 * sheet.em)
        top = raised if title_at or _named_between(sheet, raised, mark.y - 3.2 * sheet.em) else top
    block_top = min([row.y for row in title_at], default=top or below) - 0.8 * sheet.em
    edge = _edge(sheet, mark, title_at)
    right = [
        Piece(ws) for p in sheet.pieces if p.y > block_top and (ws := tuple(w for w in p.words if _middle(w) > edge))
    ]
    lines = rows([q for p in right for q in part(p.words, 3.0 * sheet.em)], sheet.em)
    zone = (edge, block_top, float(max(sheet.right, edge + 1)), block_top + 13 * sheet.em)
    if lines:
        box = hull(p.box for p in lines)
        zone = (
            edge,
            block_top,
            max(box[2] + sheet.em, zone[2]),
            max(zone[3], min(box[3], block_top + 20 * sheet.em) + sheet.em),
        )
    title, last = _title(lines, sheet)
    signer = _signer(lines, last, title, sheet)
    return Foot(signer, title, _recipients(sheet, mark, edge) if mark else None, zone)


def _signed_beside(sheet: Sheet, mark: Piece) -> bool:
    """Say whether a name stands right of the recipients; joint programmes are signed above them."""
    return _named_between(sheet, mark.y - 3 * sheet.em, sheet.bottom + 1)


def _named_between(sheet: Sheet, top: float, bottom: float) -> bool:
    """Say whether something shaped like a name stands alone on the right between two heights."""
    beside = [p for p in sheet.between(top, bottom) if p.x0 > sheet.middle - 2 * sheet.em]
    return any(name_shape(name.words) > 0.5 for p in beside for name in _names(p, sheet))


def _middle(word: Word) -> float:
    return (word.upright[0] + word.upright[2]) / 2


def _stands_over_text(sheet: Sheet, at: Piece, reach: float) -> bool:
    """Say whether lines of running text follow under `at` that begin left of it and reach over `reach`.

    Under a signer's title stands a signature: `CHỦ TỊCH ỦY BAN NHÂN DÂN` above the grounds of a decision is none.
    """
    under = sheet.between(at.y + 0.8 * sheet.em, at.y + UNDER * sheet.em)
    return sum(_is_running(p) and p.x0 < at.x0 + sheet.em and reach < p.x1 for p in under) > 1


def _is_running(piece: Piece) -> bool:
    return len(piece.words) >= RUNNING and piece.capitals < 0.5 and not re.match(r"[-–—•+*]", piece.text)


def _recipients_mark(sheet: Sheet, below: float) -> Piece | None:
    """Return the words `Nơi nhận:`; the lowest of them. In running text they are no mark."""
    hits = [
        Piece(p.words[i : i + 2])
        for p in sheet.pieces
        if p.y > below and not _is_running(p)
        for i in range(min(3, len(p.words) - 1))
        if is_near(p.words[i].text, "noi")
        and is_near(p.words[i + 1].text, "nhan")
        and p.words[i].upright[0] < sheet.middle + sheet.em
    ]
    hits += [Piece(p.words[:1]) for p in sheet.pieces if p.y > below and is_near(p.words[0].text, "noinhan")]
    hits = [hit for hit in hits if not _stands_over_text(sheet, hit, sheet.middle + 6 * sheet.em)]
    return max(hits, key=lambda p: p.y) if hits else None


def _title_rows(sheet: Sheet, below: float, from_x: float) -> list[Piece]:
    """Return pieces on the right that look like the top of a signer block."""
    found = []
    for piece in sheet.pieces:
        words = tuple(w for w in piece.words if _middle(w) > from_x)
        if not words or piece.y < below:
            continue
        right = Piece(words)
        if (
            right.capitals > 0.8
            and (_BEHALF.match(right.text) or POSITION.search(right.folded))
            and len(right.words) < 12
            and not _stands_over_text(sheet, right, right.middle)
        ):
            found.append(right)
    return found


def _edge(sheet: Sheet, mark: Piece | None, titles: Sequence[Piece]) -> float:
    """Return where the signer's column begins: left of the longest name under its titles, right of the recipients."""
    if not titles:
        return sheet.middle - sheet.em if mark else sheet.middle
    centre = sum(p.middle for p in titles) / len(titles)
    first = min(p.x0 for p in titles)
    edge = max(min(first - 2.5 * sheet.em, centre - NAME * sheet.em), centre - 12 * sheet.em)
    listed = [
        p.x1
        for p in sheet.pieces
        if mark and mark.y - sheet.em < p.y and abs(p.x0 - mark.x0) < 3 * sheet.em and p.x1 < first
    ]
    return max(edge, min(max(listed) + 0.5 * sheet.em, first - 0.5 * sheet.em)) if listed else edge


def _title(lines: Sequence[Piece], sheet: Sheet) -> tuple[Candidate | None, int]:
    """Return the signer's own title, the last line in capitals above the gap, and its index among `lines` (-1: none)."""
    found: list[tuple[int, Piece]] = []
    for i, line in enumerate(lines):
        if found and line.y - found[-1][1].y > 2.6 * sheet.em:
            break
        words = tuple(w for w in line.words if _is_capital(w))
        piece = Piece(words) if words else None
        if piece and (
            POSITION.search(piece.folded) or _BEHALF.match(piece.text) or (found and nearest_position(piece.text))
        ):
            found.append((i, piece))
    if not found:
        return None, -1
    at, last = found[-1]
    if not _BEHALF.match(last.text):
        return _own_title(last, [piece for _, piece in found[:-1]], sheet), at
    return _inferred(last, sheet), at


def _own_title(piece: Piece, above: Sequence[Piece], sheet: Sheet) -> Candidate:
    """Return the title with its accents right; after `KT.` it is the deputy's."""
    start = next((i for i, w in enumerate(piece.words) if POSITION.match(Piece(piece.words[i:]).folded)), 0)
    words = piece.words[start:]
    plain = re.sub(r"[.,'’](?=\w)", " ", strip_marks(Piece(words).text))
    text, whole = right_position(plain)
    doubt = 0.5 + 0.5 * read_surely(words) if whole else 0.9 * read_surely(words)
    if not POSITION.search(fold(text)) and (near := nearest_position(text)):
        text, doubt = near, 0.8
    instead = next((p for p in reversed(above) if fold(p.text).lstrip(" .'").startswith("kt")), None)
    deputy = _deputy_of(instead) if instead is not None else None
    if deputy is not None and text != deputy and fold(text).endswith(fold(deputy.removeprefix("PHÓ "))):
        return Candidate(deputy, words, sheet.number, 0.85)  # a seal covers `PHÓ`, but who signs KT. is the deputy
    return Candidate(text, words, sheet.number, doubt)


def _deputy_of(instead: Piece) -> str | None:
    """Return who signs `KT. CHỦ TỊCH`: `PHÓ CHỦ TỊCH`; for a minister `THỨ TRƯỞNG` (NĐ 30/2020 art. 13)."""
    head, known = right_position(strip_marks(re.sub(r"^\W*kt\W*", "", instead.text, flags=re.IGNORECASE)))
    if not known or head.startswith("PHÓ"):
        return None
    return "THỨ TRƯỞNG" if head == "BỘ TRƯỞNG" else f"PHÓ {head}"


def _inferred(last: Piece, sheet: Sheet) -> Candidate | None:
    """Return the deputy's title where only the line `KT. …` above it could be read."""
    deputy = _deputy_of(last) if fold(last.text).lstrip(" .'").startswith("kt") else None
    return Candidate(deputy, last.words, sheet.number, 0.7) if deputy else None


def _is_capital(word: Word) -> bool:
    letters = [c for c in word.text if c.isalpha()]
    return (
        len(letters) > 1
        and all(c.isupper() for c in letters[:2])
        and sum(map(str.isupper, letters)) >= 0.75 * len(letters)
    )


def _signer(lines: Sequence[Piece], at: int, title: Candidate | None, sheet: Sheet) -> Candidate | None:
    """Return the signer's name: the line below the title that is shaped like one, nearest to the title's middle."""
    start = lines[at].y if at >= 0 else (lines[0].y if lines else 0.0)
    centre = lines[at].middle if at >= 0 else None
    best: tuple[float, Candidate] | None = None
    for line in lines[at + 1 :]:
        if not 0.8 * sheet.em < line.y - start < 17 * sheet.em:
            continue
        for name in _names(line, sheet):
            score = name_shape(name.words)
            if centre is not None:
                middle = (name.words[0].upright[0] + name.words[-1].upright[2]) / 2
                score -= min(0.5, abs(middle - centre) / (16 * sheet.em))
            if score > 0.35 and (best is None or score > best[0]):
                best = (score, name)
    if best is None:
        return None
    return (
        best[1] if title is not None else replace(best[1], doubt=min(best[1].doubt, 0.8))
    )  # nothing above vouches for it


def _names(line: Piece, sheet: Sheet) -> list[Candidate]:
    """Return the runs of capitalised syllables in a line."""
    runs: list[list[Word]] = [[]]
    for word in line.words:
        text = _letters(word.text)
        if text and text[0].isupper() and text.isalpha() and (len(text) > 1 or fold(text) in "yaueoi"):
            if runs[-1] and word.upright[0] - runs[-1][-1].upright[2] > 1.6 * sheet.em:
                runs.append([])
            runs[-1].append(word)
        else:
            runs.append([])
    return [
        Candidate(" ".join(_cased(run)), tuple(run), sheet.number, _surely_whole(run))
        for run in runs
        if 2 <= len(run) <= 6
    ]


def _cased(run: Sequence[Word]) -> list[str]:
    """Return a name's words, the case of letters by the others': `LÝ Phương` is `Lý Phương`, `HuỳnH` is `Huỳnh`."""
    texts = [_letters(w.text) for w in run]
    small = any(t[1:].islower() or t[1:-1].islower() for t in texts)
    return [t.capitalize() if small and t[:1].isupper() and not t[1:].islower() else t for t in texts]


def _surely_whole(run: Sequence[Word]) -> float:
    """Return how sure a name is; of two words it may be the rest of a longer one that a seal covers."""
    return min(read_surely(run), 0.85) if len(run) == 2 else read_surely(run)


def _letters(text: str) -> str:
    """Return a word without what a signature's stroke or a seal's rim adds at its ends."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)


def name_shape(words: Sequence[Word]) -> float:
    """Return how far words look like a person's name, 0..1: two to five Vietnamese syllables, capital first, well read."""
    texts = _cased(words)
    good = sum(is_syllable(t) and (t[1:].islower() or len(t) == 1) for t in texts) / len(texts)
    return good * (1.0 if len(texts) in (2, 3, 4) else 0.8) * (0.5 + 0.5 * read_surely(words))


def _recipients(sheet: Sheet, mark: Piece, edge: float) -> Candidate | None:
    """Return the lines of the recipients' list, parted by line feeds."""
    taken: list[Piece] = []
    y = mark.y
    area = [p for p in sheet.pieces if mark.y + 0.4 * sheet.em < p.y < mark.y + 30 * sheet.em]
    left = [
        Piece(ws)
        for p in area
        if (ws := tuple(w for w in p.words if w.upright[0] < edge and w.upright[2] < edge + 2 * sheet.em))
    ]
    for line in rows(left, sheet.em):
        if line.y - y > 2.6 * sheet.em or (line.x0 > mark.x0 + 5 * sheet.em):
            break
        taken.append(line)
        y = line.y
    if not taken:
        return None
    items: list[str] = []
    for line in taken:
        text = re.sub(r"(?<=[^\W\d]),(?=[^\W\d])", ", ", line.text.strip())  # `VT,VP`: the blank was not seen
        if items and not re.match(r"[-–—•+*]", text):
            items[-1] += " " + text
        else:
            items.append(text.lstrip("-–—•+* "))
    words = tuple(w for line in taken for w in line.words)
    return Candidate("\n".join(items), words, sheet.number, 0.9 * read_surely(words))
