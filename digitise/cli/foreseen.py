"""What `digitise outgoing` tells of a document before it is signed, on stderr and in JSON."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digitise.cli.terms import language, say
from digitise.messages import error_text

if TYPE_CHECKING:
    from digitise.bootstrap import Services
    from digitise.model.outgoing import Outgoing
    from digitise.sign.preview import Preview


def held_already(served: "Services", file: Path) -> str | None:
    """Return the document of the register that has this very file; None where there is none."""
    with file.open("rb") as reading:
        sha256 = hashlib.file_digest(reading, "sha256").hexdigest()
    return served.outgoing.holding(sha256) if served.store.exists(sha256) else None


def foreseen(served: "Services", document: "Outgoing", profile: str, *, refusals: bool = True) -> list[dict[str, str]]:
    """Tell what signing by this profile will warn of, and `refusals` unless signing follows at once and tells them itself."""
    found = _found(served, document, profile)
    return _told(document, _warnings(found) + (_refusals(found) if refusals else []))


def foreseen_of_draft(served: "Services", document: "Outgoing", known: str | None) -> list[dict[str, str]]:
    """Tell what the author of a draft can mend before anybody confirms it; `known` has the same file."""
    from digitise.sign.foresee import of_the_draft

    found = of_the_draft(_found(served, document, "issue"), document)
    same = [("same_file", say("sign.done.same_file", known=known))] if known else []
    return _told(document, same + _warnings(found) + _refusals(found))


def _found(served: "Services", document: "Outgoing", profile: str) -> "Preview":
    from digitise import child
    from digitise.sign.foresee import foresee
    from digitise.sign.profiles import named
    from digitise.sign.tools import profiles

    settings = served.settings
    wanted, limits = named(profiles(settings), profile), child.Limits.of(settings)
    return foresee(document, wanted, None, served.store, limits, served.clock(), settings.report_organisation)


def _warnings(found: "Preview") -> list[tuple[str, str]]:
    return [(code, say(f"sign.warnings.{code}")) for code in found.warnings]


def _refusals(found: "Preview") -> list[tuple[str, str]]:
    return [(one.reason, error_text(one, language())) for one in found.refusals]


def _told(document: "Outgoing", sentences: list[tuple[str, str]]) -> list[dict[str, str]]:
    for _, sentence in sentences:
        click.echo(f"  {document.id}: {sentence}", err=True)
    return [{"id": document.id, "code": code, "message": sentence} for code, sentence in sentences]
