"""What `digitise doctor` and the tests run in a child to see that the limits hold. None of it touches a file of ours."""

import os
import resource
import signal
import time
from pathlib import Path
from typing import Any

from digitise.errors import NotFound


def echo(value: Any) -> Any:
    """Return `value`."""
    return {"value": value}["value"]


def bytes_of(length: int) -> tuple[dict[str, int], bytes]:
    """Return `length` zero bytes as the body."""
    return {"length": length}, bytes(length)


def eat(length: int) -> int:
    """Ask for `length` bytes of memory."""
    return len(bytearray(length))


def spin() -> None:
    """Use processor time without end."""
    while True:
        pass


def crash() -> None:
    """End as a native library with a wild pointer does."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.kill(os.getpid(), signal.SIGSEGV)


def raise_foreign() -> None:
    """Raise what a parser raises on a damaged file."""
    raise ValueError("bad offset")


def raise_own() -> None:
    """Raise an error of ours."""
    raise NotFound("page", what="page", id=7)


def write(path: str, length: int) -> None:
    """Write a file of `length` bytes."""
    with Path(path).open("wb") as out:
        for _ in range(0, length, 1 << 16):
            out.write(bytes(1 << 16))
            out.flush()


def surroundings() -> dict[str, Any]:
    """Tell what the child sees of the world."""
    threads = len(os.listdir("/proc/self/task"))
    return {"environment": sorted(os.environ), "session": os.getsid(0), "pid": os.getpid(), "threads": threads}


class Counter:
    """Lives between calls."""

    def pid(self) -> int:
        """Return the child's process id."""
        return os.getpid()

    def sleep(self, seconds: float) -> None:
        """Do nothing for `seconds`."""
        time.sleep(seconds)
