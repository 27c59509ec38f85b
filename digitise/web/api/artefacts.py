"""Files of a document, its text, and its progress."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from digitise.bootstrap import Services
from digitise.errors import Conflict, NotFound
from digitise.model.documents import Artefact, ArtefactKind, Document
from digitise.model.people import Permission
from digitise.text import mask_in_text
from digitise.web.api.shapes import DocumentId
from digitise.web.auth import Reader, Using, document_for
from digitise.web.bytes import stored
from digitise.web.progress import Progress, progress_of
from digitise.web.reading import note_reading

router = APIRouter(prefix="/documents/{document_id}", tags=["documents"])

LONGEST_WATCH = 3600.0  # seconds; a page left open over night asks again by itself
EXTENSIONS = {
    "application/pdf": "pdf",
    "text/plain": "txt",
    "application/json": "json",
    "image/webp": "webp",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/tiff": "tif",
}
BINARY = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


@router.head("/artefacts/{name}", include_in_schema=False)
@router.get(
    "/artefacts/{name}",
    response_class=Response,
    responses={200: BINARY, 206: BINARY, 304: {"description": "Not modified"}, 416: {"description": "No such range"}},
)
def artefact(
    document_id: DocumentId, name: ArtefactKind, request: Request, services: Using, actor: Reader, inline: bool = False
) -> Response:
    """Give an artefact's bytes; `ETag` is their SHA-256, ranges are honoured."""
    document = document_for(services, actor, document_id)
    found = artefact_of(document, name)
    if name is not ArtefactKind.PREVIEW:
        note_reading(services, actor, "artefact.read", f"{document.id}/{name}")
    kind = found.media_type.partition(";")[0]
    way = "inline" if inline and kind in EXTENSIONS else "attachment"
    file_name = quote(f"{document.id}-{name}.{EXTENSIONS.get(kind, 'bin')}")
    media_type = "text/plain; charset=utf-8" if kind == "text/plain" else found.media_type
    return stored(request, services, found.sha256, found.size, media_type, f'{way}; filename="{file_name}"')


def artefact_of(document: Document, kind: ArtefactKind) -> Artefact:
    """Return the artefact; NotFound where there is none (yet)."""
    found = next((a for a in document.artefacts if a.kind is kind), None)
    if found is None:
        raise NotFound(what="artefact", id=str(kind))
    return found


def pages_of_text(services: Services, document: Document) -> list[str]:
    """Return the document's text by page; Conflict while it is not recognised yet."""
    found = next((a for a in document.artefacts if a.kind is ArtefactKind.TEXT), None)
    if found is None:
        raise Conflict("not_recognised", file=document.file_name)
    with services.store.open(found.sha256) as source:
        told: str = source.read().decode("utf-8")
    return told.removesuffix("\f").split("\f")


@router.get(
    "/text", response_class=Response, responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
)
def text(
    document_id: DocumentId, services: Using, actor: Reader, page: Annotated[int | None, Query(ge=1, le=100_000)] = None
) -> Response:
    """Give the text, pages parted by form feeds, or one page of it; identifiers masked for those who may not read them."""
    pages = pages_of_text(services, document_for(services, actor, document_id))
    if page is not None and page > len(pages):
        raise NotFound(what="page", id=page)
    body = pages[page - 1] if page is not None else "\f".join(pages)
    if not actor.may(Permission.READ_IDENTIFIERS):
        body = mask_in_text(body)
    return Response(body, media_type="text/plain; charset=utf-8")


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
def events(document_id: DocumentId, services: Using, actor: Reader) -> StreamingResponse:
    """Stream progress as server-sent events until the document reaches an end state."""
    document = document_for(services, actor, document_id)
    return StreamingResponse(_watch(services, document.id), media_type="text/event-stream")


async def _watch(services: Services, document_id: str) -> AsyncIterator[str]:
    began, last = time.monotonic(), None
    quiet = 0.0
    while time.monotonic() - began < LONGEST_WATCH:
        now: Progress = await run_in_threadpool(lambda: progress_of(services, services.catalogue.get(document_id)))
        if now != last:
            yield f"event: progress\ndata: {json.dumps(_told(now))}\n\n"
            last, quiet = now, 0.0
        elif quiet > 15:
            yield ": still here\n\n"  # proxies close what is silent
            quiet = 0.0
        if now.ended:
            yield f"event: end\ndata: {json.dumps(_told(now))}\n\n"
            return
        await asyncio.sleep(services.settings.events_seconds)
        quiet += services.settings.events_seconds


def _told(progress: Progress) -> dict[str, object]:
    return {
        "state": str(progress.state),
        "step": progress.step,
        "done": progress.done,
        "total": progress.total,
        "error": progress.error,
    }
