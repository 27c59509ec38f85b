"""Proof of the audit log: heads published where nobody changes them, and the check that finds what was changed.

An inspector can repeat it without this software: each line of the export holds what its seal covers, and
`hash` is the SHA-256 of the compact JSON array [seq, at, actor, action, subject, details, previous].
"""

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from storage.audit import GENESIS, SqlAuditLog, seal
from storage.objects import Store
from storage.rows import VIETNAM

HEADS = "audit/heads/"  # published records `audit/heads/<Vietnamese day>-<number>.json`
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Head:
    """Number and hash of the newest entry at a moment."""

    seq: int
    hash: str
    at: str  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong with the log: `kind` edited, gap, order, chain, tail or head; `seq` the entry it is about."""

    seq: int
    kind: str
    detail: str


def publish_head(log: SqlAuditLog, store: Store, now: datetime) -> Head | None:
    """Publish the newest head to the object store and the service's log; None where it was already published."""
    seq, digest = log.head()
    if seq == 0:
        return None
    head = Head(seq, digest, now.isoformat(timespec="seconds"))
    day = now.astimezone(VIETNAM).date().isoformat()
    content = json.dumps(asdict(head), separators=(",", ":"), sort_keys=True).encode()
    if not store.publish(f"{HEADS}{day}-{seq}.json", content):
        return None
    _LOG.info("audit head %d %s", seq, digest)
    return head


def published_heads(store: Store) -> Iterator[Head]:
    """Iterate over the heads in the object store."""
    for _, content in store.published(HEADS):
        yield Head(**json.loads(content))


def verify(log: SqlAuditLog, heads: Iterable[Head] = ()) -> list[Flaw]:
    """Check every entry and every head; return what is wrong, by number. An untouched log gives an empty list."""
    flaws: list[Flaw] = []
    proven = {head.seq: head for head in sorted(heads, key=lambda head: head.at, reverse=True)}
    before: Row[Any] | None = None
    last = 0
    for row in log.rows():
        flaws += _flaws_of(row, before)
        if row.seq in proven and proven.pop(row.seq).hash != row.hash:
            flaws.append(Flaw(row.seq, "head", "the entry is not the one whose head was published"))
        before, last = row, row.seq
    for seq in sorted(proven):
        kind, what = ("tail", "the newest entries are gone") if seq > last else ("gap", "the entry is gone")
        flaws.append(Flaw(seq, kind, f"a head of entry {seq} was published, and {what}"))
    return sorted(flaws, key=lambda flaw: flaw.seq)


def _flaws_of(row: Row[Any], before: Row[Any] | None) -> Iterator[Flaw]:
    expected, previous = (before.seq + 1, before.hash) if before else (1, GENESIS)
    if row.seq != expected:
        what = (
            f"entries {expected} to {row.seq - 1} are missing" if row.seq > expected else f"{row.seq} stands too early"
        )
        yield Flaw(row.seq, "gap" if row.seq > expected else "order", what)
    elif row.previous != previous:
        yield Flaw(row.seq, "chain", "the entry does not follow the one before it: one of them was changed or moved")
    if row.hash != seal(row.seq, row.at, row.actor, row.action, row.subject, row.details, row.previous):
        yield Flaw(row.seq, "edited", "what the entry says is not what was sealed")
