"""What the layout of official papers fixes (NĐ 30/2020 annex I), put right where it was nearly read.

National title and motto, `Nơi nhận:` with its list, `Lưu: VT`, capitals without a stop, `ngày … tháng … năm …`. The signs are
the layout's, no content: nothing here knows a name or an agency.
"""

import re
from collections.abc import Sequence
from itertools import groupby

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from digitise.model.recognition import Word
from digitise.scan.edits import cut, joined, parts, put
from digitise.text import fold

TITLES = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")
LIKE_TITLE = 84.0  # rapidfuzz ratio, letters without marks; other lines of capitals stay below 60
HEAD_LINES = 12  # lines from the top among which the national title stands, whatever the column order
RECIPIENTS = "Nơi nhận:"
Line = list[Word]


def conventional(words: Sequence[Word]) -> list[Word]:
    """Return the words with what the layout fixes set right."""
    lines = [list(group) for _, group in groupby(words, key=lambda word: word.line)]
    for at, line in enumerate(lines):
        if at < HEAD_LINES:
            line = _national(line)
        lines[at] = _capitals(_dated(line))
    _recipients(lines)
    return [word for line in lines for word in line]


def _national(line: Line) -> Line:
    """Set the national title and the motto, which no paper words otherwise."""
    read = " ".join(word.text for word in line)
    for title in TITLES:
        if "OÀ" in read:
            title = title.replace("ÒA", "OÀ")  # the older place of the tone is as right
        right = title.split(" ")[: max(6, len(line))]  # a narrow column breaks it before its last words
        if read != " ".join(right) and fuzz.ratio(fold(read), fold(" ".join(right))) >= LIKE_TITLE:
            if len(right) == len(line):
                return [put(word, other) for word, other in zip(line, right, strict=True)]
            return cut(joined(line, title), right)
    return line


def _dated(line: Line) -> Line:
    """Set `tháng` and `năm` between the figures of a date: `ngày 26 thúng 5`."""
    for at in range(1, len(line) - 1):
        before, word, after = line[at - 1], line[at], line[at + 1]
        if not re.fullmatch(r"\d{1,2}", before.text):
            continue
        for name, opener, figures in (("tháng", "ngày", r"\d{1,2}"), ("năm", "tháng", r"\d{4}[.,;]?")):
            if (
                at > 1
                and line[at - 2].text.lower() == opener
                and re.fullmatch(figures, after.text)
                and word.text != name
                and word.text.islower()
                and Levenshtein.distance(fold(word.text), fold(name)) <= 1
            ):
                line[at] = put(word, name)
    return line


def _capitals(line: Line) -> Line:
    """Take the stop off a line of capitals: the rule below an issuer or a title, read as dots."""
    whole = " ".join(word.text for word in line)
    last = line[-1]
    if len(line) > 1 and whole.isupper() and not re.search(r"[\d,;:]|^[-+]", whole):
        core = last.text.rstrip(".…")
        if len(core) > 2 and core != last.text and "." not in core:
            line[-1] = put(last, core)
    return line


def _recipients(lines: list[Line]) -> None:
    """Set heading, marks and signs of the list of recipients, in place."""
    start = next((at for at in range(len(lines)) if _opens_recipients(lines, at)), None)
    if start is None:
        return
    lines[start] = _heading(lines[start])
    items = [at for at in range(start + 1, len(lines)) if lines[at][0].text.startswith("-")]
    apart = any(lines[at][0].text == "-" for at in items)
    for at in items:
        if apart and len(lines[at][0].text) > 1 and lines[at][0].text[1].isalpha():
            lines[at][:1] = cut(lines[at][0], ("-", lines[at][0].text[1:]))
        _item(lines[at], another_follows=at + 1 in items)


def _opens_recipients(lines: Sequence[Line], at: int) -> bool:
    letters = re.sub(r"[^a-z]", "", fold("".join(word.text for word in lines[at][:3])))
    if len(lines[at]) > 2 or at + 1 == len(lines) or not lines[at + 1][0].text.startswith("-"):
        return False
    return Levenshtein.distance(letters, "noinhan") <= 2


def _heading(line: Line) -> Line:
    if " ".join(word.text for word in line) == RECIPIENTS:
        return line
    right = RECIPIENTS.split(" ")
    if len(line) == 2:
        return [put(word, other) for word, other in zip(line, right, strict=True)]
    return cut(line[0], right)


def _item(item: Line, *, another_follows: bool) -> None:
    """Set the signs of one item: it ends with a semicolon, `(để …)` tells what for, the last one is kept by `VT`."""
    last = item[-1]
    if another_follows and re.search(r"[^\W\d_]\)?:$", last.text):
        item[-1] = put(last, last.text[:-1] + ";")
    for at, word in enumerate(item):
        if re.fullmatch(r"\(đ[ếềểễệêe]", word.text):
            item[at] = put(word, "(để")
        before, core, after = parts(word.text)
        if at and fold(item[at - 1].text) in ("luu:", "luu") and re.fullmatch(r"V[IỊÍÌĨỈTÏĨLFĨ]{1,2}", core):
            item[at] = put(word, f"{before}VT{after}")
