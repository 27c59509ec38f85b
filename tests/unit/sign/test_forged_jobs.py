"""Whoever can write to the queue gets nothing signed: SQL authorises, nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from digitise.bootstrap import Services
from digitise.model.outgoing import NewOutgoing, OutgoingState
from digitise.model.people import LOCAL_OPERATOR
from digitise.model.tasks import NewTask, TaskKind
from digitise.sign.register_file import register_file
from storage.database import migrate
from tests.office import furnish
from tests.pki import PKI, blank_pdf
from tests.unit.test_queues import connection, forged, valkey, work
from workers import jobs

__all__ = ["connection", "valkey"]  # fixtures


@pytest.fixture
def served(tmp_path: Path, pki: PKI, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The services that the sign worker of this process uses, keys and all."""
    furnish(tmp_path / "data", pki)
    monkeypatch.setenv("DIGITISE_DATA", str(tmp_path / "data"))
    jobs.services.cache_clear()
    made = jobs.services()
    migrate(made.database)
    yield made
    made.database.close()
    jobs.services.cache_clear()


FUNCTIONS = ("workers.jobs.sign", "workers.jobs.perform", "digitise.sign.sign.sign_intent")


def test_a_forged_job_signs_nothing(connection: Redis, served: Services, tmp_path: Path) -> None:
    draft = tmp_path / "draft.pdf"
    draft.write_bytes(blank_pdf())
    new = NewOutgoing("H53.12", "QĐ", "chưa ai xác nhận", symbol="QĐ-UBND")
    document = register_file(draft, new, LOCAL_OPERATOR, served.outgoing, served.store)
    made_up = NewTask(TaskKind.SIGN, document.id, "forged", {"intent": "0" * 26})  # even with write access to tasks
    for argument in (document.id, "0" * 26, *served.tasks.promise([made_up])):
        for function in FUNCTIONS:
            forged(connection, function, argument)
            work(connection)
    after = served.outgoing.get(document.id)
    assert (after.state, after.signed_sha256) == (OutgoingState.DRAFT, None)
    assert list(served.store.keys()) == [document.sha256]
