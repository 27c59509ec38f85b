"""Tài liệu: page image and text side by side, fields, signature, files with hashes, timeline, reuse."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from digitise.bootstrap import Services
from digitise.errors import Conflict, DigitiseError, InvalidValue, NotFound
from digitise.model.documents import ArtefactKind, Document, DocumentState
from digitise.model.people import Actor, Permission
from digitise.model.tasks import NewTask, TaskKind
from digitise.text import mask, mask_in_text
from digitise.web.api.artefacts import pages_of_text
from digitise.web.auth import Corrector, Reader, Reuser, Signer, Using, document_for, unit_scope
from digitise.web.filing_form import FILING_FIELDS, kinds
from digitise.web.forms import Wrong, read_form, wrong_of
from digitise.web.intake import parse_value
from digitise.web.language import language
from digitise.web.progress import progress_of
from digitise.web.reading import note_reading
from digitise.web.render import render
from digitise.web.words_of import shown_page

router = APIRouter(prefix="/documents/{document_id}")
DocumentId = Annotated[str, Path(max_length=64, pattern="^[0-9a-z]+$")]


@router.get("")
def show(
    document_id: DocumentId,
    request: Request,
    services: Using,
    actor: Reader,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show the document with one of its pages."""
    document = document_for(services, actor, document_id)
    note_reading(services, actor, "document.read", document.id)
    return _page(request, services, actor, document, page, errors=[])


def _page(
    request: Request,
    services: Services,
    actor: Actor,
    document: Document,
    page: int,
    errors: list[Wrong],
    status: int = 200,
) -> Response:
    masks = not actor.may(Permission.READ_IDENTIFIERS)
    filing: dict[str, Any] = asdict(document.filing)
    if masks and filing["owner_id"]:
        filing["owner_id"] = mask(filing["owner_id"])
    shown = shown_page(services, document, page)
    progress = progress_of(services, document)
    return render(
        request,
        "document.html",
        status_code=status,
        here=f"/documents/{document.id}" if errors else "",
        document=document,
        filing=filing,
        fields=FILING_FIELDS,
        kinds=dict(kinds(language(request))),
        page=page,
        pages=document.pages or 1,
        shown=shown,
        masked=mask_in_text if masks else str,
        text=None if shown else _text(services, document, page, masks),
        progress=progress,
        history=services.catalogue.history(document.id),
        reuses=services.reuse.of(document.id),
        original=next((a for a in document.artefacts if a.kind is ArtefactKind.ORIGINAL), None),
        names={a.kind.value for a in document.artefacts},
        drawable=document.state is not DocumentState.FAILED,
        verdict=services.verdicts.latest(document.sha256),
        errors=errors,
    )


def _text(services: Services, document: Document, page: int, masks: bool) -> str | None:
    try:
        pages = pages_of_text(services, document)
    except Conflict:
        return None
    text = pages[page - 1] if page <= len(pages) else ""
    return mask_in_text(text) if masks else text


@router.get("/edit")
def edit(document_id: DocumentId, request: Request, services: Using, actor: Corrector) -> Response:
    """Show the form that corrects the filing."""
    document = document_for(services, actor, document_id)
    return _form(request, services, document, asdict(document.filing), [])


def _form(
    request: Request,
    services: Services,
    document: Document,
    values: dict[str, Any],
    errors: list[Wrong],
    status: int = 200,
) -> Response:
    shown = shown_page(services, document, 1)
    return render(
        request,
        "document_edit.html",
        status_code=status,
        document=document,
        values=values,
        fields=FILING_FIELDS,
        kinds=kinds(language(request)),
        errors=errors,
        turn=shown.turn if shown else 0,
    )


@router.post("/edit")
def correct(document_id: DocumentId, request: Request, services: Using, actor: Corrector) -> Response:
    """Save the corrected filing; a change by somebody else meanwhile is shown, not overwritten."""
    document = document_for(services, actor, document_id)
    form = read_form(request)
    typed = {name: form[name] for name in FILING_FIELDS}
    values: dict[str, Any] = {}
    errors: list[Wrong] = []
    for name, value in typed.items():
        try:
            values[name] = parse_value(name, value)
        except InvalidValue as error:
            errors.append(wrong_of(request, error, name))
    if errors:
        return _form(request, services, document, typed, errors, 422)
    try:
        values["unit"] = unit_scope(actor, values["unit"])
        held = asdict(document.filing)
        changes = {name: value for name, value in values.items() if value != held[name]}
        services.catalogue.correct(document.id, changes, _number(form["version"]), actor)
    except DigitiseError as error:
        fresh = services.catalogue.get(document.id)
        return _form(request, services, fresh, typed, [wrong_of(request, error)], error.status)
    return RedirectResponse(f"/documents/{document.id}", 303)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@router.post("/again/{kind}")
def again(document_id: DocumentId, kind: TaskKind, services: Using, actor: Corrector) -> Response:
    """Promise that the document is recognised or verified again."""
    if kind not in (TaskKind.RECOGNISE, TaskKind.VERIFY):
        raise NotFound(what="task", id=str(kind))
    document = document_for(services, actor, document_id)
    moment = services.clock().isoformat(timespec="seconds")
    services.tasks.promise([NewTask(kind, document.id, f"{document.id}:{kind}:again:{moment}")])
    return RedirectResponse(f"/documents/{document.id}", 303)


@router.post("/reuse")
def reuse(document_id: DocumentId, request: Request, services: Using, actor: Reuser) -> Response:
    """Record that the document serves another dossier. Not bound to the unit: reuse is across units, and logged."""
    form = read_form(request)
    document = services.catalogue.get(document_id)
    errors = [
        wrong_of(request, InvalidValue(f"reuse_{name}", name=f"reuse_{name}", value=""))
        for name in ("dossier", "reason")
        if len(form[name]) < 3
    ]
    if errors:
        return _page(request, services, actor, document_for(services, actor, document_id), 1, errors, 422)
    services.reuse.record(document.id, form["dossier"], form["reason"], actor)
    return RedirectResponse(f"/documents/{document.id}#reuse", 303)


@router.post("/reuse/{reuse_id}/undo")
def undo_reuse(document_id: DocumentId, reuse_id: str, request: Request, services: Using, actor: Reuser) -> Response:
    """Take back a reuse that was recorded by mistake (C9)."""
    document = document_for(services, actor, document_id)
    if reuse_id not in {one.id for one in services.reuse.of(document.id)}:
        raise NotFound("reuse", what="reuse", id=reuse_id[:40])
    try:
        services.reuse.undo(reuse_id, read_form(request)["reason"], actor)
    except InvalidValue as error:
        faults = [Wrong(f"undo-{reuse_id}", wrong_of(request, error).sentence)]
        return _page(request, services, actor, document, 1, faults, 422)
    return RedirectResponse(f"/documents/{document.id}#reuse", 303)


@router.post("/copy")
def copy(document_id: DocumentId, request: Request, services: Using, actor: Signer) -> Response:
    """Register a certified copy (sao y) of the paper; it is looked at and signed like every outgoing document."""
    from digitise.sign.copies import certified_copy

    document = document_for(services, actor, document_id)
    unit = unit_scope(actor, read_form(request)["unit"] or document.filing.unit)
    try:
        if not unit:
            raise InvalidValue("unit_needed", name="copy_unit", value="")
        made = certified_copy(document.id, unit, actor, services.catalogue, services.outgoing)
    except DigitiseError as error:
        return _page(request, services, actor, document, 1, [wrong_of(request, error, "copy_unit")], error.status)
    return RedirectResponse(f"/outgoing/{made.id}", 303)


@router.get("/pages/{number}.webp")
def picture(
    document_id: DocumentId,
    number: Annotated[int, Path(ge=1, le=100_000)],
    request: Request,
    services: Using,
    actor: Reader,
    w: Annotated[int, Query(ge=80, le=2400)] = 1200,
    turn: Annotated[int, Query(ge=0, le=270, multiple_of=90)] = 0,
) -> Response:
    """Draw one page for the screen; the bytes never change, so the browser may keep them while signed in."""
    from digitise.scan.view import MEDIA_TYPE, page_picture

    document = document_for(services, actor, document_id)
    etag = f'"{document.sha256[:32]}.{number}.{w}.{turn}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    with services.store.as_file(document.sha256) as file:
        return Response(page_picture(file, number, w, services.settings, turn), media_type=MEDIA_TYPE, headers=headers)
