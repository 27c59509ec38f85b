"""Temporary files beside a remote store: what is sent is hashed on its way through, what is fetched is checked."""

import errno
import hashlib
import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from digitise.errors import DiskFull, ObjectStoreUnavailable
from storage.objects import CHUNK

PREFIX = "digitise-"  # of temporary files, so that a sweep takes ours alone
STALE_SECONDS = 24 * 3600  # an upload takes minutes: a temporary file this old was left by a crash
KEPT = "kept"  # folder of fetched objects, beside the temporary files
KEPT_BYTES = 4 << 30  # of them: the originals of two or three large volumes under way


def sweep(folder: Path, prefix: str = "") -> None:
    """Remove temporary files that a crash left long ago."""
    limit = time.time() - STALE_SECONDS
    for path in folder.glob(f"{prefix}*"):
        with suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < limit:
                path.unlink()


class Spool:
    """Temporary files in `folder` (the system's where None) that leave `min_free_bytes` of its disk free."""

    def __init__(self, folder: Path | None = None, min_free_bytes: int = 0) -> None:
        self._folder, self._min_free = folder, min_free_bytes

    @contextmanager
    def file(self) -> Iterator[Any]:
        """Give a temporary file that is gone at the end."""
        try:
            if self._folder:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                sweep(self._folder, PREFIX)
            file = tempfile.NamedTemporaryFile(dir=self._folder, prefix=PREFIX)  # noqa: SIM115 closed below
        except OSError as error:
            raise ObjectStoreUnavailable("spool", cause=str(error.strerror)) from error
        with file:
            yield file

    @contextmanager
    def kept(self, sha256: str) -> Iterator[Path | None]:
        """Give a fetched object that is still here, under a name of ours so that nobody removes it; else None."""
        if self._folder is None:
            yield None
            return
        mine = self._folder / f"{PREFIX}{secrets.token_hex(8)}"
        try:
            os.link(self._folder / KEPT / sha256, mine)
        except OSError:
            yield None
            return
        try:
            os.utime(mine)  # the same file as the kept one: it was used just now
            yield mine
        finally:
            mine.unlink(missing_ok=True)

    def keep(self, file: Path, sha256: str) -> None:
        """Keep a fetched, checked file for the next reader, and remove the oldest beyond KEPT_BYTES.

        The page ranges of a volume all read the same original: without this each would fetch a gigabyte again.
        """
        if self._folder is None:
            return
        kept = self._folder / KEPT
        try:
            kept.mkdir(exist_ok=True, mode=0o700)
            os.link(file, kept / sha256)
        except OSError:
            return  # another process was first, or the disk does not like it: only speed is lost
        found = []
        for path in kept.iterdir():
            with suppress(FileNotFoundError):
                facts = path.stat()
                found.append((facts.st_mtime, facts.st_size, path))
        room = KEPT_BYTES
        for _, size, path in sorted(found, reverse=True):
            room -= size
            if room < 0:
                path.unlink(missing_ok=True)

    def drop(self, sha256: str) -> None:
        """Forget a kept file that turned out damaged."""
        if self._folder:
            (self._folder / KEPT / sha256).unlink(missing_ok=True)

    def write(self, file: Any, chunk: bytes) -> None:
        """Write to a file of this spool; raises DiskFull before the disk is."""
        if self._min_free:
            disk = os.fstatvfs(file.fileno())
            if disk.f_bavail * disk.f_frsize - len(chunk) < self._min_free:
                raise DiskFull("spool")
        try:
            file.write(chunk)
            file.flush()
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull("spool") from error
            raise ObjectStoreUnavailable("spool", cause=str(error.strerror)) from error

    def take(self, source: BinaryIO, file: Any, part_size: int) -> tuple[str, int, str]:
        """Copy `source` into `file`; return SHA-256, size, and the ETag that S3 servers give to an upload in parts.

        That ETag is the MD5 of a single part, or the MD5 of the parts' MD5s with their number.
        """
        whole, parts, part, size = hashlib.sha256(), list[bytes](), hashlib.md5(usedforsecurity=False), 0
        while chunk := source.read(CHUNK):
            self.write(file, chunk)
            whole.update(chunk)
            while chunk:
                taken = chunk[: part_size - size % part_size]
                part.update(taken)
                size += len(taken)
                chunk = chunk[len(taken) :]
                if size % part_size == 0:
                    parts.append(part.digest())
                    part = hashlib.md5(usedforsecurity=False)
        if size % part_size or not parts:
            parts.append(part.digest())
        etag = parts[0].hex()
        if len(parts) > 1:
            etag = f"{hashlib.md5(b''.join(parts), usedforsecurity=False).hexdigest()}-{len(parts)}"
        return whole.hexdigest(), size, etag
