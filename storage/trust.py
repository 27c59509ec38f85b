"""Trust anchors and sub-CAs that the operator installed; what was removed stays on record, so that verdicts can be replayed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from digitise.errors import InvalidValue, NotFound
from digitise.model.people import Actor
from digitise.ports import Clock
from digitise.verify.evidence import Fetched
from digitise.verify.trust import Purpose, Trusted, TrustSet
from storage.audit import append
from storage.database import Database
from storage.rows import insert
from storage.schema import new_id
from storage.schema.verdicts import revocation_answers, trust_snapshots, trusted_certificates


class SqlTrust:
    """The installed trust set on SQLite or PostgreSQL. Raises DatabaseUnavailable."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self.answers = SqlAnswers(database)

    def current(self) -> TrustSet:
        """Return the set in force."""
        with self._database.read() as connection:
            return TrustSet(tuple(_trusted(row) for row in _in_force(connection)))

    def anchors(self) -> list[Trusted]:
        """Return the anchors in force."""
        return [one for one in self.current().entries if one.anchor]

    def add(self, entries: Iterable[Trusted], actor: Actor) -> list[str]:
        """Install certificates and return the hashes of those that are new or changed; the same again changes nothing."""
        now = self._clock()
        added: list[str] = []
        with self._database.write() as connection:
            held = {row.sha256: row for row in _in_force(connection)}
            for entry in entries:
                before = held.get(entry.sha256)
                if before is not None and _trusted(before) == entry:
                    continue
                if before is not None:
                    _retire(connection, before.id, now, actor)
                connection.execute(trusted_certificates.insert().values(_row(entry, now, actor)))
                added.append(entry.sha256)
            if added:
                append(connection, actor.name, "trust.added", "trust", {"certificates": added}, now)
        return added

    def remove(self, sha256: str, actor: Actor) -> str:
        """Retire the certificate whose hash begins with `sha256`; returns the whole hash. Raises NotFound, InvalidValue."""
        now = self._clock()
        with self._database.write() as connection:
            hits = [row for row in _in_force(connection) if row.sha256.startswith(sha256.lower())]
            if not hits:
                raise NotFound("certificate", what="certificate", id=sha256)
            if len(hits) > 1:
                raise InvalidValue("ambiguous", name="certificate", value=sha256)
            _retire(connection, hits[0].id, now, actor)
            append(connection, actor.name, "trust.removed", "trust", {"certificates": [hits[0].sha256]}, now)
            removed: str = hits[0].sha256
            return removed

    def remember(self, policy: str) -> str:
        """Keep which certificates the set of now has, and return its id together with `policy`."""
        with self._database.write() as connection:
            held = _in_force(connection)
            name = TrustSet(tuple(_trusted(row) for row in held)).snapshot(policy)
            values = {
                "id": name,
                "policy": policy,
                "certificates": [row.id for row in held],
                "made_at": self._clock(),
            }
            connection.execute(insert(connection, trust_snapshots).values(values).on_conflict_do_nothing())
            return name

    def snapshot(self, name: str) -> TrustSet:
        """Return the set that a verdict was given under. Raises NotFound."""
        with self._database.read() as connection:
            row = connection.execute(select(trust_snapshots).where(trust_snapshots.c.id == name)).first()
            if row is None:
                raise NotFound("trust_snapshot", what="trust snapshot", id=name)
            query = select(trusted_certificates).where(trusted_certificates.c.id.in_(row.certificates))
            return TrustSet(tuple(_trusted(one) for one in connection.execute(query)))


class SqlAnswers:
    """Revocation answers kept between verifications (the `AnswerCache` of the fetcher)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str) -> Fetched | None:
        """Return the answer kept under `key`."""
        with self._database.read() as connection:
            row = connection.execute(select(revocation_answers).where(revocation_answers.c.key == key)).first()
        return Fetched(bytes(row.data), row.fetched_at) if row else None

    def kept_lists(self) -> tuple[int, datetime | None]:
        """Return how many revocation lists (CRLs) are kept, and when the newest was fetched."""
        lists = revocation_answers.c.key.not_like("%#%")  # OCSP answers have the hash of their request behind a #
        query = select(func.count(), func.max(revocation_answers.c.fetched_at)).where(lists)
        with self._database.read() as connection:
            count, newest = connection.execute(query).one()
        return count, newest

    def put(self, key: str, answer: Fetched) -> None:
        """Keep an answer, replacing the former one."""
        with self._database.write() as connection:
            connection.execute(delete(revocation_answers).where(revocation_answers.c.key == key))
            connection.execute(
                revocation_answers.insert().values(key=key, data=answer.data, fetched_at=answer.fetched_at)
            )


def _in_force(connection: Connection) -> list[Any]:
    query = select(trusted_certificates).where(trusted_certificates.c.removed_at.is_(None))
    return list(connection.execute(query.order_by(trusted_certificates.c.subject, trusted_certificates.c.sha256)))


def _retire(connection: Connection, row_id: str, now: Any, actor: Actor) -> None:
    connection.execute(
        update(trusted_certificates)
        .where(trusted_certificates.c.id == row_id)
        .values(removed_at=now, removed_by=actor.name)
    )


def _row(entry: Trusted, now: Any, actor: Actor) -> dict[str, Any]:
    return {
        "id": new_id(),
        "sha256": entry.sha256,
        "der": entry.der,
        "subject": entry.subject,
        "anchor": entry.anchor,
        "purposes": sorted(purpose.value for purpose in entry.purposes),
        "trusted_from": entry.trusted_from,
        "trusted_until": entry.trusted_until,
        "added_at": now,
        "added_by": actor.name,
    }


def _trusted(row: Any) -> Trusted:
    purposes = frozenset(Purpose(one) for one in row.purposes)
    return Trusted(bytes(row.der), row.anchor, purposes, row.trusted_from, row.trusted_until)
