"""Store, catalogue and journeys of one test, without a queue."""

import io
from datetime import UTC, datetime
from pathlib import Path

from digitise.model.documents import Accepted, ArtefactKind, Document, Filing
from digitise.model.people import SYSTEM
from digitise.model.tasks import NewTask, TaskKind
from digitise.scan import recognise
from digitise.scan.desk import Desks
from digitise.scan.intake import accept
from digitise.settings import Settings, load
from storage.catalogue import SqlCatalogue
from storage.database import Database
from storage.local import LocalStore

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


class House:
    """Store, catalogue and settings of one test, and the journeys on them."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.settings: Settings = load(data=folder / "data", max_upload_bytes=20_000_000)
        self.store = LocalStore(folder / "objects")
        self.catalogue = SqlCatalogue(database, self.clock)
        self.desks = Desks(self.store, self.settings)
        self.database = database

    def clock(self) -> datetime:
        return NOW

    def take(self, data: bytes, name: str = "a.pdf", filing: Filing | None = None) -> Accepted:
        return accept(
            io.BytesIO(data), name, filing or Filing(), SYSTEM,
            store=self.store, catalogue=self.catalogue, settings=self.settings,
        )  # fmt: skip

    def plan(self, document_id: str, run: str = "1") -> list[NewTask]:
        return recognise.plan(
            document_id, store=self.store, catalogue=self.catalogue, settings=self.settings, clock=self.clock,
            desks=self.desks, run=run,
        )  # fmt: skip

    def read(self, task: NewTask, progress: list[tuple[int, int]] | None = None) -> list[NewTask]:
        told = progress if progress is not None else []
        return recognise.recognise_range(
            task.subject, int(task.args["first"]), int(task.args["last"]),
            store=self.store, catalogue=self.catalogue, desks=self.desks, run=str(task.args["run"]),
            progress=lambda done, total: told.append((done, total)),
        )  # fmt: skip

    def put_together(self, document_id: str) -> None:
        recognise.assemble(
            document_id, store=self.store, catalogue=self.catalogue, settings=self.settings, clock=self.clock
        )

    def run_all(self, data: bytes, name: str) -> Document:
        accepted = self.take(data, name)
        waiting = self.plan(accepted.document.id)
        while waiting:
            task = waiting.pop()
            if task.kind is TaskKind.PAGES:
                waiting += self.read(task)
            else:
                self.put_together(task.subject)
        return self.catalogue.get(accepted.document.id)

    def artefact(self, document: Document, kind: ArtefactKind) -> bytes:
        found = next(one for one in document.artefacts if one.kind is kind)
        with self.store.open(found.sha256) as source:
            return source.read()

    def objects(self) -> int:
        return len(list(self.store.keys()))
