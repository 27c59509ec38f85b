"""What the workers call: one claimed task each, and the periodic work. Decisions are in the journeys, not here."""

from datetime import datetime

from digitise.model.tasks import Claim, NewTask
from digitise.sign.profiles import Level
from digitise.sign.register import Intents, OutgoingRegister
from digitise.sign.renew import extend, renewals
from digitise.sign.sign import Room, sign_task


def sign_claim(claim: Claim, room: Room) -> list[NewTask]:
    """Sign what a SIGN task names; what follows is promised with the result. A task without an intent signs nothing."""
    sign_task(claim, room)
    return []


def renew_claim(claim: Claim, room: Room, register: OutgoingRegister) -> list[NewTask]:
    """Keep the promise of a RENEW task: a promised timestamp, or a new archive timestamp."""
    args, level = claim.task.args, Level(str(claim.task.args["level"]))
    promise = bool(args.get("promise", level != Level.B_LTA))  # tasks of former versions do not say
    extend(claim.task.subject, str(args["sha256"]), level, room, register, promise=promise)
    return []


def renew_due(intents: Intents, register: OutgoingRegister, now: datetime) -> list[NewTask]:
    """Return the renewals that are due, to be promised."""
    return renewals(intents.renewals_due(now), register)
