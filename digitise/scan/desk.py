"""The client's side of reading: one limited child per open file, page after page, a fresh child after a crash."""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from digitise.child import Child, Limits
from digitise.errors import DigitiseError, RefusedInput
from digitise.model.documents import Document
from digitise.pdf import Budget, PdfFacts, from_json
from digitise.ports import ObjectStore
from digitise.scan import result
from digitise.scan.kinds import FileKind
from digitise.scan.result import PageResult
from digitise.settings import Settings

READER = "digitise.scan.reader:Reader"
_TRIES = 2  # a page that kills its child twice is given up
_SLACK_SECONDS = 30.0  # beyond the recogniser's own limit, for decoding and preparation

Known = Callable[[str], Mapping[str, Any] | None]  # page-image key → stored PageResult


def warm_up(settings: Settings) -> None:
    """Start the nursery with the recogniser loaded, before a worker forks its jobs: each of them then finds it warm.

    Says nothing where the recogniser is missing; the first job does.
    """
    with contextlib.suppress(DigitiseError):
        Child("digitise.scan.warm:ready", {}, Limits.of(settings), warm=ocr_settings(settings)).close()


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a file before its pages are read."""

    kind: FileKind
    pages: int
    facts: PdfFacts | None  # for a PDF

    @property
    def signed(self) -> bool:
        """Say whether its bytes must not change."""
        return self.facts is not None and self.facts.signed


@dataclass(frozen=True, slots=True)
class Read:
    """One page read; `key` names its image and all that decided the result, None for a page with its own text."""

    result: PageResult
    key: str | None
    reused: bool = False


class Desk:
    """Reads the pages of one file. Raises RefusedInput for the file, EngineUnavailable; never for a single page."""

    def __init__(self, path: Path, settings: Settings, file: str) -> None:
        self._path, self._settings, self._file = path.absolute(), settings, file
        self._child = self._open()
        told, _ = self._child.call("about")
        facts = from_json(told["facts"]) if told["facts"] else None
        self.about = About(FileKind(told["kind"]), int(told["pages"]), facts)

    def _open(self) -> Child:
        ocr = ocr_settings(self._settings)
        args = {"path": str(self._path), "budget": Budget.of(self._settings).as_json(), "ocr": ocr}
        return Child(READER, args, self._limits(), file=self._file, warm=ocr)

    def _limits(self) -> Limits:
        limits = Limits.of(self._settings)
        page_seconds = int(self._settings.ocr_page_seconds + _SLACK_SECONDS)
        limits = dataclasses.replace(limits, cpu_seconds=max(limits.cpu_seconds or 0, page_seconds))
        # pytesseract starts a `tesseract` for each page; the in-process engine starts nothing.
        return dataclasses.replace(limits, processes=None) if self._starts_processes() else limits

    def _starts_processes(self) -> bool:
        wanted = self._settings.ocr_engine
        return wanted == "pytesseract" or (wanted == "auto" and find_spec("tesserocr") is None)

    def page(self, number: int, known: Known = lambda key: None) -> Read:
        """Return page `number` (1-based); a page that cannot be read becomes a picture with a warning."""
        for attempt in range(1, _TRIES + 1):
            try:
                return self._page(number, known)
            except RefusedInput as error:
                reason = error.reason
                self._child.close()
                self._child = self._open()
                if attempt == _TRIES or reason in ("seconds", "page", "page_pixels"):
                    break
        return Read(result.failed(reason), None)

    def _page(self, number: int, known: Known) -> Read:
        seen, _ = self._child.call("look", {"number": number})
        key = seen.get("key")
        read: Mapping[str, Any] | None = None
        reused = False
        if key is not None:
            stored = known(key)
            read = stored.get("read") if stored else None
            reused = read is not None
            if read is None:
                seconds = self._settings.ocr_page_seconds + _SLACK_SECONDS
                read, _ = self._child.call("read", {"number": number}, seconds=seconds)
        made = result.from_json({**seen, "read": read})
        return Read(made, key, reused)

    def close(self) -> None:
        """End the child."""
        self._child.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Desks:
    """Keeps the file that was read last open, for its next pages: the child's start, the check of the file's hash and its
    first page with all its memory still to be had cost a fifth of a page for each page range.

    Not for two threads at a time. To be closed by whoever asked last.
    """

    def __init__(self, store: ObjectStore, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._held: tuple[str, str] | None = None
        self._open = contextlib.ExitStack()
        self._desk: Desk | None = None

    @contextlib.contextmanager
    def of(self, document: Document) -> Iterator[Desk]:
        """Give the desk with the document's original; one that an error left is not used again."""
        wanted = (document.sha256, document.file_name)
        if self._desk is None or self._held != wanted:
            self.close()
            path = self._open.enter_context(self._store.as_file(document.sha256))
            self._desk = self._open.enter_context(Desk(path, self._settings, document.file_name))
            self._held = wanted
        try:
            yield self._desk
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the child and let go of the file."""
        self._desk = None
        self._open.close()


def ocr_settings(settings: Settings) -> dict[str, Any]:
    """Return what a child must be told of the settings to recognise as its client would."""
    from digitise.settings.ocr import OcrSettings

    return settings.model_dump(mode="json", include=set(OcrSettings.model_fields))
