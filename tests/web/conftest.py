"""A composed service on SQLite and a directory, filled with believable work, shared by the tests of this folder."""

import fcntl
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from playwright.sync_api import Browser

from digitise.bootstrap import Services, compose
from digitise.model.people import LOCAL_OPERATOR, Role
from digitise.settings import load
from digitise.web.app import create_app
from storage.database import migrate
from tests.forgeries import isa
from tests.pki import PKI, blank_pdf
from tests.web import seeds
from tests.web.chromium import launched


@dataclass
class World:
    """An app, its services, a client, and one token per role."""

    services: Services
    app: FastAPI
    tokens: dict[str, str]
    documents: list[str]

    @property
    def client(self) -> TestClient:
        """A client without a session."""
        return TestClient(self.app, raise_server_exceptions=False)

    def as_role(self, role: str) -> TestClient:
        """A client with a bearer token of that role."""
        client = self.client
        client.headers["Authorization"] = f"Bearer {self.tokens[role]}"
        return client

    def signed_in(self, name: str) -> TestClient:
        """A client with a session of that person."""
        client = self.client
        client.cookies["digitise_session"] = self.session(name)
        return client

    def session(self, name: str) -> str:
        """The cookie of a new session, without the work of checking a password."""
        return self.services.people.open_session(self.services.people.get(name))


def make_world(data: Path, **settings: Any) -> World:
    services = compose(load(data=data, verify_offline=True, events_seconds=0.05, **settings))
    migrate(services.database)
    tokens = {
        role.value: services.people.add_token(role.value, frozenset({role}), None, LOCAL_OPERATOR)[1] for role in Role
    }
    seeds.add_people(services)
    return World(services, create_app(services), tokens, [])


def _once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a data directory that `make` filled once for all xdist workers of this run."""
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    data = base / f"web-{name}"
    with (base / f"web-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not data.exists():
            begun = base / f"web-{name}.begun"  # a failed attempt must not be taken for a template
            shutil.rmtree(begun, ignore_errors=True)
            make(begun)
            begun.rename(data)
    return data


@pytest.fixture(scope="session")
def empty_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with people and tokens, made once and copied."""
    return _once(tmp_path_factory, "empty", lambda data: _leave(make_world(data)))


def _leave(world: World) -> None:
    data = world.services.settings.data
    world.services.database.close()
    (data / "tokens").write_text("\n".join(f"{k} {v}" for k, v in world.tokens.items()))
    (data / "documents").write_text("\n".join(world.documents))


@pytest.fixture
def world(empty_data: Path, tmp_path: Path) -> Iterator[World]:
    """An empty service."""
    found = open_world(copied(empty_data, tmp_path / "data"))
    yield found
    found.services.database.close()


@pytest.fixture(scope="session")
def filled_data(empty_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filled data directory, made once and copied for each test that changes something."""

    def make(data: Path) -> None:
        made = open_world(copied(empty_data, data))
        made.documents = [document.id for document in seeds.fill(made.services)]
        seeds.fill_registers(made.services, rows=40)
        seeds.add_waiting(made.services)
        _leave(made)

    return _once(tmp_path_factory, "filled", make)


def copied(template: Path, data: Path) -> Path:
    """Copy a data directory that was made once."""
    shutil.copytree(template, data)
    return data


def open_world(data: Path, **settings: Any) -> World:
    """Open the service on a data directory."""
    standing: dict[str, Any] = {"verify_offline": True, "events_seconds": 0.05, "public_verification": True}
    services = compose(load(data=data, **standing, **settings))
    tokens = dict(line.split() for line in (data / "tokens").read_text().splitlines())
    return World(services, create_app(services), tokens, (data / "documents").read_text().split())


@pytest.fixture
def filled(filled_data: Path, tmp_path: Path) -> Iterator[World]:
    """A filled service of its own."""
    found = open_world(copied(filled_data, tmp_path / "filled"))
    yield found
    found.services.database.close()


@pytest.fixture(scope="session")
def reading(filled_data: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A filled service for tests that change nothing of note."""
    return open_world(copied(filled_data, tmp_path_factory.mktemp("reading") / "data"))


class Live:
    """The app on a real server of its own port."""

    def __init__(self, world: World) -> None:
        self.world = world
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        config = uvicorn.Config(world.app, port=self.port, log_level="warning", timeout_graceful_shutdown=1)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Live":
        """Start and wait until it answers."""
        self.thread.start()
        end = time.monotonic() + 20
        while not self.server.started:
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.02)
        return self

    def stop(self) -> None:
        """Stop it."""
        self.server.should_exit = True
        self.thread.join(10)


@pytest.fixture(scope="session")
def live(filled_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A filled service on a real server."""
    running = Live(open_world(copied(filled_data, tmp_path_factory.mktemp("live") / "data"))).start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def forged() -> bytes:
    """A file whose page was replaced after it was signed."""
    with ThreadPoolExecutor(1) as pool:  # where a browser runs, this thread has an event loop already
        return pool.submit(_forge).result()


def _forge() -> bytes:
    with PKI() as pki:
        return isa(pki.sign(blank_pdf("Quyet dinh 100 dong"), pki.person("Nguyễn Văn An", "079203001234")))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for the tests of one module."""
    with launched() as found:
        yield found
