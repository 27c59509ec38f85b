"""ObjectStore on a directory: durable, create-only, checked on read."""

import errno
import hashlib
import io
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

from digitise.errors import DamagedObject, DiskFull, ObjectStoreUnavailable
from storage.objects import CHUNK, CheckedReader, Features, hash_of, missing, object_key, published_key
from storage.spool import sweep

SWEEP_SECONDS = 600.0  # between looks for what a crash left: looking at each file would cost as much as keeping it


class LocalStore:
    """Keeps objects below `root`; several processes may use it at once."""

    def __init__(self, root: Path, min_free_bytes: int = 0) -> None:
        self.root = Path(root)
        self._min_free = min_free_bytes
        self._swept = float("-inf")

    def __repr__(self) -> str:
        return f"LocalStore({str(self.root)!r})"

    def put(self, source: BinaryIO, *, media_type: str = "application/octet-stream") -> tuple[str, int]:
        """Stream `source` into a temporary file, then link it to its name; the media type is not kept here."""
        digest, size = hashlib.sha256(), 0
        with self._temporary() as temporary:
            with _our_errors(), temporary.open("xb", buffering=0) as file:
                for chunk in _chunks(source):
                    self._leave_room(len(chunk))
                    digest.update(chunk)
                    size += len(chunk)
                    _write(file, chunk)
                os.fsync(file.fileno())
            with _our_errors():
                os.chmod(temporary, 0o400)
                self._keep(temporary, self._path(digest.hexdigest()), digest.hexdigest())
        return digest.hexdigest(), size

    @contextmanager
    def open(self, sha256: str, *, start: int = 0, length: int | None = None) -> Iterator[BinaryIO]:
        """Open for reading; a whole read is checked."""
        with _our_errors(sha256):
            file = self._path(sha256).open("rb")
            size = os.fstat(file.fileno()).st_size
        with file:
            start = min(max(start, 0), size)
            left = size - start if length is None else min(max(length, 0), size - start)
            file.seek(start)
            yield cast(BinaryIO, CheckedReader(file, sha256, whole=left == size, left=left))

    @contextmanager
    def as_file(self, sha256: str) -> Iterator[Path]:
        """Give the object's own file, which nobody may write; hash checked, nothing copied."""
        path = self._path(sha256)
        with _our_errors(sha256):
            if hash_of(path) != sha256:
                raise DamagedObject("hash", id=sha256)
        yield path

    def size(self, sha256: str) -> int:
        """Return the size in bytes."""
        with _our_errors(sha256):
            return self._path(sha256).stat().st_size

    def exists(self, sha256: str) -> bool:
        """Say whether the object is held."""
        with _our_errors():
            return self._path(sha256).is_file()

    def keys(self) -> Iterator[str]:
        """Iterate over all keys, in order."""
        with _our_errors():
            for folder in sorted((self.root / "objects").glob("??/??")):
                yield from sorted(path.name for path in folder.iterdir())

    def check(self) -> None:
        """Raise unless a file can be written, kept and removed again, and there is room for more."""
        with _our_errors(), self._temporary() as temporary:
            self._leave_room(0)
            with temporary.open("xb") as file:
                file.write(b"check")
                os.fsync(file.fileno())

    def features(self) -> Features:
        """Return what a directory does: a name is linked once, former versions are not kept, nothing is locked."""
        return Features(create_only=True, versioning=False, object_lock=False)

    def publish(self, name: str, content: bytes) -> bool:
        """Keep a named record unless it exists."""
        with _our_errors(), self._temporary() as temporary:
            with temporary.open("xb") as file:
                file.write(content)
                os.fsync(file.fileno())
            os.chmod(temporary, 0o400)
            return self._link(temporary, self.root / published_key(name))

    def published(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Iterate over published records, by name."""
        with _our_errors():
            base = self.root / "published"
            files = sorted(path for path in base.rglob("*") if path.is_file())
            for path in files:
                name = path.relative_to(base).as_posix()
                if name.startswith(prefix):
                    yield name, path.read_bytes()

    def _path(self, sha256: str) -> Path:
        return self.root / object_key(sha256)

    def _leave_room(self, wanted: int) -> None:
        if self._min_free:
            disk = os.statvfs(self.root)
            if disk.f_bavail * disk.f_frsize - wanted < self._min_free:
                raise DiskFull("object_store", folder=str(self.root))

    @contextmanager
    def _temporary(self) -> Iterator[Path]:
        folder = self.root / "temporary"
        with _our_errors():
            if not folder.is_dir():
                make_folder(folder)
            if time.monotonic() - self._swept > SWEEP_SECONDS:
                sweep(folder)
                self._swept = time.monotonic()
        path = folder / f"{os.getpid()}-{secrets.token_hex(8)}"
        try:
            yield path
        finally:
            with suppress(FileNotFoundError):
                path.unlink()

    def _keep(self, temporary: Path, path: Path, sha256: str) -> None:
        """Give the durable file its name; a damaged object of that name is set aside and replaced by the good bytes."""
        if self._link(temporary, path) or hash_of(path) == sha256:
            return
        aside = self.root / "damaged"
        make_folder(aside)
        path.rename(aside / f"{sha256}-{secrets.token_hex(4)}")
        self._link(temporary, path)

    def _link(self, temporary: Path, path: Path) -> bool:
        if not path.parent.is_dir():
            make_folder(path.parent)
        try:
            os.link(temporary, path)
        except FileExistsError:
            sync_folder(path.parent)  # whoever made it may not have come to that yet
            return False
        sync_folder(path.parent)
        return True


class _SourceFailed(Exception):
    """Reading what was to be kept failed: not an error of the store, so it must not be taken for one."""


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    while True:
        try:
            chunk = source.read(CHUNK)
        except OSError as error:
            raise _SourceFailed from error
        if not chunk:
            return
        yield chunk


def _write(file: BinaryIO | io.FileIO, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[file.write(rest) :]


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, each entry made durable."""
    absent = [f for f in (folder, *folder.parents) if not f.is_dir()]
    for each in reversed(absent):
        each.mkdir(mode=0o700, exist_ok=True)
        sync_folder(each.parent)


def sync_folder(folder: Path) -> None:
    """Make the entries of a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _our_errors(sha256: str = "") -> Iterator[None]:
    try:
        yield
    except _SourceFailed as failed:
        raise failed.__cause__ or failed from None
    except FileNotFoundError as error:
        if sha256:
            raise missing(sha256) from error
        raise ObjectStoreUnavailable("local", cause=str(error.strerror)) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull("object_store") from error
        raise ObjectStoreUnavailable("local", cause=str(error.strerror)) from error
