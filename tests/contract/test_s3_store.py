"""What only a server can break: it is away, it refuses, the bucket is gone, the connection was forked."""

import hashlib
import io
import os
import time
from pathlib import Path

import pytest
from minio import Minio

from digitise.errors import DiskFull, NotFound, ObjectStoreUnavailable
from storage.objects import object_key
from storage.s3 import S3Store
from tests.servers import S3Server, free_port, s3

WORDS = b"some bytes"
SHA = hashlib.sha256(WORDS).hexdigest()


@pytest.fixture
def store(s3_server: S3Server) -> S3Store:
    return S3Store(s3_server.endpoint, s3_server.new_bucket(), s3_server.access_key, s3_server.secret_key, secure=False)


def client(server: S3Server) -> Minio:
    return Minio(server.endpoint, server.access_key, server.secret_key, secure=False)


def test_a_server_that_is_away_is_told_soon() -> None:
    store = S3Store(f"127.0.0.1:{free_port()}", "bucket", "key", "very-secret", secure=False)
    began = time.monotonic()
    for ask in (
        lambda: store.put(io.BytesIO(WORDS)),
        lambda: store.exists(SHA),
        store.check,
        lambda: list(store.keys()),
    ):
        with pytest.raises(ObjectStoreUnavailable) as raised:
            ask()
        assert "very-secret" not in f"{raised.value!r} {raised.value.details} {raised.value.__cause__} {store!r}"
    assert time.monotonic() - began < 30


def test_a_wrong_secret_is_refused_and_not_repeated(s3_server: S3Server) -> None:
    store = S3Store(s3_server.endpoint, s3_server.new_bucket(), s3_server.access_key, "very-secret", secure=False)
    with pytest.raises(ObjectStoreUnavailable) as raised:
        store.put(io.BytesIO(WORDS))
    assert raised.value.reason == "refused"
    assert "very-secret" not in f"{raised.value!r} {raised.value.details} {raised.value.__cause__}"


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ObjectStoreUnavailable):
        S3Store("http://not a host/", "bucket", "key", "secret").exists(SHA)


def test_a_bucket_that_is_gone_is_made_again_but_its_objects_are_missed(s3_server: S3Server, store: S3Store) -> None:
    assert not store.exists(SHA)
    assert list(store.keys()) == []
    store.put(io.BytesIO(WORDS))
    client(s3_server).remove_object(store.bucket, object_key(SHA))
    with pytest.raises(NotFound):
        store.size(SHA)


def test_good_bytes_heal_a_damaged_object(s3_server: S3Server, store: S3Store) -> None:
    store.put(io.BytesIO(WORDS))
    for damage in (b"other byte", b"shorter"):
        client(s3_server).put_object(store.bucket, object_key(SHA), io.BytesIO(damage), len(damage))
        store.put(io.BytesIO(WORDS))
        with store.open(SHA) as file:
            assert file.read() == WORDS


def test_what_is_held_is_not_sent_again(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    large = os.urandom(1 << 20) * 33
    for content in (b"", WORDS, large):
        store.put(io.BytesIO(content))
    monkeypatch.setattr(store, "_send", None)
    monkeypatch.setattr(store, "open", None)  # nor read again: size and ETag suffice
    for content in (b"", WORDS, large):
        store.put(io.BytesIO(content))


def test_the_media_type_is_kept(s3_server: S3Server, store: S3Store) -> None:
    store.put(io.BytesIO(WORDS), media_type="application/pdf")
    assert client(s3_server).stat_object(store.bucket, object_key(SHA)).content_type == "application/pdf"


def test_the_spool_leaves_nothing_and_leaves_room(s3_server: S3Server, tmp_path: Path) -> None:
    keys = (s3_server.new_bucket(), s3_server.access_key, s3_server.secret_key)
    store = S3Store(s3_server.endpoint, *keys, secure=False, spool=tmp_path / "spool")
    store.put(io.BytesIO(WORDS))
    with store.as_file(SHA) as path:
        assert path.parent == tmp_path / "spool"
    assert [path.name for path in (tmp_path / "spool").iterdir()] == ["kept"]
    full = S3Store(s3_server.endpoint, *keys, secure=False, spool=tmp_path / "spool", min_free_bytes=1 << 60)
    with pytest.raises(DiskFull):
        full.put(io.BytesIO(WORDS))


def test_what_was_fetched_is_used_again_while_it_is_sound(
    s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = (s3_server.new_bucket(), s3_server.access_key, s3_server.secret_key)
    store = S3Store(s3_server.endpoint, *keys, secure=False, spool=tmp_path)
    names = [store.put(io.BytesIO(content))[0] for content in (WORDS, b"x" * 600, b"y" * 600)]
    with store.as_file(SHA):
        pass
    with monkeypatch.context() as patched:
        patched.setattr(store, "open", None)
        with store.as_file(SHA) as path:
            (tmp_path / "kept" / SHA).unlink()  # as another process may, to make room
            assert path.read_bytes() == WORDS
    with store.as_file(SHA):
        (tmp_path / "kept" / SHA).chmod(0o600)
        (tmp_path / "kept" / SHA).write_bytes(b"damaged")
    with store.as_file(SHA) as path:
        assert path.read_bytes() == WORDS
    monkeypatch.setattr("storage.spool.KEPT_BYTES", 1000)
    for name in names:
        with store.as_file(name):
            pass
    assert sum(path.stat().st_size for path in (tmp_path / "kept").iterdir()) <= 1000
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_fork_opens_its_own_connections(store: S3Store) -> None:
    store.put(io.BytesIO(WORDS))
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if store.exists(SHA) else 1)
        except BaseException:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert store.exists(SHA)


def test_features_are_found_by_trying(store: S3Store) -> None:
    features = store.features()
    assert list(store.keys()) == []
    sent = [store._send("probe/x", io.BytesIO(b"2"), 1, "text/plain") for _ in range(2)]
    assert sent == [True, not features.create_only]


def test_a_server_that_dies_is_told_and_work_goes_on_when_it_is_back() -> None:
    with s3() as server:
        store = S3Store(server.endpoint, server.new_bucket(), server.access_key, server.secret_key, secure=False)
        store.put(io.BytesIO(WORDS))
        server.process.kill()
        server.process.wait()
        with pytest.raises(ObjectStoreUnavailable):
            store.put(io.BytesIO(b"other"))
