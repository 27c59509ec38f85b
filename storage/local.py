"""ObjectStore on a directory: durable, create-only, checked on read."""

import errno
import hashlib
import io
import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from itertools import takewhile
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar, cast

from digitise.errors import DamagedObject, DigitiseError, DiskFull, ObjectStoreUnavailable
from storage.objects import CHUNK, CheckedReader, Features, hash_of, missing, object_key, published_key
from storage.spool import sweep

SWEEP_SECONDS = 600.0  # between looks for what a crash left: looking at each file would cost as much as keeping it
SYNCED_AT_ONCE = 16  # files whose way to the disk is waited for together: the disk takes one commit for all of them
T = TypeVar("T")
R = TypeVar("R")


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
        with self._temporary() as temporary, _our_errors():
            with temporary.open("xb", buffering=0) as file:
                sha256, size = self._take(source, file)
                os.fsync(file.fileno())
            for folder in self._keep(temporary, sha256):
                sync_folder(folder)
        return sha256, size

    def put_all(
        self, sources: Sequence[Path], *, media_type: str = "application/octet-stream"
    ) -> list[str | DigitiseError]:
        """Keep several files, each by itself; every step is waited for once, as the disk takes as long for one as for all."""
        with ExitStack() as held, ThreadPoolExecutor(SYNCED_AT_ONCE) as pool:
            written = _each(lambda source: self._stage(source, held), sources)
            durable = _each(_synced, written, pool.map)
            named = _each(self._name, durable)
            folders = list({folder for one in named if not isinstance(one, DigitiseError) for folder in one[1]})
            unsynced = dict(zip(folders, _each(sync_folder, folders, pool.map), strict=True))
        return [one if isinstance(one, DigitiseError) else _told(*one, unsynced) for one in named]

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
            path = self.root / published_key(name)
            made = _make_folders(path.parent)
            new = _link(temporary, path)
            for folder in (
                *made,
                path.parent,
            ):  # also where it was there: whoever made it may not have come to that yet
                sync_folder(folder)
            return new

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

    def _take(self, source: BinaryIO, file: io.FileIO) -> tuple[str, int]:
        """Write `source` to its end; returns SHA-256 and size."""
        digest, size = hashlib.sha256(), 0
        for chunk in _chunks(source):
            self._leave_room(len(chunk))
            digest.update(chunk)
            size += len(chunk)
            _write(file, chunk)
        return digest.hexdigest(), size

    def _stage(self, source: Path, held: ExitStack) -> "_Staged":
        """Write a temporary file that `held` removes; not durable yet."""
        temporary = held.enter_context(self._temporary())
        file = held.enter_context(temporary.open("xb", buffering=0))
        with source.open("rb") as reading:
            sha256, _ = self._take(reading, file)
        return _Staged(temporary, file, sha256)

    def _name(self, staged: "_Staged") -> tuple[str, set[Path]]:
        return staged.sha256, self._keep(staged.temporary, staged.sha256)

    def _keep(self, temporary: Path, sha256: str) -> set[Path]:
        """Give the durable file its name; a damaged object of that name is set aside and replaced by the good bytes.

        Returns the folders whose entries are to be made durable.
        """
        os.chmod(temporary, 0o400)
        path = self._path(sha256)
        changed = {*_make_folders(path.parent), path.parent}
        if not _link(temporary, path) and hash_of(path) != sha256:
            aside = self.root / "damaged"
            changed |= {*_make_folders(aside), aside}
            path.rename(aside / f"{sha256}-{secrets.token_hex(4)}")
            _link(temporary, path)
        return changed


class _Staged(NamedTuple):
    """A file that is written, on its way to be kept."""

    temporary: Path
    file: io.FileIO
    sha256: str


def _synced(staged: _Staged) -> _Staged:
    os.fsync(staged.file.fileno())
    return staged


def _told(sha256: str, folders: set[Path], unsynced: dict[Path, DigitiseError | None]) -> str | DigitiseError:
    return next((error for folder in folders if (error := unsynced[folder])), sha256)


def _each(
    work: Callable[[T], R],
    items: Iterable[T | DigitiseError],
    apply: Callable[..., Iterable[Any]] = map,
) -> list[R | DigitiseError]:
    """Do `work` for every item that has not failed yet; return results and failures in order."""

    def one(item: T | DigitiseError) -> R | DigitiseError:
        if isinstance(item, DigitiseError):
            return item
        try:
            with _our_errors():
                return work(item)
        except DigitiseError as error:
            return error

    return list(apply(one, items))


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
    for changed in _make_folders(folder):
        sync_folder(changed)


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it; return the folders whose entries are to be made durable."""
    absent = list(takewhile(lambda each: not each.is_dir(), (folder, *folder.parents)))
    for each in reversed(absent):
        each.mkdir(mode=0o700, exist_ok=True)
    return [each.parent for each in absent]


def _link(temporary: Path, path: Path) -> bool:
    """Give a file its name unless that exists; say whether it was given now."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    return True


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
