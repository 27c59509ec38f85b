"""Many files on all cores, without store or queue: `digitise ocr`.

Work is a line of small jobs: open a file, read one of its pages, put it together. A worker thread keeps the child of the
file that it is at, so that one volume is read by all workers and many single pages are too.
"""

import json
import shutil
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from digitise.errors import DefectInOurselves, DigitiseError, InvalidValue, UnreadableFile
from digitise.scan import output
from digitise.scan.desk import About, Desk
from digitise.settings import Settings


@dataclass(frozen=True, slots=True)
class Wish:
    """One file and what shall come of it; a path that is None is not wanted."""

    source: Path
    pdf: Path | None = None
    text: Path | None = None
    words: Path | None = None
    first: int = 1
    last: int | None = None  # inclusive; None = to the end


@dataclass(slots=True)
class Outcome:
    """What came of one wish."""

    wish: Wish
    kind: str = ""
    pages: int = 0
    failed_pages: int = 0
    pdfa: bool = False
    signed: bool = False
    warnings: tuple[str, ...] = ()
    made: list[Path] = field(default_factory=list)
    seconds: float = 0.0
    error: DigitiseError | None = None


@dataclass(slots=True)
class _Volume:
    """A file under work."""

    outcome: Outcome
    folder: Path
    about: About | None = None
    numbers: tuple[int, ...] = ()
    left: int = 0
    started: float = 0.0


Progress = Callable[[int, int], None]  # pages done, pages known of


class Batch:
    """Runs wishes with `workers` children at a time."""

    def __init__(self, settings: Settings, workers: int, progress: Progress = lambda done, known: None) -> None:
        self._settings, self._workers, self._progress = settings, max(1, workers), progress
        self._lock = threading.Condition()
        self._jobs: deque[tuple[_Volume, int]] = deque()  # page 0 opens the file
        self._open = 0
        self._done = self._known = 0
        self._broken: BaseException | None = None

    def run(self, wishes: Sequence[Wish]) -> list[Outcome]:
        """Do all wishes; an error of one file is in its outcome, one that concerns all (no recogniser) is raised."""
        with tempfile.TemporaryDirectory(prefix="digitise-ocr-") as root:
            volumes = []
            for index, wish in enumerate(wishes):
                folder = Path(root) / str(index)
                folder.mkdir()
                volumes.append(_Volume(Outcome(wish), folder))
            self._jobs.extend((volume, 0) for volume in volumes)
            self._open = len(volumes)
            threads = [threading.Thread(target=self._work, daemon=True) for _ in range(self._workers)]
            for thread in threads:
                thread.start()
            for thread in threads:
                while thread.is_alive():
                    thread.join(0.2)  # so that Ctrl-C is heard
        if self._broken is not None:
            raise self._broken
        return [volume.outcome for volume in volumes]

    def _work(self) -> None:
        desk: tuple[_Volume, Desk] | None = None
        try:
            while (job := self._next(desk[0] if desk else None)) is not None:
                volume, number = job
                if desk is not None and desk[0] is not volume:
                    desk[1].close()
                    desk = None
                desk = self._do(volume, number, desk)
        except BaseException as error:
            with self._lock:
                self._broken = self._broken or error
                self._lock.notify_all()
        finally:
            if desk is not None:
                desk[1].close()

    def _next(self, mine: _Volume | None) -> tuple[_Volume, int] | None:
        """Return the next job, one of the file at hand first; None when all is done."""
        with self._lock:
            while self._open and self._broken is None:
                for job in self._jobs:
                    if job[0] is mine:
                        self._jobs.remove(job)
                        return job
                if self._jobs:
                    return self._jobs.popleft()
                self._lock.wait(1.0)
            return None

    def _do(self, volume: _Volume, number: int, desk: tuple[_Volume, Desk] | None) -> tuple[_Volume, Desk] | None:
        outcome = volume.outcome
        try:
            if desk is None:
                volume.started = volume.started or time.monotonic()
                desk = (volume, Desk(outcome.wish.source, self._settings, outcome.wish.source.name))
            if number == 0:
                self._opened(volume, desk[1].about)
                return desk
            read = desk[1].page(number).result
            row = json.dumps(read.to_json(), ensure_ascii=False)
            (volume.folder / f"{number}.json").write_text(row, encoding="utf-8")
        except DigitiseError as error:
            if isinstance(error, DefectInOurselves) or error.exit_code == 30:
                raise
            self._failed(volume, error)
            return desk
        self._page_done(volume)
        return desk

    def _opened(self, volume: _Volume, about: About) -> None:
        wish = volume.outcome.wish
        last = min(wish.last or about.pages, about.pages)
        if wish.first > last:
            raise InvalidValue("pages", file=wish.source.name, name="--pages", value=f"{wish.first}-{wish.last or ''}")
        volume.about, volume.numbers = about, tuple(range(wish.first, last + 1))
        volume.left = len(volume.numbers)
        volume.outcome.kind, volume.outcome.signed = about.kind.value, about.signed
        with self._lock:
            self._known += volume.left
            self._jobs.extendleft((volume, number) for number in reversed(volume.numbers))
            self._progress(self._done, self._known)
            self._lock.notify_all()

    def _page_done(self, volume: _Volume) -> None:
        with self._lock:
            self._done += 1
            volume.left -= 1
            last = volume.left == 0 and volume.outcome.error is None
            self._progress(self._done, self._known)
        if last:
            try:
                finish(volume.outcome, volume.about, volume.numbers, volume.folder, self._settings)
            except DigitiseError as error:
                self._failed(volume, error)
                return
            except OSError as error:
                self._failed(volume, InvalidValue("output", name="-o", value=f"{volume.outcome.wish.pdf}: {error}"))
                return
            self._closed(volume)

    def _failed(self, volume: _Volume, error: DigitiseError) -> None:
        error.file = error.file or volume.outcome.wish.source.name
        with self._lock:
            if volume.outcome.error is not None:
                return
            volume.outcome.error = error
            self._jobs = deque(job for job in self._jobs if job[0] is not volume)
        self._closed(volume)

    def _closed(self, volume: _Volume) -> None:
        volume.outcome.seconds = time.monotonic() - volume.started
        shutil.rmtree(volume.folder, ignore_errors=True)
        with self._lock:
            self._open -= 1
            self._lock.notify_all()


def finish(outcome: Outcome, about: About | None, numbers: tuple[int, ...], folder: Path, settings: Settings) -> None:
    """Put the read pages of one file together and write what was wished for, each file whole or not at all."""
    assert about is not None
    wish, made = outcome.wish, folder / "made"
    made.mkdir()
    pages = output.PageTexts(len(numbers), lambda index: output.load_result(folder / f"{numbers[index]}.json"))
    fields = output.fields_of(pages, output.load_result(folder / f"{numbers[0]}.json"))
    write = partial(output.write_reading, made / "text", made / "words", pages, fields, numbers)
    copy = partial(
        _searchable, wish, made / "pdf", numbers, folder, output.title_of(fields, wish.source.stem), settings
    )
    summary, copied = output.beside_copy(copy if wish.pdf is not None and not about.signed else None, write)
    warnings = dict.fromkeys(summary.warnings)
    outcome.pages, outcome.failed_pages = len(numbers), summary.failed
    if outcome.failed_pages == len(numbers):
        reason = next((warning for warning in warnings if warning != "page_failed"), "page")
        raise UnreadableFile(reason, file=wish.source.name)
    warnings.update(dict.fromkeys(output.warnings_of_file(about)))
    text = wish.text
    if wish.pdf is not None and about.signed:
        shutil.copyfile(wish.source, made / "pdf")
        text = text or wish.pdf.with_suffix(".txt")
    elif copied:
        told = copied.result()
        outcome.pdfa = told.pdfa
        warnings.update(dict.fromkeys(told.warnings))
    for name, target in (("pdf", wish.pdf), ("text", text), ("words", wish.words)):
        if target is not None:
            _place(made / name, target)
            outcome.made.append(target)
    outcome.warnings = tuple(warnings)


def _searchable(
    wish: Wish, target: Path, numbers: tuple[int, ...], folder: Path, title: str, settings: Settings
) -> output.Searchable:
    results = folder / "results.jsonl"
    output.write_results(results, ((n, (folder / f"{n}.json").read_text(encoding="utf-8")) for n in numbers))
    return output.write_searchable(
        wish.source, target, results, settings, title=title, date=datetime.now(UTC), file=wish.source.name
    )


def _place(made: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{threading.get_ident()}.part")
    try:
        shutil.copyfile(made, beside)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
