"""Blanks and signs that the recogniser lost or doubled: `ngày24`, `VT,KTTH`, `Số:27`, `năm 201 5`, `13⁄QĐ`, `này./`.

Each rule holds whatever the words are; where both spellings are written by somebody, the text stays as it was read.
"""

import re
from collections.abc import Sequence
from itertools import groupby

from digitise.model.recognition import Word
from digitise.scan.edits import cut, joined, put

_DATED = re.compile(r"(ngày|tháng|năm)(\d{1,4})([.,;]?)", re.I)
_COUNTED = re.compile(r"(\d{1,2})(tháng|năm)", re.I)
_AFTER_SIGN = re.compile(r"(?<=[^\W\d_])([,;])(?=[^\W\d_])")  # between two letters only: 1,5 and a;1 stay
_AFTER_COLON = re.compile(r"(?<=[^\W\d_][^\W\d_]):(?=\w)")
_NUMBERED = re.compile(r"(\d+)([A-ZĐ]{2,}-[A-ZĐ]{2,}[A-ZĐ-]*)")
_END = re.compile(r"([^\W\d_])[.,]?/[.]?")
_PERCENT = re.compile(r"(\d+%)[oOe6]")
DASHES = {"—": "–", "―": "–"}  # Vietnamese print has no longer dash; the recogniser's models do
NO_VIETNAMESE = str.maketrans({"Ñ": "N", "ñ": "n", "⁄": "/", "∕": "/"})


def respaced(words: Sequence[Word]) -> list[Word]:
    """Return the words with blanks and signs set right."""
    made: list[Word] = []
    for _, group in groupby(words, key=lambda word: word.line):
        line = [part for word in group for part in (_parted(_signed(word)) if _has_signs(word.text) else (word,))]
        made += _ended(_numbered(_years(line)))
    return made


def _has_signs(text: str) -> bool:
    """Say whether a word has anything but Vietnamese letters; most have not, and nothing here changes them."""
    return not text.isalpha() or "Ñ" in text or "ñ" in text


def _signed(word: Word) -> Word:
    """Set signs of other scripts and of other meaning: they are none of Vietnamese print."""
    text = DASHES.get(word.text, word.text).translate(NO_VIETNAMESE)
    if "://" not in text:
        text = re.sub(r"(?<=\w)//(?=\w)", "/", text)
    return put(word, _PERCENT.sub(r"\1", text))


def _parted(word: Word) -> list[Word]:
    """Cut a word where a blank must be: after a sign between letters, between a date's words and its figures."""
    dated = _DATED.fullmatch(word.text)
    if dated:
        return cut(word, (dated[1], dated[2] + dated[3]))
    counted = _COUNTED.fullmatch(word.text)
    if counted:
        return cut(word, (counted[1], counted[2]))
    if re.search(r"[@/]|www\.", word.text):  # addresses, symbols of documents: they have their own commas
        return [word]
    text = _AFTER_COLON.sub(": ", _AFTER_SIGN.sub(r"\1 ", word.text))
    return cut(word, text.split(" ")) if " " in text.strip() and text != word.text else [word]


def _years(line: list[Word]) -> list[Word]:
    """Join a year that was torn: `năm 201 5`."""
    made: list[Word] = []
    for word in line:
        before = made[-1] if made else None
        if (
            before is not None
            and len(made) > 1
            and made[-2].text.lower() == "năm"
            and before.text.isdigit()
            and re.fullmatch(r"(19|20)\d\d", before.text + word.text.rstrip(".,;)"))
        ):
            made[-1] = joined((before, word), before.text + word.text)
        else:
            made.append(word)
    return made


def _numbered(line: list[Word]) -> list[Word]:
    """Put the lost slash back into a document's number: `Số: 333GM-BTNMT`."""
    if len(line) > 1 and line[0].text == "Số:":
        lost = _NUMBERED.fullmatch(line[1].text)
        if lost:
            line[1] = put(line[1], f"{lost[1]}/{lost[2]}")
    return line


def _ended(line: list[Word]) -> list[Word]:
    """Complete the sign that ends a document's text, `./.`, where one of its dots was lost."""
    if line and len(line) > 2:
        end = _END.fullmatch(line[-1].text[-3:]) or _END.fullmatch(line[-1].text[-2:])
        if end and line[-1].text.islower():
            line[-1] = put(line[-1], line[-1].text.rstrip("./,") + "./.")
    return line
