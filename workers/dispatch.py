"""From promised tasks in SQL to hints in RQ, again and again: what Valkey forgets is told once more."""

import logging
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from digitise.errors import DatabaseUnavailable, DigitiseError, QueueUnavailable
from digitise.model.tasks import QUEUE_OF, Task, TaskKind
from digitise.ports import Tasks
from workers.queues import QUEUES, RqHints

log = logging.getLogger("digitise.dispatch")

POLL_SECONDS = 1.0  # how soon a task is seen whose door could not wake us; three a second kept a core busy by 3 %
WINDOW = {
    "ocr": 16,
    "verify": 8,
    "sign": 8,
}  # hints that wait in one queue; a short job goes on by itself with what is due
DUE = 64  # due tasks looked at in one round
AGAIN_SECONDS = 30.0  # a hint that led to nothing is sent again after this, or at once when its queue is empty


@dataclass(slots=True)
class Dispatcher:
    """Keeps every queue supplied with hints of due tasks."""

    tasks: Tasks
    hints: RqHints
    periodic: tuple[tuple[float, Callable[[], None]], ...] = ()  # (every seconds, what)
    hinted: dict[str, float] = field(default_factory=dict)
    last: dict[int, float] = field(default_factory=dict)

    def supply(self) -> int:
        """Send hints for due tasks that have none; return how many."""
        sent = 0
        now = time.monotonic()
        self.hinted = {task: at for task, at in self.hinted.items() if now - at < AGAIN_SECONDS}
        for name in QUEUES:
            waiting = self.hints.waiting(name)
            free = WINDOW[name] - waiting
            if free <= 0:
                continue
            kinds = [kind for kind in TaskKind if QUEUE_OF[kind] == name]
            chosen = self._choose(kinds, waiting, now)[:free]
            self.hints.send(chosen)
            self.hinted.update({task.id: now for task in chosen})
            sent += len(chosen)
        return sent

    def _choose(self, kinds: list[TaskKind], waiting: int, now: float) -> list[Task]:
        """Return due tasks without a hint; those whose hint cannot be in an empty queue get another after a second."""
        due = self.tasks.due(kinds, DUE)
        patience = 1.0 if waiting == 0 else AGAIN_SECONDS
        return [task for task in due if now - self.hinted.get(task.id, -AGAIN_SECONDS) >= patience]

    def turn(self) -> None:
        """Do one round: supply, then what is periodic. What is away is told in the log and tried again."""
        try:
            self.supply()
        except (QueueUnavailable, DatabaseUnavailable) as away:
            log.warning("waiting for %s", away.code)
            time.sleep(1)
        now = time.monotonic()
        for number, (every, what) in enumerate(self.periodic):
            if now - self.last.get(number, float("-inf")) >= every:
                self.last[number] = now
                try:
                    what()
                except DigitiseError as error:
                    log.warning("periodic work: %s %s", error.code, error.reason)

    def run(self) -> None:
        """Run until SIGTERM or SIGINT."""
        stop: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda received, _frame: stop.append(received))
        while not stop:
            self.turn()
            try:
                self.hints.sleep(POLL_SECONDS)
            except QueueUnavailable:
                time.sleep(POLL_SECONDS)
