"""The catalogue of documents (kho tài liệu): what we hold, what was made of it, and how it stands."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from digitise.errors import Conflict, InvalidValue, NotFound
from digitise.model.documents import Accepted, Artefact, ArtefactKind, Document, DocumentState, Filing, NewDocument
from digitise.model.people import SYSTEM, Actor
from digitise.model.tasks import NewTask
from digitise.ports import Clock
from digitise.text import mask_in_text, nfc
from storage import rows, search_index
from storage import tasks as promised_work
from storage.audit import append
from storage.database import Database
from storage.rows import insert
from storage.schema import new_id
from storage.schema.audit import audit_entries
from storage.schema.documents import artefacts, document_pages, documents, page_results

_PLAIN_COLUMNS = frozenset({"pages", "warnings", "error", "verdict"})


class SqlCatalogue:
    """Catalogue on SQLite or PostgreSQL."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def accept(self, new: NewDocument, tasks: Sequence[NewTask], actor: Actor) -> Accepted:
        """Register original, tasks and audit entry at once; the same bytes answer the document that is held."""
        now = self._clock()
        with self._database.write() as connection:
            document_id = _insert_document(connection, new, actor, now)
            if document_id is None:
                held = _existing(connection, new.sha256)
                append(connection, actor.name, "document.offered_again", held.id, {}, now)
                return Accepted(rows.to_documents(connection, [held])[0], existing=True)
            original = Artefact(ArtefactKind.ORIGINAL, new.sha256, new.size, new.media_type, now)
            _keep_artefacts(connection, document_id, [original], now)
            work = [
                replace(task, subject=document_id, key=f"{document_id}:{task.key}") if not task.subject else task
                for task in tasks
            ]
            ids = promised_work.insert(connection, work, now)
            search_index.put(connection, _existing(connection, new.sha256).seq)
            filed = {name: rows.masked(name, value) for name, value in asdict(new.filing).items() if value is not None}
            told = {"sha256": new.sha256, "size": new.size, "filing": filed}
            append(connection, actor.name, "document.accepted", document_id, told, now)
            return Accepted(_get(connection, document_id), existing=False, task_id=ids[0] if ids else None)

    def get(self, document_id: str) -> Document:
        """Return the document with its artefacts, by id or SHA-256."""
        with self._database.read() as connection:
            return _get(connection, document_id)

    def by_sha256(self, sha256: str) -> Document | None:
        """Return the document whose original has these bytes."""
        with self._database.read() as connection:
            row = connection.execute(select(documents).where(documents.c.sha256 == sha256)).first()
            return rows.to_documents(connection, [row])[0] if row else None

    def correct(self, document_id: str, changes: Mapping[str, Any], version: int, actor: Actor) -> Document:
        """Change fields of the filing; the audit entry tells old and new, identifiers masked."""
        new = {name: _checked(name, value) for name, value in changes.items()}
        now = self._clock()
        with self._database.write() as connection:
            row = _locked(connection, document_id, version)
            before = {name: row._mapping[name] for name in rows.FILING}
            filing = {**before, **new}
            said = sorted({*row.said, *new})
            changed = {name: value for name, value in new.items() if value != before[name]}
            _set(connection, row.id, **new, **rows.derived(filing, row.created_at), said=said, version=row.version + 1)
            search_index.put(connection, row.seq)
            told = {
                name: [rows.masked(name, before[name]), rows.masked(name, value)] for name, value in changed.items()
            }
            append(connection, actor.name, "document.corrected", row.id, {"fields": told}, now)
            return _get(connection, row.id)

    def correct_text(
        self,
        document_id: str,
        made: Sequence[Artefact],
        text: str,
        version: int,
        actor: Actor,
        tasks: Sequence[NewTask] = (),
    ) -> Document:
        """Put a corrected text (and what was made of it) in the place of the former; the original stays as it is."""
        now = self._clock()
        with self._database.write() as connection:
            row = _locked(connection, document_id, version)
            kept = _keep_artefacts(connection, row.id, made, now)
            search_index.put(connection, row.seq, nfc(text))
            promised_work.insert(connection, tasks, now)
            _set(connection, row.id, version=row.version + 1)
            append(connection, actor.name, "document.text_corrected", row.id, {"artefacts": kept}, now)
            return _get(connection, row.id)

    def add_artefacts(self, document_id: str, made: Sequence[Artefact], version: int | None = None) -> None:
        """Record artefacts; one of a kind that exists supersedes it, the same bytes again change nothing."""
        now = self._clock()
        with self._database.write() as connection:
            row = _locked(connection, document_id, version)
            kept = _keep_artefacts(connection, row.id, made, now)
            if kept:
                append(connection, SYSTEM.name, "document.artefacts", row.id, {"artefacts": kept}, now)

    def set_state(self, document_id: str, state: str, **columns: Any) -> None:
        """Set state and plain columns; nothing is written where nothing changes."""
        now = self._clock()
        values = {"state": DocumentState(state).value, **_plain(columns)}
        with self._database.write() as connection:
            row = _locked(connection, document_id)
            changed = {name: value for name, value in values.items() if value != row._mapping[name]}
            if changed:
                _set(connection, row.id, **changed)
                append(connection, SYSTEM.name, "document.state", row.id, {"from": row.state, **changed}, now)

    def finish(
        self, document_id: str, made: Sequence[Artefact], text: str, suggested: Filing, /, **columns: Any
    ) -> None:
        """Record artefacts, index the text, set STORED, and fill what no person has said, in one transaction."""
        now = self._clock()
        with self._database.write() as connection:
            row = _locked(connection, document_id)
            kept = _keep_artefacts(connection, row.id, made, now)
            filled = _fill(row, suggested)
            filing = {**{name: row._mapping[name] for name in rows.FILING}, **filled}
            state = {"state": DocumentState.STORED.value, "error": None, **_plain(columns)}
            _set(connection, row.id, **state, **filled, **rows.derived(filing, row.created_at))
            search_index.put(connection, row.seq, nfc(text))
            told = {"artefacts": kept, "suggested": sorted(filled), "pages": columns.get("pages", row.pages)}
            append(connection, SYSTEM.name, "document.stored", row.id, told, now)

    def page_result(self, key: str) -> str | None:
        """Return the SHA-256 of a page's stored recognition."""
        with self._database.read() as connection:
            query = select(page_results.c.sha256).where(page_results.c.key == key)
            return connection.execute(query).scalar_one_or_none()

    def save_page_result(self, key: str, sha256: str) -> None:
        """Remember a page's recognition; the first one stays."""
        values = {"key": key, "sha256": sha256, "created_at": self._clock()}
        with self._database.write() as connection:
            connection.execute(insert(connection, page_results).values(values).on_conflict_do_nothing())

    def record_pages(self, document_id: str, results: Mapping[int, str]) -> int:
        """Record results of pages, the newest in force; return how many pages have one."""
        with self._database.write() as connection:
            if results:
                values = [{"document_id": document_id, "page": page, "sha256": sha} for page, sha in results.items()]
                statement = insert(connection, document_pages)
                connection.execute(
                    statement.on_conflict_do_update(
                        index_elements=["document_id", "page"], set_={"sha256": statement.excluded.sha256}
                    ),
                    values,
                )
            query = select(func.count()).select_from(document_pages)
            return int(connection.execute(query.where(document_pages.c.document_id == document_id)).scalar_one())

    def pages(self, document_id: str) -> dict[int, str]:
        """Return page number → SHA-256 of its result, in order."""
        with self._database.read() as connection:
            query = select(document_pages).where(document_pages.c.document_id == document_id)
            return {row.page: row.sha256 for row in connection.execute(query.order_by(document_pages.c.page))}

    def history(self, document_id: str) -> list[dict[str, Any]]:
        """Return the audit entries about the document, oldest first."""
        query = select(audit_entries).where(audit_entries.c.subject == document_id).order_by(audit_entries.c.seq)
        with self._database.read() as connection:
            return [
                {"seq": r.seq, "at": r.at, "actor": r.actor, "action": r.action, "details": json.loads(r.details)}
                for r in connection.execute(query)
            ]


def _insert_document(connection: Connection, new: NewDocument, actor: Actor, now: datetime) -> str | None:
    filing = {name: rows.clean(name, value) for name, value in asdict(new.filing).items()}
    values = {
        "id": new_id(),
        "sha256": new.sha256,
        "file_name": nfc(rows.storable(new.file_name)),
        "media_type": new.media_type,
        "size": new.size,
        "state": DocumentState.RECEIVED.value,
        "created_at": now,
        "created_by": actor.name,
        "pages": new.pages,
        "warnings": list(new.warnings),
        "said": sorted(name for name, value in filing.items() if value is not None),
        **filing,
        **rows.derived(filing, now),
    }
    statement = insert(connection, documents).values(values).on_conflict_do_nothing(index_elements=["sha256"])
    return connection.execute(statement.returning(documents.c.id)).scalar_one_or_none()


def _existing(connection: Connection, sha256: str) -> Row[Any]:
    return connection.execute(select(documents).where(documents.c.sha256 == sha256)).one()


def _get(connection: Connection, document_id: str) -> Document:
    row = rows.select_document(connection, document_id)
    if row is None:
        raise NotFound("document", what="document", id=document_id)
    return rows.to_documents(connection, [row])[0]


def _locked(connection: Connection, document_id: str, version: int | None = None) -> Row[Any]:
    """Return the row, locked until the commit; raises Conflict where `version` is not the newest."""
    row = connection.execute(select(documents).where(documents.c.id == document_id).with_for_update()).first()
    if row is None:
        raise NotFound("document", what="document", id=document_id)
    if version is not None and row.version != version:
        raise Conflict("version", what="document", id=document_id, version=row.version)
    return row


def _set(connection: Connection, document_id: str, **values: Any) -> None:
    connection.execute(update(documents).where(documents.c.id == document_id).values(values))


def _checked(name: str, value: Any) -> Any:
    if name not in rows.FILING:
        raise InvalidValue("field", name="field", value=name)
    if name in ("issued_on", "valid_until") and not (value is None or type(value) is date):
        raise InvalidValue("date", name=name, value=str(value))
    return rows.clean(name, value)


def _plain(columns: Mapping[str, Any]) -> dict[str, Any]:
    unknown = columns.keys() - _PLAIN_COLUMNS
    if unknown:
        raise InvalidValue("field", name="column", value=", ".join(sorted(unknown)))
    values = dict(columns)
    if "warnings" in values:
        values["warnings"] = list(values["warnings"])
    if values.get("error"):
        values["error"] = mask_in_text(rows.storable(values["error"]))
    return values


def _fill(row: Row[Any], suggested: Filing) -> dict[str, Any]:
    """Return what recognition suggests for fields that no person has set or cleared."""
    return {
        name: rows.clean(name, value)
        for name, value in asdict(suggested).items()
        if value is not None and name not in row.said
    }


def _keep_artefacts(
    connection: Connection, document_id: str, made: Sequence[Artefact], now: datetime
) -> dict[str, str]:
    """Record artefacts and return kind → SHA-256 of those that are new."""
    current = artefacts.c.document_id == document_id, artefacts.c.superseded_at.is_(None)
    held = {row.kind: row.sha256 for row in connection.execute(select(artefacts).where(*current))}
    kept: dict[str, str] = {}
    for artefact in made:
        kind = artefact.kind.value
        if held.get(kind) == artefact.sha256:
            continue
        if kind == ArtefactKind.ORIGINAL and kind in held:
            raise Conflict("original", what="document", id=document_id)  # an original is never changed
        superseded = update(artefacts).where(*current, artefacts.c.kind == kind).values(superseded_at=now)
        connection.execute(superseded)
        connection.execute(artefacts.insert().values(document_id=document_id, **asdict(artefact)))
        held[kind] = kept[kind] = artefact.sha256
    return kept
