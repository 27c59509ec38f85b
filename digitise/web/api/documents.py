"""Documents: take in, list, show, correct."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse

from digitise.errors import InvalidValue, UsageError
from digitise.model.documents import DocumentState, Filing
from digitise.model.documents import Query as Wanted
from digitise.model.tasks import NewTask, TaskKind
from digitise.web.api.shapes import (
    Code,
    Correction,
    DocumentId,
    DocumentShape,
    FoundPage,
    Short,
    TaskList,
    WordCorrection,
    document_shape,
    filing_shape,
    found_shape,
    task_shape,
)
from digitise.web.auth import Adder, Corrector, Reader, Using, document_for, in_scope, unit_scope
from digitise.web.correction import correct_word
from digitise.web.intake import receive
from digitise.web.language import language
from digitise.web.once import once
from digitise.web.reading import note_reading
from digitise.web.scan_check import scan_check
from digitise.web.words import refuse_identifier
from digitise.web.words_of import words_artefact

router = APIRouter(prefix="/documents", tags=["documents"])

UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "PDF, TIFF, JPEG, PNG …"},
                        "dossier": {"type": "string", "description": "Dossier code"},
                        "owner": {"type": "string", "description": "Owner's identifier"},
                        "owner_name": {"type": "string"},
                        "kind": {"type": "string", "description": "Kind of document"},
                        "unit": {"type": "string", "description": "Code of the unit"},
                        "title": {"type": "string"},
                    },
                }
            }
        },
    }
}


@router.post("", status_code=201, responses={200: {"model": DocumentShape}}, openapi_extra=UPLOAD)
def add(
    request: Request,
    services: Using,
    actor: Adder,
    idempotency_key: Annotated[str | None, Header(max_length=255)] = None,
) -> DocumentShape:
    """Take in one file, streamed; 201 once it is durable and its recognition promised, 200 where its bytes are held already."""
    return once(  # type: ignore[return-value]  # FastAPI passes a Response through
        request, services, actor, request.headers.get("content-length", ""), lambda: _add(request, services, actor)
    )


def _add(request: Request, services: Using, actor: Adder) -> Response:
    sent = list(receive(request, services, actor))
    if len(sent) != 1:
        raise UsageError("one_file")
    if sent[0].error is not None:
        raise sent[0].error
    accepted = sent[0].accepted
    assert accepted is not None
    document = accepted.document
    lang = language(request)
    check = scan_check(accepted, actor, lang)
    shape = document_shape(
        document,
        actor,
        existing=accepted.existing,
        task_id=accepted.task_id,
        warning_texts=list(check.flaws),
        scan_check=None if accepted.seen is None else list(accepted.seen),
        from_code=list(accepted.from_code),
        note_texts=list(check.notes),
    )
    if not in_scope(services, actor, document):
        shape.filing = filing_shape(
            Filing(), actor
        )  # the bytes are known to the caller, what another unit says of them is not
    location = {"Location": f"/api/v1/documents/{document.id}"}
    return JSONResponse(shape.model_dump(mode="json"), 200 if accepted.existing else 201, location)


@router.get("")
def find(
    services: Using,
    actor: Reader,
    q: Annotated[Short, Query(description="Words, with or without diacritics; a number")] = "",
    dossier: Code | None = None,
    kind: Code | None = None,
    unit: Code | None = None,
    number: Code | None = None,
    verdict: Code | None = None,
    state: DocumentState | None = None,
    from_: Annotated[date | None, Query(alias="from")] = None,
    to: date | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Short | None = None,
) -> FoundPage:
    """Find documents, exact diacritics first, then newest; identifiers of people belong in `POST /reuse/search`."""
    refuse_identifier(q)
    wanted = Wanted(
        text=q,
        dossier=dossier,
        kind=kind,
        unit=unit_scope(actor, unit),
        number=number,
        verdict=verdict,
        state=state,
        from_=from_,
        to=to,
        limit=limit,
        cursor=cursor,
    )
    page = services.search.find(wanted)
    return FoundPage(items=[found_shape(found, actor) for found in page.items], next=page.cursor)


@router.get("/{document_id}")
def show(document_id: DocumentId, response: Response, services: Using, actor: Reader) -> DocumentShape:
    """Show one document; `ETag` is its version for `If-Match`."""
    document = document_for(services, actor, document_id)
    note_reading(services, actor, "document.read", document.id)
    response.headers["ETag"] = f'"v{document.version}"'
    return document_shape(document, actor)


@router.patch("/{document_id}")
def correct(
    document_id: DocumentId,
    change: Correction,
    response: Response,
    services: Using,
    actor: Corrector,
    if_match: Annotated[str | None, Header(max_length=64)] = None,
) -> DocumentShape:
    """Correct what is said of a document; 409 where somebody else changed it meanwhile."""
    document = document_for(services, actor, document_id)
    version = change.version if change.version is not None else _version(if_match)
    values = change.model_dump(exclude_unset=True, exclude={"version"})
    if "unit" in values:
        values["unit"] = unit_scope(actor, values["unit"])
    changed = services.catalogue.correct(document.id, values, version, actor)
    response.headers["ETag"] = f'"v{changed.version}"'
    return document_shape(changed, actor)


def _version(if_match: str | None) -> int:
    value = (if_match or "").strip().strip('"').removeprefix("v")
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise InvalidValue("version_needed", name="version", value=value[:20])
    return int(value)


@router.patch("/{document_id}/words")
def correct_one_word(
    document_id: DocumentId,
    change: WordCorrection,
    response: Response,
    services: Using,
    actor: Corrector,
    if_match: Annotated[str | None, Header(max_length=80)] = None,
) -> DocumentShape:
    """Correct one recognised word; 409 where the words file is another now. `ETag` is the new one's SHA-256.

    Text, words and search have the word at once, a new searchable PDF follows; image and original stay as they are.
    """
    document = document_for(services, actor, document_id)
    seen = change.seen or (if_match or "").strip().strip('"')
    if not seen:
        raise InvalidValue("seen_needed", name="seen", value="")
    changed = correct_word(services, document, change.page, change.index, change.text, seen, actor)
    response.headers["ETag"] = f'"{words_artefact(changed)}"'
    return document_shape(changed, actor)


@router.post("/{document_id}/recognise", status_code=202)
def recognise(document_id: DocumentId, services: Using, actor: Corrector) -> TaskList:
    """Promise that the document is recognised again."""
    return _promise(services, document_for(services, actor, document_id).id, TaskKind.RECOGNISE)


@router.post("/{document_id}/verify", status_code=202)
def verify(document_id: DocumentId, services: Using, actor: Corrector) -> TaskList:
    """Promise that the document's signatures are checked again."""
    return _promise(services, document_for(services, actor, document_id).id, TaskKind.VERIFY)


def _promise(services: Using, subject: str, kind: TaskKind) -> TaskList:
    moment = services.clock().isoformat(timespec="seconds")  # the same wish twice within a second is one task
    args = {"run": moment} if kind is TaskKind.RECOGNISE else {}  # a further run reads pages anew
    ids = services.tasks.promise([NewTask(kind, subject, f"{subject}:{kind}:again:{moment}", args)])
    return TaskList(items=[task_shape(services.tasks.get(task_id)) for task_id in ids])
