"""What both doors of an upload share: form fields → Filing, each file → `digitise.scan.intake.accept`."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, BinaryIO, cast

from fastapi import Request

from digitise.bootstrap import Services
from digitise.errors import DigitiseError, InvalidValue, LimitExceeded, UsageError
from digitise.model.documents import Accepted, Filing
from digitise.model.people import Actor
from digitise.text import day_of, squeeze
from digitise.web.auth import unit_scope
from digitise.web.multipart import Multipart, Part

DATES = frozenset({"issued_on", "valid_until"})
FIELDS = frozenset(Filing.__dataclass_fields__)
ALIASES = {"owner": "owner_id"}  # the command line's and the forms' short name
KEYS = frozenset({"dossier", "owner_id"})  # a paper whose code says another was put to the wrong dossier
MAX_VALUE = 500  # characters; annex VI of NĐ 30/2020 allows 500 for the longest of them


@dataclass(slots=True)
class Sent:
    """One file of an upload and what became of it."""

    file_name: str
    accepted: Accepted | None = None
    error: DigitiseError | None = None


@dataclass(slots=True)
class Form:
    """The text fields that have arrived so far; those that come behind a file still count for it."""

    values: dict[str, str] = field(default_factory=dict)

    def filing(self, actor: Actor) -> Filing:
        """Return what the clerk said; InvalidValue names the field that is wrong."""
        known = {ALIASES.get(k, k): v for k, v in self.values.items() if ALIASES.get(k, k) in FIELDS and v.strip()}
        values = {name: parse_value(name, value) for name, value in known.items()}
        return replace(Filing(**values), unit=unit_scope(actor, values.get("unit")))


def parse_value(name: str, value: str) -> Any:
    """Return one filing field from its text."""
    clean = squeeze(value.replace("\x00", ""))
    if len(clean) > MAX_VALUE:
        raise InvalidValue("too_long", name=name, value=clean[:20] + "…", limit=MAX_VALUE)
    if not clean:
        return None
    if name in DATES:
        return parse_date(name, clean)
    return clean


def parse_date(name: str, value: str) -> date:
    """Read `2023-02-05` or `05/02/2023`."""
    try:
        return day_of(value)
    except ValueError as error:
        raise InvalidValue("date", name=name, value=value[:20]) from error


def receive(request: Request, services: Services, actor: Actor, form: Form | None = None) -> Iterator[Sent]:
    """Take in every file of the request as it arrives; an error of one file does not stop the others.

    `form` is filled with the fields, for a page that shows them again.
    """
    refuse_too_large(request, services)
    form, sent = form or Form(), list[Sent]()
    for part in Multipart(request, body_limit(request, services)).parts():
        if part.file_name is None:
            form.values[part.name] = part.value()
            continue
        if not part.file_name and part.is_empty():
            continue  # a form that was sent without choosing a file
        if len(sent) >= services.settings.batch_files:
            raise LimitExceeded("files", limit=services.settings.batch_files, found=len(sent) + 1)
        one = _take(part, form, services, actor)
        sent.append(one)
    _file_late(form, sent, services, actor)
    yield from sent


def refuse_too_large(request: Request, services: Services) -> None:
    """Refuse by Content-Length before a byte is read."""
    length, limit = request.headers.get("content-length"), body_limit(request, services)
    if length is not None and length.isdigit() and int(length) > limit:
        raise LimitExceeded("upload", limit=limit, found=int(length))


def body_limit(request: Request, services: Services) -> int:
    """Return the most bytes of the whole request: the API takes one file at a time, the form many."""
    settings = services.settings
    files = settings.batch_files if request.url.path.startswith("/upload") else 1
    return settings.max_upload_bytes * files + (1 << 20)  # 1 MB for fields and boundaries


def _take(part: Part, form: Form, services: Services, actor: Actor) -> Sent:
    from digitise.scan.intake import accept

    name = part.file_name or ""
    try:
        accepted = accept(
            cast(BinaryIO, io.BufferedReader(part, 1 << 16)),
            name,
            form.filing(actor),
            actor,
            store=services.store,
            catalogue=services.catalogue,
            settings=services.settings,
            glancing=services.settings.upload_glance,
        )
        return Sent(name, accepted)
    except UsageError:
        raise
    except DigitiseError as error:
        error.file = error.file or name
        return Sent(name, error=error)


def _file_late(form: Form, sent: list[Sent], services: Services, actor: Actor) -> None:
    """Apply fields that came behind a file (curl sends them in any order) to what is new."""
    filing = form.filing(actor)
    for one in sent:
        if one.accepted is None or one.accepted.existing:
            continue
        held = one.accepted.document
        late = {
            name: getattr(filing, name)
            for name in FIELDS
            if getattr(filing, name) is not None and getattr(filing, name) != getattr(held.filing, name)
        }
        if late:
            document = services.catalogue.correct(held.id, late, held.version, actor)
            differs = any(name in late for name in one.accepted.from_code if name in KEYS)
            seen = (*(one.accepted.seen or ()), "code_differs") if differs else one.accepted.seen
            kept = tuple(name for name in one.accepted.from_code if name not in late)
            one.accepted = replace(one.accepted, document=document, seen=seen, from_code=kept)
