"""Waiting for promised work: by the running stack where there is one, by workers of our own where there is none."""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from digitise.model.documents import Document, DocumentState

if TYPE_CHECKING:
    from digitise.bootstrap import Services

_ENDED = (DocumentState.STORED, DocumentState.FAILED)
POLL_SECONDS = 0.2


def stack_is_running(served: "Services") -> bool:
    """Say whether somebody else does the work: a server's workers, or `digitise up` on the same data directory."""
    if served.settings.database_url:
        return True
    lock = served.settings.data / "run" / "up.lock"
    if not lock.exists():
        return False
    with lock.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def drain(served: "Services") -> None:
    """Do all promised work here and now, on all cores, without a queue."""
    environment = {**os.environ, "DIGITISE_DATA": str(served.settings.data.resolve()), "OMP_THREAD_LIMIT": "1"}
    subprocess.run([sys.executable, "-m", "workers", "drain"], env=environment, stdin=subprocess.DEVNULL, check=False)


def wait_for(served: "Services", ids: Sequence[str]) -> Iterator[Document]:
    """Yield each document once its work has ended, with progress on a terminal."""
    if ids and not stack_is_running(served):
        drain(served)
    open_ids = list(dict.fromkeys(ids))
    while open_ids:
        for document_id in list(open_ids):
            document = served.catalogue.get(document_id)
            if document.state in _ENDED:
                open_ids.remove(document_id)
                yield document
        if open_ids:
            if sys.stderr.isatty():
                _tell(served, open_ids[0])
            time.sleep(POLL_SECONDS)


def _tell(served: "Services", document_id: str) -> None:
    tasks = served.tasks.list(subject=document_id)
    done, total = sum(task.done for task in tasks), sum(task.total for task in tasks)
    click.echo(f"\r{document_id[:8]} {done}/{total} ", nl=False, err=True)
