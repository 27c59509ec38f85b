"""Each part that the service depends on goes away and comes back: said clearly, nothing lost, and the work goes on."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from digitise.bootstrap import utc_now
from digitise.model.documents import DocumentState, Query
from digitise.model.tasks import TaskKind, TaskState
from digitise.scan import models
from digitise.settings import load
from tests import odd_files
from tests.faults.gate import Gate
from tests.servers import PostgresServer, S3Server, ValkeyServer
from tests.stack import Stack, running, until
from tests.web.conftest import World, make_world
from workers.jobs import AWAY_SECONDS, perform

KINDS = (TaskKind.RECOGNISE, TaskKind.PAGES, TaskKind.ASSEMBLE)
pytestmark = [
    pytest.mark.fault,
    pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract-ocr is not installed"),
]


def scan(number: int) -> bytes:
    return odd_files.jpeg(odd_files.note(f"QUYẾT ĐỊNH số {number}"))


@dataclass
class House:
    """A service in this process: its upload door, and one worker's turns at what is due."""

    world: World
    later: timedelta = timedelta()

    @classmethod
    def on(cls, data: Path, **settings: Any) -> "House":
        house = cls(make_world(data, **settings))
        for kept in (house.world.services, house.world.services.tasks):
            for name in ("clock", "_clock"):
                if hasattr(kept, name):
                    setattr(kept, name, house.clock)
        return house

    def clock(self) -> Any:
        return utc_now() + self.later

    def upload(self, name: str, body: bytes) -> httpx.Response:
        answer: httpx.Response = self.world.as_role("clerk").post("/api/v1/documents", files={"file": (name, body)})
        return answer

    def work(self) -> None:
        """Do what is due until nothing is, as a worker does; then let the pause pass that a part's absence makes."""
        services = self.world.services
        while claims := services.tasks.claim_some(KINDS, "test", 60, 1):
            for claim in claims:
                perform(services, claim)
        services.desks.close()
        self.later += timedelta(seconds=AWAY_SECONDS + 1)

    def state(self, document: str) -> DocumentState:
        return self.world.services.catalogue.get(document).state

    def waits(self, document: str, error: str) -> None:
        """Hold the document's work to wait unharmed, with its reason."""
        task = self.world.services.tasks.list(subject=document, states=[TaskState.WAITING])[-1]
        assert task.attempts == 0
        assert (task.error or "").startswith(error), task
        assert self.state(document) in (DocumentState.RECEIVED, DocumentState.RECOGNISING)


def refused(answer: httpx.Response, status: int, code: str, name: str | None) -> str:
    """Check a refusal and return its sentence."""
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert problem["file"] == name
    told: str = problem["detail"]
    assert name is None or told.startswith(f"{name}: ")
    return told


@pytest.fixture(scope="module")
def language() -> Path:
    model = models.choose(load())
    return models.file(model.directory, "vie")


def test_s3_away(tmp_path: Path, s3_server: S3Server) -> None:
    host, port = s3_server.endpoint.split(":")
    gate = Gate(host, int(port))
    keys = {"s3_access_key": s3_server.access_key, "s3_secret_key": s3_server.secret_key}
    house = House.on(
        tmp_path, store="s3", s3_endpoint=gate.address, s3_bucket=s3_server.new_bucket(), s3_secure=False, **keys
    )
    taken = house.upload("một.jpg", scan(1)).json()["id"]
    gate.shut()
    told = refused(house.upload("hai.jpg", scan(2)), 503, "object_store_unavailable", "hai.jpg")
    assert gate.address in told
    assert s3_server.secret_key not in told
    assert [found.document.id for found in house.world.services.search.find(Query()).items] == [taken]
    house.work()
    house.waits(taken, "object_store_unavailable")
    gate.open()
    again = house.upload("hai.jpg", scan(2))
    assert again.status_code == 201
    house.work()
    assert {house.state(taken), house.state(again.json()["id"])} == {DocumentState.STORED}


def test_sqlite_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.database.BUSY_SECONDS", 0.3)
    house = House.on(tmp_path)
    taken = house.upload("một.jpg", scan(1)).json()["id"]
    with sqlite3.connect(tmp_path / "digitise.sqlite", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        refused(house.upload("hai.jpg", scan(2)), 503, "database_unavailable", "hai.jpg")
        other.execute("ROLLBACK")
    assert not list((tmp_path / "incoming").iterdir())
    again = house.upload("hai.jpg", scan(2))
    assert again.status_code == 201
    house.work()
    assert {house.state(taken), house.state(again.json()["id"])} == {DocumentState.STORED}


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a disk of 4 MB that holds `folder`."""
    folder.mkdir(parents=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(file: Path) -> None:
    """Write until the disk takes no more."""
    with suppress(OSError), file.open("wb", buffering=0) as ballast:
        while True:
            ballast.write(bytes(4096))


@pytest.mark.parametrize("full", ["incoming", "objects"])
def test_a_disk_that_is_full(tmp_path: Path, full: str) -> None:
    with small_disk(tmp_path / full) as disk:
        house = House.on(tmp_path, min_free_bytes=0)
        taken = house.upload("một.jpg", scan(1)).json()["id"]
        fill(disk / "ballast")
        refused(house.upload("hai.jpg", scan(2)), 507, "disk_full", "hai.jpg")
        house.work()
        if full == "objects":
            house.waits(taken, "disk_full")
        (disk / "ballast").unlink()
        again = house.upload("hai.jpg", scan(2))
        assert again.status_code == 201
        house.work()
        assert {house.state(taken), house.state(again.json()["id"])} == {DocumentState.STORED}
        house.world.services.database.close()


def test_language_data_missing(tmp_path: Path, language: Path) -> None:
    tessdata = tmp_path / "tessdata"
    tessdata.mkdir()
    house = House.on(tmp_path / "data", ocr_tessdata=tessdata)
    taken = house.upload("một.jpg", scan(1)).json()["id"]
    house.work()
    house.waits(taken, "engine_unavailable: language")
    (tessdata / language.name).symlink_to(language)
    house.work()
    assert house.state(taken) is DocumentState.STORED


def test_the_command_line_says_what_is_away_and_exits_with_30(tmp_path: Path) -> None:
    stack = Stack(tmp_path, 0, {"DIGITISE_STORE": "s3", "DIGITISE_S3_ENDPOINT": "127.0.0.1:9", "DIGITISE_LANG": "en"})
    stack.run("migrate")
    file = tmp_path / "một.jpg"
    file.write_bytes(scan(1))
    row = stack.run("scan", str(file), check=30)["documents"][0]
    assert row["error"]["code"] == "object_store_unavailable"
    assert row["error"]["message"].startswith(f"{file}: ")
    assert stack.run("find", "quyet dinh")["documents"] == []
    stack.environment = {"DIGITISE_OCR_TESSDATA": str(tmp_path / "nowhere"), "DIGITISE_LANG": "en"}
    error = stack.run("ocr", str(file), "-o", str(tmp_path / "out.pdf"), check=30)["error"]
    assert error["message"].startswith("một.jpg: ")
    assert "tesseract-ocr-vie" in error["message"]
    assert not (tmp_path / "out.pdf").exists()


@pytest.mark.slow
def test_servers_that_go_away_and_come_back_beside_living_workers(
    tmp_path: Path, s3_server: S3Server, postgresql_server: PostgresServer, valkey_server: ValkeyServer
) -> None:
    """The whole stack on PostgreSQL, Valkey and S3, each away in its turn: the same processes do all the work."""
    url = httpx.URL(postgresql_server.new_database(migrated=False))
    host, port = s3_server.endpoint.split(":")
    s3, sql, queue = (
        Gate(host, int(port)),
        Gate("127.0.0.1", postgresql_server.port),
        Gate("127.0.0.1", valkey_server.port),
    )
    (tmp_path / "secret").write_text(valkey_server.password)
    environment = {
        "DIGITISE_STORE": "s3",
        "DIGITISE_S3_ENDPOINT": s3.address,
        "DIGITISE_S3_BUCKET": s3_server.new_bucket(),
        "DIGITISE_S3_SECURE": "false",
        "DIGITISE_S3_ACCESS_KEY": s3_server.access_key,
        "DIGITISE_S3_SECRET_KEY": s3_server.secret_key,
        "DIGITISE_DATABASE_URL": str(url.copy_with(port=int(sql.address.split(":")[1]))),
        "DIGITISE_QUEUE_URL": f"redis://{queue.address}/0",
        "DIGITISE_QUEUE_PASSWORD_FILE": str(tmp_path / "secret"),
    }
    with running(tmp_path / "data", **environment) as stack:
        workers = _workers(stack)
        ids = []
        for number, (gate, status) in enumerate([(s3, 503), (sql, 503), (queue, 201)]):
            with stack.client() as client:
                ids.append(_sent(client, 2 * number).json()["id"])
                gate.shut()
                answer = _sent(client, 2 * number + 1)
                assert answer.status_code == status, answer.text
                gate.open()
                ids.append(until(lambda n=2 * number + 1, c=client: _taken(_sent(c, n)), 60, 0.5))  # type: ignore[misc]
        until(lambda: _all_stored(stack, ids), 240, 1.0)
        assert _workers(stack) == workers, "nobody had to be started again"


def _sent(client: httpx.Client, number: int) -> httpx.Response:
    return client.post("/documents", files={"file": (f"{number}.jpg", scan(number))})


def _taken(answer: httpx.Response) -> str | None:
    return answer.json()["id"] if answer.status_code in (200, 201) else None


def _all_stored(stack: Stack, ids: list[str]) -> bool:
    with stack.client() as client:
        states = [client.get(f"/documents/{one}").json().get("state") for one in ids]
    assert "failed" not in states
    return set(states) == {"stored"}


def _workers(stack: Stack) -> set[int]:
    assert stack.process
    return {child.pid for child in psutil.Process(stack.process.pid).children()}
