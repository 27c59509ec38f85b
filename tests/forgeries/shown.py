"""Forgeries of what is shown: shadow attacks (Mainka et al., NDSS 2021), certification attacks (Rohlmann et al., S&P 2021), forms."""

from collections.abc import Callable

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints

from tests.forgeries.updates import updated

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


def sheet_under_a_field(name: str, rect: tuple[int, int, int, int]) -> Callable[[bytes], bytes]:
    """Return a forger that adds an unsigned signature field whose appearance is a sheet of paper with other words."""

    def forge(pdf: bytes) -> bytes:
        def change(writer: IncrementalPdfFileWriter) -> None:
            from pyhanko.sign.fields import SigFieldSpec, append_signature_field

            append_signature_field(writer, SigFieldSpec(name, on_page=0, box=rect))
            width, height = rect[2] - rect[0], rect[3] - rect[1]
            for reference in writer.root["/AcroForm"]["/Fields"]:
                field = reference.get_object()
                if field["/T"] == name:
                    drawn = b"1 1 1 rg 0 0 %d %d re f 0 g BT /Helv 24 Tf 10 40 Td (PAY 1 000 000) Tj ET" % (
                        width,
                        height,
                    )
                    look = RawContent(drawn, box=BoxConstraints(width, height)).as_form_xobject()
                    field["/AP"] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(look)})
                    writer.update_container(field)

        return updated(pdf, change)

    return forge


ssa = sheet_under_a_field("Sneaky", (60, 480, 480, 600))
"""Sneaky signature attack: an unsigned signature field whose appearance is a forged line of text."""


# Forms.


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
