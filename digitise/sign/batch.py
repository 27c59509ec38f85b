"""Sign what is confirmed, here and now: one PIN for the whole batch, the same claims that the worker takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digitise.errors import DigitiseError, RefusedInput, ServiceUnavailable
from digitise.model.outgoing import Intent, OutgoingState
from digitise.model.tasks import Claim, TaskKind, TaskState
from digitise.sign.sign import Room, sign_task, told

if TYPE_CHECKING:
    from digitise.ports import Tasks

_LEASE = 600.0  # seconds: the slowest time-stamping authority seen, with its retries
_ENOUGH_FAILURES = 3  # in a row because a service is away: the rest waits for the worker


@dataclass(frozen=True, slots=True)
class Signed:
    """What became of one document of the batch."""

    outgoing_id: str
    sha256: str | None
    error: str | None = None
    exit_code: int = 0


def sign_batch(outgoing_ids: Sequence[str], room: Room, tasks: "Tasks", worker: str) -> list[Signed]:
    """Sign the open intents of these documents, or all; each succeeds or fails by itself, safe to repeat."""
    made: list[Signed] = []
    away = 0
    for intent in room.intents.open_intents(outgoing_ids):
        claim = _claim(intent, tasks, worker)
        if claim is None:
            made.append(Signed(intent.outgoing_id, None, "busy: another worker has it", 40))
            continue
        one = _sign(intent, claim, room, tasks)
        made.append(one)
        away = away + 1 if one.exit_code == ServiceUnavailable.exit_code else 0
        if away >= _ENOUGH_FAILURES:
            break
    return made


def _claim(intent: Intent, tasks: "Tasks", worker: str) -> Claim | None:
    for task in tasks.list(subject=intent.outgoing_id, states=(TaskState.WAITING, TaskState.RUNNING)):
        if task.kind is TaskKind.SIGN and task.args.get("intent") == intent.id:
            return tasks.claim(task.id, worker, _LEASE)
    return None


def _sign(intent: Intent, claim: Claim, room: Room, tasks: "Tasks") -> Signed:
    try:
        signed = sign_task(claim, room)
    except ServiceUnavailable as away:
        tasks.release(claim, error=told(away))
        return Signed(intent.outgoing_id, None, told(away), away.exit_code)
    except DigitiseError as error:
        tasks.fail(claim, told(error), retry_at=None)
        return Signed(intent.outgoing_id, None, told(error), error.exit_code)
    tasks.complete(claim)
    document = signed or room.intents.get(intent.id).outgoing
    if document.state == OutgoingState.FAILED:
        return Signed(intent.outgoing_id, None, document.error, RefusedInput.exit_code)
    return Signed(intent.outgoing_id, document.signed_sha256)
