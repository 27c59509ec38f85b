"""Which of the engine's words are no words: remains of seals, signatures, stains and rules."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby, pairwise
from typing import TypeVar

from digitise.model.recognition import Box, Word
from digitise.scan.engine import Token
from digitise.scan.syllables import plausible
from digitise.text import fold

SURE = 0.5  # engine confidence above which a lone sign is believed
LINE_NOISE = 0.45  # mean confidence below which a line without a plausible word is noise
INSIDE = 0.8  # share of a word's width that lies within another's box: neighbours share none
Read = TypeVar("Read", Token, Word)
MARKS = set("-–—•+*·●○▪")  # open an item of a list


def without_noise(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens that are words; order and positions are kept."""
    if not tokens:
        return []
    em = usual_height(tokens)
    kept: list[Token] = []
    tokens = without_echoes(tokens, _line)
    for _, group in groupby(tokens, key=_line):
        kept += _of_line(list(group), em)
    return kept


def _line(token: Token) -> tuple[int, int, int]:
    return token.block, token.paragraph, token.line


def without_echoes(words: Sequence[Read], line: Callable[[Read], object]) -> list[Read]:
    """Drop beginnings and single letters that the engine gives a second time beside the word they are part of.

    Tesseract does so where its beam search is torn: `Tổ cô công tác` for `Tổ công tác`, the box of `cô` inside that of
    `công`. `line` tells which line a word stands on.
    """
    gone: set[int] = set()
    for at, (a, b) in enumerate(pairwise(words)):
        if line(a) == line(b):
            gone |= {at} if _echoes(a, b) else {at + 1} if _echoes(b, a) else set()
    return [word for at, word in enumerate(words) if at not in gone]


def _echoes(part: Token | Word, whole: Token | Word) -> bool:
    """Say whether `part` is a piece of `whole`: inside its box; its end, one letter, or its beginning but for the last.

    The same word twice in one box is an echo too.
    """
    inner, outer = _box(part), _box(whole)
    wide = min(inner[2], outer[2]) - max(inner[0], outer[0])
    if wide < INSIDE * (inner[2] - inner[0]) or not part.text.isalpha():
        return False
    short, long = fold(part.text), fold(whole.text)
    if short == long:
        return wide >= INSIDE * (outer[2] - outer[0])
    if len(short) >= len(long):
        return False
    begins = long.startswith(short[: max(1, len(short) - 1)])
    return begins or long.endswith(short) or (len(short) == 1 and short in long)


def _box(word: Token | Word) -> Box:
    return word.box if isinstance(word, Token) else word.upright


def usual_height(tokens: Iterable[Token]) -> float:
    """Return the median height of the words, pixels."""
    heights = sorted(token.box[3] - token.box[1] for token in tokens)
    return float(heights[len(heights) // 2]) if heights else 1.0


def _of_line(line: list[Token], em: float) -> list[Token]:
    while line and _is_stray(line[-1], line[-2] if len(line) > 1 else None, em):
        line.pop()
    while line and _opens_nothing(line, em):
        line.pop(0)
    line = [
        token
        for at, token in enumerate(line)
        if not _impossible(token, em)
        and not (0 < at < len(line) - 1 and _between(line[at - 1], token, line[at + 1], em))
    ]
    if not any(plausible(token.text) for token in line) and _mean(line) < LINE_NOISE:
        return []
    worst = max((token.confidence for token in line), default=0.0)
    return line if worst >= 0.3 or len(line) > 3 else []


def _mean(line: Sequence[Token]) -> float:
    return sum(token.confidence for token in line) / len(line) if line else 0.0


def _alone(text: str) -> bool:
    return not any(char.isalnum() for char in text)


def _is_stray(token: Token, before: Token | None, em: float) -> bool:
    """Say whether the last token of a line is a stain: signs without a letter, or a doubtful scrap far from the words."""
    gap = token.box[0] - before.box[2] if before else 99 * em
    if _alone(token.text):
        return gap > 0.6 * em or token.confidence < SURE
    return _scrap(token, gap, em)


def _scrap(token: Token, gap: float, em: float) -> bool:
    """Say whether a token is doubtful, no word, and so far (`gap` pixels) from the words that it is a stain among them."""
    return gap > 1.5 * em and token.confidence < 0.4 and not plausible(token.text)


def _opens_nothing(line: Sequence[Token], em: float) -> bool:
    """Say whether the first token is a sign that opens no item of a list."""
    first = line[0]
    if not _alone(first.text):
        return False
    if len(line) == 1:
        return True
    near = line[1].box[0] - first.box[2] < 3 * em
    return not (near and (set(first.text) <= MARKS or first.text[0] in "(\"“'«…[<."))


def _between(before: Token, token: Token, after: Token, em: float) -> bool:
    """Say whether a sign or a scrap stands alone in the gap between two columns or words."""
    if set(token.text) <= set("_.,'`‘’~^ˆ|"):
        return not token.text.startswith("...") or token.confidence < SURE
    gap = min(token.box[0] - before.box[2], after.box[0] - token.box[2])
    return _scrap(token, gap, em) or (_alone(token.text) and gap > em and token.confidence < 0.7)


def _impossible(token: Token, em: float) -> bool:
    """Say whether a token's box is no word's: lower than any letter, or far taller than the words and not believed."""
    height = token.box[3] - token.box[1]
    if height < 0.25 * em and not _alone(token.text):  # marks above capitals, read as a row of their own
        return True
    return token.confidence < 0.5 and height > 3 * em
