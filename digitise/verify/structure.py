"""A file as pyHanko reads it: strictly, else leniently, else not at all."""

from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader

from digitise.verify.source import Source

FAULTS = (Exception, RecursionError)
"""What pyHanko raises on odd files: AttributeError, KeyError, TypeError, AssertionError … escape raw, so all are caught here."""


@dataclass(slots=True)
class Structure:
    """The file as pyHanko reads it; `reader` None where it cannot."""

    reader: PdfFileReader | None = None
    lenient: bool = False  # opened only with the strict checks off
    hybrid: bool = False  # has two cross-reference tables that may disagree
    locked: bool = False  # encrypted, and the empty password does not open it
    error: str | None = None
    second: PdfFileReader | None = None  # a lenient reader, made when the strict one cannot compare


def open_structure(source: Source) -> Structure:
    """Open with pyHanko: strictly, else leniently; never raises."""
    found = Structure()
    for strict in (True, False):
        try:
            reader = PdfFileReader(source.stream, strict=strict)
            hybrid = bool(reader.xrefs.hybrid_xrefs_present)
            if strict and hybrid:
                found.hybrid = True
                continue  # the strict reader refuses hybrid files later on
            if reader.encrypted:
                found.locked = not _unlock(reader)
            reader.root  # noqa: B018 - a file without a catalogue is no structure
        except FAULTS as e:
            found.error = f"{type(e).__name__}: {e}"[:300]
            continue
        found.reader, found.lenient, found.hybrid = reader, not strict, found.hybrid or hybrid
        return found
    return found


def reopened(source: Source, structure: Structure) -> PdfFileReader:
    """Return a lenient reader of the same file, in which what dangles is null; raises whatever pyHanko raises."""
    if structure.second is None:
        if structure.reader is not None and structure.lenient:
            structure.second = structure.reader
        else:
            structure.second = PdfFileReader(source.stream, strict=False)
            if structure.second.encrypted:
                _unlock(structure.second)
    return structure.second


def _unlock(reader: PdfFileReader) -> bool:
    try:
        return bool(reader.decrypt("").status.value)
    except FAULTS:
        return False


def value_at(container: Any, key: str) -> Any:
    """Read an entry with its reference resolved; None where it is missing or broken."""
    try:
        return container[key]
    except FAULTS:
        return None
