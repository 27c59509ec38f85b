"""A signing room over a real database and store, for tests of the journey."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digitise.model.outgoing import NewOutgoing, Outgoing
from digitise.model.people import LOCAL_OPERATOR
from digitise.model.tasks import Claim, TaskKind, TaskState
from digitise.sign.authorise import confirm
from digitise.sign.profiles import Level, Look
from digitise.sign.register import Numbered
from digitise.sign.register_file import register_file
from digitise.sign.sign import Room
from digitise.sign.signature import Tools
from storage.database import Database, migrate
from storage.deliveries import SqlDeliveries
from storage.intents import SqlIntents
from storage.local import LocalStore
from storage.outgoing import SqlOutgoing
from storage.signing_rules import SqlSigningRules
from storage.tasks import SqlTasks
from tests.pki import blank_pdf


def utc() -> datetime:
    return datetime.now(UTC)


@dataclass
class Office:
    """Register, intents, tasks, store and the room that signs from them."""

    folder: Path
    database: Database
    register: SqlOutgoing
    intents: SqlIntents
    deliveries: SqlDeliveries
    rules: SqlSigningRules
    tasks: SqlTasks
    store: LocalStore
    room: Room

    def add(self, text: str = "Quyet dinh", *, pdf: bytes | None = None, **more: Any) -> Outgoing:
        file = self.folder / f"{abs(hash(text))}.pdf"
        file.write_bytes(pdf or blank_pdf(text))
        new = NewOutgoing(**{"unit": "H53.12", "kind": "QĐ", "abstract": text, "symbol": "QĐ-UBND", **more})
        return register_file(file, new, LOCAL_OPERATOR, self.register, self.store)

    def confirm(self, document: Outgoing, profile: str = "plain", numbered: Numbered | None = None) -> str:
        profiles = self.room.tools.profiles
        made = confirm(document.id, profile, LOCAL_OPERATOR, self.register, self.intents, profiles, numbered)
        return made.id

    def claim(self, document: Outgoing, kind: TaskKind = TaskKind.SIGN) -> Claim:
        (task,) = [
            task
            for task in self.tasks.list(subject=document.id, states=(TaskState.WAITING, TaskState.RUNNING))
            if task.kind is kind
        ]
        claim = self.tasks.claim(task.id, "test", 60)
        assert claim is not None
        return claim

    def signed_objects(self) -> int:
        """Return how many signed PDFs the store holds."""
        count = 0
        for sha256 in list(self.store.keys()):
            with self.store.open(sha256) as file:
                count += b"/ETSI.CAdES.detached" in file.read()
        return count


def office(folder: Path, tools: Tools, **more: Any) -> Office:
    """Open an office in `folder`; profile `plain` asks for nothing and shows nothing."""
    database = Database(f"sqlite:///{folder}/office.sqlite")
    migrate(database)
    plain = replace(tools.profiles["copy"], name="plain", look=Look.NONE, level=Level.B_B)
    tools.profiles["plain"] = plain
    intents = SqlIntents(database, utc)
    store = LocalStore(folder / "objects", min_free_bytes=0)
    return Office(
        folder,
        database,
        SqlOutgoing(database, utc),
        intents,
        SqlDeliveries(database, utc),
        SqlSigningRules(database, utc),
        SqlTasks(database, utc),
        store,
        Room(intents, store, tools, utc, **more),
    )
