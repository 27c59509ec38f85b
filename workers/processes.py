"""Children that never outlive their parent, and one supervisor that keeps them running."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

log = logging.getLogger("digitise.supervisor")

_PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None, use_errno=True)  # loaded before any fork: a child between fork and exec loads nothing
QUICK_DEATH = 5.0  # seconds: a child that lives shorter is restarted with a growing pause
LONGEST_PAUSE = 10.0


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when the thread that started it ends (Linux; elsewhere leases alone protect).

    `parent` is the process that started it: where that one died before the kernel was asked, this one ends at once.
    """
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


@dataclass(slots=True)
class Child:
    """One process of the stack and how it has been faring."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restarts: int = 0
    pause: float = 0.0
    not_before: float = 0.0


@dataclass(slots=True)
class Supervisor:
    """Starts children in order, restarts those that die, stops all in reverse order."""

    children: list[Child] = field(default_factory=list)
    stopping: bool = False

    def add(self, name: str, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        """Start a child now and keep it running."""
        child = Child(name, start)
        self.children.append(child)
        self._start(child)

    def _start(self, child: Child) -> None:
        child.started = time.monotonic()
        child.process = child.start()

    def tend(self) -> None:
        """Restart what has died; a child that dies at once is given growing pauses, never given up."""
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is None:
                continue
            if child.process is not None:
                log.warning("%s ended with %s", child.name, child.process.returncode)
                quick = now - child.started < QUICK_DEATH
                child.pause = min(LONGEST_PAUSE, max(0.2, child.pause * 2)) if quick else 0.0
                child.not_before, child.process = now + child.pause, None
                child.restarts += 1
            if now >= child.not_before:
                try:
                    self._start(child)
                except Exception as error:
                    log.error("%s does not start: %s", child.name, error)
                    child.pause = min(LONGEST_PAUSE, max(0.2, child.pause * 2))
                    child.not_before = now + child.pause

    def stop(self, grace: float) -> None:
        """Ask all to end, newest first, and kill after `grace` seconds what has not."""
        self.stopping = True
        alive = [c.process for c in reversed(self.children) if c.process and c.process.poll() is None]
        for process in alive:
            process.terminate()
        until = time.monotonic() + grace
        for process in alive:
            try:
                process.wait(max(0.05, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                _kill_group(process)
                process.wait()


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()


def python(arguments: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start `python ARGUMENTS` in a session of its own, bound to our life."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=partial(die_with_parent, os.getpid()),
    )
