"""What the confirmation page shows besides the register: the pages with the signature on them, and the certificate."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digitise import child
from digitise.bootstrap import Services
from digitise.errors import DigitiseError
from digitise.model.outgoing import Outgoing, OutgoingState
from digitise.model.verdicts import SignatureRole
from digitise.sign.authorise import number_taken
from digitise.sign.certificates import check_certificate
from digitise.sign.foresee import foresee
from digitise.sign.preview import Will
from digitise.sign.profiles import Mode, Profile
from digitise.sign.register import Numbered, OutgoingQuery


@dataclass(frozen=True, slots=True)
class Page:
    """One page and what will be drawn on it."""

    number: int  # from 1
    marks: tuple[Will, ...] = ()
    sheet: tuple[float, float] | None = None  # points; None where nothing will be drawn


@dataclass(frozen=True, slots=True)
class Facing:
    """The pages worth looking at: the first, and the one that gets the signature."""

    pages: tuple[Page, ...] = ()
    warnings: tuple[str, ...] = ()  # keys below `sign.warnings`
    refusals: tuple[DigitiseError, ...] = ()  # why confirming or signing it will fail


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate that will sign, as far as it is known without a PIN."""

    subject: str = ""
    not_after: datetime | None = None
    days_left: int = 0
    seen: bool = False  # read from the newest signature, not from the settings
    problem: DigitiseError | None = None  # why it may not sign


def facing(services: Services, document: Outgoing, profile: Profile, numbered: Numbered | None) -> Facing:
    """Return the pages of `document` as they will look; a file that cannot be read shows its first page alone."""
    given = numbered or Numbered()
    today = services.clock().date()
    taken = number_taken(document, given, services.outgoing, today) if profile.mode is Mode.ISSUE else None
    refusals: tuple[DigitiseError, ...] = (taken,) if taken else ()
    if (document.signed_sha256 or document.sha256) is None:
        return Facing(refusals=refusals)
    limits, organisation = child.Limits.of(services.settings), services.settings.report_organisation
    found = foresee(document, profile, given, services.store, limits, services.clock(), organisation)
    numbers = dict.fromkeys((1, *(mark.page for mark in found.marks)))
    return Facing(tuple(_page(number, found.marks) for number in numbers), found.warnings, (*refusals, *found.refusals))


def _page(number: int, marks: tuple[Will, ...]) -> Page:
    here = tuple(mark for mark in marks if mark.page == number)
    return Page(number, here, here[0].sheet if here else None)


def certificate_of(services: Services, key: str, profile: Profile, unit: str | None) -> Certificate | None:
    """Return the certificate of `key` as the sign worker told it, else of the unit's newest signature; None: only the PIN tells."""
    now = services.clock()
    found = next((one.x509 for one in services.known_keys.all() if one.name == key), None)
    if found is None:
        return _seen(services, profile, unit, now)
    try:
        facts = check_certificate(key, found, now, services.settings.key_warn_days)
    except DigitiseError as error:
        return Certificate(problem=error)
    return Certificate(facts.organisation or facts.subject, facts.not_after, facts.days_left, False)


def _seen(services: Services, profile: Profile, unit: str | None, now: datetime) -> Certificate | None:
    wanted = SignatureRole.PERSON if profile.mode is Mode.APPROVE else SignatureRole.ORGANISATION
    states = (OutgoingState.SIGNED, OutgoingState.DELIVERED)
    for done in services.outgoing.list(OutgoingQuery(unit=unit, states=states, limit=5)).items:
        verdict: Any = services.verdicts.latest(done.signed_sha256) if done.signed_sha256 else None
        for one in reversed(verdict.signatures if verdict else ()):
            if one.role is wanted and one.certificate is not None:
                ends = one.certificate.not_after
                name = one.signer.common_name or one.signer.organisation or ""
                return Certificate(name, ends, (ends - now).days, True)
    return None
