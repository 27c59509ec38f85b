"""What was typed, as terms, and terms as conditions of each database's full-text index."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, cast, column, or_, table, true
from sqlalchemy.dialects.postgresql import TSQUERY

from storage.search_index import OVERFLOW, exact_words, folded_words

MOST_TERMS = 32  # a query is a question, not a document
index = table("search_index", *(column(name) for name in ("search_index", "rowid", "seq", "folded", "exact", "words")))
_TERM = re.compile(r'["“”„]([^"“”„]*)(["“”„]|$)|([^\s"“”„]+)')


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must stand side by side; the last one may be unfinished where `prefix`."""

    folded: tuple[str, ...]
    exact: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Terms that must all be there in one form (`folded`, `exact`), each as one of several phrases."""

    form: str
    terms: tuple[tuple[tuple[str, ...], ...], ...]


def parse(typed: str) -> tuple[Term, ...]:
    """Split what was typed: a quoted phrase is one term, so is `15/QĐ-UBND`; the last word may be unfinished."""
    terms: list[Term] = []
    for found in _TERM.finditer(typed):
        words = found[3] if found[3] is not None else found[1]
        folded, exact = tuple(folded_words(words)), tuple(exact_words(words))
        if folded:
            open_end = found[3] is not None and found.end() == len(typed)
            terms.append(Term(folded, exact, open_end and len(folded[-1]) > 1 and folded[-1].isalpha()))
    return tuple(terms[:MOST_TERMS])


def accented(terms: Sequence[Term]) -> bool:
    """Say whether diacritics were typed, so that documents may have the words exactly or only without them."""
    return any(term.folded != term.exact for term in terms)


def whole(terms: Sequence[Term], form: str) -> Group:
    """Return the terms with every word as it was typed."""
    return Group(form, tuple((getattr(term, form),) for term in terms))


def finished(terms: Sequence[Term], endings: Sequence[str]) -> Group:
    """Return the terms with the last word as one of `endings`."""
    stem = terms[-1].folded[:-1]
    return Group("folded", (*((term.folded,) for term in terms[:-1]), tuple((*stem, ending) for ending in endings)))


def matches(dialect: str, wanted: Group, unwanted: Group | None) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for documents that hold one group and not the other."""
    if dialect == "sqlite":
        expression = _fts5(wanted) if unwanted is None else f"({_fts5(wanted)}) NOT ({_fts5(unwanted)})"
        return (index.c.search_index.op("MATCH", is_comparison=True)(expression),)
    holds = _postgresql(wanted)
    return (holds,) if unwanted is None else (holds, ~_postgresql(unwanted))


def _fts5(group: Group) -> str:
    """Return a query of FTS5; words hold letters and digits only, so nothing can break out of the quotes."""
    terms = ("(" + " OR ".join(f'"{" ".join(words)}"' for words in phrases) + ")" for phrases in group.terms)
    return f"{group.form} : ({' AND '.join(terms)})"


def _postgresql(group: Group) -> ColumnElement[bool]:
    """Look words up in the word index, and in the text where they must stand side by side or are not all indexed."""
    mark = "=" if group.form == "exact" else ""
    lexemes: list[str] = []
    always: list[ColumnElement[bool]] = []
    overflow: list[ColumnElement[bool]] = []
    for phrases in group.terms:
        lexemes.append(" | ".join("(" + " & ".join(f"'{mark}{word}'" for word in words) + ")" for words in phrases))
        stands = or_(*(index.c[group.form].like(f"% {' '.join(words)} %") for words in phrases))
        (always if len(phrases[0]) > 1 else overflow).append(stands)
    holds = _words_match(f"({' & '.join(f'({each})' for each in lexemes)}) | '{OVERFLOW}'")
    return and_(holds, or_(~_words_match(f"'{OVERFLOW}'"), and_(true(), *overflow)), *always)


def _words_match(expression: str) -> ColumnElement[bool]:
    return index.c.words.op("@@", is_comparison=True)(cast(expression, TSQUERY))
