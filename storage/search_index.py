"""The full-text index: the forms in which text is indexed, and how a document is put into it.

Two forms are indexed. *folded* finds words typed without diacritics (`search_tokens`), *exact* tells which documents
have them as typed. SQLite's FTS5 keeps positions; PostgreSQL keeps sorted words, and both forms as text for phrases.
"""

import re
import unicodedata
from typing import Any

from sqlalchemy import Connection, Row, select, text

from digitise.errors import DefectInOurselves
from digitise.text import same_tone_placement, search_tokens
from storage.database import Database
from storage.rows import insert, storable
from storage.schema.documents import document_texts, documents, search_words

FORM = 1  # version of the two forms: raise it when they change, with a migration that calls `rebuild`
LONGEST_WORD = 64  # signs; longer "words" are noise of a recogniser, and PostgreSQL refuses lexemes over 2 KB
MOST_WORD_BYTES = 900_000  # of one document's distinct words: PostgreSQL refuses a tsvector over 1 MB
HEADING = ("title", "number", "issuer", "signer", "owner_name", "dossier", "procedure", "component", "file_name")
OVERFLOW = "~"  # the lexeme of a document whose words are not all kept: each term is looked up in its text instead
_WORD = re.compile(r"[^\W_]+")
_BATCH = 500  # documents put into the index at a time by `rebuild`, and words looked up at a time


def folded_words(content: str) -> list[str]:
    """Return the words of `content` without diacritics and case."""
    return [word for word in search_tokens(content).split() if len(word) <= LONGEST_WORD]


def exact_words(content: str) -> list[str]:
    """Return the words of `content` with their diacritics in one spelling (NFC, one tone placement), without case."""
    plain = unicodedata.normalize("NFC", same_tone_placement(content).casefold())
    return [word for word in _WORD.findall(plain) if len(word) <= LONGEST_WORD]


def put(connection: Connection, seq: int, body: str | None = None) -> None:
    """Index a document anew in the caller's transaction: its filing as it stands, and `body` (None = as before)."""
    row = connection.execute(select(documents).where(documents.c.seq == seq)).one()
    old = connection.execute(select(document_texts).where(document_texts.c.document_seq == seq)).first()
    if body is None:
        body = old.body if old else ""
    body = storable(body)
    head = heading(row)
    if old:
        if old.form != FORM:
            raise DefectInOurselves("the search index is of another form: run the migrations")
        if (old.heading, old.body) == (head, body):
            return
        _take_out(connection, seq, old.heading, old.body)
    add(connection, [(seq, *_forms(head, body))])
    values = {"heading": head, "body": body, "form": FORM}
    statement = insert(connection, document_texts).values(document_seq=seq, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["document_seq"], set_=values))


def heading(row: Row[Any]) -> str:
    """Return the filing as text: a document is found by it before (and besides) what is read on the paper."""
    return "\n".join(str(row._mapping[name]) for name in HEADING if row._mapping[name])


def rebuild(database: Database) -> int:
    """Empty the index and fill it from the kept texts; return the number of documents."""
    with database.write() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("INSERT INTO search_index(search_index) VALUES ('delete-all')")
        else:
            connection.exec_driver_sql("DELETE FROM search_index")
        last, number = 0, 0
        while True:
            query = select(document_texts).where(document_texts.c.document_seq > last).limit(_BATCH)
            found = connection.execute(query.order_by(document_texts.c.document_seq)).all()
            add(connection, [(row.document_seq, *_forms(row.heading, row.body)) for row in found])
            if not found:
                connection.execute(document_texts.update().values(form=FORM))
                return number
            last, number = found[-1].document_seq, number + len(found)


def _forms(head: str, body: str) -> tuple[list[str], list[str]]:
    content = f"{head}\n{body}"
    return folded_words(content), exact_words(content)


def add(connection: Connection, new: list[tuple[int, list[str], list[str]]]) -> None:
    """Add documents that the index does not hold: number, folded words, exact words of each."""
    if not new:
        return
    _remember(connection, {word for _, folded, _ in new for word in folded if len(word) > 1 and word.isalpha()})
    if connection.dialect.name == "sqlite":
        rows = [(seq, " ".join(folded), " ".join(exact)) for seq, folded, exact in new]
        connection.exec_driver_sql("INSERT INTO search_index(rowid, folded, exact) VALUES (?, ?, ?)", rows)
        return
    statement = text(
        "INSERT INTO search_index (seq, folded, exact, words)"
        " VALUES (:seq, :folded, :exact, array_to_tsvector(CAST(:words AS text[])))"
    )
    values = [
        {"seq": seq, "folded": spaced(folded), "exact": spaced(exact), "words": lexemes(folded, exact)}
        for seq, folded, exact in new
    ]
    connection.execute(statement, values)


def _remember(connection: Connection, words: set[str]) -> None:
    """Keep words that were not seen before; sorted, so that two transactions never wait for each other crosswise."""
    wanted = sorted(words)
    for start in range(0, len(wanted), _BATCH):
        part = wanted[start : start + _BATCH]
        known = set(connection.execute(select(search_words.c.word).where(search_words.c.word.in_(part))).scalars())
        fresh = [{"word": word} for word in part if word not in known]
        if fresh:
            connection.execute(insert(connection, search_words).on_conflict_do_nothing(), fresh)


def _take_out(connection: Connection, seq: int, head: str, body: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("DELETE FROM search_index WHERE seq = :seq"), {"seq": seq})
        return
    folded, exact = _forms(head, body)  # an index without the text wants to be told what it holds
    connection.exec_driver_sql(
        "INSERT INTO search_index(search_index, rowid, folded, exact) VALUES ('delete', ?, ?, ?)",
        (seq, " ".join(folded), " ".join(exact)),
    )


def spaced(words: list[str]) -> str:
    """Return words as ` a b c `, in which ` b c ` is a phrase of whole words."""
    return f" {' '.join(words)} "


def lexemes(folded: list[str], exact: list[str]) -> list[str]:
    """Return the distinct words of both forms, `=` before the exact ones, or OVERFLOW and what PostgreSQL can keep."""
    kept: list[str] = []
    size = 0
    for word in dict.fromkeys([*folded, *("=" + word for word in exact)]):
        size += len(word.encode()) + 2
        if size > MOST_WORD_BYTES:
            return [*kept, OVERFLOW]
        kept.append(word)
    return kept
