"""Unattended signing: only what a rule names, in its hours, so many a day (V8)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from digitise.errors import Conflict, InvalidValue, NotAllowed
from digitise.model.outgoing import Outgoing, OutgoingState
from digitise.model.people import Actor, Permission
from digitise.sign.authorise import confirm
from digitise.sign.order import VIETNAM
from digitise.sign.profiles import Mode, Profile, named
from digitise.sign.register import Intents, OutgoingQuery, OutgoingRegister, Rule, Rules


def enable(rule: Rule, actor: Actor, rules: Rules, profiles: dict[str, Profile]) -> Rule:
    """Enable a rule; raises NotAllowed, NotFound (profile), InvalidValue."""
    if not actor.may(Permission.SIGN) or (actor.unit is not None and actor.unit != rule.unit):
        raise NotAllowed("sign", actor=actor.name)
    named(profiles, rule.profile)
    if not 0 <= rule.from_hour < rule.to_hour <= 24:
        raise InvalidValue("hours", name="hours", value=f"{rule.from_hour}-{rule.to_hour}")
    if not 1 <= rule.per_day <= 100_000:
        raise InvalidValue("per_day", name="per_day", value=rule.per_day)
    return rules.enable(rule, actor)


def stop(name: str, actor: Actor, rules: Rules) -> Rule:
    """Stop a rule at once; what it authorised and is not signed yet is withdrawn."""
    if not actor.may(Permission.SIGN):
        raise NotAllowed("sign", actor=actor.name)
    return rules.stop(name, actor)


def in_force(rule: Rule, now: datetime) -> bool:
    """Say whether the rule is enabled and this is its time of the day, Việt Nam's."""
    hour = now.astimezone(VIETNAM).hour
    return rule.stopped_at is None and rule.from_hour <= hour < rule.to_hour


def names(rule: Rule, document: Outgoing) -> bool:
    """Say whether the rule is about this document."""
    return (
        document.state == OutgoingState.DRAFT
        and document.sha256 is not None
        and not document.secret
        and rule.unit in (None, document.unit)
        and rule.kind in (None, document.kind)
    )


def start_of_day(now: datetime) -> datetime:
    """Return midnight in Việt Nam."""
    return now.astimezone(VIETNAM).replace(hour=0, minute=0, second=0, microsecond=0)


def apply_rules(
    rules: Rules, register: OutgoingRegister, intents: Intents, profiles: dict[str, Profile], now: datetime
) -> int:
    """Authorise every waiting document that a rule in force names; return how many. Without a rule: none."""
    authorised = 0
    for rule in rules.rules():
        if not in_force(rule, now) or rule.profile not in profiles:
            continue
        left = rule.per_day - rules.used(rule.name, start_of_day(now))
        actor = Actor(f"rule:{rule.name}")
        waiting = _waiting(register, rule, profiles[rule.profile])
        while left > 0 and (document := next(waiting, None)):
            try:
                made = confirm(document.id, rule.profile, actor, register, intents, profiles, unattended=True)
            except Conflict:
                continue  # somebody else took it up meanwhile, or its number is used: a person must look
            if made.done_sha256 is None:
                authorised, left = authorised + 1, left - 1
    return authorised


def _waiting(register: OutgoingRegister, rule: Rule, profile: Profile) -> Iterator[Outgoing]:
    """Yield what the rule names and its profile has not signed yet, however many others stand before it."""
    cursor: str | None = None
    while True:
        query = OutgoingQuery(unit=rule.unit, kind=rule.kind, states=(OutgoingState.DRAFT,), limit=200, cursor=cursor)
        page = register.list(query)
        for document in page.items:
            if names(rule, document) and not (profile.mode == Mode.APPROVE and document.signed_sha256):
                yield document
        cursor = page.cursor
        if cursor is None:
            return


def day_of(now: datetime) -> tuple[datetime, datetime]:
    """Return the Vietnamese day around `now`, for the daily list of what was signed unattended."""
    start = start_of_day(now)
    return start, start + timedelta(days=1)
