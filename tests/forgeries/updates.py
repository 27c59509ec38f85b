"""Forgeries appended to a signed file: incremental saving attacks (ISA; Mladenov et al., CCS 2019), removed forms."""

import re
from collections.abc import Callable
from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

# Incremental saving: an update is appended after the signature.


def updated(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """Append an incremental update that `change` writes."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    change(writer)
    output = BytesIO()
    writer.write(output)
    return output.getvalue()


def replace_content(
    text: bytes = b"PAY 1 000 000", at: tuple[int, int] = (72, 700)
) -> Callable[[IncrementalPdfFileWriter], None]:
    """Return a change that gives page 1 another content."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page_ref, _ = writer.find_page_for_modification(0)
        page = page_ref.get_object()
        drawn = b"q 1 1 1 rg 0 0 595 842 re f 0 0 0 rg BT /F1 24 Tf %d %d Td (%s) Tj ET Q" % (*at, text)
        stream = generic.StreamObject(stream_data=drawn)
        page["/Contents"] = writer.add_object(stream)
        writer.update_container(page)

    return change


def add_content(
    text: bytes, at: tuple[int, int], size: int = 13, number: int = 0
) -> Callable[[IncrementalPdfFileWriter], None]:
    """Return a change that writes a line on a page (from 0) and keeps what is there (number and date of a records clerk)."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page_ref, _ = writer.find_page_for_modification(number)
        page = page_ref.get_object()
        drawn = b"q 0 0 0 rg BT /F1 %d Tf %d %d Td (%s) Tj ET Q" % (size, *at, text)
        old = page.raw_get("/Contents")
        parts = list(old.get_object()) if isinstance(old.get_object(), generic.ArrayObject) else [old]
        page["/Contents"] = generic.ArrayObject([*parts, writer.add_object(generic.StreamObject(stream_data=drawn))])
        writer.update_container(page)

    return change


def isa(pdf: bytes) -> bytes:
    """A well-formed update replaces the page's content."""
    return updated(pdf, replace_content())


def isa_without_eof(pdf: bytes) -> bytes:
    """The update has its `startxref` and no `%%EOF`: some readers never see it, viewers do."""
    forged = isa(pdf)
    return forged[: forged.rstrip().rfind(b"%%EOF")]


def isa_without_xref(pdf: bytes) -> bytes:
    """Objects alone are appended, for readers that rebuild the table."""
    root = re.findall(rb"/Root (\d+) 0 R", pdf)[-1]
    return pdf + b"\n%s 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n" % root


def isa_fake_trailer(pdf: bytes) -> bytes:
    """A trailer is appended that points back to the old table, with another catalogue."""
    forged = isa(pdf)
    start = forged.rfind(b"startxref")
    old = re.findall(rb"startxref\s+(\d+)", pdf)[-1]
    return forged[:start] + b"startxref\n%s\n%%%%EOF\n" % old


def tail(pdf: bytes) -> bytes:
    """Something other than blanks follows the last `%%EOF`."""
    return pdf + b"\n% more to see here\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"


def page_added(pdf: bytes) -> bytes:
    """A page is added."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        from pyhanko.pdf_utils.writer import PageObject

        page = PageObject(contents=writer.add_object(generic.StreamObject(stream_data=b"")), media_box=(0, 0, 595, 842))
        writer.insert_page(page)

    return updated(pdf, change)


def form_removed(pdf: bytes) -> bytes:
    """The form with the signature field is taken out of the catalogue."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        del writer.root["/AcroForm"]
        writer.update_root()

    return updated(pdf, change)


def form_removed_and_content(pdf: bytes) -> bytes:
    """The form is removed and the page replaced."""
    return form_removed(isa(pdf))


def metadata_changed(pdf: bytes) -> bytes:
    """Only the title in the document information changes: harmless."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        info = generic.DictionaryObject({pdf_name("/Title"): generic.TextStringObject("Another title")})
        writer.set_info(writer.add_object(info))

    return updated(pdf, change)
