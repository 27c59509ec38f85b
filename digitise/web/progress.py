"""How far the work on a document is, from the task table."""

from dataclasses import dataclass

from digitise.bootstrap import Services
from digitise.model.documents import Document, DocumentState
from digitise.model.tasks import TaskKind, TaskState

_OPEN = frozenset({TaskState.WAITING, TaskState.RUNNING})


@dataclass(frozen=True, slots=True)
class Progress:
    """Pages done of pages in all, and whether anything more will happen by itself."""

    state: DocumentState
    done: int
    total: int
    ended: bool
    error: str | None

    @property
    def step(self) -> str:
        """Name the step for people: queued, reading, stored, failed."""
        if self.state is DocumentState.FAILED or (self.ended and self.error and self.state is not DocumentState.STORED):
            return "failed"
        if self.state is DocumentState.STORED:
            return "stored"
        return "reading" if self.total else "queued"


def progress_of(services: Services, document: Document) -> Progress:
    """Read where `document` stands."""
    tasks = services.tasks.list(subject=document.id, limit=1000)
    pages = [task for task in tasks if task.kind is TaskKind.PAGES]
    ranged = sum(_length(task.args) for task in pages)
    done = sum(_length(t.args) if t.state is TaskState.DONE else t.done for t in pages)
    total = document.pages or ranged
    quarantined = [task for task in tasks if task.state is TaskState.QUARANTINED]
    open_work = any(task.state in _OPEN for task in tasks)
    ended = document.state in (DocumentState.STORED, DocumentState.FAILED) or (bool(quarantined) and not open_work)
    if document.state is DocumentState.STORED:
        done = total
    error = document.error or next((task.error for task in quarantined if task.error), None)
    return Progress(document.state, min(done, total), total if pages or ended else 0, ended, error)


def _length(args: dict[str, object]) -> int:
    first, last = args.get("first"), args.get("last")
    return last - first + 1 if isinstance(first, int) and isinstance(last, int) else 0
