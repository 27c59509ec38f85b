"""The scanner's drop folder: files that stopped growing go to intake, then to `done/` or `refused/`."""

import logging
import os
import signal
import stat
import time
from dataclasses import dataclass, field
from pathlib import Path

from digitise.bootstrap import Services
from digitise.errors import DigitiseError, ServiceUnavailable
from digitise.messages import error_text
from digitise.model.documents import Filing
from digitise.model.people import Actor, Role
from digitise.scan.intake import accept

log = logging.getLogger("digitise.watch")

POLL_SECONDS = 1.0
SETTLED_SECONDS = 3.0  # scanners write page by page; one that pauses longer within a file is not known
SCANNER = Actor("scanner", frozenset({Role.CLERK}))


@dataclass(slots=True)
class DropFolder:
    """Watches one folder; only regular files directly in it count, no links, no hidden or partial names."""

    folder: Path
    served: Services
    seen: dict[str, tuple[int, int, float]] = field(default_factory=dict)  # name → size, mtime ns, since when

    def turn(self) -> int:
        """Look once; return how many files were dealt with."""
        for name in ("done", "refused"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        settled = [path for path in sorted(self.folder.iterdir()) if self._settled(path)]
        return sum(self._take(path) for path in settled)

    def _settled(self, path: Path) -> bool:
        name = path.name
        if name.startswith((".", "~")) or name.endswith((".part", ".tmp", ".crdownload")):
            return False
        try:
            found = path.lstat()
        except FileNotFoundError:
            self.seen.pop(name, None)
            return False
        if not stat.S_ISREG(found.st_mode):
            return False
        now = time.monotonic()
        size, changed, since = self.seen.get(name, (-1, -1, now))
        if (size, changed) != (found.st_size, found.st_mtime_ns):
            self.seen[name] = (found.st_size, found.st_mtime_ns, now)
            return False
        return now - since >= SETTLED_SECONDS

    def _take(self, path: Path) -> bool:
        try:
            # O_NOFOLLOW: between looking and opening, the file may have become a link to something of ours.
            with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as stream:
                accepted = accept(
                    stream,
                    path.name,
                    Filing(),
                    SCANNER,
                    store=self.served.store,
                    catalogue=self.served.catalogue,
                    settings=self.served.settings,
                )
        except OSError as error:
            log.warning("%s: %s", path.name, error.strerror)
            return False
        except ServiceUnavailable as away:
            log.warning("%s waits: %s", path.name, away.code)
            return False
        except DigitiseError as error:
            error.file = error.file or path.name
            self._move(path, "refused", error_text(error, self.served.settings.lang))
            return True
        self.served.hints.wake()
        self._move(path, "done", accepted.document.id)
        return True

    def _move(self, path: Path, folder: str, note: str) -> None:
        """Move to `folder` under a free name, with a note beside it that says what became of it."""
        target = self.folder / folder / path.name
        number = 1
        while target.exists():
            number += 1
            target = self.folder / folder / f"{path.stem} ({number}){path.suffix}"
        target.with_name(target.name + ".txt").write_text(note + "\n", encoding="utf-8")
        path.rename(target)
        self.seen.pop(path.name, None)
        log.info("%s → %s: %s", path.name, folder, note)


def watch(folder: Path, served: Services) -> None:
    """Watch until SIGTERM or SIGINT."""
    stop: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: stop.append(received))
    drop = DropFolder(folder, served)
    folder.mkdir(parents=True, exist_ok=True)
    while not stop:
        try:
            drop.turn()
        except OSError as error:
            log.error("%s: %s", folder, error.strerror)
        time.sleep(POLL_SECONDS)
