"""The same work in several real processes on one database."""

import multiprocessing
from collections.abc import Callable

from storage.database import Database

PROCESSES = 4


def side_by_side(work: Callable[[Database, int], None], database: Database) -> None:
    """Run `work` (database, number from 0) in processes of their own; each must end well within a minute."""
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=work, args=(database, number)) for number in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
