"""Certified copies (sao y) of digitised papers: searchable PDF/A → copy stamp and the organisation's signature (art. 25.1c)."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from digitise.errors import Conflict, NotAllowed
from digitise.model.documents import ArtefactKind, Document, DocumentState
from digitise.model.outgoing import NewOutgoing, Outgoing
from digitise.model.people import Actor, Permission
from digitise.sign.origin import Origin
from digitise.sign.register import OutgoingRegister
from digitise.text import parse_document_code

if TYPE_CHECKING:
    from digitise.ports import Catalogue, Clock


def certified_copy(
    document_id: str, unit: str, actor: Actor, catalogue: "Catalogue", register: OutgoingRegister
) -> Outgoing:
    """Register a certified copy of a digitised paper; it is signed like every other document: confirmed, then by the worker.

    Raises NotAllowed, NotFound, Conflict (not digitised yet). The same paper twice is one copy.
    """
    if not actor.may(Permission.SIGN) or actor.unit not in (None, unit):
        raise NotAllowed("sign", actor=actor.name)
    document = catalogue.get(document_id)
    sha256 = _source(document)
    filing = document.filing
    code = parse_document_code(filing.number or "")
    new = NewOutgoing(
        unit=unit,
        kind="SY",
        abstract=filing.title or document.file_name,
        number=None,
        symbol=None,
        issued_on=None,
        signer=filing.signer,
        certified_copy=True,
        sha256=sha256,
        external_id=f"copy:{document.id}:{sha256[:16]}:{unit}",
        recipients=f"{code}" if code else None,
    )
    return register.add(new, actor, file_name=str(Path(document.file_name).with_suffix(".pdf")), copy_of=document.id)


def _source(document: Document) -> str:
    if document.state != DocumentState.STORED:
        raise Conflict("not_digitised", what="document", id=document.id)
    by_kind = {artefact.kind: artefact for artefact in document.artefacts}
    found = by_kind.get(ArtefactKind.SEARCHABLE) or by_kind.get(ArtefactKind.ORIGINAL)
    if found is None or found.media_type != "application/pdf":
        raise Conflict("not_digitised", what="document", id=document.id)
    return found.sha256


def origin_for(
    register: OutgoingRegister, catalogue: "Catalogue", clock: "Clock"
) -> Callable[[Outgoing], Origin | None]:
    """Return what tells, for a certified copy, what its metadata says: the scan's hash, who converted it and when."""

    def tell(outgoing: Outgoing) -> Origin | None:
        source = register.copy_of(outgoing.id)
        if source is None:
            return None
        document = catalogue.get(source)
        original = next((one for one in document.artefacts if one.kind == ArtefactKind.ORIGINAL), None)
        made = next((one for one in document.artefacts if one.sha256 == outgoing.sha256), None)
        return Origin(
            original.sha256 if original else document.sha256, document.created_by, made.created_at if made else clock()
        )

    return tell
