"""The right to work on a task, kept alive while the work runs."""

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from digitise.errors import DigitiseError, LeaseLost
from digitise.model.tasks import Claim, Task
from digitise.ports import Tasks

log = logging.getLogger("digitise.lease")


class _Kept(ABC):
    """Calls `_prolong` at every third of a lease's time, in a thread, until the block ends or it says that nothing is held."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def _keep(self) -> None:
        while not self._ended.wait(self._seconds / 3) and self._prolong():
            pass

    @abstractmethod
    def _prolong(self) -> bool:
        """Prolong what is held; return whether anything still is."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join(5)


class Lease(_Kept):
    """Prolongs a claim in the background and carries progress; `lost` says that another worker has the task.

    One page of OCR can outlast a lease, so a thread prolongs it at every third of its time. A worker that is killed
    stops prolonging, and its task is due again when the lease runs out.
    """

    def __init__(self, tasks: Tasks, claim: Claim, seconds: float) -> None:
        super().__init__(seconds)
        self._tasks = tasks
        self._lock = threading.Lock()
        self.claim = claim
        self.lost = False

    @property
    def task(self) -> Task:
        """The task worked on."""
        return self.claim.task

    def progress(self, done: int, total: int) -> None:
        """Record that `done` of `total` units are done; raises LeaseLost."""
        if self.lost:
            raise LeaseLost(id=self.task.id)
        self._extend(done, total)

    def _extend(self, done: int | None = None, total: int | None = None) -> None:
        with self._lock:
            self.claim = self._tasks.extend(self.claim, self._seconds, done, total)

    def _prolong(self) -> bool:
        try:
            self._extend()
        except LeaseLost:
            self.lost = True
        except DigitiseError as error:
            log.warning("lease of %s not prolonged: %s", self.task.id, error.code)
        return not self.lost


class Leases(_Kept):
    """Prolongs claims that are worked on together, all by one thread: one for each would cost as much as a signature.

    A claim that another worker took over is left to it; whoever records the work finds that out.
    """

    def __init__(self, tasks: Tasks, claims: Sequence[Claim], seconds: float) -> None:
        super().__init__(seconds)
        self._tasks, self._held = tasks, list(claims)

    def _prolong(self) -> bool:
        self._held = [claim for claim in self._held if self._extended(claim)]
        return bool(self._held)

    def _extended(self, claim: Claim) -> bool:
        try:
            self._tasks.extend(claim, self._seconds)
        except LeaseLost:
            return False
        except DigitiseError as error:
            log.warning("lease of %s not prolonged: %s", claim.task.id, error.code)
        return True
