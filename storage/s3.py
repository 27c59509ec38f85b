"""ObjectStore on any S3-compatible server, through the minio client."""

import io
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from digitise.errors import DamagedObject, DigitiseError, NotFound, ObjectStoreUnavailable
from storage.objects import CHUNK, CheckedReader, Features, hash_of, missing, object_key, published_key
from storage.spool import Spool

PART = 16 << 20  # bytes held in memory at a time; an object up to this size is one request, a larger one multipart
CONNECT_SECONDS, READ_SECONDS = (
    5.0,
    60.0,
)  # a server that is away is told soon; one that writes a large part may take long
RETRIES = urllib3.Retry(total=3, backoff_factor=0.2, status_forcelist=(500, 502, 503, 504), allowed_methods=None)
CONNECTIONS = 10  # kept per process
SENT_AT_ONCE = 4  # files of a batch; more get in each other's way
FOREIGN = (MinioException, urllib3.exceptions.HTTPError, OSError)
_ABSENT = ("NoSuchKey", "NoSuchObject", "NotFound")
T = TypeVar("T")


class S3Store:
    """Keeps objects in `bucket`, which is made where it is missing; safe after a fork."""

    def __init__(
        self,
        endpoint: str,
        bucket: str,
        access_key: str,
        secret_key: str,
        *,
        secure: bool = True,
        region: str = "us-east-1",
        spool: Path | None = None,
        min_free_bytes: int = 0,
    ) -> None:
        self.endpoint, self.bucket = endpoint, bucket
        self._keys = (access_key, secret_key)
        self._secure, self._region, self._spool = secure, region, Spool(spool, min_free_bytes)
        self._made: tuple[int, Minio] | None = None

    def __repr__(self) -> str:
        return f"S3Store({self.endpoint!r}, {self.bucket!r})"

    def put(self, source: BinaryIO, *, media_type: str = "application/octet-stream") -> tuple[str, int]:
        """Spool `source` to a temporary file to learn its hash, then send it under that name unless it is there."""
        with self._spool.file() as file:
            sha256, size, etag = self._spool.take(source, file, PART)
            name = object_key(sha256)
            if not self._holds(name, sha256, size, etag):
                made = self._send(name, file, size, media_type)
                if not made and not self._holds(name, sha256, size, etag):
                    raise DamagedObject("hash", id=sha256)  # and the server neither removes nor overwrites it
        return sha256, size

    def put_all(
        self, sources: Sequence[Path], *, media_type: str = "application/octet-stream"
    ) -> list[str | DigitiseError]:
        """Keep several files, each by itself, some at a time: the server takes as long for one as for a few."""

        def kept(source: Path) -> str | DigitiseError:
            try:
                with source.open("rb") as file:
                    return self.put(file, media_type=media_type)[0]
            except DigitiseError as error:
                return error

        with ThreadPoolExecutor(SENT_AT_ONCE) as pool:
            return list(pool.map(kept, sources))

    @contextmanager
    def open(self, sha256: str, *, start: int = 0, length: int | None = None) -> Iterator[BinaryIO]:
        """Open for reading; a whole read is checked."""
        size = self.size(sha256)
        start = min(max(start, 0), size)
        left = size - start if length is None else min(max(length, 0), size - start)
        reader: Any = io.BytesIO()
        if left:
            name = object_key(sha256)
            reader = self._ask(lambda: self._client.get_object(self.bucket, name, start, left), sha256)
        try:
            yield cast(BinaryIO, CheckedReader(reader, sha256, whole=left == size, left=left, foreign=FOREIGN))
        finally:
            reader.close()
            if isinstance(reader, urllib3.BaseHTTPResponse):
                reader.release_conn()

    @contextmanager
    def as_file(self, sha256: str) -> Iterator[Path]:
        """Fetch into a temporary file, hash checked; one that was fetched lately is checked and used again."""
        object_key(sha256)  # refuses what is no hash
        with self._spool.kept(sha256) as kept:
            if kept is not None:
                if hash_of(kept) == sha256:
                    yield kept
                    return
                self._spool.drop(sha256)
        with self._spool.file() as file:
            with self.open(sha256) as source:
                while chunk := source.read(CHUNK):
                    self._spool.write(file, chunk)
            os.chmod(file.name, 0o400)
            self._spool.keep(Path(file.name), sha256)
            yield Path(file.name)

    def size(self, sha256: str) -> int:
        """Return the size in bytes."""
        name = object_key(sha256)
        return int(self._ask(lambda: self._client.stat_object(self.bucket, name), sha256).size or 0)

    def exists(self, sha256: str) -> bool:
        """Say whether the object is held."""
        try:
            self.size(sha256)
        except NotFound:
            return False
        return True

    def keys(self) -> Iterator[str]:
        """Iterate over all keys, in order."""
        for each in self._names("objects/"):
            yield each.rsplit("/", 1)[1]

    def check(self) -> None:
        """Raise unless an object can be written and read back."""
        name, content = f"probe/{secrets.token_hex(8)}", b"check"
        self._send(name, io.BytesIO(content), len(content), "text/plain")
        if self._ask(lambda: self._client.get_object(self.bucket, name).read()) != content:
            raise DamagedObject("probe", id=name)
        self._remove(name)

    def publish(self, name: str, content: bytes) -> bool:
        """Keep a named record unless it exists."""
        key = published_key(name)
        with suppress(NotFound):
            self._ask(lambda: self._client.stat_object(self.bucket, key), name)
            return False
        return self._send(key, io.BytesIO(content), len(content), "application/json")

    def published(self, prefix: str) -> Iterator[tuple[str, bytes]]:
        """Iterate over published records, by name."""
        for key in self._names("published/" + prefix):
            content = self._ask(lambda key=key: self._client.get_object(self.bucket, key).read())  # type: ignore[misc]
            yield key.removeprefix("published/"), content

    def features(self) -> Features:
        """Find out by trying what the server does; writes and removes a small object."""
        name, content = f"probe/{secrets.token_hex(8)}", b"probe"
        self._send(name, io.BytesIO(content), len(content), "text/plain")
        create_only = not self._send(name, io.BytesIO(content), len(content), "text/plain")
        self._remove(name)
        versioning = self._try(lambda: self._client.get_bucket_versioning(self.bucket).status == "Enabled")
        lock = self._try(lambda: self._client.get_object_lock_config(self.bucket) is not None)
        return Features(create_only, bool(versioning), bool(lock))

    @property
    def _client(self) -> Minio:
        """Return the client of this very process: sockets that were opened before a fork are never used after it."""
        if self._made is None or self._made[0] != os.getpid():
            timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
            pool = urllib3.PoolManager(timeout=timeout, retries=RETRIES, maxsize=CONNECTIONS, cert_reqs="CERT_REQUIRED")
            access_key, secret_key = self._keys
            try:
                client = Minio(
                    self.endpoint, access_key, secret_key, secure=self._secure, region=self._region, http_client=pool
                )
            except ValueError as error:
                raise ObjectStoreUnavailable("endpoint", endpoint=self.endpoint) from error
            self._made = (os.getpid(), client)
        return self._made[1]

    def _holds(self, name: str, sha256: str, size: int, etag: str) -> bool:
        """Say whether the very bytes are there: by size and ETag, or by reading them where the ETag is another."""
        try:
            held = self._ask(lambda: self._client.stat_object(self.bucket, name), sha256)
        except NotFound:
            return False
        if held.size != size:
            self._remove(name)
            return False
        if (held.etag or "").strip('"') == etag:
            return True
        try:
            with self.open(sha256) as reader:
                while reader.read(CHUNK):
                    pass
        except DamagedObject:
            self._remove(name)  # a damaged object makes room for the good bytes
            return False
        return True

    def _send(self, name: str, file: Any, size: int, media_type: str) -> bool:
        """Create the object; False where the server itself refused to overwrite one that was made meanwhile."""
        try:
            self._ask(lambda: self._create(name, file, size, media_type))
        except ObjectStoreUnavailable as error:
            refused = error.__cause__
            if isinstance(refused, S3Error) and refused.code in ("PreconditionFailed", "ConditionalRequestConflict"):
                return False
            raise
        return True

    def _create(self, name: str, file: Any, size: int, media_type: str) -> None:
        file.seek(0)
        try:
            if size > PART:
                self._client.put_object(
                    self.bucket, name, file, size, media_type, part_size=PART, num_parallel_uploads=1
                )
                return
            headers: dict[str, Any] = {"Content-Type": media_type, "If-None-Match": "*"}
            content = file.read()
            try:
                self._client._put_object(self.bucket, name, content, headers)
            except S3Error as error:
                if error.code != "NotImplemented":
                    raise
                del headers["If-None-Match"]
                self._client._put_object(self.bucket, name, content, headers)
        except S3Error as error:
            if error.code != "NoSuchBucket":
                raise
            with suppress(S3Error):  # another process may be making it now
                self._client.make_bucket(self.bucket)
            file.seek(0)
            self._client.put_object(self.bucket, name, file, size, media_type, part_size=PART, num_parallel_uploads=1)

    def _remove(self, name: str) -> None:
        self._try(lambda: self._client.remove_object(self.bucket, name))

    def _try(self, ask: Callable[[], T]) -> T | None:
        """Ask for what a server may not know or allow."""
        try:
            return ask()
        except (MinioException, ValueError):
            return None
        except FOREIGN as error:
            raise ObjectStoreUnavailable("away", endpoint=self.endpoint) from error

    def _names(self, prefix: str) -> Iterator[str]:
        listing = self._client.list_objects(self.bucket, prefix, recursive=True)
        while True:
            try:
                each = self._ask(lambda: next(listing, None))
            except ObjectStoreUnavailable as error:
                if isinstance(error.__cause__, S3Error) and error.__cause__.code == "NoSuchBucket":
                    return
                raise
            if each is None:
                return
            if not each.is_dir:
                yield str(each.object_name)

    def _ask(self, ask: Callable[[], T], sha256: str = "") -> T:
        """Turn the client's errors into ours; neither key ever stands in them."""
        try:
            return ask()
        except S3Error as error:
            if error.code in _ABSENT or (error.code == "NoSuchBucket" and sha256):
                raise missing(sha256) from error
            raise ObjectStoreUnavailable("refused", endpoint=self.endpoint, cause=str(error.code)) from error
        except FOREIGN as error:
            raise ObjectStoreUnavailable("away", endpoint=self.endpoint, cause=type(error).__name__) from error
