"""The journey of an outgoing document: intent in SQL → checks → signature → own verifier → stored → promised onwards.

Killed anywhere and run again, beside its own ghost: one signed document. What makes it so: the bytes about to be stored
are named in SQL first (`reserve`), so that a second run adopts them instead of signing again.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from digitise.errors import (
    Conflict,
    DigitiseError,
    LeaseLost,
    NotAllowed,
    RefusedInput,
    ServiceUnavailable,
    SigningRefused,
)
from digitise.model.outgoing import Outgoing
from digitise.model.tasks import Claim, NewTask, TaskKind
from digitise.sign.extend import ends_at
from digitise.sign.levels import tokens
from digitise.sign.origin import Origin
from digitise.sign.profiles import Level, Mode, Profile, named
from digitise.sign.register import Authorised, Intents, Result
from digitise.sign.signature import Details, Made, Tools, make_signature, policy_of

if TYPE_CHECKING:
    from digitise.model.verdicts import Verdict
    from digitise.ports import Clock, ObjectStore

PDF = "application/pdf"
Remember = Callable[[str], str]  # name of a policy → id of the trust set in force, which is kept from now on


@dataclass(slots=True)
class Room:
    """Everything the journey needs from the world."""

    intents: Intents
    store: "ObjectStore"
    tools: Tools
    clock: "Clock"
    remember: Remember | None = None
    channels: tuple[str, ...] = ()  # where issued documents are delivered
    renew_before: timedelta = timedelta(days=60)
    origin_of: Callable[[Outgoing], Origin | None] | None = None
    workdir: Path | None = None
    _remembered: set[str] = field(default_factory=set)

    def remember_trust(self, verdict: "Verdict | None") -> None:
        """Keep the trust set that a verdict relied on, so that its evidence has the anchors; once a process."""
        if verdict and self.remember and verdict.trust_snapshot not in self._remembered:
            self._remembered.add(self.remember(verdict.policy))


def sign_task(claim: Claim, room: Room) -> Outgoing | None:
    """Sign what a SIGN task names, and end the task with it; raises Conflict where task and intent do not belong together."""
    intent = claim.task.args.get("intent")
    if not isinstance(intent, str):
        raise Conflict("forged", what="task", id=claim.task.id)
    return sign_intent(intent, claim.token, room, claim)


def sign_intent(intent_id: str, token: int, room: Room, task: Claim | None = None) -> Outgoing | None:
    """Sign what SQL authorises by this intent, once; `token` is the fencing token of the task.

    Returns the document, or None where the intent was withdrawn. A document that may not be signed is marked FAILED with
    its reason; raises ServiceUnavailable when it should be tried later, LeaseLost when a newer worker has it.
    """
    said = room.intents.begin(intent_id, token)
    if task is not None and said.intent.outgoing_id != task.task.subject:
        raise Conflict("forged", what="task", id=task.task.id)
    if said.withdrawn:
        return None
    if said.intent.done_sha256:
        return said.outgoing
    profile = named(room.tools.profiles, said.intent.profile)
    try:
        result = _adopt(said, profile, room) or _sign(said, token, profile, room)
    except LeaseLost:
        raise
    except ServiceUnavailable as away:
        room.intents.wait(intent_id, told(away))
        raise
    except (SigningRefused, RefusedInput, NotAllowed, DigitiseError) as refused:
        room.intents.fail(intent_id, told(refused))
        return None
    room.remember_trust(result.verdict)
    return room.intents.finish(intent_id, token, result, task)


def told(error: DigitiseError) -> str:
    """Return an error as the register keeps it: `code: reason`, and what it is about."""
    about = ", ".join(f"{name}={value}" for name, value in error.details.items())
    return f"{error.code}: {error.reason}" + (f" ({about})" if about else "")


def _adopt(said: Authorised, profile: Profile, room: Room) -> Result | None:
    """Take over what an earlier run signed and stored before it was stopped."""
    sha256 = said.pending_sha256
    if not sha256 or not room.store.exists(sha256):
        return None
    with room.store.as_file(sha256) as path:
        verdict = room.tools.verify(path, policy_of(profile)) if room.tools.verify else None
        reached = Level(said.pending_level or profile.level)
        return _result(
            path, sha256, reached, None if reached == profile.level else profile.level, verdict, said, profile, room
        )


def _sign(said: Authorised, token: int, profile: Profile, room: Room) -> Result:
    with (
        tempfile.TemporaryDirectory(prefix="sign-", dir=room.workdir) as folder,
        room.store.as_file(said.intent.input_sha256) as source,
    ):
        target = Path(folder) / "signed.pdf"
        made = make_signature(source, target, profile, _details(said, room), room.tools)
        room.intents.reserve(said.intent.id, token, made.signed.sha256, made.signed.level)
        with target.open("rb") as file:
            stored, _ = room.store.put(file, media_type=PDF)
        if stored != made.signed.sha256:
            raise SigningRefused("self_check", reasons="stored bytes differ")
        return _made(target, made, said, profile, room)


def _made(path: Path, made: Made, said: Authorised, profile: Profile, room: Room) -> Result:
    return _result(path, made.signed.sha256, made.signed.level, made.promised, made.verdict, said, profile, room)


def _details(said: Authorised, room: Room) -> Details:
    document = said.outgoing
    return Details(
        room.clock(),
        document.unit,
        document.signer,
        document.number,
        document.symbol,
        document.issued_on,
        room.origin_of(document) if room.origin_of and document.certified_copy else None,
        said.intent.input_sha256,
    )


def _result(
    path: Path,
    sha256: str,
    reached: Level,
    promised: Level | None,
    verdict: "Verdict | None",
    said: Authorised,
    profile: Profile,
    room: Room,
) -> Result:
    issued = profile.mode != Mode.APPROVE
    follow_up = deliveries(said.outgoing, sha256, room.channels) if issued and promised is None else []
    if promised:
        args = {"sha256": sha256, "level": promised.value}
        follow_up.append(NewTask(TaskKind.RENEW, said.outgoing.id, f"stamp:{sha256}", args))
    ends = ends_at(tokens(path)[-1][1]) if reached == Level.B_LTA else None
    return Result(
        sha256,
        reached.value,
        issued,
        verdict,
        renewal(ends, room.renew_before) if ends else None,
        ends,
        tuple(follow_up),
    )


def renewal(ends: datetime, before: timedelta) -> datetime:
    """Return when an archive timestamp that ends then must be renewed."""
    return ends - before


def deliveries(document: Outgoing, sha256: str, channels: tuple[str, ...]) -> list[NewTask]:
    """Return the tasks that deliver these bytes, one for each channel; the same bytes are delivered once."""
    return [
        NewTask(
            TaskKind.DELIVER,
            document.id,
            f"deliver:{document.id}:{sha256}:{channel}",
            {"delivery": f"{document.id}-{sha256[:16]}-{channel}", "channel": channel},
        )
        for channel in channels
    ]
