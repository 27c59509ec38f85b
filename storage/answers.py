"""Answers kept under an Idempotency-Key, so that a request sent twice is done once."""

from datetime import timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from digitise.errors import Conflict, InvalidValue
from digitise.ports import Clock
from storage.database import Database
from storage.schema.people import remembered_answers as answers
from storage.tokens import digest

KEPT = timedelta(days=1)  # long enough for a client that was switched off over night
STALE = timedelta(minutes=30)  # a request without an answer for this long died with its process


class SqlAnswers:
    """Remembered answers of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def answer_key(self, *parts: str) -> str:
        """Return the key for an actor, route and Idempotency-Key."""
        return digest(*parts)

    def remember(self, key: str, fingerprint: str) -> tuple[int, bytes, str] | None:
        """Begin an idempotent request: None = go on; else the answer given before (status, body, media type).

        Raises Conflict `in_progress` while the first one runs and InvalidValue `idempotency_key` for another request's key.
        """
        now = self.clock()
        with self.database.write() as connection:
            connection.execute(delete(answers).where(answers.c.created_at < now - KEPT))
            connection.execute(
                delete(answers).where(
                    answers.c.key == key, answers.c.status.is_(None), answers.c.created_at < now - STALE
                )
            )
            row = connection.execute(select(answers).where(answers.c.key == key)).first()
            if row is None:
                try:
                    connection.execute(insert(answers).values(key=key, fingerprint=fingerprint, created_at=now))
                except IntegrityError as error:
                    raise Conflict("in_progress") from error
                return None
        if row.fingerprint != fingerprint:
            raise InvalidValue("idempotency_key", name="Idempotency-Key", value="…")
        if row.status is None:
            raise Conflict("in_progress")
        return row.status, bytes(row.body), row.media_type

    def answered(self, key: str, status: int, body: bytes, media_type: str) -> None:
        """Keep the answer of an idempotent request."""
        with self.database.write() as connection:
            connection.execute(
                update(answers).where(answers.c.key == key).values(status=status, body=body, media_type=media_type)
            )

    def forget(self, key: str) -> None:
        """Drop a begun request that failed in a way worth repeating."""
        with self.database.write() as connection:
            connection.execute(delete(answers).where(answers.c.key == key, answers.c.status.is_(None)))
