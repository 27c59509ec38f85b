"""Who may have what signed: a person confirms, an intent is written, and nothing else moves a key (Truth 7)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count

from digitise.errors import Conflict, DigitiseError, NotAllowed, SigningRefused
from digitise.model.outgoing import Intent, Outgoing, OutgoingState
from digitise.model.people import Actor, Permission
from digitise.sign.profiles import Mode, Profile, named
from digitise.sign.register import Intents, Numbered, OutgoingRegister


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What became of one document of a batch: an intent, or the reason why not."""

    outgoing_id: str
    intent: Intent | None
    error: DigitiseError | None = None


def confirm(
    outgoing_id: str,
    profile_name: str,
    actor: Actor,
    register: OutgoingRegister,
    intents: Intents,
    profiles: dict[str, Profile],
    numbered: Numbered | None = None,
    *,
    unattended: bool = False,
) -> Intent:
    """Authorise signing exactly the document's present bytes with a profile; number and date are allotted at *issue*.

    Raises NotAllowed, NotFound, SigningRefused (nothing to sign, may not follow), Conflict (state, number used).
    """
    document = register.get(outgoing_id)
    if not unattended and (not actor.may(Permission.SIGN) or actor.unit not in (None, document.unit)):
        raise NotAllowed("sign", actor=actor.name)
    profile = named(profiles, profile_name)
    sha256 = document.signed_sha256 or document.sha256
    if sha256 is None:
        raise SigningRefused("no_file", id=outgoing_id)
    _may_follow(profile, intents.of(outgoing_id), profiles)
    wanted = (numbered or Numbered()) if profile.mode == Mode.ISSUE else numbered
    return intents.authorise(outgoing_id, profile.name, sha256, actor, wanted)


def _may_follow(profile: Profile, before: Sequence[Intent], profiles: dict[str, Profile]) -> None:
    """Raise SigningRefused where a profile that signed this document before does not permit this one to follow."""
    for one in before:
        earlier = profiles.get(one.profile)
        if one.done_sha256 is None or earlier is None or earlier.name == profile.name:
            continue
        if "signature" not in earlier.permits:
            raise SigningRefused("may_not_follow", earlier=earlier.name, profile=profile.name)
        if profile.writes and "numbering" not in earlier.permits:
            raise SigningRefused("may_not_number", earlier=earlier.name, profile=profile.name)


def confirm_batch(
    outgoing_ids: Sequence[str],
    profile_name: str,
    actor: Actor,
    register: OutgoingRegister,
    intents: Intents,
    profiles: dict[str, Profile],
    numbered: Numbered | None = None,
) -> list[Confirmed]:
    """Confirm several; each succeeds or fails by itself. A number given goes to the first, the next ones follow it."""
    made: list[Confirmed] = []
    numbers = in_turn(numbered)
    for outgoing_id in dict.fromkeys(outgoing_ids):
        try:
            intent = confirm(outgoing_id, profile_name, actor, register, intents, profiles, next(numbers))
            made.append(Confirmed(outgoing_id, intent))
        except DigitiseError as error:
            made.append(Confirmed(outgoing_id, None, error))
    return made


def in_turn(numbered: Numbered | None) -> Iterator[Numbered | None]:
    """Yield what each document of a batch is given: the number for the first, the next ones for those that follow."""
    first = numbered.number if numbered else None
    for position in count():
        yield replace(numbered, number=first + position) if numbered and first is not None else numbered


def number_taken(
    document: Outgoing, given: Numbered | None, register: OutgoingRegister, today: date
) -> Conflict | None:
    """Return why confirming will fail with this number: another document of the unit's year bears it. For before confirming."""
    wanted = given or Numbered()
    number = wanted.number if wanted.number is not None else document.number
    symbol = wanted.symbol or document.symbol
    if number is None or not symbol:
        return None  # the next free one will be given, or none
    year = (wanted.issued_on or document.issued_on or today).year
    holder = register.numbered(document.unit, year, symbol, number)
    if holder in (None, document.id):
        return None
    return Conflict("number_used", number=f"{number}/{symbol}", id=str(holder))


def recall(outgoing_id: str, reason: str, actor: Actor, register: OutgoingRegister) -> Outgoing:
    """Recall a document (NĐ 30/2020, art. 18.4); raises NotAllowed, NotFound, Conflict."""
    document = register.get(outgoing_id)
    if not actor.may(Permission.EDIT_OUTGOING) or actor.unit not in (None, document.unit):
        raise NotAllowed("edit_outgoing", actor=actor.name)
    if not reason.strip():
        raise Conflict("reason_missing", what="outgoing", id=outgoing_id)
    return register.recall(outgoing_id, reason.strip(), actor)


WAITING = (OutgoingState.DRAFT, OutgoingState.FAILED)  # what a records clerk still has to look at (V1)
