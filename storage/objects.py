"""What is promised of every object store, and how keys are laid out.

- An object's name is the SHA-256 of its bytes: the same bytes twice are kept once, and a name never changes meaning.
- `put` returns when the object is durable. It appears whole or not at all, and is never overwritten by other bytes.
- Every whole read is checked against the name; bytes that differ raise DamagedObject instead of being handed on.
- `publish` keeps small named records (heads of the audit log) that are created once and never changed.

Layout, the same on a disk and in a bucket: `objects/ab/cd/<sha256>` and `published/<name>`.
"""

import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from digitise.errors import DamagedObject, NotFound, ObjectStoreUnavailable
from digitise.ports import ObjectStore

CHUNK = 1 << 20  # bytes read at a time: one mebibyte keeps memory flat and the disk busy
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*")


class Store(ObjectStore, Protocol):
    """An object store that also keeps published records, as both of ours do."""

    def publish(self, name: str, content: bytes) -> bool:
        """Keep `content` under `name` unless that exists; say whether it was kept now."""
        ...

    def published(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Iterate over published records, by name."""
        ...

    def features(self) -> "Features":
        """Return what the store does beyond that; a server is asked by trying."""
        ...


def object_key(sha256: str) -> str:
    """Return where an object lies; raises NotFound for what is no hash (so that no path can be smuggled in)."""
    if not _SHA256.fullmatch(sha256):
        raise NotFound("object", what="object", id=sha256[:80])
    return f"objects/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def published_key(name: str) -> str:
    """Return where a published record lies."""
    if not _NAME.fullmatch(name):
        raise NotFound("record", what="record", id=name[:80])
    return f"published/{name}"


def missing(sha256: str) -> NotFound:
    """Return the error for an object that is not held."""
    return NotFound("object", what="object", id=sha256)


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class Features:
    """What a store does beyond what is promised of every one; for `digitise doctor`."""

    create_only: bool  # itself refuses to overwrite an object (a server: obeys If-None-Match)
    versioning: bool  # keeps what would be overwritten or removed
    object_lock: bool  # can forbid removal for a time


class CheckedReader(io.RawIOBase):
    """Reads `left` bytes of `source`; reaching the end of a whole object raises DamagedObject when the hash differs.

    `whole` is False for a part of an object, which cannot be checked. `foreign` are the errors of `source` that mean
    that the store is away.
    """

    def __init__(
        self,
        source: BinaryIO,
        sha256: str,
        *,
        whole: bool,
        left: int,
        foreign: tuple[type[Exception], ...] = (OSError,),
    ) -> None:
        self._source, self._sha256, self._left, self._foreign = source, sha256, left, foreign
        self._hash = hashlib.sha256() if whole else None

    def readable(self) -> bool:
        """Say yes."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Read up to `size` bytes; all that is left where it is negative or None."""
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        parts: list[bytes] = []
        while wanted > 0:
            try:
                part = self._source.read(min(wanted, CHUNK))
            except self._foreign as error:
                raise ObjectStoreUnavailable("reading", cause=type(error).__name__) from error
            if not part:
                break
            parts.append(part)
            wanted -= len(part)
            self._left -= len(part)
            if self._hash:
                self._hash.update(part)
        if wanted > 0:
            raise DamagedObject("truncated", id=self._sha256)
        if self._hash and self._left == 0:
            self._check()
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Read into `buffer`."""
        part = self.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def _check(self) -> None:
        if self._hash and self._hash.hexdigest() != self._sha256:
            raise DamagedObject("hash", id=self._sha256)
        self._hash = None
