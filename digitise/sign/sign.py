"""The journey of outgoing documents: intent in SQL → checks → signature → own verifier → stored → promised onwards.

Killed anywhere and run again, beside its own ghost: one signed document. What makes it so: the bytes about to be stored
are named in SQL first (`reserve`), so that a second run adopts them instead of signing again.

Documents that are signed together share the commits, since the disk takes as long for one as signing does; each succeeds or
fails by itself.
"""

import logging
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from digitise.errors import Conflict, DefectInOurselves, DigitiseError, LeaseLost, ServiceUnavailable, SigningRefused
from digitise.model.outgoing import Outgoing
from digitise.model.tasks import Claim
from digitise.sign.origin import Origin
from digitise.sign.outcome import Bytes, result_of, told
from digitise.sign.profiles import Level, Profile, named
from digitise.sign.register import Authorised, Finished, Intents, Reservation, Result
from digitise.sign.signature import Details, Tools, make_signature, policy_of

if TYPE_CHECKING:
    from digitise.model.verdicts import Verdict
    from digitise.ports import Clock, ObjectStore

log = logging.getLogger("digitise.sign")

PDF = "application/pdf"
_WAITING_BYTES = 64 << 20  # signed files that wait for their common commit; larger ones do not wait for others
_WAITING_SECONDS = 2.0  # and no longer than this: a slow time-stamping authority holds up only its own document
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


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of one intent: the document, None where it was withdrawn or may not be signed, or why to try again."""

    intent: str
    outgoing: Outgoing | None = None
    error: DigitiseError | None = None
    task_ended: bool = False  # in the transaction that recorded the signature


@dataclass(frozen=True, slots=True)
class _Order:
    intent: str
    token: int
    task: Claim | None


@dataclass(frozen=True, slots=True)
class _Signed:
    """A signature that is made and checked, or one that was stored before its worker was stopped."""

    order: _Order
    result: Result
    fresh: Path | None  # the file, where it is not in the store yet


def sign_task(claim: Claim, room: Room) -> Outgoing | None:
    """Sign what a SIGN task names, and end the task with it; raises Conflict where task and intent do not belong together."""
    (ended,) = sign_tasks([claim], room)
    if ended.error:
        raise ended.error
    return ended.outgoing


def sign_intent(intent_id: str, token: int, room: Room) -> Outgoing | None:
    """Sign what SQL authorises by this intent, once; `token` is the fencing token of the task.

    Returns the document, or None where the intent was withdrawn. A document that may not be signed is marked FAILED with
    its reason; raises ServiceUnavailable when it should be tried later, LeaseLost when a newer worker has it.
    """
    (ended,) = _sign_all([_Order(intent_id, token, None)], room)
    if ended.error:
        raise ended.error
    return ended.outgoing


def sign_tasks(claims: Sequence[Claim], room: Room) -> list[Ended]:
    """Sign what SIGN tasks name, in order; each fares as in `sign_intent`, its error returned.

    After a service was found away the rest is not tried: it would find the same.
    """
    orders = [
        _Order(str(claim.task.args["intent"]), claim.token, claim)
        for claim in claims
        if isinstance(claim.task.args.get("intent"), str)
    ]
    done = {ended.intent: ended for ended in _sign_all(orders, room)}
    return [done.get(str(claim.task.args.get("intent"))) or _forged(claim) for claim in claims]


def _forged(claim: Claim) -> Ended:
    return Ended(str(claim.task.args.get("intent")), error=Conflict("forged", what="task", id=claim.task.id))


def _sign_all(orders: Sequence[_Order], room: Room) -> list[Ended]:
    ended: list[Ended] = []
    waiting: list[_Signed] = []
    size, since = 0, 0.0
    with tempfile.TemporaryDirectory(prefix="sign-", dir=room.workdir) as folder:
        for one in _made(orders, room, Path(folder)):
            if isinstance(one, Ended):
                ended.append(one)
                continue
            since = since if waiting else time.monotonic()
            waiting.append(one)
            size += one.fresh.stat().st_size if one.fresh else 0
            if size > _WAITING_BYTES or time.monotonic() - since > _WAITING_SECONDS:
                ended += _record(waiting, room)
                waiting, size = [], 0
        ended += _record(waiting, room) if waiting else []
    return ended


def _made(orders: Sequence[_Order], room: Room, folder: Path) -> Iterator[_Signed | Ended]:
    """Make one signature after the other, nothing recorded yet."""
    begun = room.intents.begin({one.intent: one.token for one in orders})
    away: ServiceUnavailable | None = None
    for number, order in enumerate(orders):
        said = begun[order.intent]
        if isinstance(said, DigitiseError):
            yield Ended(order.intent, error=said)
        elif order.task is not None and said.intent.outgoing_id != order.task.task.subject:
            yield _forged(order.task)
        elif said.withdrawn:
            yield Ended(order.intent)
        elif said.intent.done_sha256:
            yield Ended(order.intent, said.outgoing)
        elif away:
            yield Ended(order.intent, error=away)
        else:
            made = _one(order, said, room, folder / f"{number}.pdf")
            if isinstance(made, Ended) and isinstance(made.error, ServiceUnavailable):
                away = made.error
            yield made


def _one(order: _Order, said: Authorised, room: Room, target: Path) -> _Signed | Ended:
    try:
        profile = named(room.tools.profiles, said.intent.profile)
        return _adopt(order, said, profile, room) or _sign(order, said, profile, room, target)
    except LeaseLost as lost:
        return Ended(order.intent, error=lost)
    except ServiceUnavailable as away:
        room.intents.wait(order.intent, told(away))
        return Ended(order.intent, error=away)
    except DigitiseError as refused:
        room.intents.fail(order.intent, told(refused))
        return Ended(order.intent)
    except Exception as defect:
        log.exception("intent %s", order.intent)  # and the others of the batch go on
        return Ended(order.intent, error=DefectInOurselves(f"{type(defect).__name__}: {defect}"))


def _adopt(order: _Order, said: Authorised, profile: Profile, room: Room) -> _Signed | None:
    """Take over what an earlier run signed and stored before it was stopped."""
    sha256 = said.pending_sha256
    if not sha256 or not room.store.exists(sha256):
        return None
    with room.store.as_file(sha256) as path:
        verdict = room.tools.verify(path, policy_of(profile)) if room.tools.verify else None
        reached = Level(said.pending_level or profile.level)
        held = Bytes(path, sha256, reached, None if reached == profile.level else profile.level, verdict)
        return _Signed(order, result_of(held, said.outgoing, profile, room.channels, room.renew_before), None)


def _sign(order: _Order, said: Authorised, profile: Profile, room: Room, target: Path) -> _Signed:
    with room.store.as_file(said.intent.input_sha256) as source:
        made = make_signature(source, target, profile, _details(said, room), room.tools)
    signed = Bytes(target, made.signed.sha256, made.signed.level, made.promised, made.verdict)
    return _Signed(order, result_of(signed, said.outgoing, profile, room.channels, room.renew_before), target)


def _record(waiting: Sequence[_Signed], room: Room) -> list[Ended]:
    """Name the bytes in SQL, store them, record them: two commits for all."""
    fresh = [
        Reservation(one.order.intent, one.order.token, one.result.sha256, one.result.level)
        for one in waiting
        if one.fresh is not None
    ]
    faults = _keep(waiting, room.intents.reserve(fresh) if fresh else set(), room)
    ended: list[Ended] = []
    stored: list[Finished] = []
    for one in waiting:
        if fault := faults.get(one.order.intent):
            ended.append(_unstored(one.order.intent, fault, room))
        else:
            room.remember_trust(one.result.verdict)
            stored.append(Finished(one.order.intent, one.order.token, one.result, one.order.task))
    finished = room.intents.finish(stored) if stored else {}
    for done in stored:
        document = finished.get(done.intent)
        lost = None if document else LeaseLost("newer_worker", id=done.intent)
        ended.append(Ended(done.intent, document, lost, task_ended=document is not None and done.task is not None))
    return ended


def _keep(waiting: Sequence[_Signed], reserved: set[str], room: Room) -> dict[str, DigitiseError]:
    """Store together the files that are not stored yet; return, by intent, why one could not be."""
    fresh = [(one, one.fresh) for one in waiting if one.fresh is not None and one.order.intent in reserved]
    faults: dict[str, DigitiseError] = {
        one.order.intent: LeaseLost("intent_closed", id=one.order.intent)
        for one in waiting
        if one.fresh is not None and one.order.intent not in reserved
    }
    kept = room.store.put_all([file for _, file in fresh], media_type=PDF) if fresh else []
    for (one, file), stored in zip(fresh, kept, strict=True):
        file.unlink()
        if isinstance(stored, DigitiseError):
            faults[one.order.intent] = stored
        elif stored != one.result.sha256:
            faults[one.order.intent] = SigningRefused("self_check", reasons="stored bytes differ")
    return faults


def _unstored(intent: str, error: DigitiseError, room: Room) -> Ended:
    if isinstance(error, ServiceUnavailable):
        room.intents.wait(intent, told(error))
    elif not isinstance(error, LeaseLost):
        room.intents.fail(intent, told(error))
        return Ended(intent)
    return Ended(intent, error=error)


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
