"""Can this file be read as a PDF at all? Asked only where pyHanko cannot and no signature was found."""

import re
from enum import StrEnum

import pypdfium2 as pdfium

from digitise.verify.source import Source

HEADER_WITHIN = 1024  # bytes: where ISO 32000 lets readers look for %PDF
MAX_BYTES = 512 << 20  # larger damaged files are not tried: the trial reads them whole


class Reading(StrEnum):
    """How far a file is a PDF."""

    WHOLE = "whole"
    DAMAGED = "damaged"  # no viewer opens it, but a catalogue or a page can be seen in its bytes
    NOT = "not"


_SKELETON = re.compile(rb"\d+\s+\d+\s+obj\b[^\x00]{0,400}?/Type\s*/(?:Catalog|Pages?)\b")


def reading_of(source: Source) -> Reading:
    """Say whether a viewer opens the file or asks for its password, or at least a PDF's skeleton is there."""
    if b"%PDF" not in source.read(0, HEADER_WITHIN) or source.size > MAX_BYTES:
        return Reading.NOT
    try:
        document = pdfium.PdfDocument(source.path)
        pages = len(document)
        document.close()
        if pages:
            return Reading.WHOLE
    except pdfium.PdfiumError as e:
        if "password" in str(e).lower():
            return Reading.WHOLE
    except (OSError, ValueError):
        pass
    before = b""
    for piece in source.pieces(0, source.size):
        window = before + piece
        if b"endobj" in window and _SKELETON.search(window):
            return Reading.DAMAGED
        before = window[-1024:]
    return Reading.NOT
