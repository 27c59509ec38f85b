"""A document in which everything can be attacked, and the updates that do: layers, fields, annotations, structure, prepared pages.

Each function takes signed bytes and returns forged ones. `form` below says on which base it is tried.
"""

import re
from collections.abc import Callable

from tests.forgeries.crafted import Objects, body_of, document, root_of, stream, update

Forge = Callable[[bytes], bytes]
PAGE, CONTENT, FORM, AMOUNT, LOOK, TICK = 3, 4, 20, 21, 26, 22


def font(more: bytes = b"") -> bytes:
    """Return a font; `more` may change which digit is drawn for which."""
    return b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica %s >>" % more


NINE_FOR_ONE = font(b"/Encoding << /Type /Encoding /Differences [49 /nine] >>")


def look(text: bytes, width: int = 200, height: int = 40, *, paper: bool = False) -> bytes:
    """Return a form XObject that writes a line, on a sheet of its own where `paper`."""
    sheet = b"1 1 1 rg 0 0 %d %d re f 0 g " % (width, height) if paper else b""
    about = b"/Type /XObject /Subtype /Form /BBox [0 0 %d %d] /Resources << /Font << /F1 5 0 R >> >>" % (width, height)
    return stream(sheet + b"BT /F1 14 Tf 2 8 Td (%s) Tj ET" % text, about)


def whole() -> bytes:
    """Return the unsigned document: one page, a layer, a form, two notes on each other, a structure tree, a page nothing leads to."""
    return document({**_page(), **_form(), **_around(), **_hidden_page()})


def _page() -> Objects:
    drawn = (
        b"/P << /MCID 0 >> BDC BT /F1 18 Tf 72 700 Td (Pay 100 dong) Tj ET EMC "
        b"/OC /L1 BDC BT /F1 18 Tf 72 640 Td (Layer) Tj ET EMC /Cover Do"
    )
    return {
        1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm 20 0 R /OCProperties 30 0 R /PageLabels 42 0 R /Names 43 0 R "
        b"/StructTreeRoot 50 0 R /MarkInfo << /Marked true >> >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R "
        b"/Annots [21 0 R 22 0 R 23 0 R 24 0 R] /StructParents 0 >>",
        4: stream(drawn),
        5: font(b"/ToUnicode 7 0 R"),
        6: b"<< /Font << /F1 5 0 R >> /XObject << /Cover 9 0 R >> /Properties << /L1 31 0 R >> >>",
        7: stream(b"begincmap endcmap"),
        9: stream(b"1 1 1 rg 60 200 300 40 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 595 842]"),
    }


def _form() -> Objects:
    note = (
        b"<< /Type /Annot /Subtype /FreeText /F 4 /Rect [%d 300 %d 340] /Contents (%s) /AP << /N %d 0 R >> /P 3 0 R >>"
    )
    return {
        FORM: b"<< /Fields [21 0 R 22 0 R] /DR << /Font << /Helv 25 0 R >> >> /DA (/Helv 12 Tf 0 g) >>",
        AMOUNT: b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (Amount) /V (100) /F 4 /Rect [72 400 272 440] "
        b"/AP << /N 26 0 R >> /P 3 0 R /DA (/Helv 12 Tf 0 g) >>",
        TICK: b"<< /Type /Annot /Subtype /Widget /FT /Btn /T (Agree) /V /Off /AS /Off /F 4 /Rect [72 360 92 380] "
        b"/AP << /N << /Yes 27 0 R /Off 28 0 R >> >> /P 3 0 R >>",
        23: note % (72, 272, b"one", 29),
        24: note % (82, 282, b"two", 32),
        25: font(),
        LOOK: look(b"100"),
        27: look(b"X", 20, 20),
        28: look(b"", 20, 20),
        29: look(b"PAY ONE", paper=True),
        32: look(b"PAY TWO", paper=True),
    }


def _around() -> Objects:
    return {
        30: b"<< /OCGs [31 0 R] /D << /ON [31 0 R] /OFF [] /Order [31 0 R] >> >>",
        31: b"<< /Type /OCG /Name (L1) >>",
        42: b"<< /Nums [0 << /S /D /P (A) >>] >>",
        43: b"<< /EmbeddedFiles 44 0 R >>",
        44: b"<< /Names [(a.txt) 45 0 R] >>",
        45: b"<< /Type /Filespec /F (a.txt) /EF << /F 46 0 R >> >>",
        46: stream(b"attachment as signed", b"/Type /EmbeddedFile"),
        50: b"<< /Type /StructTreeRoot /K 51 0 R >>",
        51: b"<< /Type /StructElem /S /P /P 50 0 R /Pg 3 0 R /K 0 /ActualText (Pay 100 dong) >>",
    }


def _hidden_page() -> Objects:
    return {
        70: b"<< /Type /Catalog /Pages 71 0 R /AcroForm 20 0 R >>",
        71: b"<< /Type /Pages /Kids [72 0 R] /Count 1 >>",
        72: b"<< /Type /Page /Parent 71 0 R /MediaBox [0 0 595 842] /Contents 73 0 R /Resources 6 0 R >>",
        73: stream(b"BT /F1 18 Tf 72 700 Td (Pay 900 dong) Tj ET"),
    }


def swapped(number: int, old: bytes, new: bytes) -> Forge:
    """Return a forger that rewrites an object with `old` replaced by `new`."""

    def forge(pdf: bytes) -> bytes:
        text = re.sub(rb"\s+", b" ", body_of(pdf, number)).replace(b"[ ", b"[").replace(b" ]", b"]")
        assert old in text, text
        return update(pdf, {number: text.replace(old, new)})

    return forge


def rewritten(number: int, text: bytes) -> Forge:
    """Return a forger that puts another object in an object's place."""
    return lambda pdf: update(pdf, {number: text})


def led_to_hidden_catalogue(pdf: bytes) -> bytes:
    """The trailer alone changes: it names a catalogue that was hidden in the file when it was signed."""
    return update(pdf, {}, root=70)


def content_led_elsewhere(pdf: bytes) -> bytes:
    """The table alone changes: the content's number leads to where another stream lies."""
    return update(pdf, {}, repoint={CONTENT: pdf.rfind(b"73 0 obj")})


def content_freed(pdf: bytes) -> bytes:
    """What covers part of the page is declared free, so that it is gone."""
    return update(pdf, {}, free=[9])


def hybrid_content(pdf: bytes) -> bytes:
    """The update's table is empty, and the stream beside it, which only newer readers follow, has another content."""
    body = pdf + b"4 0 obj\n" + stream(b"BT /F1 18 Tf 72 700 Td (Pay 900 dong) Tj ET") + b"\nendobj\n"
    entry = bytes([1]) + len(pdf).to_bytes(4, "big") + b"\0"
    at = len(body)
    body += b"300 0 obj\n" + stream(entry, b"/Type /XRef /Size 301 /W [1 4 1] /Index [4 1]") + b"\nendobj\n"
    before = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    trailer = b"trailer\n<< /Size 301 /Root %d 0 R /Prev %d /XRefStm %d >>\n" % (root_of(pdf), before, at)
    return body + b"xref\n0 0\n" + trailer + b"startxref\n%d\n%%%%EOF\n" % len(body)


def field_of_the_signature(pdf: bytes) -> tuple[int, int]:
    """Return the object numbers of the (first) signature's field and dictionary."""
    numbers = [int(one) for one in re.findall(rb"(?<![\d.])(\d+) 0 obj", pdf)]
    value = next(one for one in numbers if b"/ByteRange" in body_of(pdf, one))
    return next(one for one in numbers if b"/V %d 0 R" % value in body_of(pdf, one)), value


def shown_by_a_second_field(pdf: bytes) -> bytes:
    """A second field has the same signature as its value, and an appearance with other words."""
    _, value = field_of_the_signature(pdf)
    sneaky = (
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Sneaky) /V %d 0 R /F 4 /Rect [60 680 400 730] /P 3 0 R "
        b"/AP << /N 401 0 R >> >>" % value
    )
    page = body_of(pdf, PAGE).replace(b"/Annots [", b"/Annots [400 0 R ")
    form = body_of(pdf, FORM).replace(b"/Fields [", b"/Fields [400 0 R ")
    return update(pdf, {400: sneaky, 401: look(b"Pay 900", paper=True), PAGE: page, FORM: form})


def signature_copied(pdf: bytes) -> bytes:
    """The field is led to a copy of its signature dictionary, and the content is another."""
    field, value = field_of_the_signature(pdf)
    led = body_of(pdf, field).replace(b"/V %d 0 R" % value, b"/V 400 0 R")
    return update(pdf, {field: led, 400: body_of(pdf, value), CONTENT: stream(b"BT /F1 18 Tf 72 700 Td (900) Tj ET")})


def certification_taken_away(pdf: bytes) -> bytes:
    """The catalogue no longer says that the document is certified."""
    return update(pdf, {1: re.sub(rb"/Perms\s*<<.*?>>", b"", body_of(pdf, 1), flags=re.DOTALL)})
