"""A PDF that was cut off or lost its page tree → the pages of it that are whole. Runs in the limited child.

Writers put the page tree and the catalogue at the end, so a file that was cut (a scanner that lost its network, a full
disk) names no page at all although most are there, byte for byte. They are found by their objects and hung on a tree of
their own; a page whose picture or content was cut is left out, never shown by halves.
"""

import io
import mmap
import re
from pathlib import Path

import pikepdf
from pikepdf import Name

_OBJECT = re.compile(rb"(?<![0-9])([0-9]{1,9})[ \t\r\n]+[0-9]{1,5}[ \t\r\n]+obj\b")
MOST_BYTES = 256 << 20  # a damaged file is held in memory while it is mended; larger ones are refused as unreadable
_MAX_DEPTH = 8  # forms inside forms that are looked into


def salvaged(path: Path) -> pikepdf.Pdf | None:
    """Return the whole pages of a damaged PDF as an open PDF; None where there is none, or the file is encrypted."""
    if not 0 < path.stat().st_size <= MOST_BYTES:
        return None
    with path.open("rb") as source, mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if not data[:1024].lstrip().startswith(b"%PDF-") or data.find(b"/Encrypt") >= 0:
            return None
        order = {int(found[1]): place for place, found in enumerate(_OBJECT.finditer(data))}
        if not order:
            return None
        mended = _with_catalogue(data[:], max(order) + 1)
    try:
        pdf = pikepdf.open(io.BytesIO(mended), suppress_warnings=True)
        pages = sorted(_whole_pages(pdf), key=lambda page: order.get(page.objgen[0], len(order)))
    except pikepdf.PdfError:
        return None
    if not pages:
        pdf.close()
        return None
    _hang(pdf, pages)
    return pdf


def _with_catalogue(data: bytes, number: int) -> bytes:
    """Return the file with a catalogue at its end; without a cross-reference qpdf looks for every object itself.

    The tree holds an empty page, as qpdf gives up a file in which it finds none; that one has no contents and so is not
    taken for whole.
    """
    empty = b"%d 0 obj\n<< /Type /Page /Parent %d 0 R /MediaBox [0 0 1 1] >>\nendobj\n" % (number, number + 1)
    tree = b"%d 0 obj\n<< /Type /Pages /Count 1 /Kids [%d 0 R] >>\nendobj\n" % (number + 1, number)
    root = b"%d 0 obj\n<< /Type /Catalog /Pages %d 0 R >>\nendobj\n" % (number + 2, number + 1)
    trailer = b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n0\n%%%%EOF\n" % (number + 3, number + 2)
    return data + b"\n" + empty + tree + root + trailer


def _whole_pages(pdf: pikepdf.Pdf) -> list[pikepdf.Object]:
    return [
        one
        for one in pdf.objects
        if isinstance(one, pikepdf.Dictionary)
        and not isinstance(one, pikepdf.Stream)
        and one.get(Name.Type) == Name.Page
        and _is_whole(one)
    ]


def _is_whole(page: pikepdf.Object) -> bool:
    contents = page.get(Name.Contents)
    streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
    return all(_has_data(stream) for stream in streams) and _has_pictures(page.get(Name.Resources), 0)


def _has_data(stream: pikepdf.Object | None) -> bool:
    """Say whether a stream is there to its end; qpdf leaves one whose end it does not find empty."""
    if not isinstance(stream, pikepdf.Stream):
        return False
    try:
        return len(stream.read_raw_bytes()) > 0
    except pikepdf.PdfError:
        return False


def _has_pictures(resources: pikepdf.Object | None, depth: int) -> bool:
    objects = resources.get(Name.XObject) if isinstance(resources, pikepdf.Dictionary) else None
    if not isinstance(objects, pikepdf.Dictionary) or depth > _MAX_DEPTH:
        return True
    for one in objects.as_dict().values():
        if not _has_data(one):
            return False
        if one.get(Name.Subtype) == Name.Form and not _has_pictures(one.get(Name.Resources), depth + 1):
            return False
    return True


def _hang(pdf: pikepdf.Pdf, pages: list[pikepdf.Object]) -> None:
    tree = pdf.Root.Pages
    tree.Kids = pikepdf.Array(pages)
    tree.Count = len(pages)
    for page in pages:
        page.Parent = tree
        if Name.MediaBox not in page:
            page.MediaBox = pikepdf.Array([0, 0, 595, 842])  # the tree that told it is gone; A4 is what offices print
