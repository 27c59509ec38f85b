"""Periodic work without any key: promised timestamps, and archive timestamps before their certificate ends (B-LTA)."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from digitise.errors import SigningRefused
from digitise.model.outgoing import Outgoing, OutgoingState
from digitise.model.tasks import NewTask, TaskKind
from digitise.model.verdicts import Outcome
from digitise.sign.extend import Extended, promised, renewed
from digitise.sign.outcome import deliveries, renewal
from digitise.sign.profiles import Level
from digitise.sign.register import OutgoingRegister, Result
from digitise.sign.sign import PDF, Room

if TYPE_CHECKING:
    from digitise.model.verdicts import Verdict


def extend(
    outgoing_id: str, before: str, level: Level, room: Room, register: OutgoingRegister, *, promise: bool
) -> Outgoing:
    """Extend the signed file `before` of a document: keep the `promise` of `level`, or renew an archive timestamp (B-LTA).

    Run twice it does it once; what its own verifier calls invalid replaces nothing. Raises TimestampUnavailable,
    RevocationUnavailable, SigningRefused (self-check), Conflict (the file moved on).
    """
    document = register.get(outgoing_id)
    if document.signed_sha256 != before:
        return document
    with (
        tempfile.TemporaryDirectory(prefix="renew-", dir=room.workdir) as folder,
        room.store.as_file(before) as source,
    ):
        target = Path(folder) / "extended.pdf"
        services = (room.tools.authorities, room.tools.gatherer)
        made = promised(source, target, level, *services) if promise else renewed(source, target, *services)
        verdict = room.tools.verify(target, "numbering") if room.tools.verify else None
        if verdict and verdict.outcome == Outcome.INVALID:
            raise SigningRefused("self_check", reasons=verdict.first_reason or "-")
        with target.open("rb") as file:
            room.store.put(file, media_type=PDF)
        room.remember_trust(verdict)
        return room.intents.level_raised(outgoing_id, before, _result(document, made, level, verdict, room, promise))


def _result(
    document: Outgoing, made: Extended, level: Level, verdict: "Verdict | None", room: Room, promise: bool
) -> Result:
    archive = level == Level.B_LTA
    waiting = promise and document.state == OutgoingState.SIGNED  # issued, and kept back until it is whole
    return Result(
        made.sha256,
        level.value,
        True,
        verdict,
        renewal(made.ends_at, room.renew_before) if archive else None,
        made.ends_at if archive else None,
        tuple(deliveries(document, made.sha256, room.channels)) if waiting else (),
    )


def renewals(due: list[str], register: OutgoingRegister) -> list[NewTask]:
    """Return tasks for the documents whose archive timestamp is due; the same file is promised once."""
    found = []
    for outgoing_id in due:
        sha256 = register.get(outgoing_id).signed_sha256
        if sha256:
            args = {"sha256": sha256, "level": Level.B_LTA.value}
            found.append(NewTask(TaskKind.RENEW, outgoing_id, f"renew:{sha256}", args))
    return found
