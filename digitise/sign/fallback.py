"""The same signature through pyHanko's reader and writer, for files that the quick writer leaves alone.

Those are files that qpdf cannot read without repairing, and signature fields with locks or seed values, whose rules
pyHanko knows.
"""

from io import BytesIO
from pathlib import Path
from typing import Any, cast

from pyhanko.pdf_utils import generic as pyhanko_generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import FieldMDPSpec, SigFieldSpec, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import cms_embedder
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from digitise.errors import PasswordNeeded, SigningRefused
from digitise.sign.growing import GrowingFile, HoleTooSmall
from digitise.sign.increment import Increment
from digitise.sign.order import VIETNAM, Mark, Order, Stamper, contents

generic: Any = pyhanko_generic  # its classes are typed in part only
name = generic.pdf_name
_FAULTS = (PdfError, SigningError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, OSError)


def put_signature_slowly(file: GrowingFile, source: Path, order: Order, stamp: Stamper | None, reserved: int) -> str:
    """Append one signature to `file`, a copy of `source`; return its field's name. Raises SigningRefused, PasswordNeeded."""
    digest = order.container.digest
    with source.open("rb") as reading:
        try:
            writer = IncrementalPdfFileWriter(reading, strict=False)
            if writer.prev.encrypted:
                raise PasswordNeeded("encrypted", file=source.name)
            field, steps = _prepare(writer, order, reserved)
            output = BytesIO()
            prepared, _ = steps.send(cms_embedder.SigIOSetup(md_algorithm=str(digest), output=output))
        except _FAULTS as error:
            raise SigningRefused("damaged", file=source.name) from error
    der = contents(order.container, prepared.document_digest, stamp)
    if len(der) > reserved:
        raise HoleTooSmall(len(der))
    steps.send(der)
    file.append_bytes(output.getbuffer()[file.size :])
    return field


def _prepare(writer: Any, order: Order, reserved: int) -> tuple[str, Any]:
    known = {found: reference for found, value, reference in enumerate_sig_fields(writer.prev) if value is None}
    field, spec, setup = order.field, None, None
    if field in known:
        lock = known[field].get_object().get("/Lock")
        if lock is not None:
            setup = cms_embedder.SigMDPSetup(
                md_algorithm=str(order.container.digest), field_lock=FieldMDPSpec.from_pdf_object(lock)
            )
    else:
        taken = {found for found, _, _ in enumerate_sig_fields(writer.prev)}
        field = next(one for one in _names(order.field) if one not in taken)
        mark = order.appearance
        box = cast(Any, tuple(round(side) for side in mark.rect)) if mark else None
        spec = SigFieldSpec(field, on_page=mark.page if mark else 0, box=box)
    embedder = cms_embedder.PdfCMSEmbedder(new_field_spec=spec)
    steps = embedder.write_cms(field_name=field, writer=writer, existing_fields_only=spec is None)
    widget = next(steps).get_object()
    if order.appearance and (spec is not None or _visible(widget)):
        _dress(writer, widget, order.appearance)
    for writing in order.writings:
        _annotate(writer, writing)
    placeholder = SignatureObject(
        timestamp=order.at.astimezone(VIETNAM),
        subfilter=SigSeedSubFilter.PADES,
        bytes_reserved=2 * reserved,
        reason=order.reason,
        location=order.location,
    )
    steps.send(cms_embedder.SigObjSetup(sig_placeholder=placeholder, mdp_setup=setup))
    return field, steps


def _names(wanted: str) -> Any:
    yield wanted
    yield from (f"{wanted}-{number}" for number in range(2, 10_000))


def _visible(widget: Any) -> bool:
    rect = widget.get("/Rect") or (0, 0, 0, 0)
    return bool(rect[2] > rect[0] and rect[3] > rect[1])


def _dress(writer: Any, widget: Any, mark: Mark) -> None:
    number = mark.drawing.write(cast(Increment, _Objects(writer)))
    reference = generic.IndirectObject(number, 0, writer)
    widget[name("/AP")] = generic.DictionaryObject({name("/N"): reference})
    writer.update_container(widget)


def _annotate(writer: Any, mark: Mark) -> None:
    page, _ = writer.find_page_for_modification(mark.page)
    annotation = generic.DictionaryObject(
        {
            name("/Type"): name("/Annot"),
            name("/Subtype"): name("/Stamp"),
            name("/F"): generic.NumberObject(196),
            name("/Rect"): generic.ArrayObject([generic.FloatObject(side) for side in mark.rect]),
            name("/P"): page,
        }
    )
    reference = writer.add_object(annotation)
    _dress(writer, annotation, mark)
    writer.register_annotation(page, reference)


class _Objects:
    """Takes raw objects as `Increment` does, and gives them to pyHanko's writer."""

    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def add(self, body: bytes) -> int:
        """Write a new object, return its number."""
        return int(self._writer.add_object(self._parsed(body)).idnum)

    def add_stream(self, entries: bytes, data: bytes) -> int:
        """Write a new stream, return its number."""
        made = generic.StreamObject(self._parsed(b"<<" + entries + b">>"), encoded_data=data)
        return int(self._writer.add_object(made).idnum)

    def _parsed(self, body: bytes) -> Any:
        holder = generic.Reference(0, 0, self._writer)
        return generic.read_object(BytesIO(body + b" "), holder)
