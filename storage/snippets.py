"""Snippets: the place of a text where the words were found, cut from the original with the hits marked."""

import re
from collections.abc import Sequence

from digitise.text import fold

HIT, END = "\u0002", "\u0003"  # marks around a hit: no text holds them, so nothing needs escaping
LENGTH = 240  # signs: three lines of a list
_BEFORE = 80  # of them before the first hit
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


class _Folding(dict[int, int | str]):
    """Maps each sign to one folded sign, so that places in the folded text are places in the original."""

    def __missing__(self, code: int) -> int | str:
        sign = chr(code)
        plain = fold(sign)
        self[code] = plain if len(plain) == 1 else sign
        return self[code]


_folding = _Folding()


class Snippets:
    """Cuts snippets for one query: terms of words that stand side by side, the last word open where `prefixes`."""

    def __init__(self, terms: Sequence[Sequence[str]], prefixes: Sequence[bool]) -> None:
        self._terms = [_pattern(words, prefix) for words, prefix in zip(terms, prefixes, strict=True)]
        self._any = re.compile("|".join(f"(?:{term.pattern})" for term in self._terms))

    def hold(self, original: str) -> bool:
        """Say whether every term is in the text as it is typed, but for case."""
        plain = original.lower()
        return all(term.search(plain) for term in self._terms)

    def cut(self, original: str) -> str:
        """Return up to LENGTH signs around the first hit, every hit in them marked; empty where there is none."""
        plain = original.translate(_folding)
        first = self._best(plain)
        if first is None:
            return ""
        start = _word_start(original, max(0, first - _BEFORE))
        end = _word_end(original, min(len(original), start + LENGTH))
        parts, at = [], start
        for hit in self._any.finditer(plain, start, end):
            parts += [_clean(original[at : hit.start()]), HIT, _clean(original[hit.start() : hit.end()]), END]
            at = hit.end()
        parts.append(_clean(original[at:end]))
        return ("…" if start else "") + "".join(parts).strip() + ("…" if end < len(original) else "")

    def _best(self, plain: str) -> int | None:
        """Return where the term that is longest, and so says most, is first found."""
        for term in sorted(self._terms, key=lambda each: -len(each.pattern)):
            found = term.search(plain)
            if found:
                return found.start()
        return None


def _pattern(words: Sequence[str], prefix: bool) -> re.Pattern[str]:
    joined = r"[\W_]+".join(re.escape(word) for word in words)
    return re.compile(rf"(?<![^\W_]){joined}" + (r"[^\W_]*" if prefix else r"(?![^\W_])"))


def _clean(part: str) -> str:
    return _CONTROL.sub(" ", part)


def _word_start(content: str, at: int) -> int:
    """Return the start of a word at or after `at`, where one is near."""
    if at == 0:
        return 0
    found = re.compile(r"\s").search(content, at, at + 30)
    return found.end() if found else at


def _word_end(content: str, at: int) -> int:
    if at >= len(content):
        return len(content)
    cut = content.rfind(" ", at - 30, at)
    return cut if cut > 0 else at
