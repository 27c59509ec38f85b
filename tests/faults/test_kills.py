"""Whatever is killed or flushed while work is under way: every 201 ends stored, exactly once."""

from collections import Counter
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.papers import paper
from tests.stack import Stack, alive, running, until
from workers.queues import private_socket

pytestmark = [pytest.mark.fault, pytest.mark.slow]
UPLOADS = 30


def draw(folder: Path, count: int) -> list[Path]:
    """Small different papers: the heads of drawn documents, so that recognition is quick."""
    files = []
    for seed in range(count):
        sheet = paper(100 + seed, kind="letter").sheets[0].image
        head = sheet.crop((0, 0, sheet.width, sheet.height // 4)).convert("L")
        file = folder / f"paper-{seed}.png"
        head.save(file, dpi=(200, 200))
        files.append(file)
    return files


def send(stack: Stack, file: Path) -> str:
    """Upload until the answer is a promise; a door that is just being restarted answers later."""

    def attempt() -> str | None:
        try:
            with stack.client() as client, file.open("rb") as stream:
                answer = client.post("/documents", files={"file": (file.name, stream)})
        except httpx.HTTPError:
            return None
        return answer.json()["id"] if answer.status_code in (200, 201) else None

    return until(attempt, 60, 0.3)


def all_stored(stack: Stack, ids: list[str]) -> None:
    def look() -> bool:
        with stack.client() as client:
            try:
                states = Counter(client.get(f"/documents/{one}").json()["state"] for one in ids)
            except httpx.HTTPError:
                return False
        assert not states["failed"], states
        return states["stored"] == len(ids)

    until(look, 240, 1.0)


def test_killing_every_process_loses_nothing(tmp_path: Path) -> None:
    files = draw(tmp_path, UPLOADS)
    victims = ["workers ocr", "workers dispatch", "valkey", "digitise.web", "workers verify"]
    with running(tmp_path / "data", DIGITISE_LEASE_SECONDS="5") as stack:
        ids = []
        for number, file in enumerate(files):
            ids.append(send(stack, file))
            if number % 5 == 2:
                victim = victims[(number // 5) % len(victims)]
                until(partial(stack.kill, victim), 30)  # it may just be on its way back from the last time
        assert len(set(ids)) == UPLOADS
        all_stored(stack, ids)
        with stack.client() as client:
            for one in ids:
                kinds = Counter(a["kind"] for a in client.get(f"/documents/{one}").json()["artefacts"])
                assert set(kinds.values()) == {1}, kinds


def test_flushing_valkey_in_the_middle_loses_nothing(tmp_path: Path) -> None:
    from redis import Redis

    files = draw(tmp_path, 10)
    with running(tmp_path / "data") as stack:
        ids = []
        for number, file in enumerate(files):
            ids.append(send(stack, file))
            if number in (3, 8):
                Redis(unix_socket_path=str(private_socket(stack.data))).flushall()
        all_stored(stack, ids)


def test_a_killed_stack_leaves_nobody_behind_and_goes_on_at_its_next_start(tmp_path: Path) -> None:
    files = draw(tmp_path, 6)
    with running(tmp_path / "data", DIGITISE_LEASE_SECONDS="5") as stack:
        ids = [send(stack, file) for file in files]
        assert stack.process
        family = stack.children("")
        assert any("workers ocr" in " ".join(one.cmdline()) for one in family)
        stack.process.kill()
        stack.process.wait()
        until(lambda: not [one for one in family if alive(one)], 10)
        stack.start()
        all_stored(stack, ids)
