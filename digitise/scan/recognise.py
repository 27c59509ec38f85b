"""The document's journey after intake: count → page ranges → put together. Each step may run twice and stop anywhere.

    plan             RECOGNISE  → PAGES tasks; a short document is done at once
    recognise_range  PAGES      → page results in the store; the last range promises ASSEMBLE
    assemble         ASSEMBLE   → searchable PDF, text, words, preview, fields, index; state STORED

Each returns the tasks to promise when the step's own task is completed.
"""

import io
import json
import math
import os
from collections.abc import Callable, Mapping
from typing import Any

from digitise.errors import NotFound
from digitise.model.documents import Document, DocumentState
from digitise.model.tasks import NewTask, TaskKind
from digitise.ports import Catalogue, Clock, ObjectStore
from digitise.scan.assemble import assemble
from digitise.scan.desk import Desks
from digitise.settings import Settings

__all__ = ["assemble", "plan", "recognise_range"]

MAX_RANGE = 8  # pages of one task: what a stop may lose, and what makes a volume spread over all workers
_SHARE = 2  # each range is at most the rest over so many times the cores: the last ones are short, and all cores end together
_AT_ONCE = 1  # a document with at most this many pages is done within its RECOGNISE task: two queue trips saved

Progress = Callable[[int, int], None]  # pages done, of all; raises LeaseLost


def _quiet(done: int, total: int) -> None:
    pass


def plan(
    document_id: str,
    *,
    store: ObjectStore,
    catalogue: Catalogue,
    settings: Settings,
    clock: Clock,
    desks: Desks,
    progress: Progress = _quiet,
    run: str = "1",
) -> list[NewTask]:
    """Split the document into page ranges. `run` tells repeated recognitions of one document apart."""
    document = catalogue.get(document_id)
    pages = document.pages or _count(document, desks)
    catalogue.set_state(document.id, DocumentState.RECOGNISING, pages=pages, error=None)
    if pages <= _AT_ONCE:
        _read(document, 1, pages, store, catalogue, desks, progress, fresh=run != "1")
        return assemble(document.id, store=store, catalogue=catalogue, settings=settings, clock=clock)
    return [
        NewTask(
            TaskKind.PAGES,
            document.id,
            f"{document.id}:pages:{run}:{first}-{last}",
            {"first": first, "last": last, "run": run},
        )
        for first, last in ranges(pages)
    ]


def ranges(pages: int, cores: int | None = None) -> list[tuple[int, int]]:
    """Return (first, last) of each range: at most MAX_RANGE pages, and shorter towards the end.

    Equal ranges leave cores idle while the last of them is read: five of eight pages on two cores take as long as 48.
    """
    shares = _SHARE * (cores or os.cpu_count() or 1)
    found: list[tuple[int, int]] = []
    first = 1
    while first <= pages:
        size = min(MAX_RANGE, math.ceil((pages - first + 1) / shares))
        found.append((first, first + size - 1))
        first += size
    return found


def _count(document: Document, desks: Desks) -> int:
    with desks.of(document) as desk:
        return desk.about.pages


def recognise_range(
    document_id: str,
    first: int,
    last: int,
    *,
    store: ObjectStore,
    catalogue: Catalogue,
    desks: Desks,
    progress: Progress = _quiet,
    run: str = "1",
) -> list[NewTask]:
    """Read pages `first` to `last`; the range that completes the document promises its assembly."""
    document = catalogue.get(document_id)
    recorded = _read(document, first, last, store, catalogue, desks, progress, fresh=run != "1")
    if recorded < (document.pages or 0):
        return []
    # A repeated run finds all pages recorded from the start, so every one of its ranges assembles anew.
    which = run if run == "1" else f"{run}:{first}"
    return [NewTask(TaskKind.ASSEMBLE, document.id, f"{document.id}:assemble:{which}", {"run": run})]


def _read(
    document: Document,
    first: int,
    last: int,
    store: ObjectStore,
    catalogue: Catalogue,
    desks: Desks,
    progress: Progress,
    *,
    fresh: bool,
) -> int:
    """Read pages and record each as soon as it is durable; return how many pages are recorded in all.

    Pages that an earlier attempt recorded are skipped; a page image that was ever read with the same engine, model
    and parameters is not read again.
    """
    recorded = catalogue.pages(document.id)
    wanted = [number for number in range(first, last + 1) if fresh or number not in recorded]
    count, total = len(recorded), last - first + 1
    progress(total - len(wanted), total)
    if not wanted:
        return count

    def known(key: str) -> Mapping[str, Any] | None:
        sha256 = catalogue.page_result(key)
        return load(store, sha256) if sha256 else None

    with desks.of(document) as desk:
        for done, number in enumerate(wanted, total - len(wanted) + 1):
            read = desk.page(number, known)
            encoded = json.dumps(read.result.to_json(), ensure_ascii=False, separators=(",", ":")).encode()
            sha256, _ = store.put(io.BytesIO(encoded), media_type="application/json")
            if read.key is not None and not read.reused:
                catalogue.save_page_result(read.key, sha256)
            count = catalogue.record_pages(document.id, {number: sha256})
            progress(done, total)
    return count


def load(store: ObjectStore, sha256: str) -> Mapping[str, Any] | None:
    """Return a stored page result; None where its object is gone, and the page is read again."""
    try:
        with store.open(sha256) as source:
            told: Mapping[str, Any] = json.loads(source.read())
            return told
    except NotFound:
        return None
