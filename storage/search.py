"""Full text search on SQLite (FTS5) and PostgreSQL (tsvector), and listings.

Exact diacritics come first, then the newest: ranking by words would read every hit of a common word (100 to 350 ms
at 200,000 documents), while both indexes give the newest hits of any word without looking at the others.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, tuple_

from digitise.errors import InvalidValue
from digitise.model.documents import Found, Page, Query
from digitise.text import search_tokens
from storage.database import Database
from storage.rows import clean, storable, to_documents
from storage.schema.documents import document_texts, documents, search_words
from storage.search_terms import Term, accented, finished, index, matches, parse, whole
from storage.snippets import Snippets

LARGEST_PAGE = 500
MOST_ENDINGS = 40  # words that an unfinished one is looked up as: each costs a walk of its own
FEW = 3000  # documents left by the filters: only the index between the first and the last of them is walked
PROBED = 64  # where they are scattered, the newest of them are looked up one by one first (0.2 ms each) …
WALKED = 20_000  # … instead of walking past more hits of a common word than this (15 ms)
_CURSOR = re.compile(r"([efnp])(\d{1,18})|d(\d{4}-\d\d-\d\d)\.(\d{1,18})")


@dataclass(frozen=True, slots=True)
class _Phase:
    """One part of a listing, named in the cursor.

    `e` exact hits, `f` folded ones that are not exact, `p` those whose last word goes on; without text `n`, or `d` by date.
    """

    letter: str
    conditions: tuple[ColumnElement[bool], ...] = field(default=())


class SqlSearch:
    """Search on SQLite or PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seq = index.c.rowid if database.dialect == "sqlite" else index.c.seq

    def find(self, query: Query) -> Page[Found]:
        """Return one page of hits: exact diacritics first, then newest; with dates and no text, by date."""
        limit = max(1, min(query.limit, LARGEST_PAGE))
        terms = parse(storable(query.text))
        if query.text.strip() and not terms:
            return Page((), None)
        with self._database.read() as connection:
            phases = self._phases(connection, terms, query)
            start, after = _cursor(query.cursor, [phase.letter for phase in phases])
            left = _left(connection, filters(query)) if terms else None
            got: list[tuple[str, Row[Any]]] = []
            for phase in phases[start:]:
                wanted = limit + 1 - len(got)
                if wanted > 0:
                    statement = _statement(phase, query, after, self._seq if terms else None)
                    dear = phase.letter == "p"  # forty endings make each look-up dear
                    rows = _newest(connection, statement, self._seq, left, wanted, 0 if dear else PROBED)
                    got += [(phase.letter, row) for row in rows]
                    if left is not None:  # what one part of the listing has, no other part has
                        left = sorted({*left} - {row.seq for row in rows}, reverse=True)
                after = None
            more = len(got) > limit
            got = got[:limit]
            cursor = _cursor_of(*got[-1]) if more else None
            return Page(tuple(_found(connection, got, terms)), cursor)

    def _phases(self, connection: Connection, terms: Sequence[Term], query: Query) -> list[_Phase]:
        if not terms:
            return [_Phase("d" if query.from_ or query.to else "n")]
        dialect = self._database.dialect
        exact, folded = whole(terms, "exact"), whole(terms, "folded")
        phases = [_Phase("f", matches(dialect, folded, exact if accented(terms) else None))]
        if accented(terms):
            phases.insert(0, _Phase("e", matches(dialect, exact, None)))
        endings = _endings(connection, terms[-1]) if terms[-1].prefix else []
        if endings:
            phases.append(_Phase("p", matches(dialect, finished(terms, endings), folded)))
        return phases


def _endings(connection: Connection, term: Term) -> list[str]:
    """Return the words that an unfinished one may become, shortest first; FTS5's own prefixes read every hit."""
    begun = term.folded[-1]
    word = search_words.c.word
    most = MOST_ENDINGS if len(term.folded) == 1 else MOST_ENDINGS // 4
    query = select(word).where(word > begun, word < f"{begun}\U0010ffff").order_by(func.length(word), word).limit(most)
    return list(connection.execute(query).scalars())


def _left(connection: Connection, conditions: list[ColumnElement[bool]]) -> list[int] | None:
    """Return the documents that the filters leave, newest first; None where there are no filters or more than FEW."""
    if not conditions:
        return None
    query = select(documents.c.seq).where(*conditions).limit(FEW + 1)
    found = connection.execute(query).scalars().all()
    return sorted(found, reverse=True) if len(found) <= FEW else None


def _newest(
    connection: Connection,
    statement: Select[Any],
    seq: ColumnElement[Any],
    left: list[int] | None,
    wanted: int,
    probed: int,
) -> list[Row[Any]]:
    """Return the first `wanted` rows; of the few documents that filters leave, the newest `probed` are looked up first."""
    if left is None:
        return list(connection.execute(statement.limit(wanted)))
    if left and wanted / len(left) * (left[0] - left[-1]) <= WALKED:
        probed = 0
    near, far = left[:probed], left[probed:]
    # Without an order of the database's: asked for one, SQLite walks all hits instead of looking these up.
    found = list(connection.execute(statement.order_by(None).where(seq.in_(near)))) if near else []
    found.sort(key=lambda row: -row.seq)
    if far and len(found) < wanted:
        rest = statement.where(seq.between(far[-1], far[0])).limit(wanted - len(found))
        found += connection.execute(rest)
    return found[:wanted]


def _statement(
    phase: _Phase, query: Query, after: tuple[Any, ...] | None, index_seq: ColumnElement[Any] | None
) -> Select[Any]:
    statement = select(documents).where(*phase.conditions, *filters(query))
    if phase.letter == "d":
        order = (documents.c.dated, documents.c.seq)
        if after:
            statement = statement.where(tuple_(*order) < tuple_(*after))
        return statement.order_by(*(each.desc() for each in order))
    seq: ColumnElement[Any] = documents.c.seq
    if index_seq is not None:
        seq = index_seq  # FTS5 walks its own row ids backwards; ordering by the other table's column would sort all
        statement = statement.join_from(index, documents, documents.c.seq == seq)
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
    told_later = not accented(terms)  # otherwise the index has told which are exact
    found = []
    for (letter, row), document in zip(got, made, strict=True):
        body, head = kept[row.seq].body, kept[row.seq].heading
        exact = letter == "e" or ((told_later or letter == "p") and exacts.hold(f"{head}\n{body}"))
        found.append(Found(document, snippets.cut(body) or snippets.cut(head), exact=exact))
    return found
