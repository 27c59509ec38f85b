"""What an upload is told at once, while the paper is still there: flaws of the scan, and what its printed code said."""

from dataclasses import dataclass

from digitise.messages import text
from digitise.model.documents import Accepted
from digitise.model.people import Actor, Permission
from digitise.text import mask

REASSURING = frozenset({"signed_kept"})  # said to calm: nothing is wrong with the scan


@dataclass(frozen=True, slots=True)
class ScanCheck:
    """Sentences for one file; `passed` says that pages were looked at and nothing was found."""

    flaws: tuple[str, ...]
    notes: tuple[str, ...]
    passed: bool


def scan_check(accepted: Accepted, actor: Actor, lang: str) -> ScanCheck:
    """Return what to tell of a file that was taken in just now."""
    keys = tuple(dict.fromkeys((*(accepted.seen or ()), *accepted.document.warnings)))
    flaws = tuple(text(f"warnings.{key}", lang) for key in keys if key not in REASSURING)
    kept = tuple(text(f"warnings.{key}", lang) for key in keys if key in REASSURING)
    passed = accepted.seen is not None and not keys and not accepted.existing
    return ScanCheck(flaws, (*kept, *_notes(accepted, actor, lang)), passed)


def _notes(accepted: Accepted, actor: Actor, lang: str) -> tuple[str, ...]:
    said = []
    for name in accepted.from_code:
        value = str(getattr(accepted.document.filing, name))
        if name == "owner_id" and not actor.may(Permission.READ_IDENTIFIERS):
            value = mask(value)
        said.append(f"{text(f'web.field.{name}', lang)} {value}")
    return (text("web_upload.from_code", lang, said="; ".join(said)),) if said else ()
