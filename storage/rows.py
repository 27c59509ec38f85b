"""Between rows and the model: documents, their filing and their artefacts."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from digitise.model.documents import Artefact, ArtefactKind, Document, DocumentState, Filing
from digitise.text import is_dossier_code, mask, mask_in_text, search_tokens, squeeze
from storage.schema.documents import artefacts, documents

FILING = tuple(field.name for field in fields(Filing))
VIETNAM = timezone(timedelta(hours=7))  # a day of receipt is a Vietnamese day
_DATES = ("issued_on", "valid_until")
_IN_LIST = 500  # values of one IN list: below the limit of variables of every SQLite


def storable(told: str) -> str:
    """Return text that both databases keep as it is: no NUL, no half of a surrogate pair (odd file names have them)."""
    return told.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def clean(name: str, value: Any) -> Any:
    """Return a value of the filing in the form that is kept; blank text is None."""
    if value is None or name in _DATES:
        return value
    plain = squeeze(storable(str(value)))
    if name == "owner_id":
        return owner_key(plain) or None
    if name == "dossier" and is_dossier_code(plain):
        plain = plain.upper()
    return plain or None


def owner_key(identifier: str) -> str:
    """Return an identifier without the blanks and dots that people type in it, in capitals."""
    return "".join(c for c in squeeze(identifier) if c not in " .").upper()


def derived(filing: dict[str, Any], received: datetime) -> dict[str, Any]:
    """Return the columns that follow from the filing and the time of receipt."""
    issued: date | None = filing.get("issued_on")
    number = filing.get("number")
    return {
        "number_key": search_tokens(number) if number else None,
        "dated": issued or received.astimezone(VIETNAM).date(),
    }


def masked(name: str, value: Any) -> Any:
    """Return a value of the filing as the audit log may hold it."""
    if isinstance(value, str):
        return mask(value) if name == "owner_id" else mask_in_text(value)
    return value.isoformat() if isinstance(value, date) else value


def artefacts_of(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[Artefact, ...]]:
    """Return document id → its current artefacts, in the order of making."""
    found: dict[str, list[Artefact]] = {each: [] for each in ids}
    for start in range(0, len(ids), _IN_LIST):
        query = (
            select(artefacts)
            .where(artefacts.c.document_id.in_(ids[start : start + _IN_LIST]), artefacts.c.superseded_at.is_(None))
            .order_by(artefacts.c.seq)
        )
        for row in connection.execute(query):
            found[row.document_id].append(
                Artefact(ArtefactKind(row.kind), row.sha256, row.size, row.media_type, row.created_at)
            )
    return {each: tuple(made) for each, made in found.items()}


def to_document(row: Row[Any], made: Iterable[Artefact]) -> Document:
    """Make a document of a row of `documents`."""
    named = row._mapping
    return Document(
        id=row.id,
        sha256=row.sha256,
        file_name=row.file_name,
        media_type=row.media_type,
        size=row.size,
        state=DocumentState(row.state),
        filing=Filing(**{name: named[name] for name in FILING}),
        created_at=row.created_at,
        created_by=row.created_by,
        version=row.version,
        pages=row.pages,
        warnings=tuple(row.warnings),
        error=row.error,
        verdict=row.verdict,
        artefacts=tuple(made),
    )


def to_documents(connection: Connection, rows: Sequence[Row[Any]]) -> list[Document]:
    """Make documents of rows, with their artefacts, in the same order."""
    made = artefacts_of(connection, [row.id for row in rows])
    return [to_document(row, made[row.id]) for row in rows]


def select_document(connection: Connection, document_id: str) -> Row[Any] | None:
    """Return the row of a document, by id or by the SHA-256 of its original."""
    column = documents.c.sha256 if len(document_id) == 64 else documents.c.id
    return connection.execute(select(documents).where(column == storable(document_id))).first()


def insert(connection: Connection, table: Any) -> Any:
    """Return the dialect's INSERT, which knows ON CONFLICT."""
    return insert_postgresql(table) if connection.dialect.name == "postgresql" else insert_sqlite(table)
