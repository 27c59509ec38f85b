"""Forms and certificates: `label: value` lines, and the codes that stand beside their names."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rapidfuzz.distance import Levenshtein

from digitise.model.recognition import Word
from digitise.scan.fields.candidate import Candidate, read_surely
from digitise.scan.fields.labels import LABELS
from digitise.scan.fields.lines import Piece, Sheet, rows
from digitise.scan.fields.loose import as_digits, is_syllable, strip_marks
from digitise.text import fold, identifier_kind, is_dossier_code, is_procedure_code

_LONGEST = max(len(label.split()) for label in LABELS)
_TIGHT = {re.sub(r"\W", "", label): name for label, name in LABELS.items()}
_BARE_OK = ("owner_id", "dossier")  # labels that a number may follow without a colon


@dataclass(frozen=True)
class Labelled:
    """A label found on a line, and the words after it up to the next label or the line's end."""

    name: str
    value: tuple[Word, ...]
    line: Piece
    next_line: Piece | None


def find_on_forms(sheets: Sequence[Sheet]) -> dict[str, Candidate]:
    """Return what labels name (the first of each), and dossier codes wherever they stand."""
    found: dict[str, Candidate] = {}
    for sheet in sheets:
        for labelled in _labelled(sheet):
            if labelled.name in found:
                continue
            candidate = _read(labelled, sheet)
            if candidate is not None:
                found[labelled.name] = candidate
        if "dossier" not in found and (code := _loose_dossier(sheet)):
            found["dossier"] = code
    _cross_check(found)
    return found


def _labelled(sheet: Sheet) -> Iterator[Labelled]:
    lines = rows(sheet.pieces, sheet.em)
    for number, line in enumerate(lines):
        marks = list(_labels(line))
        after = lines[number + 1] if number + 1 < len(lines) else None
        for i, (name, _, end) in enumerate(marks):
            until = marks[i + 1][1] if i + 1 < len(marks) else len(line.words)
            close = after if after and i + 1 == len(marks) and after.y - line.y < 2.2 * sheet.em else None
            yield Labelled(name, line.words[end:until], line, close)


def _labels(line: Piece) -> Iterator[tuple[str, int, int]]:
    """Yield field, first word and the word after each label of a line."""
    at = 0
    while at < len(line.words):
        for count in range(min(_LONGEST, len(line.words) - at), 0, -1):
            words = line.words[at : at + count]
            colon = words[-1].text.rstrip().endswith(":") or (
                at + count < len(line.words) and line.words[at + count].text.strip() == ":"
            )
            tight = re.sub(r"\W", "", fold("".join(w.text for w in words)))
            name = _TIGHT.get(tight) or (_nearly(tight) if colon else None)
            follows = at + count < len(line.words) and line.words[at + count].text[:1].isdigit()
            if name and (colon or (name in _BARE_OK and follows)):
                end = at + count + (1 if colon and not words[-1].text.rstrip().endswith(":") else 0)
                yield name, at, end
                at = end - 1
                break
        at += 1


def _nearly(tight: str) -> str | None:
    """Return the field of a label that was misread by one letter; only long ones."""
    if len(tight) < 7:
        return None
    return next(
        (name for known, name in _TIGHT.items() if Levenshtein.distance(tight, known, score_cutoff=1) <= 1), None
    )


def _read(labelled: Labelled, sheet: Sheet) -> Candidate | None:
    match labelled.name:
        case "owner_id":
            return _identifier(labelled.value, sheet)
        case "dossier":
            return _code(labelled.value, sheet, is_dossier_code, 4)
        case "procedure":
            return _code(labelled.value, sheet, is_procedure_code, 2)
        case "birth_date" | "valid_until":
            return _day(labelled.value, sheet)
        case "owner_name":
            return _name(labelled.value, sheet)
    return _plain(labelled, sheet)


def _identifier(words: Sequence[Word], sheet: Sheet) -> Candidate | None:
    """Read a citizen's, tax or passport number; blanks within it allowed."""
    text, taken = "", []
    for word in words[:6]:
        part = re.sub(r"[\s.,:;]", "", word.text)
        if not text and fold(part) in ("so", "s0"):
            continue
        if not re.fullmatch(r"[A-Z]?[0-9OoIl|SB]+(?:-?\d{3})?", part):
            break
        text += part
        taken.append(word)
        if identifier_kind(as_digits(text)) in ("CCCD", "passport"):
            break
    digits = text if re.match(r"[A-Z]\d{7}", text) else as_digits(text)
    kind = identifier_kind(digits)
    if kind is None:
        return None
    tidy = digits == text and len(taken) == 1
    weight = 1.0 if tidy else 0.75
    if kind == "CCCD" and not digits.startswith("0"):
        weight *= 0.6  # all place codes are below 100
    return Candidate(digits, tuple(taken), sheet.number, weight * read_surely(taken))


def _code(words: Sequence[Word], sheet: Sheet, valid: Callable[[str], bool], most: int) -> Candidate | None:
    """Read a code that may have been cut into words."""
    for count in range(1, min(most, len(words)) + 1):
        text = "".join(w.text for w in words[:count]).strip(".,;: ").replace("–", "-").replace("—", "-")
        mended = as_digits(text)  # leaves `H`, the letter of dossier codes, alone
        if valid(mended):
            weight = 1.0 if mended == text and count == 1 else 0.75
            return Candidate(mended, tuple(words[:count]), sheet.number, weight * read_surely(words[:count]))
    return None


_DAY = re.compile(
    r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4})|(\d{1,2})\s*thang\s*(\d{1,2})\s*,?\s*nam\s*(\d{4})"
)


def _day(words: Sequence[Word], sheet: Sheet) -> Candidate | None:
    text = fold(" ".join(w.text for w in words))
    found = _DAY.search(text) or _DAY.search(as_digits(text))
    if not found:
        return None
    day, month, year = (int(part) for part in found.groups() if part)
    try:
        value = date(year, month, day).isoformat()
    except ValueError:
        return None
    taken = tuple(w for w in words if any(c.isdigit() for c in w.text))
    return Candidate(value, taken, sheet.number, read_surely(taken)) if taken else None


def _name(words: Sequence[Word], sheet: Sheet) -> Candidate | None:
    """Read a person's or an organisation's name up to a mark that ends it."""
    taken: list[Word] = []
    for word in words:
        text = strip_marks(word.text)
        if not text or (len(taken) > 1 and not text[0].isupper()):
            break
        taken.append(word)
        if word.text.endswith((",", ";")):
            break
    if not taken:
        return None
    texts = [strip_marks(w.text) for w in taken]
    shaped = all(is_syllable(t) for t in texts) and 2 <= len(texts) <= 6
    return Candidate(" ".join(texts), tuple(taken), sheet.number, read_surely(taken) * (0.9 if shaped else 0.6))


def _plain(labelled: Labelled, sheet: Sheet) -> Candidate | None:
    """Take the rest of the line, and the next line where the value runs on."""
    words = list(labelled.value)
    after = labelled.next_line
    long = labelled.name in ("residence", "home_town", "birth_place", "procedure_name")
    full = bool(words) and words[-1].upright[2] > sheet.right - 5 * sheet.em
    if long and full and after and not list(_labels(after)) and ":" not in after.text and after.text[:1].islower():
        words += after.words
    text = " ".join(w.text for w in words).strip(" .,;:…_-")
    if not text:
        return None
    return Candidate(text, tuple(words), sheet.number, 0.9 * read_surely(words))


_LOOSE = re.compile(r"(?:[A-Z]\d{2}(?:\.\d{1,3}){1,3}|(?:\d{2,3}\.){3}[A-Z]\d{2})-\d{6}-\d{4}")


def _loose_dossier(sheet: Sheet) -> Candidate | None:
    for piece in sheet.pieces:
        for word in piece.words:
            found = _LOOSE.search(word.text)
            if found and is_dossier_code(found[0]):
                return Candidate(found[0], (word,), sheet.number, 0.95 * word.confidence)
    return None


def _cross_check(found: dict[str, Candidate]) -> None:
    """Compare a citizen number's century and year of birth with the date of birth (NĐ 137/2015/NĐ-CP art. 7)."""
    number, born = found.get("owner_id"), found.get("birth_date")
    if number is None or born is None or len(number.value) != 12:
        return
    year = int(born.value[:4])
    agrees = number.value[4:6] == f"{year % 100:02d}" and int(number.value[3]) // 2 == (year - 1900) // 100
    factor = 1.0 if agrees else 0.7
    found["owner_id"] = replace(number, doubt=number.doubt * factor)
    found["birth_date"] = replace(born, doubt=born.doubt * factor)
