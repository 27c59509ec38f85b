"""What RQ calls: a task id in → claim → one journey call → record. Each may run twice, stop anywhere, meet its ghost."""

import logging
import os
import socket
import time
from datetime import timedelta
from functools import cache, partial

from digitise.bootstrap import Services, compose
from digitise.errors import (
    Conflict,
    DefectInOurselves,
    DigitiseError,
    LeaseLost,
    NotAllowed,
    RefusedInput,
    ServiceUnavailable,
)
from digitise.model.tasks import QUEUE_OF, Claim, TaskKind, TaskState
from digitise.settings import load
from workers.journeys import JOURNEYS, give_up
from workers.lease import Lease
from workers.signing import sign_together

log = logging.getLogger("digitise.jobs")

BATCH = 8  # short tasks leased at once: a hint's cost (12 ms) is shared among them
BATCH_SECONDS = 20.0  # how long one job goes on with further short tasks
OCR_SECONDS = 60.0  # and with further page ranges: a new job and a new child for each cost a fifth of a page
AWAY_SECONDS = 15.0  # a task whose service is away waits this long, without counting as an attempt
PAUSE_SECONDS = (2.0, 15.0, 60.0, 300.0)  # before the next attempt, by attempts made


@cache
def services() -> Services:
    """Return this process's services; made once, before RQ forks, and safe after it."""
    return compose(load())


def worker_name() -> str:
    """Name this process in leases and logs."""
    return f"{socket.gethostname()}:{os.getpid()}"


def ocr(task_id: str) -> None:
    """Do the hinted piece of recognition, then whatever else of that sort is due, a piece at a time: other workers wait too."""
    try:
        _batch("ocr", task_id, 1, OCR_SECONDS)
    finally:
        services().desks.close()


def verify(task_id: str) -> None:
    """Verify or deliver the hinted task, then whatever else of that sort is due."""
    _batch("verify", task_id, BATCH, BATCH_SECONDS)


def sign(task_id: str) -> None:
    """Sign the hinted task, then whatever else of that sort is due."""
    _batch("sign", task_id, services().settings.sign_lease_batch, BATCH_SECONDS)


def _batch(queue: str, task_id: str, at_once: int, seconds: float) -> None:
    served = services()
    kinds = [kind for kind in TaskKind if QUEUE_OF[kind] == queue]
    first = served.tasks.claim(task_id, worker_name(), served.settings.lease_seconds)
    some = partial(served.tasks.claim_some, kinds, worker_name(), served.settings.lease_seconds, at_once)
    claims = [first] if first else some()  # the hinted task may be done already: its hint still wakes us
    until = time.monotonic() + seconds
    while claims:
        for claim in sign_together(served, claims, settle):
            perform(served, claim)
        if time.monotonic() >= until:
            return
        claims = some()


def perform(served: Services, claim: Claim) -> None:
    """Do the claimed work and record how it ended; nothing but our own death leaves it without an end."""
    task = claim.task
    try:
        with Lease(served.tasks, claim, served.settings.lease_seconds) as lease:
            follow_up = JOURNEYS[task.kind](served, lease)
        served.tasks.complete(lease.claim, follow_up)
        if follow_up:
            served.hints.wake()
    except Exception as error:
        settle(served, claim, error)


def settle(served: Services, claim: Claim, error: Exception) -> None:
    """Record that a task failed: tried again, or ended where trying again would end the same."""
    task = claim.task
    pause = timedelta(seconds=PAUSE_SECONDS[min(task.attempts, 4) - 1])
    match error:
        case LeaseLost():
            log.info("%s %s: another worker has it", task.kind, task.id)
        case ServiceUnavailable():
            seconds = float(str(error.details.get("retry_seconds", AWAY_SECONDS)))
            _again(served, claim, error, timedelta(seconds=seconds), counted=False)
        case RefusedInput() | Conflict() | NotAllowed():
            _end(served, claim, error)
        case DigitiseError():
            _again(served, claim, error, pause, counted=True)
        case _:
            log.error("%s %s", task.kind, task.id, exc_info=error)
            ours = DefectInOurselves(f"{type(error).__name__}: {error}")
            _again(served, claim, ours, pause, counted=True)


def _again(served: Services, claim: Claim, error: DigitiseError, pause: timedelta, *, counted: bool) -> None:
    told = f"{error.code}: {error.reason}"
    try:
        if not counted:
            served.tasks.release(claim, retry_at=served.clock() + pause, error=told)
        elif served.tasks.fail(claim, told, retry_at=served.clock() + pause) is TaskState.QUARANTINED:
            give_up(served, claim.task, told)
    except DigitiseError as worse:
        log.warning("%s %s: %s; the lease will run out", claim.task.kind, claim.task.id, worse.code)


def _end(served: Services, claim: Claim, error: DigitiseError) -> None:
    told = f"{error.code}: {error.reason}"
    try:
        served.tasks.fail(claim, told, retry_at=None)
        give_up(served, claim.task, told)
    except DigitiseError as worse:
        log.warning("%s %s: %s; the lease will run out", claim.task.kind, claim.task.id, worse.code)
