"""Sign what is confirmed, here and now: one PIN for the whole batch, the same claims that the worker takes."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digitise.errors import RefusedInput, ServiceUnavailable
from digitise.model.outgoing import Intent, OutgoingState
from digitise.model.tasks import Claim
from digitise.sign.outcome import told
from digitise.sign.sign import Ended, Room, sign_tasks

if TYPE_CHECKING:
    from digitise.ports import Tasks

_LEASE = 600.0  # seconds: the slowest time-stamping authority seen, with its retries
_TOGETHER = 16  # documents that share their commits
_PAUSE = 5.0  # seconds before a service that was away is tried again


@dataclass(frozen=True, slots=True)
class Signed:
    """What became of one document of the batch."""

    outgoing_id: str
    sha256: str | None
    error: str | None = None
    exit_code: int = 0


def sign_batch(
    outgoing_ids: Sequence[str],
    room: Room,
    tasks: "Tasks",
    worker: str,
    *,
    wait_seconds: float = 0.0,
    pause: Callable[[float], None] = time.sleep,
) -> list[Signed]:
    """Sign the open intents of these documents, or all; each succeeds or fails by itself, safe to repeat.

    While a service is away the rest waits, here for up to `wait_seconds` (the PIN is still known), then for whoever comes next.
    """
    made: dict[str, Signed] = {}  # intent → what became of it
    until = time.monotonic() + wait_seconds
    while True:
        found = room.intents.open_intents(outgoing_ids)
        todo = [one for one in found if one.id not in made or _again(made[one.id])]
        if not todo:
            return list(made.values())
        away = _round(todo, made, room, tasks, worker)
        if away and time.monotonic() >= until:
            return list(made.values())
        if away:
            pause(_PAUSE)


def _again(signed: Signed) -> bool:
    return signed.exit_code == ServiceUnavailable.exit_code and signed.error != _BUSY


_BUSY = "lease_lost: elsewhere"  # another worker has it


def _round(todo: Sequence[Intent], made: dict[str, Signed], room: Room, tasks: "Tasks", worker: str) -> bool:
    """Sign what can be signed; return whether a service is away, and the rest with it."""
    for start in range(0, len(todo), _TOGETHER):
        some = todo[start : start + _TOGETHER]
        claims = tasks.claim_keys([f"sign:{one.id}" for one in some], worker, _LEASE)
        ended = {one.intent: (claim, one) for claim, one in zip(claims, sign_tasks(claims, room), strict=True)}
        away = ""
        for intent in some:
            if intent.id not in ended:
                made[intent.id] = Signed(intent.outgoing_id, None, _BUSY, ServiceUnavailable.exit_code)
                continue
            made[intent.id] = one = _settled(intent, *ended[intent.id], room, tasks)
            away = one.error or "" if _again(one) else away
        if away:
            for intent in todo[start + _TOGETHER :]:
                made[intent.id] = Signed(intent.outgoing_id, None, away, ServiceUnavailable.exit_code)
            return True
    return False


def _settled(intent: Intent, claim: Claim, ended: Ended, room: Room, tasks: "Tasks") -> Signed:
    if isinstance(ended.error, ServiceUnavailable):
        tasks.release(claim, error=told(ended.error))
        return Signed(intent.outgoing_id, None, told(ended.error), ended.error.exit_code)
    if ended.error:
        tasks.fail(claim, told(ended.error), retry_at=None)
        return Signed(intent.outgoing_id, None, told(ended.error), ended.error.exit_code)
    if not ended.task_ended:
        tasks.complete(claim)
    document = ended.outgoing or room.intents.get(intent.id).outgoing
    if document.state == OutgoingState.FAILED:
        return Signed(intent.outgoing_id, None, document.error, RefusedInput.exit_code)
    return Signed(intent.outgoing_id, document.signed_sha256)
