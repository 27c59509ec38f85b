"""What do we already hold; record a reuse. Identifiers travel in the body, and every look-up is logged with its reason."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from digitise.errors import InvalidValue
from digitise.model.documents import Query
from digitise.web.api.shapes import (
    Code,
    DocumentId,
    DocumentShape,
    Reason,
    ReuseShape,
    document_shape,
    reuse_shape,
)
from digitise.web.auth import Reuser, Using
from digitise.web.once import once

router = APIRouter(prefix="/reuse", tags=["reuse"])


class LookUp(BaseModel):
    """A dossier code or an owner's identifier, and why it is asked."""

    model_config = ConfigDict(extra="forbid")

    dossier: Code | None = None
    owner: Code | None = Field(None, description="CCCD, CMND, tax code or passport")
    kind: Code | None = None
    reason: Reason


class Held(BaseModel):
    """What is held."""

    items: list[DocumentShape]


class NewReuse(BaseModel):
    """A held document that shall serve a dossier."""

    model_config = ConfigDict(extra="forbid")

    document_id: DocumentId
    dossier: Code = Field(min_length=3)
    reason: Reason


@router.post("/search")
def search(wanted: LookUp, services: Using, actor: Reuser) -> Held:
    """Find what is held for a dossier or an owner, in every unit: nobody is asked twice for a paper the state holds."""
    if not (wanted.dossier or wanted.owner):
        raise InvalidValue("dossier_or_owner", name="dossier", value="")
    query = Query(dossier=wanted.dossier, owner_id=wanted.owner, kind=wanted.kind)
    held = services.reuse.held(query, actor, wanted.reason)
    return Held(items=[document_shape(document, actor) for document in held])


@router.post("", status_code=201)
def record(request: Request, new: NewReuse, services: Using, actor: Reuser) -> ReuseShape:
    """Record that a held document serves a dossier."""

    def work() -> Response:
        reuse = services.reuse.record(new.document_id, new.dossier, new.reason, actor)
        return JSONResponse(reuse_shape(reuse).model_dump(mode="json"), 201)

    return once(request, services, actor, new.model_dump_json(), work)  # type: ignore[return-value]
