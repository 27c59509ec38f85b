"""Corrections of what is certainly wrong; what was read is kept beside what was put.

Three kinds: accents of a word whose neighbour leaves only one spelling (`bồ sung` → `bổ sung`); signs that look like digits
where only a number can stand (`ngày 0] tháng`); abbreviations of the domain with one letter too many (`TTHOC`).
"""

import re
from collections.abc import Sequence
from itertools import accumulate

from digitise.model.recognition import Word
from digitise.scan.conventions import conventional
from digitise.scan.edits import cut, parts, put
from digitise.scan.phrases import PAIRS
from digitise.scan.spacing import respaced
from digitise.scan.syllables import is_syllable
from digitise.text import fold, nfc, same_tone_placement

CERTAIN = 0.97  # engine confidence above which a possible word is left alone
DIGIT_LIKE = str.maketrans(
    {c: "1" for c in "]|[lIJÏÍÌiïí!"} | {c: "0" for c in "OÓÒÔoóò"} | {"S": "5", "Z": "2", "B": "8"}
)
DATED = {"ngày": (1, 31), "tháng": (1, 12), "năm": (1900, 2100)}
ABBREVIATIONS = ("UBND", "HĐND", "TTHC")
RUN_TOGETHER = 6  # letters; shorter ones are abbreviations
WELL_READ = 0.9  # engine confidence from which a capital abbreviation on the page is an example for the others

_RINGED = re.compile(r"([BCDĐGHKLMNPQRSTVX]{3,})(?:OC|OG|CO|GC|CG)")

_BY_LETTERS: dict[tuple[str, str], tuple[str, str]] = {}
for _first, _second in PAIRS:
    _key = (fold(_first), fold(_second))
    if _key in _BY_LETTERS and _BY_LETTERS[_key] != (_first, _second):
        _BY_LETTERS[_key] = ("", "")  # two expressions of the same letters: neither is certain
    else:
        _BY_LETTERS[_key] = (_first, _second)


def corrected(words: Sequence[Word]) -> tuple[Word, ...]:
    """Return the words, NFC, with what is certainly wrong put right; `Word.read` keeps what was read."""
    made = [part for word in conventional(respaced(words)) for part in _parted(word)]
    for at in range(len(made)):
        made[at] = _number(made, at)
    for at in range(len(made) - 1):
        _accents(made, at)
    made = [_ended_in_c(word) for word in made]
    known = {*ABBREVIATIONS, *(parts(word.text)[1] for word in made if word.confidence >= WELL_READ or word.read)}
    examples = [name for name in known if name.isupper() and len(name) >= 4 and not _RINGED.fullmatch(name)]
    return tuple(_abbreviation(word, examples) for word in made)


def _parted(word: Word) -> list[Word]:
    """Part capitals that were read without the blanks between them, `SỞTÀICHÍNH`, where they are nothing but syllables."""
    core = word.text
    if word.confidence >= WELL_READ or len(core) < RUN_TOGETHER or not (core.isalpha() and core.isupper()):
        return [word]
    ways = [way for way in _cut(core.lower()) if len(way) > 1]
    if not ways or is_syllable(core):
        return [word]
    best = min(ways, key=lambda way: (len(way), sum(fold(part)[0] in "aeiouy" for part in way)))
    ends = list(accumulate(len(part) for part in best))
    return cut(word, [core[end - len(part) : end] for part, end in zip(best, ends, strict=True)])


def _cut(text: str) -> list[tuple[str, ...]]:
    """Return the ways to cut `text` into syllables."""
    if not text:
        return [()]
    return [
        (text[:end], *rest)
        for end in range(min(len(text), 7), 1, -1)
        if is_syllable(text[:end])
        for rest in _cut(text[end:])
    ]


def _accents(words: list[Word], at: int) -> None:
    """Set the accents of a pair of which one word is right and the other has only its marks wrong."""
    left, right = words[at], words[at + 1]
    (a0, a, a1), (b0, b, b1) = parts(left.text), parts(right.text)
    if a1 or b0 or not a or not b or right.line - left.line not in (0, 1) or (a.istitle() and b.istitle()):
        return  # `Phan Công` is a name
    across = right.line != left.line  # what ends one block and what begins the next make no expression: `HÀ TĨNH / ỦY`
    if across and a.isupper() != b.isupper():
        return
    bar = WELL_READ if across else CERTAIN
    wanted = _BY_LETTERS.get((fold(a), fold(b))) or _forked(a, b)
    if not wanted or not wanted[0]:
        return
    same_a, same_b = _same(a, wanted[0]), _same(b, wanted[1])
    held_left = at > 0 and _agrees(words[at - 1], left) and is_syllable(b)
    held_right = at + 2 < len(words) and _agrees(right, words[at + 2])
    impossible = not is_syllable(a) or not is_syllable(b)
    if (same_a and same_b) or not (same_a or same_b or impossible):  # right, or wrong with nothing to hold on to
        return
    if not same_a and (impossible or _open(left, a, bar)) and not (at and _agrees(words[at - 1], left)):
        words[at] = put(left, a0 + _cased(wanted[0], a) + a1)
    if not same_b and (impossible or _open(right, b, bar)) and not held_left and not held_right:
        words[at + 1] = put(right, b0 + _cased(wanted[1], b) + b1)


def _forked(a: str, b: str) -> tuple[str, str] | None:
    """Return the expression that begins with the Y which was read as a V: `Vêu cầu`."""
    meant = ("y" + a[1:].lower(), b.lower())
    return meant if a.startswith("V") and meant in PAIRS else None


def _agrees(left: Word, right: Word) -> bool:
    """Say whether two words make an expression as they were read."""
    return (parts(left.text)[1].lower(), parts(right.text)[1].lower()) in PAIRS


def _open(word: Word, core: str, bar: float) -> bool:
    return word.confidence < bar or not is_syllable(core)


def _same(read: str, wanted: str) -> bool:
    return same_tone_placement(nfc(read.lower())) == same_tone_placement(wanted)


def _cased(wanted: str, like: str) -> str:
    if like.isupper():
        return wanted.upper()
    return wanted[0].upper() + wanted[1:] if like[:1].isupper() else wanted


def _number(words: Sequence[Word], at: int) -> Word:
    """Read look-alike signs as digits where a day, month or year must stand."""
    word = words[at]
    if at == 0 or words[at - 1].text.lower() not in DATED or word.text.strip(".,;").isdigit():
        return word
    core = word.text.rstrip(".,;")
    digits = core.translate(DIGIT_LIKE)
    low, high = DATED[words[at - 1].text.lower()]
    if not digits.isdigit() or not any(char.isdigit() for char in core) or not low <= int(digits) <= high:
        return word
    return put(word, digits + word.text[len(core) :])


def _ended_in_c(word: Word) -> Word:
    """Take the ring or tail off the last C of a row of consonants: initials of words, hardly any of which begin with O."""
    before, core, after = parts(word.text)
    found = _RINGED.fullmatch(core)
    return put(word, f"{before}{found[1]}C{after}") if found and word.confidence < WELL_READ else word


def _abbreviation(word: Word, known: Sequence[str]) -> Word:
    """Take the one wrong or superfluous letter out of an abbreviation of the domain or of this page."""
    before, core, after = parts(word.text)
    if word.confidence >= WELL_READ or not core.isupper() or len(core) < 4 or core in known:
        return word
    fits = [name for name in known if "C" in name and _one_letter_off(core, name)]
    return put(word, before + fits[0] + after) if len(fits) == 1 else word


def _one_letter_off(read: str, known: str) -> bool:
    """Say whether `read` is `known` with an O or G for or beside a C: the engine's own confusion in capitals."""
    return any(read == known.replace("C", wrong) for wrong in ("OC", "CO", "O", "G", "OG", "CG", "GC", "Ơ", "CƠ"))
