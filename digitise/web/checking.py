"""Check PDFs that are not kept: streamed to a temporary file, verified in the limited child, deleted."""

import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from fastapi import Request

from digitise.bootstrap import Services
from digitise.errors import DigitiseError, LimitExceeded, UsageError
from digitise.web.multipart import Multipart, Part

if TYPE_CHECKING:
    from digitise.model.verdicts import Examined
    from digitise.verify.safely import Verifier

MAX_FILES = 20  # of one check; a page that lists more helps nobody
CHUNK = 256 << 10


@dataclass(frozen=True, slots=True)
class Checked:
    """One file and its answer; `error` where it could not be checked at all."""

    file_name: str
    examined: "Examined | None" = None
    error: DigitiseError | None = None


def verifier(services: Services) -> "Verifier":
    """Return a verifier on the trust set now installed."""
    from digitise.verify.fetch import Fetcher, Rules
    from digitise.verify.safely import verifier_of

    settings = services.settings
    fetcher = Fetcher(Rules.of(settings), services.trust.answers)
    return verifier_of(settings, services.trust.current(), fetcher)


def check_files(request: Request, services: Services) -> list[Checked]:
    """Check every file of a multipart request; an error of one does not stop the others."""
    return list(_checked(request, services))


def _checked(request: Request, services: Services) -> Iterator[Checked]:
    limit = services.settings.verification_max_bytes
    check = verifier(services)
    count = 0
    for part in Multipart(request, limit * MAX_FILES).parts():
        if part.file_name is None or (not part.file_name and part.is_empty()):
            continue
        count += 1
        if count > MAX_FILES:
            raise LimitExceeded("files", limit=MAX_FILES, found=count)
        yield _check(part, check, services, limit)


def _check(part: Part, check: "Verifier", services: Services, limit: int) -> Checked:
    name = part.file_name or "?"
    try:
        with tempfile.NamedTemporaryFile(prefix="check-", suffix=".pdf") as file:
            _copy(part, file, limit, name)
            return Checked(name, check(Path(file.name), now=services.clock(), name=name))
    except UsageError:
        raise
    except DigitiseError as error:
        error.file = error.file or name
        return Checked(name, error=error)


def _copy(part: Part, file: IO[bytes], limit: int, name: str) -> None:
    size = 0
    while piece := part.read(CHUNK):
        size += len(piece)
        if size > limit:
            raise LimitExceeded("upload", file=name, limit=limit, found=size)
        file.write(piece)
    file.flush()


class Throttle:
    """At most so many requests a minute and address; in memory, as it only protects this process."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._seen: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def admit(self, address: str, now: float) -> bool:
        """Say whether `address` may go on at `now` (seconds)."""
        with self._lock:
            if len(self._seen) > 10_000:  # addresses; forget the quiet ones
                self._seen = {key: times for key, times in self._seen.items() if times and times[-1] > now - 60}
            times = self._seen.setdefault(address, deque())
            while times and times[0] <= now - 60:
                times.popleft()
            if len(times) >= self._per_minute:
                return False
            times.append(now)
            return True
