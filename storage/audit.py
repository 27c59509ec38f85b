"""The audit log: append-only, each entry sealed by the hash of the one before it."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select, text

from storage.schema.audit import audit_entries

GENESIS = "0" * 64  # what the first entry names as the hash before it
_APPEND_LOCK = 0x6469_6701  # advisory lock of PostgreSQL: one appender at a time, released at commit


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
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_APPEND_LOCK})"))
    last = connection.execute(
        select(audit_entries.c.seq, audit_entries.c.hash).order_by(audit_entries.c.seq.desc()).limit(1)
    ).first()
    seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
    told = canonical(details or {})
    row = {"seq": seq, "at": now, "actor": actor_name, "action": action, "subject": subject, "details": told}
    connection.execute(
        audit_entries.insert().values(
            **row, previous=previous, hash=seal(seq, now, actor_name, action, subject, told, previous)
        )
    )
    return int(seq)


def canonical(details: Mapping[str, Any]) -> str:
    """Return JSON with sorted keys and no blanks: the same details always give the same bytes."""
    return json.dumps(details, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def seal(seq: int, at: datetime, actor: str, action: str, subject: str, details: str, previous: str) -> str:
    """Return the SHA-256 of an entry: of the JSON array of its parts, so that no two entries read alike."""
    when = at.astimezone(UTC).isoformat(timespec="microseconds")
    parts = json.dumps([seq, when, actor, action, subject, details, previous], ensure_ascii=False)
    return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()
