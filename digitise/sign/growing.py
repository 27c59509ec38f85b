"""A file that is copied once, hashed once, and then only grows.

The running hash over all bytes so far answers three questions without reading the file again: is this the input that
was authorised, what must the next signature cover, and under which name is the result kept.
"""

import hashlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from digitise.sign.increment import Rendered

if TYPE_CHECKING:
    from hashlib import _Hash

_CHUNK = 1 << 20  # bytes hashed at a time: large enough that Python costs nothing beside the hash
_IN_ONE_PIECE = 4 << 20  # smaller files are read whole; larger ones are copied by the kernel beside the hashing


class HoleTooSmall(Exception):
    """The container is larger than what was reserved; `needed` is its size in bytes."""

    def __init__(self, needed: int) -> None:
        self.needed = needed
        super().__init__(f"{needed} bytes needed")


@dataclass(slots=True)
class GrowingFile:
    """The file under way; `size` bytes of it are written and hashed."""

    path: Path
    size: int
    input_sha256: str
    _states: dict[str, "_Hash"] = field(repr=False)

    @classmethod
    def copy(cls, source: Path, target: Path, algorithm: str) -> "GrowingFile":
        """Copy `source` to `target`, hashing on the way with SHA-256 and, where it differs, `algorithm`."""
        target.unlink(missing_ok=True)  # truncating costs more than a new file, and links to it stay whole
        states = {name: hashlib.new(name) for name in {"sha256", algorithm}}
        size = source.stat().st_size
        if size <= _IN_ONE_PIECE:
            data = source.read_bytes()
            target.write_bytes(data)
            for state in states.values():
                state.update(data)
            size = len(data)
        else:
            _copy_large(source, target, size, list(states.values()))
        return cls(target, size, states["sha256"].hexdigest(), states)

    @property
    def sha256(self) -> str:
        """SHA-256 of everything written so far."""
        return self._states["sha256"].hexdigest()

    def append(self, rendered: Rendered, contents: Callable[[bytes], bytes] | None = None, algorithm: str = "") -> None:
        """Append an update; its hole is filled with `contents(digest over everything but the hole)`.

        Raises HoleTooSmall before anything is written.
        """
        data = rendered.data
        if rendered.hole and contents:
            begin, end = rendered.hole
            view = memoryview(data)
            state = self._states[algorithm].copy()
            state.update(view[:begin])
            state.update(view[end:])
            encoded = contents(state.digest()).hex().encode()
            if len(encoded) > end - begin - 2:
                view.release()
                raise HoleTooSmall(len(encoded) // 2)
            view[begin + 1 : begin + 1 + len(encoded)] = encoded
            view.release()
        self.append_bytes(data)

    def append_bytes(self, data: bytearray | memoryview) -> None:
        """Append bytes as they are."""
        with self.path.open("r+b") as file:
            file.seek(self.size)
            file.write(data)
            file.truncate()
        for state in self._states.values():
            state.update(data)
        self.size += len(data)


def _copy_large(source: Path, target: Path, size: int, states: "list[_Hash]") -> None:
    failed: list[OSError] = []

    def copy() -> None:
        try:
            _kernel_copy(source, target, size)
        except OSError as error:
            failed.append(error)

    copier = threading.Thread(target=copy, name="copy")
    copier.start()
    try:
        buffer = bytearray(_CHUNK)
        view = memoryview(buffer)
        with source.open("rb", buffering=0) as file:
            while count := file.readinto(buffer):
                for state in states:
                    state.update(view[:count])
    finally:
        copier.join()
    if failed:
        raise failed[0]


def _kernel_copy(source: Path, target: Path, size: int) -> None:
    """Copy without passing the bytes through Python; shares blocks where the file system can."""
    with source.open("rb") as reading, target.open("wb") as writing:
        done = 0
        while done < size:
            try:
                count = os.copy_file_range(reading.fileno(), writing.fileno(), size - done, done, done)
            except OSError:
                count = os.sendfile(writing.fileno(), reading.fileno(), done, size - done)
            if count == 0:
                raise OSError(f"{source} became shorter while it was copied")
            done += count
