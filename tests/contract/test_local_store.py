"""What only a directory can break: full disks, damage, crashes in the middle."""

import errno
import hashlib
import io
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from digitise.errors import DiskFull, ObjectStoreUnavailable
from storage.local import LocalStore

WORDS = b"some bytes"
SHA = hashlib.sha256(WORDS).hexdigest()


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("storage.local._write", full)
    with pytest.raises(DiskFull):
        store.put(io.BytesIO(WORDS))
    assert not store.exists(SHA)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_really_full_disk_is_told(tmp_path: Path) -> None:
    """A file-size limit is the nearest to a full disk that an ordinary user can set; EFBIG stands for any write error."""
    code = (
        "import io,resource,signal,sys; from pathlib import Path; from storage.local import LocalStore\n"
        "from digitise.errors import ObjectStoreUnavailable\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (100000, 100000))\n"
        f"store = LocalStore(Path({str(tmp_path)!r}))\n"
        "try: store.put(io.BytesIO(b'x' * 3_000_000))\n"
        "except ObjectStoreUnavailable: sys.exit(0 if not list(store.keys()) else 2)\n"
        "sys.exit(1)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_room_is_left_for_work_under_way(tmp_path: Path) -> None:
    with pytest.raises(DiskFull):
        LocalStore(tmp_path, min_free_bytes=1 << 60).put(io.BytesIO(WORDS))
    with pytest.raises(DiskFull):
        LocalStore(tmp_path, min_free_bytes=1 << 60).check()


def test_good_bytes_heal_a_damaged_object(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put(io.BytesIO(WORDS))
    path = tmp_path / "objects" / SHA[:2] / SHA[2:4] / SHA
    path.chmod(0o600)
    path.write_bytes(b"damaged")
    store.put(io.BytesIO(WORDS))
    with store.open(SHA) as file:
        assert file.read() == WORDS
    assert [p.read_bytes() for p in (tmp_path / "damaged").iterdir()] == [b"damaged"]


def test_what_a_crash_left_is_swept_later(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.check()
    old, new = tmp_path / "temporary" / "1-old", tmp_path / "temporary" / "1-new"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, time.time() - 2 * 86400))
    store.put(io.BytesIO(WORDS))
    assert old.exists()  # looked for a moment ago
    store = LocalStore(tmp_path)
    store.put(io.BytesIO(WORDS))
    assert not old.exists()
    assert new.exists()
    assert list(store.keys()) == [SHA]


def test_object_and_every_new_folder_are_synced_before_put_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    LocalStore(tmp_path / "store").put(io.BytesIO(WORDS))
    for folder in ("", "store", "store/objects", f"store/objects/{SHA[:2]}", f"store/objects/{SHA[:2]}/{SHA[2:4]}"):
        assert str(tmp_path / folder).rstrip("/") in synced
    assert any("/temporary/" in path for path in synced)


@pytest.mark.parametrize("at", ["temporary", "folder"])
def test_of_several_one_that_cannot_be_made_durable_is_told_and_the_others_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    contents = [bytes([number]) * 10 for number in range(5)]
    names = [hashlib.sha256(content).hexdigest() for content in contents]
    files = [tmp_path / str(number) for number in range(5)]
    for file, content in zip(files, contents, strict=True):
        file.write_bytes(content)
    synced: list[str] = []
    real, failing = os.fsync, names[2]

    def fsync(descriptor: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        mine = path.read_bytes() == contents[2] if path.is_file() else path.name == failing[2:4]
        if mine and path.is_file() == (at == "temporary"):
            raise OSError(errno.EIO, "Input/output error")
        synced.append(str(path))
        real(descriptor)

    store = LocalStore(tmp_path / "store")
    monkeypatch.setattr(os, "fsync", fsync)
    told = store.put_all(files)
    assert [one for one in told if isinstance(one, str)] == [name for name in names if name != failing]
    assert isinstance(told[2], ObjectStoreUnavailable)
    folders = [tmp_path / "store" / "objects" / name[:2] / name[2:4] for name in names if name != failing]
    assert {str(path) for each in folders for path in (each, each.parent, each.parent.parent)} <= set(synced)
    assert sum("/temporary/" in path for path in synced) == (4 if at == "temporary" else 5)
    assert list((tmp_path / "store" / "temporary").iterdir()) == []


def test_objects_are_closed_to_other_users(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "store")
    store.put(io.BytesIO(WORDS))
    assert (tmp_path / "store").stat().st_mode & 0o077 == 0
    with store.as_file(SHA) as path:
        assert path.stat().st_mode & 0o077 == 0


def test_as_file_copies_nothing(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put(io.BytesIO(WORDS))
    with store.as_file(SHA) as path:
        assert path == tmp_path / "objects" / SHA[:2] / SHA[2:4] / SHA


def test_a_root_that_cannot_be_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ObjectStoreUnavailable):
        LocalStore(tmp_path / "file").put(io.BytesIO(WORDS))
