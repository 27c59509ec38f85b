"""Forgeries written object by object over a document that has everything: what other readers follow, and what pages do not show."""

from collections.abc import Callable

from tests import forgeries
from tests.forgeries import crafted, prepared
from tests.unit.verify.cases.kinds import A, F, P
from tests.unit.verify.world import HOUR, NOW, Given, World

UNSEEN = "unseen_parts_changed_after_signing"
REPAINTED = "form_changes_what_is_seen"
FILLED = "form_filled_as_certified"
FIELDS = (prepared.AMOUNT, b"/V (100)", b"/V (900)")


def on(forge: prepared.Forge, certify: P | None = None) -> Callable[[World], Given]:
    """Return a case: the document with everything, signed or certified, then forged."""

    def make(w: World) -> Given:
        return Given(forge(w.once(f"whole {certify}", lambda: w.sign(prepared.whole(), certify=certify))))

    return make


def filled(pdf: bytes) -> bytes:
    """The amount is filled in, value and appearance."""
    return crafted.update(prepared.swapped(*FIELDS)(pdf), {prepared.LOOK: prepared.look(b"900")})


def form_signed_twice(w: World) -> Given:
    """Two sign a form, and nobody touches its fields."""
    first = w.sign(prepared.whole(), at=NOW - 2 * HOUR)
    return Given(w.sign(first, w.pki.ubnd, field="Second", box=(300, 80, 420, 180)))


def small_field_hides_words(w: World) -> Given:
    """A later signature's small field lies on the words of the page, opaque, with others on it."""
    sheet = forgeries.sheet_under_a_field("Second", (60, 750, 200, 780))
    return Given(w.sign(sheet(w.sign(w.blank, at=NOW - 2 * HOUR)), w.pki.ubnd, field="Second"))


def field_prepared(w: World) -> Given:
    """An empty field is prepared for the organisation, which has not signed yet."""
    from io import BytesIO

    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigFieldSpec, append_signature_field

    writer, output = IncrementalPdfFileWriter(BytesIO(w.signed())), BytesIO()
    append_signature_field(writer, SigFieldSpec("Second", on_page=0, box=(300, 80, 420, 180)))
    writer.write(output)
    return Given(output.getvalue())


def numbered_and_attachment_swapped(w: World) -> Given:
    """Between the two signatures number and date come, and the attachment becomes another."""
    from tests import forgeries

    pdf = w.sign(prepared.whole(), at=NOW - 2 * HOUR)
    pdf = forgeries.updated(pdf, forgeries.add_content(b"So: 15/QD-UBND", (72, 800)))
    pdf = put(46, crafted.stream(b"forged", b"/Type /EmbeddedFile"))(pdf)
    return Given(w.sign(pdf, w.pki.ubnd, field="Second", box=(300, 80, 420, 180)), "numbering")


swap, put = prepared.swapped, prepared.rewritten
CASES = {
    "form signed by two": (form_signed_twice, "valid", "both_signatures"),
    "field prepared for the next signer": (field_prepared, "valid", "signature_field_empty"),
    "certified 2, amount filled": (on(filled, P.FILL_FORMS), "valid", FILLED),
    "forgery: layer switched off": (on(swap(30, b"/ON [31 0 R] /OFF []", b"/ON [] /OFF [31 0 R]")), "invalid", F),
    "forgery: font draws other digits": (on(put(5, prepared.NINE_FOR_ONE)), "invalid", F),
    "forgery: text to copy swapped": (on(put(7, crafted.stream(b"other"))), "invalid", UNSEEN),
    "forgery: spoken text swapped": (on(swap(51, b"Pay 100", b"Pay 900")), "invalid", UNSEEN),
    "forgery: structure tree dropped": (on(put(50, b"<< /Type /StructTreeRoot >>")), "invalid", UNSEEN),
    "forgery: page label swapped": (on(swap(42, b"/P (A)", b"/P (B)")), "invalid", UNSEEN),
    "forgery: attachment swapped": (on(put(46, crafted.stream(b"forged", b"/Type /EmbeddedFile"))), "invalid", UNSEEN),
    "forgery: action added": (
        on(swap(1, b"/Type /Catalog", b"/Type /Catalog /OpenAction << /S /JavaScript /JS (x) >>")),
        "invalid",
        UNSEEN,
    ),
    "forgery: notes in another order": (on(swap(3, b"23 0 R 24 0 R", b"24 0 R 23 0 R")), "invalid", A),
    "forgery: form's font draws other digits": (on(put(25, prepared.NINE_FOR_ONE)), "invalid", None),
    "forgery: form's font, certified 2": (on(put(25, prepared.NINE_FOR_ONE), P.FILL_FORMS), "invalid", None),
    "forgery: field moved, certified 2": (
        on(swap(prepared.AMOUNT, b"[72 400 272 440]", b"[72 690 272 730]"), P.FILL_FORMS),
        "invalid",
        A,
    ),
    "forgery: field repainted, certified 2": (
        on(put(prepared.LOOK, prepared.look(b"900")), P.FILL_FORMS),
        "invalid",
        REPAINTED,
    ),
    "forgery: hidden catalogue": (on(prepared.led_to_hidden_catalogue), "invalid", F),
    "forgery: table leads elsewhere": (on(prepared.content_led_elsewhere), "invalid", F),
    "forgery: cover declared free": (on(prepared.content_freed), "invalid", UNSEEN),
    "forgery: hybrid table": (on(prepared.hybrid_content), "invalid", F),
    "forgery: second field shows the signature": (on(prepared.shown_by_a_second_field), "invalid", A),
    "forgery: signature copied, content other": (on(prepared.signature_copied), "invalid", "coverage_partial"),
    "forgery: certification taken away": (on(prepared.certification_taken_away, P.FILL_FORMS), "invalid", UNSEEN),
    "numbered, and an attachment swapped": (numbered_and_attachment_swapped, "invalid", F),
    "forgery: small field hides words": (small_field_hides_words, "indeterminate", None),
}
