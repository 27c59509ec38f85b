"""Short ways to file documents in contract tests."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from digitise.model.documents import Artefact, ArtefactKind, Document, Filing, NewDocument
from digitise.model.people import Actor, Role
from digitise.model.tasks import NewTask, TaskKind
from storage.catalogue import SqlCatalogue

CLERK = Actor("lan", frozenset({Role.CLERK}), "H53.12")
START = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


class Ticking:
    """A clock that tests move."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def sha(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def new_document(content: str = "one", **filing: Any) -> NewDocument:
    return NewDocument(sha(content), f"{content[:20]}.pdf", "application/pdf", len(content), Filing(**filing))


def recognise(subject: str = "", key: str = "recognise") -> NewTask:
    return NewTask(TaskKind.RECOGNISE, subject, key)


def artefact(kind: ArtefactKind, content: str) -> Artefact:
    return Artefact(kind, sha(content), len(content), "text/plain", START)


def file_text(catalogue: SqlCatalogue, text: str, **filing: Any) -> Document:
    """Accept a document and finish it with `text`."""
    accepted = catalogue.accept(new_document(f"{text}{filing}", **filing), [], CLERK)
    catalogue.finish(accepted.document.id, [artefact(ArtefactKind.TEXT, text)], text, Filing(), pages=1)
    return catalogue.get(accepted.document.id)
