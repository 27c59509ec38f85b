"""Take a PDF into the register of outgoing documents: bytes durable first, then the row."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from digitise.errors import NotAllowed
from digitise.model.outgoing import NewOutgoing, Outgoing
from digitise.model.people import Actor, Permission
from digitise.sign.checks import check_file
from digitise.sign.register import OutgoingRegister

if TYPE_CHECKING:
    from digitise.ports import ObjectStore


def register_file(
    file: Path,
    new: NewOutgoing,
    actor: Actor,
    register: OutgoingRegister,
    store: "ObjectStore",
    name: str | None = None,
) -> Outgoing:
    """Register `file` as an outgoing document that waits for its signature.

    Raises NotAllowed, RefusedInput and its kinds (encrypted, active content, not a PDF), Conflict (number used).
    """
    if not actor.may(Permission.EDIT_OUTGOING) or actor.unit not in (None, new.unit):
        raise NotAllowed("edit_outgoing", actor=actor.name)
    check_file(file)
    with file.open("rb") as reading:
        sha256, _ = store.put(reading, media_type="application/pdf")
    return register.add(replace(new, sha256=sha256), actor, file_name=name or file.name)
