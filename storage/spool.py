"""Temporary files beside a remote store: what is sent is hashed on its way through, what is fetched is checked."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from digitise.errors import DiskFull, ObjectStoreUnavailable
from storage.objects import CHUNK


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
            file = tempfile.NamedTemporaryFile(dir=self._folder, prefix="digitise-")  # noqa: SIM115 closed below
        except OSError as error:
            raise ObjectStoreUnavailable("spool", cause=str(error.strerror)) from error
        with file:
            yield file

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
