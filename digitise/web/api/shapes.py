"""The JSON of the API: what goes out for each noun of the model, identifiers masked for those who may not read them."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from digitise.model.documents import Document, Filing, Found, Reuse
from digitise.model.people import Actor, Permission
from digitise.model.tasks import Task
from digitise.text import mask, mask_in_text

Short = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
Reason = Annotated[str, StringConstraints(min_length=3, max_length=500, strip_whitespace=True, pattern=r"^[^\x00]*$")]
Code = Annotated[str, StringConstraints(max_length=64, pattern=r"^[^\x00]*$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
DocumentId = Annotated[str, Field(max_length=64, pattern=r"^[0-9a-z]+$")]


class ArtefactShape(BaseModel):
    """A file made from, or kept with, a document."""

    kind: str
    sha256: str
    size: int = Field(description="Bytes")
    media_type: str
    created_at: datetime
    href: str


class FilingShape(BaseModel):
    """What is said of a document."""

    dossier: str | None = None
    owner_id: str | None = Field(None, description="Masked unless the caller may read identifiers")
    owner_name: str | None = None
    kind: str | None = None
    unit: str | None = None
    title: str | None = None
    number: str | None = None
    issued_on: date | None = None
    issuer: str | None = None
    signer: str | None = None
    valid_until: date | None = None
    procedure: str | None = None
    component: str | None = None


class DocumentShape(BaseModel):
    """One digitised paper or received file."""

    id: str
    sha256: str
    file_name: str
    media_type: str
    size: int
    state: str
    filing: FilingShape
    created_at: datetime
    created_by: str
    version: int
    pages: int | None
    warnings: list[str]
    error: str | None
    verdict: str | None
    artefacts: list[ArtefactShape]
    existing: bool | None = Field(None, description="In answers to an upload: the same bytes were held already")
    task_id: str | None = Field(None, description="In answers to an upload: the promised work")
    warning_texts: list[str] = Field([], description="In answers to an upload: the warnings in the caller's language")
    scan_check: list[str] | None = Field(
        None,
        description="In answers to an upload: flaws seen at once, as in `warnings`; null = no scan, or not looked at",
    )
    from_code: list[str] = Field(
        [], description="In answers to an upload: filing fields that a code printed on the first page filled"
    )
    note_texts: list[str] = Field([], description="In answers to an upload: the same in the caller's language")


class DocumentPage(BaseModel):
    """One page of documents."""

    items: list[DocumentShape]
    next: str | None = Field(description="Give it as `cursor` for the next page; null at the end")


class FoundShape(DocumentShape):
    """A hit: the document and where the words stand in it (between U+0002 and U+0003)."""

    snippet: str = ""
    exact: bool = False


class FoundPage(BaseModel):
    """One page of hits."""

    items: list[FoundShape]
    next: str | None = Field(description="Give it as `cursor` for the next page; null at the end")


class Correction(BaseModel):
    """Fields to change; null clears one. `version` must be the newest, here or as If-Match."""

    model_config = ConfigDict(extra="forbid")

    version: int | None = Field(None, ge=0, le=2**31)
    dossier: Code | None = None
    owner_id: Code | None = None
    owner_name: Short | None = None
    kind: Code | None = None
    unit: Code | None = None
    title: Short | None = None
    number: Code | None = None
    issued_on: date | None = None
    issuer: Short | None = None
    signer: Short | None = None
    valid_until: date | None = None
    procedure: Code | None = None
    component: Short | None = None


class WordCorrection(BaseModel):
    """One word as a person reads it. `seen` must be the newest words file, here or as If-Match."""

    model_config = ConfigDict(extra="forbid")

    page: int = Field(ge=1, le=100_000)
    index: int = Field(ge=0, le=1_000_000, description="Place of the word in the page's `words`, from 0")
    text: Short = Field(description="What stands on the paper; empty: it is no word; as it was: it is right")
    seen: Digest | None = Field(None, description="SHA-256 of the words file that was looked at")


class TaskShape(BaseModel):
    """A promised piece of work."""

    id: str
    kind: str
    subject: str
    state: str
    attempts: int
    created_at: datetime
    not_before: datetime
    done: int
    total: int
    error: str | None


class TaskList(BaseModel):
    """Tasks, newest first."""

    items: list[TaskShape]


class ReuseShape(BaseModel):
    """A recorded reuse."""

    id: str
    document_id: str
    dossier: str
    reason: str
    actor: str
    at: datetime


def filing_shape(filing: Filing, actor: Actor) -> FilingShape:
    """Return the filing as `actor` may see it."""
    values: dict[str, Any] = {name: getattr(filing, name) for name in FilingShape.model_fields}
    if filing.owner_id and not actor.may(Permission.READ_IDENTIFIERS):
        values["owner_id"] = mask(filing.owner_id)
    return FilingShape(**values)


def document_values(document: Document, actor: Actor) -> dict[str, Any]:
    """Return the fields of a DocumentShape."""
    return {
        "id": document.id,
        "sha256": document.sha256,
        "file_name": mask_in_text(document.file_name),
        "media_type": document.media_type,
        "size": document.size,
        "state": str(document.state),
        "filing": filing_shape(document.filing, actor),
        "created_at": document.created_at,
        "created_by": document.created_by,
        "version": document.version,
        "pages": document.pages,
        "warnings": list(document.warnings),
        "error": document.error,
        "verdict": document.verdict,
        "artefacts": [
            ArtefactShape(
                kind=str(a.kind),
                sha256=a.sha256,
                size=a.size,
                media_type=a.media_type,
                created_at=a.created_at,
                href=f"/api/v1/documents/{document.id}/artefacts/{a.kind}",
            )
            for a in document.artefacts
        ],
    }


def document_shape(document: Document, actor: Actor, **more: Any) -> DocumentShape:
    """Return the document as `actor` may see it."""
    return DocumentShape(**document_values(document, actor), **more)


def found_shape(found: Found, actor: Actor) -> FoundShape:
    """Return a hit as `actor` may see it."""
    snippet = found.snippet if actor.may(Permission.READ_IDENTIFIERS) else mask_in_text(found.snippet)
    return FoundShape(**document_values(found.document, actor), snippet=snippet, exact=found.exact)


def task_shape(task: Task) -> TaskShape:
    """Return the task; its arguments and worker are nobody's business outside."""
    return TaskShape(**{name: getattr(task, name) for name in TaskShape.model_fields})


def reuse_shape(reuse: Reuse) -> ReuseShape:
    """Return the reuse."""
    return ReuseShape(**{name: getattr(reuse, name) for name in ReuseShape.model_fields})
