"""Verdicts as they were given: never changed, the newest one of a file counts."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from digitise.errors import NotFound
from digitise.model.people import SYSTEM
from digitise.model.verdict_records import record_of, verdict_of
from digitise.model.verdicts import Outcome, RevocationAnswer, Verdict
from digitise.ports import Clock
from storage.audit import append
from storage.database import Database
from storage.rows import insert as upsert
from storage.schema import new_id
from storage.schema.documents import documents
from storage.schema.outgoing import outgoing
from storage.schema.verdicts import revocation_evidence, verdicts

BATCH = 500  # rows read at once when all verdicts are gone through


class SqlVerdicts:
    """Verdicts on SQLite or PostgreSQL. Raises DatabaseUnavailable, NotFound."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def save(
        self,
        verdict: Verdict,
        *,
        document_id: str | None = None,
        outgoing_id: str | None = None,
        answers: Mapping[str, bytes] | None = None,
    ) -> str:
        """Keep a verdict about a document or an outgoing document, which then shows its outcome; returns its id.

        `answers` are the revocation answers that it relied on and that are not in the file, SHA-256 → DER.
        """
        with self._database.write() as connection:
            _keep_answers(connection, verdict, answers or {})
            row_id = insert(connection, verdict, document_id=document_id, outgoing_id=outgoing_id)
            if outgoing_id is not None:
                _tell_register(connection, outgoing_id, row_id, verdict)
            if document_id is not None:
                newest = update(documents).where(documents.c.id == document_id)
                connection.execute(newest.values(verdict=verdict.outcome.value))
                told = {"outcome": verdict.outcome.value, "policy": verdict.policy, "trust": verdict.trust_snapshot}
                append(connection, SYSTEM.name, "document.verified", document_id, told, self._clock())
        return row_id

    def get(self, verdict_id: str) -> Verdict:
        """Return one verdict."""
        with self._database.read() as connection:
            row = connection.execute(select(verdicts.c.detail).where(verdicts.c.id == verdict_id)).first()
        if row is None:
            raise NotFound("verdict", what="verdict", id=verdict_id)
        return verdict_of(row.detail)

    def latest(self, sha256: str) -> Verdict | None:
        """Return the newest verdict about these bytes."""
        row = self._newest(verdicts.c.sha256 == sha256)
        return verdict_of(row.detail) if row else None

    def latest_of(
        self, *, document_id: str | None = None, outgoing_id: str | None = None
    ) -> tuple[str, Verdict] | None:
        """Return (id, verdict) of the newest verdict about a document or an outgoing document."""
        column, value = (
            (verdicts.c.document_id, document_id) if document_id is not None else (verdicts.c.outgoing_id, outgoing_id)
        )
        row = self._newest(column == value)
        return (row.id, verdict_of(row.detail)) if row else None

    def _newest(self, condition: Any) -> Any:
        query = select(verdicts).where(condition).order_by(verdicts.c.checked_at.desc(), verdicts.c.id.desc()).limit(1)
        with self._database.read() as connection:
            return connection.execute(query).first()

    def of(self, document_id: str) -> list[Verdict]:
        """Return every verdict about a document, newest first."""
        return [verdict for _, verdict in self.of_document(document_id)]

    def of_document(self, document_id: str) -> list[tuple[str, Verdict]]:
        """Return (id, verdict) of every verdict about a document, newest first."""
        query = select(verdicts).where(verdicts.c.document_id == document_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(verdicts.c.checked_at.desc(), verdicts.c.id.desc()))
            return [(row.id, verdict_of(row.detail)) for row in rows]

    def revocation_answers(self, verdict_id: str) -> Iterator[tuple[RevocationAnswer, bytes | None]]:
        """Yield what a verdict relied on about revocation; None for the bytes of an answer that the signed file itself holds.

        Raises NotFound.
        """
        for one in self.get(verdict_id).revocation_answers:
            query = select(revocation_evidence.c.data).where(revocation_evidence.c.sha256 == one.sha256)
            with self._database.read() as connection:
                data = connection.scalar(query)
            yield one, None if data is None else bytes(data)

    def newest_since(self, since: datetime | None = None) -> Iterator[tuple[str, str | None, str | None, Verdict]]:
        """Yield (id, document id, outgoing id, verdict) of the newest verdict about each file, checked since then."""
        last = ""
        while True:
            query = (
                select(verdicts)
                .where(verdicts.c.sha256 > last)
                .order_by(verdicts.c.sha256, verdicts.c.checked_at.desc())
            )
            if since is not None:
                query = query.where(verdicts.c.checked_at >= since)
            with self._database.read() as connection:
                rows = list(connection.execute(query.limit(BATCH)))
            if not rows:
                return
            whole = rows if len(rows) < BATCH else [row for row in rows if row.sha256 != rows[-1].sha256] or rows
            for row in whole:
                if row.sha256 != last:
                    last = row.sha256
                    yield row.id, row.document_id, row.outgoing_id, verdict_of(row.detail)


def insert(
    connection: Connection, verdict: Verdict, *, document_id: str | None = None, outgoing_id: str | None = None
) -> str:
    """Keep a verdict in the caller's transaction; returns its id. What else shows it is the caller's to change."""
    row = row_of(verdict, document_id=document_id, outgoing_id=outgoing_id)
    connection.execute(verdicts.insert(), [row])
    return str(row["id"])


def insert_rows(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Keep verdicts in the caller's transaction."""
    if rows:
        connection.execute(verdicts.insert(), rows)


def row_of(verdict: Verdict, *, document_id: str | None = None, outgoing_id: str | None = None) -> dict[str, Any]:
    """Return the row that keeps a verdict; making it takes long enough to be done before a transaction."""
    return {
        "id": new_id(),
        "sha256": verdict.sha256,
        "document_id": document_id,
        "outgoing_id": outgoing_id,
        "outcome": verdict.outcome.value,
        "indication": verdict.indication.value if verdict.indication else None,
        "sub_indication": verdict.sub_indication,
        "first_reason": verdict.first_reason,
        "person_valid": verdict.person_valid,
        "organisation_valid": verdict.organisation_valid,
        "policy": verdict.policy,
        "trust_snapshot": verdict.trust_snapshot,
        "checked_at": verdict.checked_at,
        "detail": record_of(verdict),
    }


def _keep_answers(connection: Connection, verdict: Verdict, answers: Mapping[str, bytes]) -> None:
    """Keep each answer once, however many verdicts rely on it."""
    for one in verdict.revocation_answers:
        if one.sha256 in answers:
            values = {"sha256": one.sha256, "kind": one.kind, "data": answers[one.sha256]}
            connection.execute(upsert(connection, revocation_evidence).values(values).on_conflict_do_nothing())


def columns_of(verdict: Verdict, verdict_id: str | None) -> dict[str, Any]:
    """Return what an outgoing document's row shows of a verdict; "full value" needs the whole file valid, and both signatures."""
    return {
        "verdict": verdict.outcome.value,
        "verdict_id": verdict_id,
        "full_value": verdict.outcome is Outcome.VALID and verdict.person_valid and verdict.organisation_valid,
        "reason": verdict.first_reason,
    }


def _tell_register(connection: Connection, outgoing_id: str, verdict_id: str, verdict: Verdict) -> None:
    """Write the newest verdict into the register's row, for reports, where it is about the file that was issued."""
    issued = func.coalesce(outgoing.c.signed_sha256, outgoing.c.sha256)
    connection.execute(
        update(outgoing)
        .where(outgoing.c.id == outgoing_id, issued == verdict.sha256)
        .values(columns_of(verdict, verdict_id))
    )
