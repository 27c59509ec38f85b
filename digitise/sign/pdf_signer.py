"""Put a PAdES signature into a PDF: the engine, without journeys, registers or places on the page.

The file is copied and hashed once (`GrowingFile`); what is appended is made in memory.
"""

from datetime import datetime
from pathlib import Path

import pikepdf

from digitise.errors import RefusedInput
from digitise.sign.growing import GrowingFile, HoleTooSmall
from digitise.sign.increment import Increment, NotPlain, open_base, reference
from digitise.sign.order import VIETNAM, Mark, Order, Stamper, contents
from digitise.sign.origin import write_origin

TOKEN = 8 * 1024  # bytes for a timestamp with its chain; one that is larger is made room for
# The place for the DER is no larger than needed: readers go through it digit by digit, 25 ms for 32 KB in pyHanko.


def put_signature(file: GrowingFile, source: Path, order: Order, stamp: Stamper | None = None) -> str:
    """Append one signature (B-B, or B-T where `stamp` is given) to `file`, a copy of `source`; return its field's name.

    Raises RefusedInput and its kinds for a file that cannot be signed, and what `stamp` and the key raise; the copy is
    untouched then.
    """
    reserved = order.container.size + (TOKEN if stamp else 0)
    while True:
        try:
            return _put(file, source, order, stamp, reserved)
        except HoleTooSmall as small:
            reserved = small.needed + 1024


def _put(file: GrowingFile, source: Path, order: Order, stamp: Stamper | None, reserved: int) -> str:
    try:
        with open_base(source) as base:
            update = Increment(base)
            field = add_signature(update, order, reserved)
            rendered = update.render()
    except NotPlain:
        from digitise.sign.fallback import put_signature_slowly

        return put_signature_slowly(file, source, order, stamp, reserved)
    file.append(rendered, lambda value: contents(order.container, value, stamp), order.container.digest)
    return field


def add_signature(update: Increment, order: Order, reserved: int) -> str:
    """Add field, widget and signature dictionary to `update`; return the field's name."""
    for writing in order.writings:
        _annotate(update, writing)
    if order.origin:
        write_origin(update, order.origin)
    signature = update.new()
    update.put_signature(signature, _dictionary(order), reserved)
    existing = empty_fields(update.pdf).get(order.field)
    if existing is not None:
        if "/Lock" in existing or "/SV" in existing or existing.objgen[0] == 0:
            raise NotPlain("the field has rules of its own")
        _fill(update, existing, signature, order)
        _acro_form(update, None)
        return order.field
    return add_field(update, order.field, signature, order.appearance, order.appearance.page if order.appearance else 0)


def add_field(update: Increment, wanted: str, signature: int, mark: Mark | None, index: int) -> str:
    """Add a new signature field with its widget on page `index`; return its name."""
    page = _page(update, index)
    name = unique_name(wanted, update.pdf)
    widget = b"<</Type /Annot /Subtype /Widget /FT /Sig /F 132 /T " + text_string(name)
    widget += b" /V %d 0 R /P " % signature + reference(page) + _look(update, mark) + b">>"
    number = update.add(widget)
    update.extend(page, "/Annots", b"%d 0 R" % number)
    _acro_form(update, b"%d 0 R" % number)
    return name


def _page(update: Increment, index: int) -> pikepdf.Object:
    try:
        return update.pdf.pages[index].obj
    except IndexError as error:
        raise RefusedInput("no_such_page", page=index + 1) from error


def _look(update: Increment, mark: Mark | None) -> bytes:
    if mark is None:
        return b" /Rect [0 0 0 0]"
    return b" /Rect [%.4f %.4f %.4f %.4f] /AP <</N %d 0 R>>" % (*mark.rect, mark.drawing.write(update))


def _annotate(update: Increment, mark: Mark) -> None:
    page = _page(update, mark.page)
    body = b"<</Type /Annot /Subtype /Stamp /F 196 /P " + reference(page) + _look(update, mark) + b">>"
    update.extend(page, "/Annots", b"%d 0 R" % update.add(body))


def _fill(update: Increment, field: pikepdf.Object, signature: int, order: Order) -> None:
    entries = {"/V": b"%d 0 R" % signature}
    rect = [float(side) for side in field.get("/Rect", pikepdf.Array([0, 0, 0, 0]))]
    if order.appearance and rect[2] > rect[0] and rect[3] > rect[1]:
        entries["/AP"] = b"<</N %d 0 R>>" % order.appearance.drawing.write(update)
        entries["/F"] = b"132"
    update.edit(field, entries)


def _acro_form(update: Increment, field: bytes | None) -> None:
    root = update.pdf.Root
    form = root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        made = b"[" + (field or b"") + b"]"
        update.edit(root, {"/AcroForm": b"%d 0 R" % update.add(b"<</Fields " + made + b" /SigFlags 3>>")})
        return
    if form.is_indirect:
        update.edit(form, {"/SigFlags": b"3"})
        if field:
            update.extend(form, "/Fields", field)
        return
    fields = form.get("/Fields")
    if fields is not None and fields.is_indirect and field:
        update.extend_array(fields, field)
        field = None
    if field:
        form["/Fields"] = fields if fields is not None else pikepdf.Array([])
    form["/SigFlags"] = 3
    body = form.unparse()
    if field:
        # the direct array ends where its own encoding ends: rebuilt rather than searched for
        listed = form["/Fields"].unparse()[:-1] + b" " + field + b"]"
        del form["/Fields"]
        body = form.unparse()[:-2] + b"/Fields " + listed + b" >>"
    update.edit(root, {"/AcroForm": body})


def empty_fields(pdf: pikepdf.Pdf) -> dict[str, pikepdf.Object]:
    """Return the signature fields without a value, by full name; NotPlain for those with locks or seed values."""
    return {name: field for name, field in fields_of(pdf) if field.get("/FT") == "/Sig" and "/V" not in field}


def fields_of(pdf: pikepdf.Pdf) -> list[tuple[str, pikepdf.Object]]:
    """Return every field of the form by its full name."""
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return []
    found: list[tuple[str, pikepdf.Object]] = []
    waiting = [("", field) for field in form.get("/Fields", [])]
    while waiting and len(found) < 20_000:  # a bound on hostile or circular trees
        prefix, field = waiting.pop()
        if not isinstance(field, pikepdf.Dictionary):
            continue
        name = prefix + (str(field["/T"]) if "/T" in field else "")
        kids = [kid for kid in field.get("/Kids", []) if isinstance(kid, pikepdf.Dictionary) and "/T" in kid]
        waiting += [(name + ".", kid) for kid in kids]
        found.append((name, field))
    return found


def unique_name(wanted: str, pdf: pikepdf.Pdf) -> str:
    """Return `wanted`, or `wanted-2`, `-3`… where a field of the file bears it already."""
    taken = {name.partition(".")[0] for name, _ in fields_of(pdf)}
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted}-{count}"
    return name


def _dictionary(order: Order) -> bytes:
    entries = b"/Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /M " + pdf_date(order.at)
    if order.reason:
        entries += b" /Reason " + text_string(order.reason)
    if order.location:
        entries += b" /Location " + text_string(order.location)
    return entries


def text_string(text: str) -> bytes:
    """Return a PDF text string: a literal where ASCII suffices, else UTF-16BE in hexadecimal."""
    if text.isascii() and text.isprintable() and not set("()\\") & set(text):
        return b"(" + text.encode() + b")"
    return b"<FEFF" + text.encode("utf-16-be").hex().upper().encode() + b">"


def pdf_date(at: datetime) -> bytes:
    """Return `(D:20221116163454+07'00')`, in Việt Nam's time."""
    return at.astimezone(VIETNAM).strftime("(D:%Y%m%d%H%M%S+07'00')").encode()
