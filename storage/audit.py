"""The audit log (nhật ký kiểm toán): append-only, each entry sealed by the hash of the one before it.

Whoever can write to the database can rewrite the whole chain; therefore its head is published every day to the object
store, where it is never changed, and to the service's log. A head that was kept anywhere proves all entries up to it.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import eq, ge, lt
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, text, union_all

from digitise.model.people import Actor
from digitise.ports import Clock
from storage.database import Database
from storage.rows import storable
from storage.schema.audit import audit_entries

GENESIS = "0" * 64  # what the first entry names as the hash before it
BATCH = 2000  # entries read at a time: memory stays flat on a log of millions
_APPEND_LOCK = 0x6469_6701  # advisory lock of PostgreSQL: one appender at a time, released at commit


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log."""

    seq: int  # 1, 2, 3 … without a gap
    at: datetime
    actor: str
    action: str
    subject: str
    details: dict[str, Any]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries to read; every part narrows."""

    actor: str | None = None
    action: str | None = None  # whole, or a beginning such as `document.`
    subject: str | None = None
    from_: datetime | None = None
    to: datetime | None = None  # before this moment
    before: int | None = None  # entries with a smaller number: the cursor of a listing, newest first
    limit: int = 100


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What is to be logged; `details` must not hold an unmasked identifier of a person."""

    actor: str
    action: str
    subject: str
    details: Mapping[str, Any] | None = None


def append(
    connection: Connection,
    actor_name: str,
    action: str,
    subject: str,
    details: Mapping[str, Any] | None,
    now: datetime,
) -> int:
    """Append one entry in the caller's write transaction and return its number.

    Call it as the transaction's last statement: on PostgreSQL it holds the log until the commit. `details` must not
    hold an unmasked identifier of a person.
    """
    return append_all(connection, [NewEntry(actor_name, action, subject, details)], now)


def append_all(connection: Connection, entries: Sequence[NewEntry], now: datetime) -> int:
    """Append entries, each sealed by the one before it, and return the last one's number; otherwise as `append`."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_APPEND_LOCK})"))
    last = connection.execute(
        select(audit_entries.c.seq, audit_entries.c.hash).order_by(audit_entries.c.seq.desc()).limit(1)
    ).first()
    seq, previous = (last.seq, last.hash) if last else (0, GENESIS)
    rows: list[dict[str, Any]] = []
    for one in entries:
        seq += 1
        actor, doing, about = storable(one.actor), storable(one.action), storable(one.subject)
        told = canonical(one.details or {})
        row = {"seq": seq, "at": now, "actor": actor, "action": doing, "subject": about, "details": told}
        sealed = seal(seq, now, actor, doing, about, told, previous)
        rows.append({**row, "previous": previous, "hash": sealed})
        previous = sealed
    if rows:
        connection.execute(audit_entries.insert(), rows)
    return int(seq)


def canonical(details: Mapping[str, Any]) -> str:
    """Return JSON with sorted keys and no blanks: the same details always give the same text."""
    return storable(json.dumps(details, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str))


def seal(seq: int, at: datetime, actor: str, action: str, subject: str, details: str, previous: str) -> str:
    """Return the SHA-256 of an entry: of the UTF-8 of a JSON array of its parts, so that no two entries read alike."""
    when = at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = [seq, when, actor, action, subject, details, previous]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _conditions(asked: Wanted) -> list[ColumnElement[bool]]:
    columns = audit_entries.c
    given: tuple[tuple[ColumnElement[Any], Callable[[Any, Any], ColumnElement[bool]], Any], ...] = (
        (columns.actor, eq, asked.actor),
        (columns.subject, eq, asked.subject),
        (columns.at, ge, asked.from_),
        (columns.at, lt, asked.to),
        (columns.seq, lt, asked.before),
    )
    return [compare(column, value) for column, compare, value in given if value is not None]


def _actions(connection: Connection) -> Iterator[str]:
    """Give every action of the log: a few dozen, each found by one step in the index, however long the log is."""
    name = connection.scalar(select(func.min(audit_entries.c.action)))
    while name is not None:
        yield name
        name = connection.scalar(select(func.min(audit_entries.c.action)).where(audit_entries.c.action > name))


def _of_actions(names: Sequence[str], asked: Wanted) -> Select[Any]:
    """Return the newest entries of some actions, put together from the newest of each: rare ones are not looked for in all."""
    columns = audit_entries.c
    parts = [
        select(columns.seq)
        .where(columns.action == name, *_conditions(asked))
        .order_by(columns.seq.desc())
        .limit(asked.limit)
        .subquery()
        for name in names
    ]
    newest = union_all(*(select(part.c.seq) for part in parts))
    return select(audit_entries).where(columns.seq.in_(newest)).order_by(columns.seq.desc()).limit(asked.limit)


class SqlAuditLog:
    """AuditLog on SQLite or PostgreSQL: reading, and entries about what changes no row."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def record(self, actor: Actor, action: str, subject: str, details: Mapping[str, Any] | None = None) -> None:
        """Append one entry in a transaction of its own (reads of personal data, reports, refusals)."""
        with self._database.write() as connection:
            append(connection, actor.name, action, subject, details, self._clock())

    def entries(self, wanted: Wanted | None = None) -> list[Entry]:
        """Return entries, newest first."""
        asked = wanted or Wanted()
        newest = audit_entries.c.seq.desc()
        query = select(audit_entries).where(*_conditions(asked)).order_by(newest).limit(asked.limit)
        with self._database.read() as connection:
            if asked.action is not None:
                names = [name for name in _actions(connection) if name.startswith(asked.action)]
                if not names:
                    return []
                query = _of_actions(names, asked)
            return [to_entry(row) for row in connection.execute(query)]

    def export(self) -> Iterator[str]:
        """Give the whole log as JSON lines with everything that the seals cover, oldest first."""
        for row in self.rows():
            parts = {name: row._mapping[name] for name in ("seq", "actor", "action", "subject", "details")}
            sealed = {"at": row.at.isoformat(timespec="microseconds"), "previous": row.previous, "hash": row.hash}
            yield json.dumps({**parts, **sealed}, ensure_ascii=False) + "\n"

    def head(self) -> tuple[int, str]:
        """Return number and hash of the newest entry; (0, GENESIS) of an empty log."""
        newest = self.entries(Wanted(limit=1))
        return (newest[0].seq, newest[0].hash) if newest else (0, GENESIS)

    def hash_of(self, seq: int) -> str | None:
        """Return the hash of an entry; None where there is no such entry."""
        with self._database.read() as connection:
            found: str | None = connection.scalar(select(audit_entries.c.hash).where(audit_entries.c.seq == seq))
            return found

    def rows(self) -> Iterator[Row[Any]]:
        """Iterate over the rows as they lie in the database, oldest first, a batch in memory at a time."""
        last: int | None = None
        while True:
            query = select(audit_entries).order_by(audit_entries.c.seq).limit(BATCH)
            if last is not None:
                query = query.where(audit_entries.c.seq > last)
            with self._database.read() as connection:
                found = connection.execute(query).all()
            yield from found
            if len(found) < BATCH:
                return
            last = found[-1].seq


def to_entry(row: Row[Any]) -> Entry:
    """Make an entry of a row."""
    details: dict[str, Any] = json.loads(row.details)
    return Entry(row.seq, row.at, row.actor, row.action, row.subject, details, row.previous, row.hash)
