"""Results of checks whose files are not kept: in memory alone, for a quarter of an hour, so that they can be saved as PDF.

Nothing of it reaches a disk. Who knows the unguessable name may see the result; another process or a restart has forgotten
it, and the page then shows the verdict without pictures.
"""

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

from digitise.model.verdicts import Examined

SECONDS = 900.0
MOST_BYTES = 32 << 20  # of pictures


@dataclass(frozen=True, slots=True)
class _Held:
    examined: tuple[Examined, ...]
    until: float
    size: int


class Recent:
    """Name → what was examined; the oldest make room."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, examined: tuple[Examined, ...], now: float) -> str:
        """Hold results for a while from `now` (seconds); return their name."""
        name = secrets.token_hex(16)
        size = sum(len(picture) for one in examined for picture in one.pictures.values())
        with self._lock:
            self._held[name] = _Held(examined, now + SECONDS, size)
            self._forget(now)
        return name

    def get(self, name: str, now: float) -> tuple[Examined, ...] | None:
        """Return what is still held under `name`."""
        with self._lock:
            self._forget(now)
            held = self._held.get(name)
        return held.examined if held else None

    def _forget(self, now: float) -> None:
        total = sum(held.size for held in self._held.values())
        for name, held in list(self._held.items()):
            if held.until > now and total <= MOST_BYTES and len(self._held) <= 1000:
                break  # those behind it are younger
            del self._held[name]
            total -= held.size
