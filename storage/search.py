"""Full text search on SQLite (FTS5) and PostgreSQL (tsvector), and listings.

Exact diacritics come first, then the newest: ranking by words would read every hit of a common word (100 to 350 ms
at 200,000 documents), while both indexes give the newest hits of any word without looking at the others.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, cast, column, or_, select, table, true, tuple_
from sqlalchemy.dialects.postgresql import TSQUERY

from digitise.errors import InvalidValue
from digitise.model.documents import Found, Page, Query
from digitise.text import search_tokens
from storage.database import Database
from storage.rows import clean, storable, to_documents
from storage.schema.documents import document_texts, documents
from storage.search_index import OVERFLOW, exact_words, folded_words
from storage.snippets import Snippets

MOST_TERMS = 32  # a query is a question, not a document
LARGEST_PAGE = 500
_index = table("search_index", *(column(name) for name in ("search_index", "rowid", "seq", "folded", "exact", "words")))
_TERM = re.compile(r'["“”„]([^"“”„]*)(["“”„]|$)|([^\s"“”„]+)')
_CURSOR = re.compile(r"([efn])(\d{1,18})|d(\d{4}-\d\d-\d\d)\.(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must stand side by side; the last one may go on where `prefix`."""

    folded: tuple[str, ...]
    exact: tuple[str, ...]
    prefix: bool = False


def parse(typed: str) -> tuple[Term, ...]:
    """Split what was typed: a quoted phrase is one term, so is `15/QĐ-UBND`; the last word may be unfinished."""
    terms: list[Term] = []
    for found in _TERM.finditer(typed):
        words = found[3] if found[3] is not None else found[1]
        folded, exact = tuple(folded_words(words)), tuple(exact_words(words))
        if folded:
            open_end = found[3] is not None and found.end() == len(typed)
            unfinished = open_end and len(folded[-1]) > 1 and not folded[-1].isdigit()
            terms.append(Term(folded, exact, unfinished))
    return tuple(terms[:MOST_TERMS])


@dataclass(frozen=True, slots=True)
class _Phase:
    """One part of a listing: `e` exact hits, `f` folded ones that are not exact, `n` newest, `d` by date."""

    letter: str
    conditions: tuple[ColumnElement[bool], ...] = field(default=())


class SqlSearch:
    """Search on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seq = _index.c.rowid if database.dialect == "sqlite" else _index.c.seq

    def find(self, query: Query) -> Page[Found]:
        """Return one page of hits: exact diacritics first, then newest; with dates and no text, by date."""
        limit = max(1, min(query.limit, LARGEST_PAGE))
        terms = parse(storable(query.text))
        if query.text.strip() and not terms:
            return Page((), None)
        phases = self._phases(terms, query)
        start, after = _cursor(query.cursor, [phase.letter for phase in phases])
        with self._database.read() as connection:
            got: list[tuple[str, Row[Any]]] = []
            for phase in phases[start:]:
                wanted = limit + 1 - len(got)
                if wanted > 0:
                    statement = _statement(phase, query, after, wanted, self._seq if terms else None)
                    got += [(phase.letter, row) for row in connection.execute(statement)]
                after = None
            more = len(got) > limit
            got = got[:limit]
            cursor = _cursor_of(*got[-1]) if more else None
            return Page(tuple(_found(connection, got, terms)), cursor)

    def _phases(self, terms: Sequence[Term], query: Query) -> list[_Phase]:
        if not terms:
            return [_Phase("d" if query.from_ or query.to else "n")]
        match = _match_sqlite if self._database.dialect == "sqlite" else _match_postgresql
        if not _accented(terms):
            return [_Phase("f", match(terms, folded=True, exact=False))]
        return [_Phase("e", match(terms, folded=False, exact=True)), _Phase("f", match(terms, folded=True, exact=True))]


def _accented(terms: Sequence[Term]) -> bool:
    return any(term.folded != term.exact for term in terms)


def _match_sqlite(terms: Sequence[Term], *, folded: bool, exact: bool) -> tuple[ColumnElement[bool], ...]:
    """Return FTS5's MATCH; both flags together mean folded but not exact. Words hold letters and digits only."""

    def told(form: str) -> str:
        parts = (f'"{" ".join(getattr(term, form))}"{" *" if term.prefix else ""}' for term in terms)
        return f"{form} : ({' AND '.join(parts)})"

    expression = told("folded") if folded else told("exact")
    if folded and exact:
        expression = f"({expression}) NOT ({told('exact')})"
    return (_index.c.search_index.op("MATCH", is_comparison=True)(expression),)


def _match_postgresql(terms: Sequence[Term], *, folded: bool, exact: bool) -> tuple[ColumnElement[bool], ...]:
    """Return conditions on the word index, and on the text where words must stand side by side."""
    holds_exact = and_(*_holds(terms, "exact", "=")) if exact else None
    if not folded:
        return (holds_exact,) if holds_exact is not None else ()
    conditions = _holds(terms, "folded", "")
    return (*conditions, ~holds_exact) if holds_exact is not None else tuple(conditions)


def _holds(terms: Sequence[Term], form: str, mark: str) -> list[ColumnElement[bool]]:
    lexemes: list[str] = []
    in_text: list[ColumnElement[bool]] = []
    phrases: list[ColumnElement[bool]] = []
    for term in terms:
        words: tuple[str, ...] = getattr(term, form)
        lexemes += [f"'{mark}{word}'" for word in words]
        if term.prefix:
            lexemes[-1] += ":*"
        stands = _index.c[form].like(f"% {' '.join(words)}{'' if term.prefix else ' '}%")
        (phrases if len(words) > 1 else in_text).append(stands)
    holds = _words_match(f"({' & '.join(lexemes)}) | '{OVERFLOW}'")
    return [holds, or_(~_words_match(f"'{OVERFLOW}'"), and_(true(), *in_text)), *phrases]


def _words_match(expression: str) -> ColumnElement[bool]:
    return _index.c.words.op("@@", is_comparison=True)(cast(expression, TSQUERY))


def _statement(
    phase: _Phase, query: Query, after: tuple[Any, ...] | None, limit: int, index_seq: ColumnElement[Any] | None
) -> Select[Any]:
    statement = select(documents).where(*phase.conditions, *filters(query)).limit(limit)
    if phase.letter == "d":
        order = (documents.c.dated, documents.c.seq)
        if after:
            statement = statement.where(tuple_(*order) < tuple_(*after))
        return statement.order_by(*(each.desc() for each in order))
    seq: ColumnElement[Any] = documents.c.seq
    if index_seq is not None:
        seq = index_seq  # FTS5 walks its own row ids backwards; ordering by the other table's column would sort all
        statement = statement.join_from(_index, documents, documents.c.seq == seq)
    if after:
        statement = statement.where(seq < after[-1])
    return statement.order_by(seq.desc())


def filters(query: Query) -> list[ColumnElement[bool]]:
    """Return the conditions on `documents` of everything in the query but its text."""
    found: list[ColumnElement[bool]] = []
    if query.owner_id:
        found.append(documents.c.owner_id == clean("owner_id", query.owner_id))
    for name in ("dossier", "kind", "unit"):
        if getattr(query, name):
            found.append(documents.c[name] == clean(name, getattr(query, name)))
    if query.number:
        found.append(_numbered(query.number))
    if query.state:
        found.append(documents.c.state == query.state.value)
    if query.verdict:
        found.append(documents.c.verdict == storable(query.verdict))
    if query.from_:
        found.append(documents.c.dated >= query.from_)
    if query.to:
        found.append(documents.c.dated <= query.to)
    return found


def _numbered(number: str) -> ColumnElement[bool]:
    """Match a whole number and symbol, or the beginning of one: `15` and `15/QĐ` find `15/QĐ-UBND`, not `150/…`."""
    key = search_tokens(storable(number))
    number_key = documents.c.number_key
    return or_(number_key == key, and_(number_key >= f"{key} ", number_key < f"{key}!"))


def _cursor(given: str | None, letters: list[str]) -> tuple[int, tuple[Any, ...] | None]:
    """Return which phase to go on with, and after what."""
    if not given:
        return 0, None
    read = _CURSOR.fullmatch(given)
    letter = (read[1] or "d") if read else ""
    if read is None or letter not in letters:
        raise InvalidValue("cursor", name="cursor", value=given[:80])
    try:
        after = (int(read[2]),) if read[1] else (date.fromisoformat(read[3]), int(read[4]))
    except ValueError as error:
        raise InvalidValue("cursor", name="cursor", value=given[:80]) from error
    return letters.index(letter), after


def _cursor_of(letter: str, row: Row[Any]) -> str:
    return f"d{row.dated.isoformat()}.{row.seq}" if letter == "d" else f"{letter}{row.seq}"


def _found(connection: Connection, got: list[tuple[str, Row[Any]]], terms: Sequence[Term]) -> list[Found]:
    made = to_documents(connection, [row for _, row in got])
    if not terms:
        return [Found(document, "", exact=False) for document in made]
    seqs = [row.seq for _, row in got]
    texts = select(document_texts).where(document_texts.c.document_seq.in_(seqs))
    kept = {row.document_seq: row for row in connection.execute(texts)}
    snippets = Snippets([term.folded for term in terms], [term.prefix for term in terms])
    exacts = Snippets([term.exact for term in terms], [term.prefix for term in terms])
    accented = _accented(terms)  # then the index has told which are exact
    found = []
    for (letter, row), document in zip(got, made, strict=True):
        body, head = kept[row.seq].body, kept[row.seq].heading
        exact = letter == "e" or (not accented and exacts.hold(f"{head}\n{body}"))
        found.append(Found(document, snippets.cut(body) or snippets.cut(head), exact=exact))
    return found
