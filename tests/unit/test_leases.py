"""Claims that are worked on together stay ours by one thread; one that another worker took is left to it."""

import threading
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from digitise.errors import DatabaseUnavailable, LeaseLost
from digitise.model.tasks import Claim, Task, TaskKind, TaskState
from workers.lease import Leases


class Extending:
    """Tasks of which `lost` belongs to somebody else by now, and whose database is away the first time."""

    def __init__(self) -> None:
        self.asked = Counter[str]()
        self.enough = threading.Event()

    def extend(self, claim: Claim, _seconds: float, *_more: Any) -> Claim:
        self.asked[claim.task.id] += 1
        if self.asked["held"] >= 3:
            self.enough.set()
        if claim.task.id == "lost":
            raise LeaseLost("token")
        if self.asked["held"] == 1:
            raise DatabaseUnavailable("busy")
        return claim


def claim(name: str) -> Claim:
    now = datetime.now(UTC)
    return Claim(Task(name, TaskKind.SIGN, name, {}, TaskState.RUNNING, 1, now, now), 1, now)


def test_leases_are_prolonged_until_the_work_ends() -> None:
    tasks = Extending()
    with Leases(tasks, [claim("lost"), claim("held")], 0.03):  # type: ignore[arg-type]
        assert tasks.enough.wait(30)
    asked = tasks.asked.copy()
    assert asked["held"] >= 3
    assert asked["lost"] == 1
    assert not any(thread.name == "leases" for thread in threading.enumerate())
