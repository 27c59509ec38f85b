"""A child that crashes, hangs, eats memory or lies costs one error, and its neighbours nothing."""

import os
import time
from pathlib import Path

import pytest

from digitise.child import Child, Limits, enforced, run
from digitise.errors import DefectInOurselves, LimitExceeded, NotFound, UnreadableFile

HERE = "digitise.child.trials"
LIMITS = Limits(memory_bytes=1 << 30, cpu_seconds=20, wall_seconds=20.0)


def test_answers_values_and_bytes() -> None:
    assert run(f"{HERE}:echo", {"value": {"chữ": [1, None]}}, LIMITS) == ({"chữ": [1, None]}, bytearray())
    value, body = run(f"{HERE}:bytes_of", {"length": 3_000_000}, LIMITS)
    assert value == {"length": 3_000_000}
    assert len(body) == 3_000_000


def test_memory_is_bounded() -> None:
    with pytest.raises(LimitExceeded) as caught:
        run(f"{HERE}:eat", {"length": 4 << 30}, LIMITS, file="a.pdf")
    assert (caught.value.reason, caught.value.file) == ("memory", "a.pdf")


def test_wall_time_is_bounded_and_the_child_is_gone() -> None:
    started = time.monotonic()
    with Child(f"{HERE}:Counter", {}, Limits(wall_seconds=20.0)) as child:
        pid, _ = child.call("pid")
        with pytest.raises(LimitExceeded) as caught:
            child.call("sleep", {"seconds": 60}, seconds=0.3)
    assert caught.value.reason == "seconds"
    assert time.monotonic() - started < 10
    _gone(pid)


def test_processor_time_is_bounded() -> None:
    with pytest.raises(LimitExceeded) as caught:
        run(f"{HERE}:spin", {}, Limits(cpu_seconds=0, wall_seconds=30.0))
    assert caught.value.reason == "seconds"


def test_a_crash_is_an_unreadable_file_and_says_the_signal() -> None:
    with pytest.raises(UnreadableFile) as caught:
        run(f"{HERE}:crash", {}, LIMITS, file="b.tif")
    assert (caught.value.reason, caught.value.details["cause"], caught.value.file) == ("crashed", "SIGSEGV", "b.tif")


def test_foreign_errors_are_damage_and_our_own_keep_their_class() -> None:
    with pytest.raises(UnreadableFile) as damaged:
        run(f"{HERE}:raise_foreign", {}, LIMITS)
    assert damaged.value.reason == "damaged"
    with pytest.raises(NotFound) as own:
        run(f"{HERE}:raise_own", {}, LIMITS)
    assert own.value.details == {"what": "page", "id": 7}


def test_only_our_own_functions_may_be_named() -> None:
    with pytest.raises(DefectInOurselves):
        run("os:system", {"command": "true"}, LIMITS)


def test_writes_no_more_than_allowed(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with pytest.raises((LimitExceeded, UnreadableFile)):
        run(f"{HERE}:write", {"path": str(target), "length": 10_000_000}, Limits(file_bytes=1_000_000))
    assert target.stat().st_size <= 1_000_000


def test_environment_is_clean_and_session_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITISE_S3_SECRET_KEY", "secret")
    told, _ = run(f"{HERE}:surroundings", {}, LIMITS)
    assert not [name for name in told["environment"] if name.startswith("DIGITISE_S3")]
    assert told["session"] == told["pid"] != os.getsid(0)
    assert told["threads"] == 1


def test_a_child_ends_with_its_client() -> None:
    child = Child(f"{HERE}:Counter", {}, LIMITS)
    pid, _ = child.call("pid")
    child.close()
    _gone(pid)


def test_says_what_this_machine_enforces() -> None:
    assert set(enforced()) == {"memory", "processor_time", "file_size", "processes", "wall_time"}


def _gone(pid: int) -> None:
    until = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < until, "the child lives on"
        time.sleep(0.01)


def test_a_nursery_that_was_killed_is_started_anew() -> None:
    from digitise.child import nursery_client, start

    start()
    assert nursery_client._process is not None
    nursery_client._process.kill()
    nursery_client._process.wait(5)
    assert run(f"{HERE}:echo", {"value": "again"}, LIMITS)[0] == "again"
