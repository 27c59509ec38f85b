"""The seams: what journeys need from the world, as Protocols. Adapters live in `storage/`, `workers/` and a few named files.

Each method that writes SQL is one whole transaction and leaves its audit entry inside it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from digitise.errors import DigitiseError
from digitise.model.documents import (
    Accepted,
    Artefact,
    Document,
    Filing,
    Found,
    NewDocument,
    Page,
    Query,
    Reuse,
)
from digitise.model.people import Actor
from digitise.model.tasks import Claim, NewTask, Task, TaskKind, TaskState


class Clock(Protocol):
    """Tells the time; tests fix it."""

    def __call__(self) -> datetime:
        """Return now, aware, UTC."""
        ...


class ObjectStore(Protocol):
    """Keeps bytes under their SHA-256; create-only, checked on read.

    Raises ObjectStoreUnavailable, DiskFull, NotFound, DamagedObject.
    """

    def put(self, source: BinaryIO, *, media_type: str = "application/octet-stream") -> tuple[str, int]:
        """Stream `source` to its end, return (sha256 hex, size in bytes) once it is durable; the same bytes twice are kept once."""
        ...

    def put_all(
        self, sources: Sequence[Path], *, media_type: str = "application/octet-stream"
    ) -> list[str | DigitiseError]:
        """Keep several files and return, once they are durable, the sha256 of each, or why it could not be kept."""
        ...

    def open(self, sha256: str, *, start: int = 0, length: int | None = None) -> AbstractContextManager[BinaryIO]:
        """Open for reading from `start`; a whole read is checked against the hash at its end."""
        ...

    def as_file(self, sha256: str) -> AbstractContextManager[Path]:
        """Give the bytes as a read-only local file, hash checked, for the time of the context."""
        ...

    def size(self, sha256: str) -> int:
        """Return the size in bytes."""
        ...

    def exists(self, sha256: str) -> bool:
        """Say whether the object is held."""
        ...

    def keys(self) -> Iterator[str]:
        """Iterate over all SHA-256 keys (backup, audit)."""
        ...

    def check(self) -> None:
        """Raise unless an object can be written and read back."""
        ...


class Catalogue(Protocol):
    """Documents, artefacts and page results. Raises DatabaseUnavailable, NotFound, Conflict."""

    def accept(self, new: NewDocument, tasks: Sequence[NewTask], actor: Actor) -> Accepted:
        """Register document, original artefact, tasks and audit entry in one transaction; the same sha256 answers the existing one.

        A task whose subject is `""` gets the new document's id, and its key that id in front.
        """
        ...

    def get(self, document_id: str) -> Document:
        """Return the document with its artefacts; `id` may also be a unique SHA-256."""
        ...

    def by_sha256(self, sha256: str) -> Document | None:
        """Return the document whose original has these bytes."""
        ...

    def correct(self, document_id: str, changes: Mapping[str, Any], version: int, actor: Actor) -> Document:
        """Change fields of the filing; raises Conflict when `version` is not the newest."""
        ...

    def correct_text(
        self,
        document_id: str,
        made: Sequence[Artefact],
        text: str,
        version: int,
        actor: Actor,
        tasks: Sequence[NewTask] = (),
    ) -> Document:
        """Put a corrected text, and what was made of it, in the place of the former, and promise what follows from it.

        Raises Conflict as `correct`.
        """
        ...

    def add_artefacts(self, document_id: str, made: Sequence[Artefact], version: int | None = None) -> None:
        """Record artefacts whose bytes are durable; a kind that exists is superseded, its former row kept.

        Raises Conflict where `version` is given and not the newest.
        """
        ...

    def set_state(self, document_id: str, state: str, **columns: Any) -> None:
        """Set state and plain columns (pages, warnings, error, verdict)."""
        ...

    def finish(
        self, document_id: str, artefacts: Sequence[Artefact], text: str, suggested: Filing, /, **columns: Any
    ) -> None:
        """In one transaction: artefacts, full text (indexed), state STORED, and `suggested` where the clerk said nothing."""
        ...

    def page_result(self, key: str) -> str | None:
        """Return the SHA-256 of a page's stored recognition, by page-image + engine + parameters key."""
        ...

    def save_page_result(self, key: str, sha256: str) -> None:
        """Remember a page's recognition; saving the same key again is harmless."""
        ...

    def record_pages(self, document_id: str, results: Mapping[int, str]) -> int:
        """Record page number → SHA-256 of its result for this document; return how many pages are now recorded."""
        ...

    def pages(self, document_id: str) -> dict[int, str]:
        """Return page number (1-based) → SHA-256 of its result."""
        ...

    def history(self, document_id: str) -> list[dict[str, Any]]:
        """Return the document's audit entries, oldest first."""
        ...


class Search(Protocol):
    """Full text over folded text."""

    def find(self, query: Query) -> Page[Found]:
        """Return hits: exact diacritics first, then newest."""
        ...


class ReuseLog(Protocol):
    """Look-ups by identifier and recorded reuses."""

    def held(self, query: Query, actor: Actor, reason: str) -> list[Document]:
        """Return documents held for a dossier or owner; the look-up and its reason are logged (identifier masked)."""
        ...

    def record(self, document_id: str, dossier: str, reason: str, actor: Actor) -> Reuse:
        """Record that a document serves another dossier."""
        ...

    def undo(self, reuse_id: str, reason: str, actor: Actor) -> None:
        """Undo a reuse that was recorded by mistake; raises NotFound."""
        ...

    def of(self, document_id: str) -> list[Reuse]:
        """Return the reuses of a document."""
        ...


class Tasks(Protocol):
    """Promised work in SQL: lease, fencing token, attempts, quarantine."""

    def promise(self, tasks: Sequence[NewTask]) -> list[str]:
        """Insert tasks (a key that exists is left alone), return their ids."""
        ...

    def claim(self, task_id: str, worker: str, lease_seconds: float) -> Claim | None:
        """Count an attempt and take the lease; None where it is done, not due, leased, or just quarantined for too many attempts."""
        ...

    def claim_some(self, kinds: Sequence[TaskKind], worker: str, lease_seconds: float, limit: int) -> list[Claim]:
        """Claim up to `limit` due tasks of `kinds`, oldest first."""
        ...

    def claim_keys(self, keys: Sequence[str], worker: str, lease_seconds: float) -> list[Claim]:
        """Claim the tasks of these keys, oldest first, also before their time: somebody is here who asks for them.

        Those that are done or leased are left out.
        """
        ...

    def extend(self, claim: Claim, lease_seconds: float, done: int | None = None, total: int | None = None) -> Claim:
        """Prolong the lease and record progress; raises LeaseLost."""
        ...

    def complete(self, claim: Claim, follow_up: Sequence[NewTask] = ()) -> list[str]:
        """Mark done and promise follow-up work in the same transaction; raises LeaseLost."""
        ...

    def fail(self, claim: Claim, error: str, *, retry_at: datetime | None) -> TaskState:
        """Record the failure: waiting again at `retry_at`, or quarantined when None or out of attempts; raises LeaseLost."""
        ...

    def release(self, claim: Claim, *, retry_at: datetime | None = None, error: str | None = None) -> None:
        """Give a task back unharmed (clean stop, a service away): the attempt does not count; raises LeaseLost."""
        ...

    def sweep(self) -> list[Task]:
        """Quarantine tasks whose attempts are used up by workers that died silently, and return them."""
        ...

    def due(self, kinds: Sequence[TaskKind], limit: int) -> list[Task]:
        """Return tasks that wait and are due, or whose lease has run out, oldest first."""
        ...

    def get(self, task_id: str) -> Task:
        """Return one task."""
        ...

    def list(self, *, subject: str | None = None, states: Iterable[TaskState] = (), limit: int = 100) -> list[Task]:
        """Return tasks, newest first."""
        ...

    def retry(self, task_id: str, actor: Actor) -> Task:
        """Set a quarantined task waiting again with its attempts at 0."""
        ...

    def drop(self, task_id: str, actor: Actor) -> Task:
        """Give a task up for good."""
        ...

    def counts(self, states: Iterable[TaskState] = ()) -> dict[tuple[str, str], int]:
        """Return (kind, state) → number, of some states or of all; for metrics and the health page."""
        ...


class Hints(Protocol):
    """Wakes workers up; losing every hint loses nothing."""

    def send(self, tasks: Sequence[Task]) -> None:
        """Tell the workers of each task's queue; raises QueueUnavailable."""
        ...


class AuditLog(Protocol):
    """Append-only, hash-chained."""

    def record(self, actor: Actor, action: str, subject: str, details: Mapping[str, Any] | None = None) -> None:
        """Append one entry in a transaction of its own (reads, refusals); writes append inside theirs."""
        ...
