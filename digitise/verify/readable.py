"""Can this file be read as a PDF at all? Asked only where pyHanko cannot and no signature was found."""

import pypdfium2 as pdfium

from digitise.verify.source import Source

HEADER_WITHIN = 1024  # bytes: where ISO 32000 lets readers look for %PDF
MAX_BYTES = 512 << 20  # larger damaged files are not tried: the trial reads them whole


def readable_as_pdf(source: Source) -> bool:
    """Say whether a viewer opens the file, asks for its password, or at least finds a PDF's skeleton."""
    if b"%PDF" not in source.read(0, HEADER_WITHIN) or source.size > MAX_BYTES:
        return False
    try:
        document = pdfium.PdfDocument(source.path)
        pages = len(document)
        document.close()
    except pdfium.PdfiumError as e:
        return "password" in str(e).lower()
    except (OSError, ValueError):
        return False
    return bool(pages)
