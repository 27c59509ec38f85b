"""What the API and the pages of outgoing documents share: scope, registering from a form, warnings before signing."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from fastapi import Request

from digitise.bootstrap import Services
from digitise.errors import DigitiseError, InvalidValue, LimitExceeded, NotFound, UsageError
from digitise.model.outgoing import Medium, NewOutgoing, Outgoing, OutgoingState
from digitise.model.people import Actor
from digitise.model.verdicts import Verdict
from digitise.sign.profiles import Mode, Profile
from digitise.sign.register import Numbered, OutgoingQuery
from digitise.sign.tools import profiles
from digitise.text import squeeze
from digitise.web.auth import unit_scope
from digitise.web.intake import parse_date
from digitise.web.multipart import Multipart, Part

if TYPE_CHECKING:
    from digitise.verify.safely import Verifier

WAITING = (OutgoingState.DRAFT, OutgoingState.FAILED)
MOST_IN_BATCH = 200  # documents confirmed at once: more nobody has looked at
CHUNK = 256 << 10


@dataclass(frozen=True, slots=True)
class Ready:
    """One document on the confirmation page; `warnings` are keys below `web_sign.warning`."""

    document: Outgoing
    verdict: Verdict | None
    warnings: tuple[str, ...]


def outgoing_for(services: Services, actor: Actor, outgoing_id: str) -> Outgoing:
    """Return the document; NotFound also where it belongs to another unit."""
    document: Outgoing = services.outgoing.get(outgoing_id)
    if actor.unit is not None and document.unit != actor.unit:
        raise NotFound(what="outgoing", id=outgoing_id)
    return document


def query_of(given: Mapping[str, str], actor: Actor, limit: int = 50) -> OutgoingQuery:
    """Read `?state=&unit=&kind=&q=&from=&to=&cursor=`; `state=waiting` is what a records clerk still has to look at."""
    state = given.get("state", "")
    if state and state != "waiting" and state not in list(OutgoingState):
        raise InvalidValue("state", name="state", value=state[:20])
    states = WAITING if state == "waiting" else (OutgoingState(state),) if state else ()
    return OutgoingQuery(
        unit=unit_scope(actor, given.get("unit", "")[:64] or None),
        kind=given.get("kind", "")[:64] or None,
        states=states,
        text=given.get("q", "")[:200].replace("\x00", ""),
        from_=parse_date("from", given["from"]) if given.get("from") else None,
        to=parse_date("to", given["to"]) if given.get("to") else None,
        limit=limit,
        cursor=given.get("cursor", "")[:100] or None,
    )


def usable_profiles(services: Services) -> dict[str, Profile]:
    """Return the signing profiles in force; reading them needs no key."""
    return profiles(services.settings)


def numbered_of(given: Mapping[str, Any]) -> Numbered | None:
    """Return number, symbol and date where any was given."""
    number, symbol, issued_on = (str(given.get(name) or "").strip() for name in ("number", "symbol", "issued_on"))
    if not (number or symbol or issued_on):
        return None
    if number and not (number.isascii() and number.isdigit() and len(number) <= 7):
        raise InvalidValue("number", name="number", value=number[:20])
    day = parse_date("issued_on", issued_on) if issued_on else None
    return Numbered(int(number) if number else None, symbol[:64] or None, day)


def ready(services: Services, document: Outgoing, profile: Profile, check: "Verifier") -> Ready:
    """Say what a signer should know before confirming (V3); bytes that nobody has checked are checked now."""
    warnings: list[str] = []
    sha256 = document.signed_sha256 or document.sha256
    verdict: Verdict | None = services.verdicts.latest(sha256) if sha256 else None
    if sha256 and verdict is None:
        with services.store.as_file(sha256) as file:
            verdict = check(file, now=services.clock(), name=document.abstract).verdict
    if sha256 is None:
        warnings.append("no_file")
    elif profile.mode is Mode.ISSUE and "person_signature" in profile.requires:
        if verdict is None:
            warnings.append("person_unchecked")
        elif not verdict.person_valid:
            warnings.append("person_missing" if verdict.outcome == "unsigned" else "person_broken")
    if document.state not in (OutgoingState.DRAFT, OutgoingState.FAILED, OutgoingState.CONFIRMED):
        warnings.append("state")
    return Ready(document, verdict, tuple(warnings))


def register_sent(request: Request, services: Services, actor: Actor, fields: dict[str, str]) -> Outgoing:
    """Register the document of a multipart request: its PDF where it has one, and its fields, which fill `fields`."""
    from digitise.scan.intake import look
    from digitise.sign.register_file import register_file

    limit = services.settings.max_upload_bytes
    with tempfile.TemporaryDirectory(prefix="outgoing-") as folder:
        file: Path | None = None
        for part in Multipart(request, limit + (1 << 20)).parts():
            if part.file_name is None:
                fields[part.name] = squeeze(part.value())
            elif not (not part.file_name and part.is_empty()):
                file = Path(folder) / (part.file_name or "van-ban.pdf")
                with file.open("wb") as target:
                    copy(part, target, limit)
        new = new_outgoing(fields, actor)
        if file is not None:
            look(file, services.settings, file.name)  # the limited child meets a hostile file first
            return register_file(file, new, actor, services.outgoing, services.store)
    registered: Outgoing = services.outgoing.add(new, actor)
    return registered


def copy(part: Part, target: IO[bytes], limit: int) -> None:
    """Write a part to a file; LimitExceeded."""
    size = 0
    while piece := part.read(CHUNK):
        size += len(piece)
        if size > limit:
            raise LimitExceeded("upload", limit=limit, found=size)
        target.write(piece)


def new_outgoing(fields: Mapping[str, str], actor: Actor) -> NewOutgoing:
    """Read a registration; InvalidValue names the field that is wrong."""
    given = {name: str(value).strip()[:1000] for name, value in fields.items() if value is not None}
    unit = unit_scope(actor, given.get("unit"))
    if not unit:
        raise InvalidValue("unit_needed", name="unit", value="")
    if not given.get("abstract"):
        raise InvalidValue("abstract_needed", name="abstract", value="")
    numbers = numbered_of(given) or Numbered()
    medium = given.get("medium") or Medium.ELECTRONIC
    if medium not in list(Medium):
        raise InvalidValue("medium", name="medium", value=medium[:20])
    return NewOutgoing(
        unit=unit,
        kind=given.get("kind") or "CV",
        abstract=given["abstract"],
        number=numbers.number,
        symbol=numbers.symbol,
        issued_on=numbers.issued_on,
        signer=given.get("signer") or None,
        signer_title=given.get("signer_title") or None,
        medium=Medium(medium),
        secret=given.get("secret", "").lower() in ("1", "true", "on", "yes"),
        external_id=given.get("external_id") or None,
        recipients=given.get("recipients") or None,
    )


def import_sent(request: Request, services: Services, actor: Actor) -> Any:
    """Import the CSV or XLSX register of a multipart request; returns an ImportResult."""
    from digitise.sign.imports import import_register

    settings = services.settings
    fields: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="register-") as folder:
        file: Path | None = None
        for part in Multipart(request, settings.max_upload_bytes).parts():
            if part.file_name is None:
                fields[part.name] = part.value().strip()
            elif file is None and (part.file_name or not part.is_empty()):
                file = Path(folder) / (part.file_name or "register.csv")
                with file.open("wb") as target:
                    copy(part, target, settings.max_upload_bytes)
        if file is None:
            raise UsageError("one_file")
        try:
            unit = unit_scope(actor, fields.get("unit"))
            return import_register(file, services.outgoing, actor, unit=unit, columns=settings.outgoing_columns)
        except DigitiseError as error:
            error.file = error.file or file.name
            raise
