"""The head of a document: national title and motto as anchors; superior, issuer, number left; place and date right.

Layout by NĐ 30/2020/NĐ-CP, annex I, which older decrees share.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from digitise.model.recognition import Word
from digitise.scan.fields.candidate import Candidate, read_surely
from digitise.scan.fields.kinds import kind_code, printed_code
from digitise.scan.fields.lines import Piece, Sheet, rows
from digitise.scan.fields.loose import as_digits, is_near, locate
from digitise.text import fold, nfc

NATION = "cong hoa xa hoi chu nghia viet nam"
MOTTO = "doc lap tu do hanh phuc"
HEAD_PART = 0.5  # the head lies in the upper half; half-page forms reach furthest down


@dataclass(frozen=True)
class Head:
    """Where the head lies: `split` parts the columns, `top` and `bottom` bound it."""

    split: float
    top: float
    motto_y: float
    left: tuple[Piece, ...]  # rows of the left column, from top to bottom
    right: tuple[Piece, ...]
    bottom: float  # of the two columns


def find_head(sheet: Sheet) -> Head | None:
    """Find the head by national title or motto; None where neither stands on the page."""
    limit = sheet.top + HEAD_PART * (sheet.bottom - sheet.top) + 8 * sheet.em
    nation = _best(sheet, NATION, limit)
    motto = _best(sheet, MOTTO, limit)
    anchor = nation or motto
    if anchor is None:
        return None
    y = (motto or anchor).y
    if nation is not None:
        edge = nation.x0
    else:
        assert motto is not None
        edge = motto.x0 - 0.3 * (motto.x1 - motto.x0)
    split = edge - 0.3 * sheet.em
    if edge < sheet.left + 6 * sheet.em:  # title over the whole width: forms without an issuing column
        split = sheet.left - sheet.em
    top = min(anchor.y, y) - 3.5 * sheet.em
    area = [p for p in sheet.pieces if top <= p.y < y + 16 * sheet.em]
    bottom = min((p.y for p in area if p.y > y + sheet.em and _crosses(p, split, sheet.em)), default=y + 16 * sheet.em)
    left, right = _columns([p for p in area if p.y < bottom - 0.4 * sheet.em], split, sheet.em)
    return Head(split, top, y, left, right, bottom)


def begins_document(sheet: Sheet) -> bool:
    """Say whether a page bears both national title and motto in its upper part: a document begins here."""
    limit = sheet.top + 0.3 * (sheet.bottom - sheet.top) + 4 * sheet.em
    return _best(sheet, NATION, limit) is not None and _best(sheet, MOTTO, limit) is not None


def _best(sheet: Sheet, phrase: str, limit: float) -> Piece | None:
    hits = [(hit[1], Piece(hit[0])) for p in sheet.pieces if p.y < limit and (hit := locate(p, phrase))]
    return max(hits, key=lambda hit: hit[0])[1] if hits else None


def _crosses(piece: Piece, split: float, em: float) -> bool:
    """Say whether a line runs on over the split: then it is below the two columns."""
    pairs = zip(piece.words, piece.words[1:], strict=False)
    return any(
        a.upright[0] < split - 2 * em
        and b.upright[2] > split + 2 * em
        and a.upright[2] > split - 1.2 * em
        and b.upright[0] < split + 1.2 * em
        and b.upright[0] - a.upright[2] < 0.8 * em
        for a, b in pairs
    ) or any(w.upright[0] < split - em and w.upright[2] > split + em for w in piece.words)


def _columns(area: Sequence[Piece], split: float, em: float) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Part pieces at `split`; a piece that crosses it is parted between two words where it lies mostly on both sides."""
    left: list[Piece] = []
    right: list[Piece] = []
    for piece in area:
        before = tuple(w for w in piece.words if (w.upright[0] + w.upright[2]) / 2 < split)
        after = tuple(w for w in piece.words if (w.upright[0] + w.upright[2]) / 2 >= split)
        if before:
            left.append(Piece(before))
        if after:
            right.append(Piece(after))
    return tuple(rows(left, em)), tuple(rows(right, em))


_DIGITS = r"[0-9oilsb|\]\[!.,;:]"  # folded digits and what they are misread as
_DATE = re.compile(rf"ngay({_DIGITS}{{1,4}})thang({_DIGITS}{{1,4}})nam({_DIGITS}{{4,6}})")
_YEARS = (1945, 2100)


def find_date(sheet: Sheet, head: Head | None) -> tuple[Candidate | None, Candidate | None]:
    """Return date of issue (ISO) and place; the line `<place>, ngày d tháng m năm y` of the head, else of the signer block."""
    if head is not None:
        inside = [p for p in sheet.pieces if head.motto_y - sheet.em < p.y < head.bottom]
        for row in rows(inside, sheet.em):
            found = _dated(row, sheet, head.split)
            if found:
                return found
    for row in rows([p for p in sheet.pieces if p.middle > sheet.middle], sheet.em):
        found = _dated(row, sheet)
        if found and found[1] is not None:
            return _weaker(found[0]), _weaker(found[1])
    return None, None


def _weaker(found: Candidate | None) -> Candidate | None:
    """Return what was found outside the head with less confidence."""
    return replace(found, doubt=0.6 * found.doubt) if found else None


def _dated(row: Piece, sheet: Sheet, split: float | None = None) -> tuple[Candidate | None, Candidate | None] | None:
    """Read a date line out of a row; None where the row is none."""
    words = list(row.words)
    at = next((i for i, w in enumerate(words) if re.match(r"n[gq]ay", fold(w.text))), None)
    if at is None:  # only then a word that is nearly `ngày`: a place may end in `Ngãi`
        at = next((i for i, w in enumerate(words) if is_near(w.text, "ngay")), None)
    if at is None:
        return None
    rest = words[at:]
    month = next((i for i, w in enumerate(rest) if is_near(w.text, "thang") or fold(w.text).startswith("thang")), None)
    if month is None or not any(re.search(r"n[aă][mn]", fold(w.text)) for w in rest[month:]):
        return None
    place = _place(words[:at], words[at], sheet)
    beside = split is not None and words[at].upright[0] > split  # the head's right column holds nothing else
    if place is None and at > 0 and not beside:
        return None  # `… ngày …` in the middle of a sentence
    flat = re.sub(r"\s", "", "".join(_plain_date(w.text) for w in rest))
    found = _DATE.search(flat)
    day = _valid(found[1], found[2], found[3]) if found else None
    if day is None:
        return None, place
    tidy = not re.search(r"[^0-9nagythm]", found[0] if found else "")
    doubt = read_surely(rest) if tidy else 0.6 * read_surely(rest)
    return Candidate(day.isoformat(), tuple(rest), sheet.number, doubt), place


def dated(row: Piece) -> bool:
    """Say whether a row bears two of the words of a date line."""
    marks = {label for word in row.words for label in ("ngay", "thang", "nam") if label in fold(word.text)}
    return len(marks) > 1


def _plain_date(text: str) -> str:
    """Return a date line's word folded, its labels mended, digits left alone: `ngảy03.` → `ngay03.`, `10năm` → `10nam`."""

    def mended(found: re.Match[str]) -> str:
        near = [label for label in ("ngay", "thang", "nam") if is_near(found[0], label)]
        return near[0] if near else found[0]

    return re.sub(r"[a-z]{3,6}", mended, fold(text))


def _valid(day: str, month: str, year: str) -> date | None:
    d, m, y = (re.sub(r"\D", "", as_digits(part)) for part in (day, month, year))
    m = "6" if m == "0" else m  # `Ó`: the only month that looks so
    try:
        made = date(int(y), int(m), int(d))
    except ValueError:
        return None
    return made if _YEARS[0] <= made.year < _YEARS[1] else None


def _place(before: list[Word], label: Word, sheet: Sheet) -> Candidate | None:
    """Return the place: the words that stand close before `ngày`."""
    taken: list[Word] = []
    edge = label.upright[0]
    for word in reversed(before):
        if edge - word.upright[2] > 1.3 * sheet.em or len(taken) == 6:
            break
        if any(c.isdigit() for c in word.text) or "/" in word.text:
            break
        taken.insert(0, word)
        edge = word.upright[0]
    text = " ".join(w.text for w in taken).strip(" ,.;:-_")
    if not text or not text[0].isupper():
        return None
    return Candidate(text, tuple(taken), sheet.number, read_surely(taken))


_LABEL = re.compile(
    r"^\W*[S5]\s?\S{1,2}?\s*[:;.,]?\s*(?=[\d/OolI])|^\W*[S5][óoốôồòõöéeð0ỗổộ]{1,2}\s*[:;.,]*\s*", re.IGNORECASE
)
_BARE_CODE = re.compile(
    r"\W*\S{0,8}\s*/\s*[A-ZĐ][\wĐđ]{1,9}\s*-\s*[A-ZĐ]{2,}"
)  # where pen or stamp hide label and number
_NO_SLASH = re.compile(r"(\d{1,6})\s*(?=[A-ZĐ][A-Za-zĐđ]{1,5}-[A-ZĐ]{2,})")  # `04GXN-UBND`: the stroke was not seen
_SIGNS = str.maketrans("⁄∕Ð–—", "//Đ--")
_SYMBOL = re.compile(r"(?:(?:19|20)\d\d/)?[A-ZĐÐa-zđ&,.]{1,12}(?:-[A-ZĐÐa-zđ&,.0-9]{1,16}){0,4}")


@dataclass(frozen=True)
class Code:
    """Number and symbol as found on the line `Số: …`."""

    number: Candidate | None
    symbol: Candidate | None
    row: Piece


def find_code(sheet: Sheet, head: Head) -> Code | None:
    """Find the line `Số: 123/QĐ-UBND` in the left column."""
    for row in head.left:
        text = re.sub(r"/[\s/]*/", "/", nfc(row.text).translate(_SIGNS))  # one stroke read twice
        label = _LABEL.match(text)
        if label and "/" not in text:
            text = _NO_SLASH.sub(r"\1/", text, count=1)
        if "/" not in text or not (label or _BARE_CODE.match(text)):
            continue
        flat = re.sub(r"\s+", "", text[label.end() if label else 0 :])
        number_text, _, symbol_text = flat.partition("/")
        words = [w for w in row.words if w.upright[0] < head.split]
        return Code(_number(number_text, words, sheet), _symbol(symbol_text, words, sheet), row)
    return None


def agreeing(code: Code, kind: str) -> Code:
    """Return `code` with its abbreviation as the document's kind demands, where it is but one letter off: `FB-` → `TB-`."""
    wanted = kind_code(kind)
    if code.symbol is None or wanted is None or kind in ("Công văn", "Thư công"):
        return code
    year, slash, tail = code.symbol.value.rpartition("/")
    first, dash, rest = tail.partition("-")
    if first == wanted or not dash or not is_near(first, fold(wanted)):
        return code
    mended = replace(code.symbol, value=f"{year}{slash}{wanted}{dash}{rest}", doubt=min(code.symbol.doubt, 0.85))
    return replace(code, symbol=mended)


def _number(text: str, words: Sequence[Word], sheet: Sheet) -> Candidate | None:
    digits = re.sub(r"\D+$", "", as_digits(text.strip(".,:;-_")))
    letter = re.fullmatch(r"(\d{1,6})([a-zA-Z]?)", text.strip(".,:;-_"))
    if letter:
        digits = letter[1] + letter[2]
    elif not re.fullmatch(r"\d{1,6}", digits):
        return None
    bearing = [w for w in words if any(c.isdigit() or c in "/⁄∕" for c in w.text)] or list(words)
    own = [w for w in bearing if any(c.isdigit() for c in w.text)][:1] or bearing[:1]
    doubt = read_surely(own) * (1.0 if letter else 0.6)
    return Candidate(digits, tuple(own), sheet.number, doubt)


def _symbol(text: str, words: Sequence[Word], sheet: Sheet) -> Candidate | None:
    found = _SYMBOL.match(text)
    if not found:
        return None
    year, _, tail = found[0].rpartition("/")
    first, dash, rest = tail.rstrip(".,-&").partition("-")
    value = f"{year}/" if year else ""
    value += printed_code(first) + dash + rest
    own = [w for w in words if any(c in "/⁄∕-–" for c in w.text)] or list(words)
    whole = len(found[0]) == len(text.rstrip(".,;:'_-"))
    return Candidate(value, tuple(own), sheet.number, read_surely(own) * (1.0 if whole else 0.6))


def code_row(sheet: Sheet) -> Piece | None:
    """Return the row that bears number and symbol, whatever of the number could be read."""
    head = find_head(sheet)
    code = find_code(sheet, head) if head else None
    return code.row if code else None


def blanks_of_date(sheet: Sheet) -> list[tuple[Word, Word, int]]:
    """Return the words that the day and the month of the head's date line stand between, and the highest each can be."""
    head = find_head(sheet)
    if head is None:
        return []
    for row in rows([p for p in sheet.pieces if head.motto_y - sheet.em < p.y < head.bottom], sheet.em):
        words = [w for w in row.words if w.upright[0] > head.split - sheet.em]
        day = next((i for i, w in enumerate(words) if re.match(r"n[gq]ay", fold(w.text))), None)
        month = next((i for i, w in enumerate(words) if re.match(r"thang", fold(w.text))), None)
        year = next((i for i, w in enumerate(words) if re.search(r"nam", fold(w.text)) and i > (month or 0)), None)
        if day is not None and month is not None and year is not None and day < month < year:
            return [(words[day], words[month], 31), (words[month], words[year], 12)]
    return []
