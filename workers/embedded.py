"""The whole service on one machine: Valkey, dispatcher, workers and web page, kept running by one supervisor."""

import fcntl
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from digitise.errors import Conflict
from digitise.settings import Settings
from workers.processes import Supervisor, python
from workers.valkey import PrivateValkey

log = logging.getLogger("digitise.embedded")

TICK_SECONDS = 0.2  # how soon a dead child is noticed
GRACE_SECONDS = 4.0  # how long children may take to end; work they leave is taken up from SQL


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: `ocr_workers` processes of one core each, the page on `host:port`, a drop folder to watch."""

    port: int = 8000
    host: str = "127.0.0.1"
    ocr_workers: int = 2
    watch: Path | None = None


def lock(data: Path) -> TextIO:
    """Take the data directory for ourselves; raises Conflict while another stack runs on it."""
    run = data / "run"
    run.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = (run / "up.lock").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as e:
        raise Conflict("already_running", data=str(data)) from e
    handle.seek(0)
    handle.truncate()
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def run(settings: Settings, plan: Plan, ready: Callable[[], None], held: TextIO) -> None:
    """Run until SIGINT or SIGTERM, on the directory that `held` locks; `ready` is called once the page answers."""
    stop: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda received, _frame: stop.append(received))
    valkey = None if settings.queue_url else PrivateValkey(settings.data)
    supervisor = Supervisor()
    try:
        if valkey:
            if valkey.clear_leftover():
                log.info("stopped a Valkey left from an earlier run")
            supervisor.add("valkey", valkey.start)
        for name, arguments in _processes(plan):
            supervisor.add(name, _starter(arguments, _environment(settings)))
        told = False
        while not stop:
            supervisor.tend()
            if not told and _answers(plan):
                told = True
                ready()
            time.sleep(TICK_SECONDS)
    finally:
        keep = supervisor.children[:1] if valkey else []
        supervisor.children = supervisor.children[len(keep) :]
        supervisor.stop(GRACE_SECONDS)
        if valkey:
            valkey.stop()
        held.close()


def _processes(plan: Plan) -> list[tuple[str, list[str]]]:
    listed = [("dispatch", ["-m", "workers", "dispatch"])]
    listed += [(f"ocr-{n + 1}", ["-m", "workers", "ocr"]) for n in range(plan.ocr_workers)]
    listed += [("verify", ["-m", "workers", "verify"]), ("sign", ["-m", "workers", "sign"])]
    listed.append(("web", ["-m", "digitise.web", "--host", plan.host, "--port", str(plan.port)]))
    if plan.watch:
        listed.append(("watch", ["-m", "workers", "watch", str(plan.watch)]))
    return listed


def _starter(arguments: list[str], environment: dict[str, str]) -> Callable[[], subprocess.Popen[bytes]]:
    return lambda: python(arguments, environment)


def _environment(settings: Settings) -> dict[str, str]:
    """Return our environment with the data directory made absolute and one thread per recogniser."""
    return {
        **os.environ,
        "DIGITISE_DATA": str(settings.data.resolve()),
        "OMP_THREAD_LIMIT": "1",
        "OMP_NUM_THREADS": "1",
    }


def _answers(plan: Plan) -> bool:
    import http.client

    host = "127.0.0.1" if plan.host in ("0.0.0.0", "::") else plan.host  # noqa: S104 (compared, not bound)
    connection = http.client.HTTPConnection(host, plan.port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
