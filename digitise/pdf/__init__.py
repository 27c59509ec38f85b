"""Facts about a PDF, found without changing it; the parsing itself runs in a limited child.

facts(path, settings) -> PdfFacts          pages, encryption, signatures, active content, damage; limits are checked
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digitise.child import Limits, run
from digitise.pdf.budget import Budget

if TYPE_CHECKING:
    from digitise.settings import Settings

__all__ = ["Budget", "PdfFacts", "facts", "from_json"]


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """What is known of a PDF before any page is drawn."""

    pages: int
    sizes: tuple[tuple[float, float], ...]  # points, as displayed
    encrypted: bool  # opens without a password, but forbids or hides something
    signed: bool  # a /ByteRange is in the bytes: they must not change
    damaged: bool  # its cross-reference was rebuilt; `pages` is what was recovered
    tagged: bool
    active: tuple[str, ...]  # javascript, open_action, launch, embedded_files, rich_media, submit
    form: bool  # has fields to fill in
    claims_pdfa: bool
    version: str


def facts(path: Path, settings: "Settings", *, file: str | None = None) -> PdfFacts:
    """Return the facts; raises UnreadableFile, PasswordNeeded, LimitExceeded."""
    args = {"path": str(path.absolute()), "budget": Budget.of(settings).as_json()}
    told, _ = run("digitise.pdf.reading:facts", args, Limits.of(settings), file=file)
    return from_json(told)


def from_json(told: dict[str, Any]) -> PdfFacts:
    """Return the facts that a child told."""
    values = dict(told)
    values["sizes"] = tuple((float(width), float(height)) for width, height in told["sizes"])
    values["active"] = tuple(told["active"])
    return PdfFacts(**values)
