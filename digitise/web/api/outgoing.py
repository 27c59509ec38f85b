"""Outgoing documents: register, confirm, sign, recall, import."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from digitise.model.outgoing import Outgoing
from digitise.sign.authorise import confirm as authorise
from digitise.sign.authorise import recall as take_back
from digitise.sign.register import Numbered
from digitise.web.api.shapes import Code, DocumentId, Reason, Short
from digitise.web.auth import OutgoingEditor, OutgoingReader, Signer, Using
from digitise.web.once import once
from digitise.web.reading import note_reading
from digitise.web.signing import import_sent, new_outgoing, outgoing_for, query_of, register_sent, usable_profiles

router = APIRouter(prefix="/outgoing", tags=["outgoing"])


class OutgoingShape(BaseModel):
    """A row of the register of outgoing documents."""

    id: str
    unit: str
    kind: str
    abstract: str
    state: str
    medium: str
    secret: bool
    certified_copy: bool
    created_at: datetime
    number: int | None
    symbol: str | None
    issued_on: date | None
    signer: str | None
    signer_title: str | None
    sha256: str | None
    signed_sha256: str | None
    external_id: str | None
    recipients: str | None
    verdict: str | None
    error: str | None
    version: int


class OutgoingPage(BaseModel):
    """One page of the register."""

    items: list[OutgoingShape]
    next: str | None


class NewShape(BaseModel):
    """A document to register without its file."""

    model_config = ConfigDict(extra="forbid")

    unit: Code | None = None
    kind: Code = "CV"
    abstract: Short = Field(min_length=1)
    number: int | None = Field(None, ge=1, le=9_999_999)
    symbol: Code | None = None
    issued_on: date | None = None
    signer: Short | None = None
    signer_title: Short | None = None
    medium: str | None = Field(None, pattern="^(electronic|paper)$")
    secret: bool = False
    external_id: Code | None = None
    recipients: Short | None = None


class Confirmation(BaseModel):
    """With which profile to sign, and the number at issue (default: the next one, today)."""

    model_config = ConfigDict(extra="forbid")

    profile: Code = "issue"
    number: int | None = Field(None, ge=1, le=9_999_999)
    symbol: Code | None = None
    issued_on: date | None = None


class IntentShape(BaseModel):
    """The authorisation that the sign worker obeys."""

    id: str
    outgoing_id: str
    profile: str
    input_sha256: str
    authorised_by: str
    authorised_at: datetime


class RecallShape(BaseModel):
    """Why a document is recalled."""

    reason: Reason


class ImportShape(BaseModel):
    """What an import did; every bad row by its number."""

    added: int
    known: int
    errors: list[dict[str, Any]]
    warnings: list[dict[str, Any]]


BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": NewShape.model_json_schema()},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["abstract"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        **{name: {"type": "string"} for name in NewShape.model_fields},
                    },
                }
            },
        },
    }
}
FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}, "unit": {"type": "string"}},
                }
            }
        },
    }
}


def shape(document: Outgoing) -> OutgoingShape:
    """Return the document as JSON shows it."""
    return OutgoingShape(**{name: getattr(document, name) for name in OutgoingShape.model_fields})


@router.get("")
def register(
    request: Request,
    services: Using,
    actor: OutgoingReader,
    state: Annotated[str, Query(max_length=20, description="A state, or `waiting`")] = "",
    unit: Annotated[str, Query(max_length=64)] = "",
    kind: Annotated[str, Query(max_length=64)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    from_: Annotated[str, Query(alias="from", max_length=10)] = "",
    to: Annotated[str, Query(max_length=10)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str, Query(max_length=100)] = "",
) -> OutgoingPage:
    """List the register, newest first."""
    page = services.outgoing.list(query_of(request.query_params, actor, limit))
    return OutgoingPage(items=[shape(document) for document in page.items], next=page.cursor)


@router.post("", status_code=201, openapi_extra=BODY)
def add(request: Request, services: Using, actor: OutgoingEditor) -> OutgoingShape:
    """Register a document: JSON without its file, or multipart with it."""

    def work() -> Response:
        document = register_sent(request, services, actor, {})
        return JSONResponse(shape(document).model_dump(mode="json"), 201)

    if request.headers.get("content-type", "").startswith("application/json"):
        return _add_json(request, services, actor)  # type: ignore[return-value]
    return once(request, services, actor, request.headers.get("content-length", ""), work)  # type: ignore[return-value]


def _add_json(request: Request, services: Using, actor: OutgoingEditor) -> Response:
    from fastapi.exceptions import RequestValidationError
    from pydantic import ValidationError

    from digitise.web.body import chunks

    body = b"".join(chunks(request, 1 << 20, "form"))
    try:
        new = NewShape.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError([{**e, "loc": ("body", *e["loc"])} for e in error.errors()]) from error

    def work() -> Response:
        given = {name: str(value) for name, value in new.model_dump(exclude_none=True).items()}
        return JSONResponse(
            shape(services.outgoing.add(new_outgoing(given, actor), actor)).model_dump(mode="json"), 201
        )

    return once(request, services, actor, body.decode("utf-8", "replace"), work)


@router.post("/import", openapi_extra=FILE)
def import_register(request: Request, services: Using, actor: OutgoingEditor) -> ImportShape:
    """Import a register kept elsewhere (CSV, XLSX); the same file twice adds nothing the second time."""
    done = import_sent(request, services, actor)
    return ImportShape(
        added=done.added,
        known=done.known,
        errors=jsonable_encoder(done.errors),
        warnings=jsonable_encoder(done.warnings),
    )


@router.get("/{outgoing_id}")
def show(outgoing_id: DocumentId, services: Using, actor: OutgoingReader) -> OutgoingShape:
    """Show one document."""
    document = outgoing_for(services, actor, outgoing_id)
    note_reading(services, actor, "outgoing.read", outgoing_id)
    return shape(document)


def _intend(outgoing_id: str, wanted: Confirmation, services: Using, actor: Signer) -> IntentShape:
    document = outgoing_for(services, actor, outgoing_id)
    numbered = None
    if wanted.number is not None or wanted.symbol or wanted.issued_on:
        numbered = Numbered(wanted.number, wanted.symbol, wanted.issued_on)
    intent = authorise(
        document.id, wanted.profile, actor, services.outgoing, services.intents, usable_profiles(services), numbered
    )
    return IntentShape(**{name: getattr(intent, name) for name in IntentShape.model_fields})


@router.post("/{outgoing_id}/confirm")
def confirm(outgoing_id: DocumentId, wanted: Confirmation, services: Using, actor: Signer) -> IntentShape:
    """Authorise the signature of exactly the document's present bytes; repeating it answers the same intent."""
    return _intend(outgoing_id, wanted, services, actor)


@router.post("/{outgoing_id}/sign", status_code=202)
def sign(outgoing_id: DocumentId, wanted: Confirmation, services: Using, actor: Signer) -> IntentShape:
    """Authorise and have it signed by the sign worker; 202, as the key is never reached from here."""
    return _intend(outgoing_id, wanted, services, actor)


@router.post("/{outgoing_id}/recall")
def recall(outgoing_id: DocumentId, wanted: RecallShape, services: Using, actor: OutgoingEditor) -> OutgoingShape:
    """Recall a document (NĐ 30/2020 art. 18.4)."""
    outgoing_for(services, actor, outgoing_id)
    return shape(take_back(outgoing_id, wanted.reason, actor, services.outgoing))
