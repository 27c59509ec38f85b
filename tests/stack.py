"""The whole service as its users run it: `digitise up` on a data directory of its own, and a client that speaks its API."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeVar

import httpx
import psutil

from workers.processes import die_with_parent

T = TypeVar("T")
START_SECONDS = 120.0  # machines under test carry other work


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(look: Callable[[], T | None], seconds: float = 60.0, pause: float = 0.1) -> T:
    """Poll `look` until it gives something; fails after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(pause)
    raise AssertionError(f"still waiting after {seconds} s")


def alive(process: psutil.Process) -> bool:
    """Say whether a process still does anything; one that only waits for its parent to look does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@dataclass
class Stack:
    """A running stack; `kill` ends one of its processes the hard way."""

    data: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        log = (self.data.parent / f"{self.data.name}.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from digitise.cli import main; main()", "up", "--data", str(self.data)]
            + ["--port", str(self.port), *self.options],
            env={**os.environ, **self.environment},
            stdout=log,
            stderr=log,
            preexec_fn=partial(die_with_parent, os.getpid()),  # a test run that is killed leaves no stack behind
        )
        until(self._answers, START_SECONDS)

    def _answers(self) -> bool:
        assert self.process
        assert self.process.poll() is None, self.log()
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def log(self) -> str:
        return (self.data.parent / f"{self.data.name}.log").read_text(errors="replace")[-4000:]

    def stop(self) -> int:
        assert self.process
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)

    @property
    def first(self) -> dict[str, str]:
        lines = (self.data / "first-account.txt").read_text().splitlines()
        return dict(line.split(": ", 1) for line in lines)

    def client(self, token: str | None = None) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.url}/api/v1",
            headers={"Authorization": f"Bearer {token or self.first['token']}"},
            timeout=60,
        )

    def children(self, word: str) -> list[psutil.Process]:
        """Processes of the stack whose command line ends in `word` or holds it."""
        assert self.process
        found = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            try:
                if word in " ".join(child.cmdline()):
                    found.append(child)
            except psutil.Error:
                continue
        return found

    def kill(self, word: str) -> int:
        """SIGKILL every process that matches; return how many."""
        victims = self.children(word)
        for victim in victims:
            try:
                victim.kill()
            except psutil.Error:
                continue
        return len(victims)

    def run(self, *arguments: str, check: int | None = 0) -> Any:
        """Run `digitise … --json` against the same data directory and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-c", "from digitise.cli import main; main()", *arguments, "--json"],
            env={**os.environ, **self.environment, "DIGITISE_DATA": str(self.data)},
            capture_output=True,
            text=True,
        )
        if check is not None:
            assert done.returncode == check, done.stdout + done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None


_held: list[IO[str]] = []  # this process's hold on the machine, shared by the stacks that it runs at once


@contextmanager
def machine_for_itself() -> Iterator[None]:
    """Let only one test process run stacks at a time: two of them on two cores would time each other out."""
    if _held:
        yield
        return
    with (Path(tempfile.gettempdir()) / f"digitise-test-stack-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _held.append(lock)
        try:
            yield
        finally:
            _held.clear()


@contextmanager
def running(data: Path, *options: str, **environment: str) -> Iterator[Stack]:
    """Run a stack on `data`; stopped at the end, killed if it will not."""
    stack = Stack(data, free_port(), environment, options)
    data.parent.mkdir(parents=True, exist_ok=True)
    with machine_for_itself():
        try:
            stack.start()
            yield stack
        finally:
            if stack.process and stack.process.poll() is None:
                try:
                    stack.stop()
                except subprocess.TimeoutExpired:
                    stack.process.kill()
