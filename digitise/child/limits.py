"""What a child may use, and which of it this machine really enforces."""

import os
import resource
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from digitise.settings import Settings

MAX_OPEN_FILES = 256  # a reader needs the input, one output and what libraries map


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one child; None lifts one."""

    memory_bytes: int | None = 2 << 30  # address space, not resident memory
    cpu_seconds: int | None = 120  # for each call, not for the child's whole life
    wall_seconds: float | None = 180.0  # for each call; the child is killed when it passes
    file_bytes: int | None = 4 << 30  # largest file that it may write
    processes: int | None = 0  # threads and processes that it may start

    @classmethod
    def of(cls, settings: "Settings") -> Self:
        """Return the limits of the settings."""
        return cls(
            memory_bytes=settings.child_memory_bytes,
            cpu_seconds=settings.child_cpu_seconds,
            wall_seconds=settings.child_wall_seconds,
            file_bytes=2 * settings.max_upload_bytes,
        )

    def as_json(self) -> dict[str, Any]:
        """Return the limits as the nursery is told them."""
        return asdict(self)


def apply(limits: dict[str, Any]) -> None:
    """Bind this process; called in the child before it sees the file."""
    for name, value in (
        (resource.RLIMIT_AS, limits["memory_bytes"]),
        (resource.RLIMIT_FSIZE, limits["file_bytes"]),
        (resource.RLIMIT_NPROC, limits["processes"]),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, MAX_OPEN_FILES),
    ):
        if value is not None:
            _, hard = resource.getrlimit(name)
            allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(name, (allowed, allowed))


def allow_processor_time(seconds: int | None) -> None:
    """Let this process use `seconds` more of processor time; SIGXCPU ends it then."""
    if seconds is None:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + seconds, hard))


def enforced() -> dict[str, bool]:
    """Say which limits hold on this machine, for `digitise doctor`; the number of processes is not held for root."""
    return {
        "memory": hasattr(resource, "RLIMIT_AS"),
        "processor_time": hasattr(resource, "RLIMIT_CPU"),
        "file_size": hasattr(resource, "RLIMIT_FSIZE"),
        "processes": os.geteuid() != 0,
        "wall_time": hasattr(os, "pidfd_open"),
    }
