"""What do we hold that may be used again, and why not; a reuse is recorded with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from digitise.errors import Conflict, InvalidValue
from digitise.model.documents import Document, DocumentState, Query, Reuse
from digitise.model.people import Actor
from digitise.ports import Catalogue, ReuseLog
from digitise.text import is_dossier_code

INVALID = "invalid"
LEAST_REASON = 3  # letters; a look-up by identifier without a reason is not made


@dataclass(frozen=True, slots=True)
class Held:
    """A held document and what hinders its reuse; keys below `reuse.` of the message catalogue."""

    document: Document
    why_not: tuple[str, ...]

    @property
    def may(self) -> bool:
        """Say whether nothing hinders it."""
        return not self.why_not


def why_not(document: Document, today: date) -> tuple[str, ...]:
    """Name what forbids to use `document` again: not_stored, failed, expired, invalid_signature; empty = it may be."""
    found: list[str] = []
    if document.state is DocumentState.FAILED:
        found.append("failed")
    elif document.state is not DocumentState.STORED:
        found.append("not_stored")
    valid_until = document.filing.valid_until
    if valid_until is not None and valid_until < today:
        found.append("expired")
    if document.verdict == INVALID:
        found.append("invalid_signature")
    return tuple(found)


def held_for(
    reuse: ReuseLog,
    actor: Actor,
    today: date,
    *,
    dossier: str | None = None,
    owner_id: str | None = None,
    kind: str | None = None,
    reason: str = "",
) -> list[Held]:
    """Return what is held for a dossier or an owner; a look-up by identifier needs a reason and is logged."""
    if not dossier and not owner_id:
        raise InvalidValue("dossier_or_owner", name="dossier", value="")
    if owner_id and len(reason.strip()) < LEAST_REASON:
        raise InvalidValue("reason", name="reason", value=reason)
    documents = reuse.held(Query(dossier=dossier, owner_id=owner_id, kind=kind), actor, reason.strip())
    return [Held(document, why_not(document, today)) for document in documents]


def use_again(
    document_id: str, dossier: str, reason: str, actor: Actor, today: date, *, catalogue: Catalogue, reuse: ReuseLog
) -> Reuse:
    """Record that a held document serves `dossier`; raises Conflict naming what hinders it, InvalidValue."""
    if not is_dossier_code(dossier):
        raise InvalidValue("dossier", name="dossier", value=dossier)
    if len(reason.strip()) < LEAST_REASON:
        raise InvalidValue("reason", name="reason", value=reason)
    hindrances: Sequence[str] = why_not(catalogue.get(document_id), today)
    if hindrances:
        raise Conflict(f"reuse_{hindrances[0]}", id=document_id)
    return reuse.record(document_id, dossier, reason.strip(), actor)
