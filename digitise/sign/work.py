"""What the workers call: one claimed task each, and the periodic work. Decisions are in the journeys, not here."""

from datetime import datetime

from digitise.model.tasks import Claim, NewTask
from digitise.sign.deliver import Receivers, deliver
from digitise.sign.profiles import Level
from digitise.sign.register import Deliveries, Intents, OutgoingRegister, Rules
from digitise.sign.renew import extend, renewals
from digitise.sign.rules import apply_rules
from digitise.sign.sign import Room, sign_task


def sign_claim(claim: Claim, room: Room) -> list[NewTask]:
    """Sign what a SIGN task names; what follows is promised with the result. A task without an intent signs nothing."""
    sign_task(claim, room)
    return []


def deliver_claim(
    claim: Claim, register: OutgoingRegister, deliveries: Deliveries, room: Room, receivers: Receivers
) -> list[NewTask]:
    """Make one attempt at a DELIVER task."""
    deliver(str(claim.task.args["delivery"]), register, deliveries, room.store, receivers, room.clock)
    return []


def renew_claim(claim: Claim, room: Room, register: OutgoingRegister) -> list[NewTask]:
    """Keep the promise of a RENEW task: a promised timestamp, or a new archive timestamp."""
    args = claim.task.args
    extend(claim.task.subject, str(args["sha256"]), Level(str(args["level"])), room, register)
    return []


def renew_due(intents: Intents, register: OutgoingRegister, now: datetime) -> list[NewTask]:
    """Return the renewals that are due, to be promised."""
    return renewals(intents.renewals_due(now), register)


def unattended(rules: Rules, register: OutgoingRegister, room: Room, now: datetime) -> int:
    """Authorise what rules in force name; return how many (the tasks are promised with the intents)."""
    return apply_rules(rules, register, room.intents, room.tools.profiles, now)
