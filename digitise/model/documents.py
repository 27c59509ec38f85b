"""Documents that we hold, and the artefacts made from them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")


class DocumentState(StrEnum):
    """Where a document stands; every state but the first two is an end state until somebody acts."""

    RECEIVED = "received"
    RECOGNISING = "recognising"
    STORED = "stored"
    FAILED = "failed"


class ArtefactKind(StrEnum):
    """What an artefact is; the values are the names of the CLI and the API."""

    ORIGINAL = "original"
    SEARCHABLE = "searchable"  # PDF/A with a text layer
    TEXT = "text"  # UTF-8, NFC, pages parted by form feeds
    WORDS = "words"  # JSON of PEOPLE: words, boxes, confidence, fields
    SIGNED = "signed"
    REPORT = "report"  # verification report, PDF
    DIFFERENCES = "differences"  # picture of what changed after a signature
    PREVIEW = "preview"  # first page, WebP, for lists


@dataclass(frozen=True, slots=True)
class Artefact:
    """A file kept in the object store, by its SHA-256 (hex)."""

    kind: ArtefactKind
    sha256: str
    size: int  # bytes
    media_type: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Filing:
    """What the clerk says of a document when filing it; all of it may be corrected later (C5, C9)."""

    dossier: str | None = None
    owner_id: str | None = None  # CCCD, CMND, tax code …: personal data, masked outside
    owner_name: str | None = None
    kind: str | None = None  # abbreviation of annex III NĐ 30/2020, or a paper kind of the office
    unit: str | None = None
    title: str | None = None
    number: str | None = None  # number and symbol as printed, e.g. 15/QĐ-UBND
    issued_on: date | None = None
    issuer: str | None = None
    signer: str | None = None
    valid_until: date | None = None  # None = vĩnh viễn (no end) or unknown
    procedure: str | None = None
    component: str | None = None  # name of the dossier's component; None for a result


@dataclass(frozen=True, slots=True)
class Document:
    """One digitised paper or received file."""

    id: str
    sha256: str
    file_name: str
    media_type: str
    size: int
    state: DocumentState
    filing: Filing
    created_at: datetime
    created_by: str
    version: int = 1  # grows with every correction; for optimistic locking
    pages: int | None = None
    warnings: tuple[str, ...] = ()  # keys below `warnings.` of the message catalogue
    error: str | None = None  # key and reason of the failure, for people
    verdict: str | None = None  # outcome of the newest verdict: valid, invalid, indeterminate, unsigned, error
    artefacts: tuple[Artefact, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class NewDocument:
    """An original whose bytes are already durable in the object store, about to be registered."""

    sha256: str
    file_name: str
    media_type: str
    size: int
    filing: Filing
    pages: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """Answer of intake: `existing` says that the same bytes were already held.

    `seen` and `from_code` are told once, while the paper is still there: flaws of the scan as keys of `warnings` (None: not
    looked at, or no scan), and names of filing fields that a code printed on the paper filled.
    """

    document: Document
    existing: bool
    task_id: str | None = None
    seen: tuple[str, ...] | None = None
    from_code: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One hit of a search; `snippet` marks hits with U+0002 … U+0003."""

    document: Document
    snippet: str
    exact: bool  # the words were found with their diacritics


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for; every part narrows, all empty lists the newest."""

    text: str = ""
    dossier: str | None = None
    owner_id: str | None = None
    kind: str | None = None
    unit: str | None = None
    number: str | None = None
    state: DocumentState | None = None
    verdict: str | None = None
    from_: date | None = None
    to: date | None = None
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a listing; `cursor` None means the end."""

    items: tuple[T, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Reuse:
    """A recorded reuse of a held document for a dossier."""

    id: str
    document_id: str
    dossier: str
    reason: str
    actor: str
    at: datetime
