"""All promised work, here and now, without a queue: for the command line where no stack runs."""

import contextlib
import os
import time

from digitise.bootstrap import Services
from digitise.model.tasks import TaskKind, TaskState
from digitise.scan.desk import warm_up
from workers.jobs import perform, worker_name

IDLE_SECONDS = 0.2
KINDS = (
    TaskKind.RECOGNISE,
    TaskKind.PAGES,
    TaskKind.ASSEMBLE,
    TaskKind.VERIFY,
)  # signing and delivery want their worker


def drain(served: Services) -> None:
    """Work on all cores until nothing is due and nothing runs; one process per core, each does what it can claim."""
    warm_up(served.settings)
    children = [pid for _ in range(len(os.sched_getaffinity(0)) - 1) if (pid := _fork(served))]
    _loop(served)
    for pid in children:
        os.waitpid(pid, 0)


def _fork(served: Services) -> int:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            _loop(served)
            code = 0
        finally:
            os._exit(code)
    return pid


def _loop(served: Services) -> None:
    with contextlib.closing(served.desks):
        _work(served)


def _work(served: Services) -> None:
    while True:
        claims = served.tasks.claim_some(KINDS, worker_name(), served.settings.lease_seconds, 1)
        for claim in claims:
            perform(served, claim)
        if claims:
            continue
        states = served.tasks.counts()
        open_work = sum(
            states.get((kind, state), 0) for kind in KINDS for state in (TaskState.WAITING, TaskState.RUNNING)
        )
        if not open_work:
            return
        time.sleep(IDLE_SECONDS)
