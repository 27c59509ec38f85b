"""What `storage/objects.py` promises, on a directory and on a real S3 server."""

import hashlib
import io
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from digitise.errors import DamagedObject, NotFound
from storage.local import LocalStore
from storage.objects import Store, object_key
from storage.s3 import S3Store
from tests.servers import S3Server

WORDS = "Quyết định về việc cấp giấy phép".encode()
SHA = hashlib.sha256(WORDS).hexdigest()


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each kind."""
    if request.param == "local":
        yield LocalStore(tmp_path / "objects")
        return
    server: S3Server = request.getfixturevalue("s3_server")
    yield S3Store(server.endpoint, server.new_bucket(), server.access_key, server.secret_key, secure=False)


def put(store: Store, content: bytes = WORDS) -> str:
    return store.put(io.BytesIO(content))[0]


def read(store: Store, sha256: str, start: int = 0, length: int | None = None) -> bytes:
    with store.open(sha256, start=start, length=length) as file:
        return file.read()


def spoil(store: Store, sha256: str, content: bytes) -> None:
    """Change stored bytes behind the store's back."""
    if isinstance(store, LocalStore):
        path = store.root / object_key(sha256)
        path.chmod(0o600)
        path.write_bytes(content)
    elif isinstance(store, S3Store):
        store._client.put_object(store.bucket, object_key(sha256), io.BytesIO(content), len(content))


def test_what_is_put_is_read_again(store: Store) -> None:
    assert store.put(io.BytesIO(WORDS), media_type="text/plain") == (SHA, len(WORDS))
    assert read(store, SHA) == WORDS
    assert store.size(SHA) == len(WORDS)
    assert store.exists(SHA)


def test_an_empty_object_is_kept(store: Store) -> None:
    sha256, size = store.put(io.BytesIO(b""))
    assert size == 0
    assert read(store, sha256) == b""


def test_the_same_bytes_twice_are_kept_once(store: Store) -> None:
    put(store)
    put(store, b"other")
    put(store)
    assert sorted(store.keys()) == sorted([SHA, hashlib.sha256(b"other").hexdigest()])


def test_several_are_kept_together_and_what_is_held_already_stays(store: Store, tmp_path: Path) -> None:
    put(store)
    contents = [b"one", WORDS, b"two", b"one", b""]
    files = [tmp_path / f"{number}.pdf" for number in range(len(contents))]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    names = store.put_all(files, media_type="application/pdf")
    assert names == [hashlib.sha256(content).hexdigest() for content in contents]
    assert [read(store, str(name)) for name in names] == contents
    assert sorted(store.keys()) == sorted({str(name) for name in names})
    assert store.put_all([]) == []


@pytest.mark.parametrize(("start", "length"), [(0, 5), (5, None), (7, 9), (len(WORDS), None), (3, 0), (0, 10**9)])
def test_a_part_is_read(store: Store, start: int, length: int | None) -> None:
    put(store)
    end = None if length is None else start + length
    assert read(store, SHA, start, length) == WORDS[start:end]


def test_reading_in_small_steps_gives_the_same_bytes(store: Store) -> None:
    put(store)
    with store.open(SHA) as file:
        assert b"".join(iter(lambda: file.read(7), b"")) == WORDS
        assert file.read() == b""


def test_what_is_not_held_is_not_found(store: Store) -> None:
    absent = hashlib.sha256(b"absent").hexdigest()
    assert not store.exists(absent)
    for ask in (lambda: store.size(absent), lambda: read(store, absent)):
        with pytest.raises(NotFound):
            ask()
    with pytest.raises(NotFound), store.as_file(absent):
        pass


@pytest.mark.parametrize("name", ["", "../../etc/passwd", SHA.upper(), SHA + "0", SHA[:63] + "/"])
def test_a_name_that_is_no_hash_is_not_found(store: Store, name: str) -> None:
    with pytest.raises(NotFound):
        read(store, name)


def test_as_file_gives_a_file_that_stays_while_it_is_used(store: Store) -> None:
    put(store)
    with store.as_file(SHA) as path:
        assert path.read_bytes() == WORDS
        assert path.stat().st_mode & 0o222 == 0
    assert read(store, SHA) == WORDS


@pytest.mark.parametrize("damage", [WORDS[:-1] + b"!", WORDS[:-3], WORDS + b"more", b""])
def test_damage_is_found_on_reading(store: Store, damage: bytes) -> None:
    put(store)
    spoil(store, SHA, damage)
    with pytest.raises(DamagedObject):
        read(store, SHA)
    with pytest.raises(DamagedObject), store.as_file(SHA):
        pass


def test_damage_is_found_when_reading_in_steps_before_the_last_is_handed_on(store: Store) -> None:
    put(store)
    spoil(store, SHA, WORDS[:-1] + b"!")
    with store.open(SHA) as file:
        got = file.read(10)
        with pytest.raises(DamagedObject):
            list(iter(lambda: file.read(10), b""))
    assert got == WORDS[:10]


def test_a_source_that_breaks_leaves_nothing_and_is_not_called_our_fault(store: Store) -> None:
    class Breaks(io.RawIOBase):
        def read(self, size: int = -1, /) -> bytes:
            raise ConnectionResetError("the browser went away")

    with pytest.raises(ConnectionResetError):
        store.put(cast(BinaryIO, Breaks()))
    assert list(store.keys()) == []


def test_a_reader_that_breaks_is_not_called_our_fault(store: Store) -> None:
    put(store)
    with pytest.raises(PermissionError), store.open(SHA):
        raise PermissionError("of the caller")
    with pytest.raises(FileNotFoundError), store.as_file(SHA):
        raise FileNotFoundError("of the caller")


def test_many_at_once_keep_one(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        names = list(pool.map(lambda _: put(store, b"x" * 300_000), range(16)))
    assert set(names) == set(store.keys())
    assert len(read(store, names[0])) == 300_000


def test_a_large_object_goes_through(store: Store) -> None:
    content = os.urandom(1 << 20) * 37  # several parts of a multipart upload
    sha256, size = store.put(io.BytesIO(content))
    assert (sha256, size) == (hashlib.sha256(content).hexdigest(), len(content))
    with store.as_file(sha256) as path:
        assert path.stat().st_size == size
    assert read(store, sha256, 20 << 20, 100) == content[20 << 20 : (20 << 20) + 100]


def test_check_passes_on_a_store_that_works(store: Store) -> None:
    store.check()
    store.check()
    assert list(store.keys()) == []


def test_a_published_record_is_never_changed(store: Store) -> None:
    assert store.publish("audit/2026-01-01.json", b"first")
    assert not store.publish("audit/2026-01-01.json", b"second")
    assert store.publish("audit/2026-01-02.json", b"third")
    assert list(store.published("audit/")) == [("audit/2026-01-01.json", b"first"), ("audit/2026-01-02.json", b"third")]
    assert list(store.published("other/")) == []
    assert list(store.keys()) == []


def test_a_second_store_sees_what_the_first_kept(store: Store) -> None:
    put(store)
    if isinstance(store, LocalStore):
        assert LocalStore(store.root).exists(SHA)


def test_what_the_store_does_beyond_that_is_told_and_leaves_nothing(store: Store) -> None:
    told = store.features()
    assert list(store.keys()) == []
    if isinstance(store, LocalStore):
        assert (told.create_only, told.versioning, told.object_lock) == (True, False, False)
    else:
        assert told == store.features()
