"""Recognised words → invisible text that lies on the words of the picture, selects and searches like printed text."""

import unicodedata
from collections.abc import Iterable, Sequence
from statistics import median

from digitise.model.recognition import Affine, PageText, Word
from digitise.scan.geometry import apply, compose, lengths, scale
from digitise.scan.glyphless import ADVANCE, DESCENT, UNITS, Codes

FONT = "/DigitiseInvisible"  # name of the font in the page's resources
_CHAR = ADVANCE / UNITS  # width of a character at font size 1
_BELOW = -DESCENT / UNITS  # part of the font size below the baseline
_SAME_LINE = 0.35  # of a line's height: a word whose middle is farther off keeps its own height
_LEAST_GAP = 0.05  # of the font size: width of the blank between words that touch


def contents(page: PageText, quad: Affine, codes: Codes) -> bytes:
    """Return the content stream that writes `page`'s words; `quad` maps the displayed unit square to user space."""
    to_user = compose(compose(quad, scale(1 / page.width, 1 / page.height)), page.to_page)
    rows = [row for line in _lines(page.words) for row in _line(line, to_user, codes)]
    if not rows:
        return b""
    return ("q BT 3 Tr\n" + "\n".join(rows) + "\nET Q\n").encode("ascii")


def _lines(words: Iterable[Word]) -> list[list[Word]]:
    lines: dict[int, list[Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    return list(lines.values())


def _line(words: Sequence[Word], to_user: Affine, codes: Codes) -> list[str]:
    top = median(word.upright[1] for word in words)
    bottom = median(word.upright[3] for word in words)
    rows: list[str] = []
    for at, word in enumerate(words):
        text = clean(word.text)
        x0, y0, x1, y1 = word.upright
        if not text or x1 <= x0 or y1 <= y0:
            continue
        if bottom > top and abs((y0 + y1) / 2 - (top + bottom) / 2) <= _SAME_LINE * (bottom - top):
            y0, y1 = top, bottom
        rows.append(_shown(text, (x0, y0, x1, y1), to_user, codes))
        if at + 1 < len(words):
            end = max(words[at + 1].upright[0], x1 + _LEAST_GAP * (y1 - y0))
            end = min(end, x1 + 40 * (y1 - y0))
            rows.append(_shown(" ", (x1, y0, end, y1), to_user, codes))
    return rows


def _shown(text: str, box: tuple[float, float, float, float], to_user: Affine, codes: Codes) -> str:
    x0, y0, x1, y1 = box
    along, up = lengths(to_user)
    size = (y1 - y0) * up
    stretch = (x1 - x0) * along / (len(text) * _CHAR * size) * 100
    a, b, _, d, e, _ = to_user
    x, y = apply(to_user, x0, y1 - _BELOW * (y1 - y0))
    direction = f"{a / along:.5f} {d / along:.5f} {-b / up:.5f} {-e / up:.5f} {x:.3f} {y:.3f}"
    return f"{FONT} {size:.3f} Tf {stretch:.3f} Tz {direction} Tm <{codes.hex(text)}> Tj"


def clean(text: str) -> str:
    """Return NFC `text` without white space and characters that have no width of their own."""
    kept = (char for char in unicodedata.normalize("NFC", text) if unicodedata.category(char)[0] not in "CZ")
    return "".join(kept)
