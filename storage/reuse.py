"""Look-ups by dossier or owner, and recorded reuses (dùng lại giấy tờ đã số hóa)."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, select, update

from digitise.errors import InvalidValue, NotFound
from digitise.model.documents import Document, Query, Reuse
from digitise.model.people import Actor
from digitise.ports import Clock
from digitise.text import mask_in_text, squeeze
from storage import rows
from storage.audit import append
from storage.database import Database
from storage.schema import new_id
from storage.schema.documents import documents, reuses
from storage.search import filters

MOST_HELD = 500  # documents of one look-up: nobody's drawer is larger, and a page shows fewer


class SqlReuseLog:
    """ReuseLog on SQLite or PostgreSQL."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def held(self, query: Query, actor: Actor, reason: str) -> list[Document]:
        """Return what is held for a dossier or an owner, newest first; nobody looks without a logged reason."""
        told = _reason(reason)
        if not query.owner_id and not query.dossier:
            raise InvalidValue("dossier_or_owner", name="dossier", value="")
        asked = {
            name: rows.masked(name, value)
            for name, value in asdict(query).items()
            if value and name not in ("limit", "cursor", "text")
        }
        now = self._clock()
        with self._database.write() as connection:
            statement = select(documents).where(*filters(query)).order_by(documents.c.seq.desc()).limit(MOST_HELD)
            found = rows.to_documents(connection, connection.execute(statement).all())
            details = {"asked": asked, "reason": told, "found": [document.id for document in found]}
            subject = query.dossier or "owner"
            append(connection, actor.name, "reuse.looked_up", mask_in_text(subject), details, now)
        return found

    def record(self, document_id: str, dossier: str, reason: str, actor: Actor) -> Reuse:
        """Record that a document serves another dossier; the same again answers the reuse that stands."""
        told, code, now = _reason(reason), rows.clean("dossier", dossier), self._clock()
        if not code:
            raise InvalidValue("dossier", name="dossier", value="")
        with self._database.write() as connection:
            held = connection.execute(select(documents.c.id).where(documents.c.id == document_id).with_for_update())
            if held.first() is None:
                raise NotFound("document", what="document", id=document_id)
            standing = select(reuses).where(
                reuses.c.document_id == document_id, reuses.c.dossier == code, reuses.c.undone_at.is_(None)
            )
            row = connection.execute(standing).first()
            if row:
                return _to_reuse(row)
            values = {"id": new_id(), "document_id": document_id, "dossier": code, "reason": told}
            values |= {"actor": actor.name, "unit": actor.unit, "at": now}
            row = connection.execute(reuses.insert().values(values).returning(reuses)).one()
            details = {"reuse": row.id, "dossier": mask_in_text(code), "reason": told}
            append(connection, actor.name, "document.reused", document_id, details, now)
            return _to_reuse(row)

    def undo(self, reuse_id: str, reason: str, actor: Actor) -> None:
        """Undo a reuse that was recorded by mistake (C9); the row stays and tells who undid it."""
        told, now = _reason(reason), self._clock()
        with self._database.write() as connection:
            statement = (
                update(reuses)
                .where(reuses.c.id == reuse_id, reuses.c.undone_at.is_(None))
                .values(undone_at=now, undone_by=actor.name)
                .returning(reuses)
            )
            row = connection.execute(statement).first()
            if row is None:
                raise NotFound("reuse", what="reuse", id=reuse_id)
            details = {"reuse": row.id, "dossier": mask_in_text(row.dossier), "reason": told}
            append(connection, actor.name, "document.reuse_undone", row.document_id, details, now)

    def of(self, document_id: str) -> list[Reuse]:
        """Return the reuses of a document that stand, newest first."""
        query = select(reuses).where(reuses.c.document_id == document_id, reuses.c.undone_at.is_(None))
        with self._database.read() as connection:
            return [_to_reuse(row) for row in connection.execute(query.order_by(reuses.c.seq.desc()))]


def _reason(reason: str) -> str:
    told = squeeze(rows.storable(reason))
    if not told:
        raise InvalidValue("reason", name="reason", value="")
    return mask_in_text(told)


def _to_reuse(row: Row[Any]) -> Reuse:
    return Reuse(row.id, row.document_id, row.dossier, row.reason, row.actor, row.at)
