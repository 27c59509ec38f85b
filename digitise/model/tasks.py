"""Promised work: rows in SQL that say what must still be done. Valkey only carries hints of them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class TaskKind(StrEnum):
    """What is to be done; each kind runs on one queue (`QUEUE_OF`)."""

    RECOGNISE = "recognise"  # count pages, split into ranges
    PAGES = "pages"  # recognise one range: args {first, last}, 1-based, inclusive
    ASSEMBLE = "assemble"  # pages → searchable PDF, text, words, fields, index
    VERIFY = "verify"
    SIGN = "sign"
    DELIVER = "deliver"
    RENEW = "renew"  # B-LTA renewal
    SEAL = "seal"  # signature over a published head of the audit log


QUEUE_OF: dict[TaskKind, str] = {
    TaskKind.RECOGNISE: "ocr",
    TaskKind.PAGES: "ocr",
    TaskKind.ASSEMBLE: "ocr",
    TaskKind.VERIFY: "verify",
    TaskKind.SIGN: "sign",
    TaskKind.DELIVER: "verify",
    TaskKind.RENEW: "sign",
    TaskKind.SEAL: "sign",
}


class TaskState(StrEnum):
    """A task ends in DONE, DROPPED, or waits for a person in QUARANTINED."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    QUARANTINED = "quarantined"  # given up after MAX_ATTEMPTS, or refused for good
    DROPPED = "dropped"


MAX_ATTEMPTS = 4  # a file that kills its worker this often is not tried again by itself


@dataclass(frozen=True, slots=True)
class NewTask:
    """Work to promise; `key` makes the promise unique (same key twice = one task)."""

    kind: TaskKind
    subject: str  # document id, outgoing id …
    key: str
    args: dict[str, Any] = field(default_factory=dict)
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A promised piece of work as it stands."""

    id: str
    kind: TaskKind
    subject: str
    args: dict[str, Any]
    state: TaskState
    attempts: int
    created_at: datetime
    not_before: datetime
    done: int = 0  # progress: units done …
    total: int = 0  # … of total (pages)
    error: str | None = None  # `<code>: <reason>` of the last failure
    worker: str | None = None
    lease_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a task until `lease_until`; every write must show `token`."""

    task: Task
    token: int  # fencing token: grows with every claim of the same task
    lease_until: datetime
