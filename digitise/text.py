"""Vietnamese text: one form to keep, one form to search, the codes of the domain, and masking."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_SPACE = re.compile(r"\s+")


def nfc(text: str) -> str:
    """Return `text` in Unicode NFC, the only form that is stored."""
    return unicodedata.normalize("NFC", text)


def squeeze(text: str) -> str:
    """Return NFC `text` with every run of white space as one blank, none at the ends."""
    return _SPACE.sub(" ", nfc(text)).strip()


def fold(text: str) -> str:
    """Return the search form: no diacritics, `đ` as `d`, lower case, NFC.

    Databases cannot do this: `đ` has no canonical decomposition, so FTS5 and `unaccent` differ from what people type.
    """
    if text.isascii():
        return text.lower()
    return _folded_word(text) if len(text) <= _LONGEST_WORD else _folded(text)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).translate(_PLAIN)).casefold()


_folded_word = lru_cache(maxsize=20_000)(_folded)  # a page's few hundred words are folded thousands of times
_LONGEST_WORD = 32  # letters; Vietnamese writes syllables apart, so that words come back


class _Plain(dict[int, str | None]):
    """What each character of decomposed text becomes, found when it is first met: combining marks nothing, đ a d."""

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        self[code] = None if unicodedata.combining(char) else {"đ": "d", "Đ": "D"}.get(char, char)
        return self[code]


_PLAIN = _Plain()


def search_tokens(text: str) -> str:
    """Return folded `text` with everything but letters and digits as blanks, so that `12/QĐ-UBND` is three tokens."""
    return " ".join(re.findall(r"[0-9a-z]+|[^\W_]+", fold(text)))


def same_tone_placement(text: str) -> str:
    """Return `text` with `hoà`, `thuý`, `khoẻ` spelled `hòa`, `thúy`, `khỏe`… in one way, for exact comparison."""
    decomposed = unicodedata.normalize("NFD", text)
    moved = re.sub(rf"(?<![qQ])([oOuU])([aAeEyY])([{_TONES}])(?![\w{_TONES}\u0302\u0306\u031b])", r"\1\3\2", decomposed)
    return unicodedata.normalize("NFC", moved)


_COLLATION = {c: i for i, c in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_TONE_ORDER = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


def collation_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    """Return a sort key in Vietnamese order: letters (ă after a, đ after d), then tones, then case."""
    letters: list[int] = []
    tones: list[int] = []
    for char in unicodedata.normalize("NFC", text).casefold():
        parts = unicodedata.normalize("NFD", char)
        tone = next((_TONE_ORDER[p] for p in parts if p in _TONE_ORDER), 0)
        bare = unicodedata.normalize("NFC", "".join(p for p in parts if p not in _TONE_ORDER))
        letters.append(_COLLATION[bare] + 200 if bare in _COLLATION else min(ord(bare[0]), 199) if bare else 0)
        tones.append(tone)
    return tuple(letters), tuple(tones), text


@dataclass(frozen=True, slots=True)
class DocumentCode:
    """Number and symbol of an official document, `15/QĐ-UBND` → `15`, `QĐ-UBND` (NĐ 30/2020 art. 8)."""

    number: str
    symbol: str

    def __str__(self) -> str:
        return f"{self.number}/{self.symbol}"


_DOCUMENT_CODE = re.compile(
    r"(?<![\w/])(\d{1,6}[a-zA-Z]?)\s*/\s*((?:\d{4}\s*/\s*)?[A-ZĐ][\w&Đđ.]*(?:\s*-\s*[\w&Đđ.]+)*)"
)


def parse_document_code(text: str) -> DocumentCode | None:
    """Find the first number and symbol in `text`, blanks removed; None where there is none."""
    found = _DOCUMENT_CODE.search(nfc(text))
    if not found:
        return None
    return DocumentCode(found[1], re.sub(r"\s+", "", found[2]).rstrip(".-"))


_DOSSIER = re.compile(r"^(?:[A-Z]\d{2}(?:\.\d{1,3}){1,3}-\d{6}-\d{4}|(?:\d{2,3}\.){3}[A-Z]\d{2}-\d{6}-\d{4})$")
_PROCEDURE = re.compile(r"^\d\.\d{6}$")


def is_dossier_code(text: str) -> bool:
    """Say whether `text` is `H53.12-220915-0007` or the older `000.00.12.H53-220915-0007`."""
    return bool(_DOSSIER.match(text.strip().upper()))


def is_procedure_code(text: str) -> bool:
    """Say whether `text` is a procedure code such as `1.012766`."""
    return bool(_PROCEDURE.match(text.strip()))


def identifier_kind(identifier: str) -> str | None:
    """Name the kind of a citizen's or organisation's identifier: CCCD, CMND, MST, passport; None when it is none.

    CCCD 12 digits, CMND 9, tax code 10 or 10-3 (13), passport one letter and 7 or 8 digits.
    """
    plain = re.sub(r"[\s.]", "", identifier)
    for kind, pattern in (
        ("CCCD", r"\d{12}"),
        ("CMND", r"\d{9}"),
        ("MST", r"\d{10}(-?\d{3})?"),
        ("passport", r"[A-Z]\d{7,8}"),
    ):
        if re.fullmatch(pattern, plain.upper()):
            return kind
    return None


def mask(identifier: str) -> str:
    """Return `079•••••1234` for an identifier: first three and last four characters, at most half of it shown."""
    plain = identifier.strip()
    if len(plain) < 8:
        return "•" * len(plain)
    return f"{plain[:3]}{'•' * (len(plain) - 7)}{plain[-4:]}"


_IDENTIFIER_IN_TEXT = re.compile(r"(?<!\d)(?:\d{12}|\d{9})(?!\d)")


def mask_in_text(text: str) -> str:
    """Return `text` with every run of exactly 12 or 9 digits masked, for logs and snippets."""
    return _IDENTIFIER_IN_TEXT.sub(lambda found: mask(found[0]), text)


def day_of(text: str) -> date:
    """Read a day as people and programs write it, `05/02/2023` or `2023-02-05`; raises ValueError."""
    if "/" in text:
        day, month, year = (int(part) for part in text.split("/"))
        return date(year, month, day)
    return date.fromisoformat(text)


def group_thousands(number: int) -> str:
    """Return `4.721`: digits as Vietnamese reports print them."""
    return f"{number:,}".replace(",", ".")


def percent(numerator: int, denominator: int, decimals: int = 2) -> str | None:
    """Return `96,03 %` (half up), or None where the denominator is 0 and the reports say "không phát sinh"."""
    if denominator == 0:
        return None
    scale = 10**decimals
    units = (numerator * 100 * scale * 2 + denominator) // (denominator * 2)
    return f"{units // scale},{units % scale:0{decimals}d} %"
