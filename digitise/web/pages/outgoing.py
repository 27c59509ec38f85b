"""Văn bản đi: the register, one document, registering and importing."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from digitise.bootstrap import Services
from digitise.errors import Conflict, DigitiseError, InvalidValue
from digitise.model.outgoing import Medium, Outgoing, OutgoingState
from digitise.model.people import Permission
from digitise.sign.authorise import recall as take_back
from digitise.web.auth import OutgoingEditor, OutgoingReader, Using
from digitise.web.bytes import stored
from digitise.web.filing_form import kinds
from digitise.web.forms import Wrong, read_form, wrong_of
from digitise.web.language import language
from digitise.web.reading import note_reading
from digitise.web.render import render
from digitise.web.signing import WAITING, import_sent, outgoing_for, query_of, register_sent, usable_profiles

router = APIRouter(prefix="/outgoing")
OutgoingId = Annotated[str, Path(max_length=64, pattern="^[0-9a-z]+$")]
PageNumber = Annotated[int, Query(ge=1, le=100_000)]
STATES = ("waiting", *(state.value for state in OutgoingState))


@router.get("")
def register(request: Request, services: Using, actor: OutgoingReader) -> Response:
    """List the register; what waits can be selected and signed."""
    given = dict(request.query_params)
    errors: list[Wrong] = []
    try:
        page = services.outgoing.list(query_of(given, actor, 50))
    except InvalidValue as error:
        errors, page = [wrong_of(request, error)], services.outgoing.list(query_of({}, actor, 50))
    return render(
        request,
        "outgoing.html",
        status_code=422 if errors else 200,
        page=page,
        given=given,
        errors=errors,
        states=STATES,
        counts=services.outgoing.counts(actor.unit),
        waiting=WAITING,
        kinds=kinds(language(request)),
        profiles=_profiles(services),
        warning=_warning,
        ends=_certificates_that_end(services) if actor.may(Permission.SIGN) else [],
    )


COPIES = frozenset({"SY", "SL", "TrS"})  # sao y, sao lục, trích sao: signed by the office alone


def _warning(document: Outgoing) -> str | None:
    """Return what a signer should mind of one row (a key below `web_sign.warning`), by what is known already."""
    if document.sha256 is None:
        return "no_file" if document.medium is Medium.ELECTRONIC and not document.verdict else None
    if document.state not in WAITING or document.kind in COPIES:
        return None
    return {"unsigned": "person_missing", "invalid": "person_broken"}.get(document.verdict or "")


def _certificates_that_end(services: Services) -> list[str]:
    from digitise.sign.known_keys import ending

    return ending(services.known_keys.all(), services.clock(), timedelta(days=services.settings.key_warn_days))


def _profiles(services: Services) -> list[str]:
    try:
        return list(usable_profiles(services))
    except InvalidValue:
        return []  # the operator's page tells what is wrong with the file


@router.get("/new")
def new(request: Request, services: Using, actor: OutgoingEditor) -> Response:
    """Show the form that registers one document, and the one that imports a register."""
    return _form(request, {"unit": actor.unit or ""}, [])


def _form(
    request: Request, values: dict[str, str], errors: list[Wrong], done: object = None, status: int = 200
) -> Response:
    return render(
        request,
        "outgoing_new.html",
        status_code=status,
        here="/outgoing/new",
        values=values,
        errors=errors,
        kinds=kinds(language(request)),
        done=done,
    )


@router.post("/new")
def add(request: Request, services: Using, actor: OutgoingEditor) -> Response:
    """Register one document."""
    typed: dict[str, str] = {}
    try:
        document = register_sent(request, services, actor, typed)
    except DigitiseError as error:
        return _form(request, typed, [wrong_of(request, error, "file")], status=error.status)
    return RedirectResponse(f"/outgoing/{document.id}", 303)


@router.post("/import")
def import_register(request: Request, services: Using, actor: OutgoingEditor) -> Response:
    """Import a register kept elsewhere and say what became of its rows."""
    try:
        done = import_sent(request, services, actor)
    except DigitiseError as error:
        return _form(request, {}, [wrong_of(request, error, "register")], status=error.status)
    return _form(request, {"unit": actor.unit or ""}, [], done)


@router.get("/{outgoing_id}")
def show(outgoing_id: OutgoingId, request: Request, services: Using, actor: OutgoingReader) -> Response:
    """Show one document: what it says, its verdict, what happened to it."""
    return _page(outgoing_id, request, services, actor, [])


def _page(
    outgoing_id: str,
    request: Request,
    services: Services,
    actor: OutgoingReader,
    errors: list[Wrong],
    status: int = 200,
) -> Response:
    document = outgoing_for(services, actor, outgoing_id)
    note_reading(services, actor, "outgoing.read", outgoing_id)
    sha256 = document.signed_sha256 or document.sha256
    return render(
        request,
        "outgoing_document.html",
        status_code=status,
        here=f"/outgoing/{outgoing_id}",
        document=document,
        verdict=services.verdicts.latest(sha256) if sha256 else None,
        history=services.outgoing.history(outgoing_id),
        kinds=dict(kinds(language(request))),
        profiles=_profiles(services),
        waiting=WAITING,
        errors=errors,
    )


@router.post("/{outgoing_id}/recall")
def recall(outgoing_id: OutgoingId, request: Request, services: Using, actor: OutgoingEditor) -> Response:
    """Recall a document."""
    outgoing_for(services, actor, outgoing_id)
    reason = read_form(request)["reason"]
    try:
        if len(reason) < 3:
            raise Conflict("reason_missing", name="reason")
        take_back(outgoing_id, reason, actor, services.outgoing)
    except Conflict as error:
        return _page(outgoing_id, request, services, actor, [wrong_of(request, error, "reason")], 422)
    return RedirectResponse(f"/outgoing/{outgoing_id}", 303)


@router.get("/{outgoing_id}/file")
def file(
    outgoing_id: OutgoingId, request: Request, services: Using, actor: OutgoingReader, signed: bool = True
) -> Response:
    """Give the PDF: as issued, or as handed in."""
    document = outgoing_for(services, actor, outgoing_id)
    sha256 = (document.signed_sha256 if signed else None) or document.sha256
    if sha256 is None:
        raise Conflict("no_file")
    note_reading(services, actor, "outgoing.file.read", outgoing_id)
    size = services.store.size(sha256)
    disposition = f'attachment; filename="{document.id}.pdf"'
    return stored(request, services, sha256, size, "application/pdf", disposition)


@router.get("/{outgoing_id}/page.webp")
def picture(
    outgoing_id: OutgoingId, request: Request, services: Using, actor: OutgoingReader, page: PageNumber = 1
) -> Response:
    """Draw a page; without `?page=` the first."""
    from digitise.scan.view import MEDIA_TYPE, page_picture

    document = outgoing_for(services, actor, outgoing_id)
    sha256 = document.signed_sha256 or document.sha256
    if sha256 is None:
        raise Conflict("no_file")
    etag = f'"{sha256[:32]}.{page}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    with services.store.as_file(sha256) as path:
        return Response(page_picture(path, page, 1000, services.settings), media_type=MEDIA_TYPE, headers=headers)
