"""Periodic work of the dispatcher: what nobody asks for but everybody relies on."""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from digitise.bootstrap import Services
from digitise.model.tasks import NewTask, TaskKind
from digitise.scan.intake import incoming_leftovers
from storage.audit_proof import head_to_seal, publish_head
from workers.dispatch import Dispatcher
from workers.journeys import authorise_unattended, give_up, promise_renewals
from workers.queues import RqHints, connect

HOUR = 3600.0
STALE_SECONDS = 6 * HOUR  # no upload takes this long


def dispatcher(served: Services) -> Dispatcher:
    """Return the dispatcher with its periodic work."""
    periodic: tuple[tuple[float, Callable[[], None]], ...] = (
        (10.0, partial(end_what_was_given_up, served)),
        (10.0, partial(authorise_unattended, served)),
        (HOUR, partial(publish_audit_head, served)),
        (HOUR, partial(sweep_incoming, served)),
        (HOUR, partial(promise_renewals, served)),
        (6 * HOUR, served.database.tend),
    )
    return Dispatcher(served.tasks, RqHints(connect(served.settings)), periodic)


def end_what_was_given_up(served: Services) -> None:
    """Give documents an end state whose worker died too often to say so itself."""
    for task in served.tasks.sweep():
        give_up(served, task, task.error or "worker_died: ")


def publish_audit_head(served: Services) -> None:
    """Publish the newest audit hash outside the database it vouches for; have one of each day's signed where a key may."""
    publish_head(served.audit, served.store, served.clock())
    name = head_to_seal(served.store, served.clock()) if served.settings.audit_seal_profile else None
    if name is not None:
        served.tasks.promise([NewTask(TaskKind.SEAL, name, f"seal:{name}")])


def sweep_incoming(served: Services) -> None:
    """Remove what uploads left that were cut off by a kill: nobody had an answer for them."""
    for left in incoming_leftovers(served.settings):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > STALE_SECONDS:
                left.unlink()
