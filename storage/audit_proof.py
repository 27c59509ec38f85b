"""Proof of the audit log: heads published where nobody changes them, and the check that finds what was changed.

An inspector can repeat it without this software: each line of the export holds what its seal covers, and
`hash` is the SHA-256 of the compact JSON array [seq, at, actor, action, subject, details, previous].
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from digitise.errors import Conflict, NotFound
from storage.audit import GENESIS, SqlAuditLog, seal
from storage.objects import Store
from storage.rows import VIETNAM

HEADS = "audit/heads/"  # published records `audit/heads/<Vietnamese day>-<number>.json`
SEAL = ".p7s"  # behind a head's name: the detached CMS signature over the record
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Head:
    """Number and hash of the newest entry at a moment."""

    seq: int
    hash: str
    at: str  # ISO 8601, UTC


@dataclass(frozen=True, slots=True)
class Published:
    """A published record: its name, its bytes, the head that they tell, the signature over them where there is one."""

    name: str
    content: bytes
    head: Head
    seal: bytes | None = None


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something wrong with the log: `kind` edited, gap, order, chain, tail, head or seal; `seq` the entry it is about."""

    seq: int
    kind: str
    detail: str


def publish_head(log: SqlAuditLog, store: Store, now: datetime) -> Head | None:
    """Publish the newest head to the object store and the service's log; None where it was already published."""
    seq, digest = log.head()
    if seq == 0:
        return None
    head = Head(seq, digest, now.isoformat(timespec="seconds"))
    if not store.publish(f"{HEADS}{_day(now)}-{seq}.json", _record(head)):
        return None
    _LOG.info("audit head %d %s", seq, digest)
    return head


def head_to_seal(store: Store, now: datetime) -> str | None:
    """Return the name of today's first head while none of today's is sealed: one signature a day is enough for all before it."""
    today = [one for one in published(store, f"{HEADS}{_day(now)}-")]
    if not today or any(one.seal for one in today):
        return None
    return min(today, key=lambda one: one.head.seq).name


def seal_head(log: SqlAuditLog, store: Store, name: str, sign: Callable[[bytes], bytes]) -> bool:
    """Publish a signature over a published head beside it; says whether it is new.

    Nothing is signed but what the log itself confirms. Raises NotFound, Conflict (a head that is not the log's), and what
    `sign` raises.
    """
    found = next((one for one in published(store, name) if one.name == name), None)
    if found is None:
        raise NotFound("record", what="record", id=name)
    if found.seal is not None:
        return False
    told = datetime.fromisoformat(found.head.at).isoformat(timespec="seconds")
    if log.hash_of(found.head.seq) != found.head.hash or found.content != _record(replace(found.head, at=told)):
        raise Conflict("forged", what="record", id=name)
    return store.publish(name + SEAL, sign(found.content))


def published(store: Store, prefix: str = HEADS) -> Iterator[Published]:
    """Iterate over the heads in the object store whose names begin so, each with its signature."""
    records = dict(store.published(prefix))
    for name, content in sorted(records.items()):
        if not name.endswith(SEAL):
            yield Published(name, content, Head(**json.loads(content)), records.get(name + SEAL))


def published_heads(store: Store) -> Iterator[Head]:
    """Iterate over the heads in the object store."""
    return (one.head for one in published(store))


def _record(head: Head) -> bytes:
    return json.dumps(asdict(head), separators=(",", ":"), sort_keys=True).encode()


def _day(now: datetime) -> str:
    return now.astimezone(VIETNAM).date().isoformat()


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
