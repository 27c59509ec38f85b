"""Forgeries: every published class of attack, and what else can be done to a signed file."""

from tests import forgeries as forge
from tests.unit.verify.cases.kinds import A, F, P, certified, form_signed, shadow_signed
from tests.unit.verify.world import HOUR, NOW, Given, World


def large_later_field(w: World) -> Given:
    """A valid second signature whose field covers the page with paper."""
    pdf = w.sign(w.blank, at=NOW - 2 * HOUR)
    return Given(forge.cover_widget(w.sign(pdf, w.pki.ubnd, field="Second", box=(20, 500, 580, 820))))


NOTHING_TO_CHECK = "signature_contents_missing"

CASES = {
    "forgery: usf, contents empty": (
        lambda w: Given(forge.usf_contents_empty(w.signed())),
        "invalid",
        NOTHING_TO_CHECK,
    ),
    "forgery: usf, contents 00": (lambda w: Given(forge.usf_contents_zero(w.signed())), "invalid", NOTHING_TO_CHECK),
    "forgery: usf, contents null": (lambda w: Given(forge.usf_contents_null(w.signed())), "invalid", NOTHING_TO_CHECK),
    "forgery: usf, no contents": (lambda w: Given(forge.usf_contents_missing(w.signed())), "invalid", NOTHING_TO_CHECK),
    "forgery: usf, contents zeros": (
        lambda w: Given(forge.usf_contents_zeros(w.signed())),
        "invalid",
        NOTHING_TO_CHECK,
    ),
    "forgery: usf, no range": (lambda w: Given(forge.usf_range_missing(w.signed())), "invalid", "byte_range_missing"),
    "forgery: usf, range null": (lambda w: Given(forge.usf_range_null(w.signed())), "invalid", "byte_range_missing"),
    "forgery: usf, range empty": (lambda w: Given(forge.usf_range_empty(w.signed())), "invalid", "byte_range_missing"),
    "forgery: usf, range zero": (lambda w: Given(forge.usf_range_zero(w.signed())), "invalid", None),
    "forgery: usf, range negative": (
        lambda w: Given(forge.usf_range_negative(w.signed())),
        "invalid",
        "byte_range_malformed",
    ),
    "forgery: usf, range beyond": (
        lambda w: Given(forge.usf_range_beyond(w.signed())),
        "invalid",
        "byte_range_outside_file",
    ),
    "forgery: usf, range of names": (
        lambda w: Given(forge.usf_range_words(w.signed())),
        "invalid",
        "byte_range_missing",
    ),
    "forgery: swa, gap": (lambda w: Given(forge.swa_gap(w.signed())), "invalid", "unsigned_gap_holds_other_data"),
    "forgery: swa, second range": (lambda w: Given(forge.swa_second_dictionary(w.signed())), "invalid", None),
    "forgery: swa, overlap": (lambda w: Given(forge.swa_overlap(w.signed())), "invalid", "byte_range_overlaps"),
    "forgery: swa, padding": (
        lambda w: Given(forge.swa_padding(w.signed())),
        "invalid",
        "unsigned_gap_holds_other_data",
    ),
    "forgery: isa": (lambda w: Given(forge.isa(w.signed())), "invalid", F),
    "forgery: isa after completion": (lambda w: Given(forge.isa(w.signed("B-LTA"))), "invalid", F),
    "forgery: isa, no %%EOF": (lambda w: Given(forge.isa_without_eof(w.signed())), "invalid", "tail_outside_structure"),
    "forgery: isa, no xref": (lambda w: Given(forge.isa_without_xref(w.signed())), "invalid", "tail_outside_structure"),
    "forgery: isa, old xref": (
        lambda w: Given(forge.isa_fake_trailer(w.signed())),
        "invalid",
        "tail_outside_structure",
    ),
    "forgery: tail": (lambda w: Given(forge.tail(w.signed())), "invalid", "tail_outside_structure"),
    "forgery: page added": (
        lambda w: Given(forge.page_added(w.signed())),
        "invalid",
        "pages_added_or_removed_after_signing",
    ),
    "shadow prepared, not used": (lambda w: Given(shadow_signed(w)), "valid", None),
    "forgery: shadow, hide": (lambda w: Given(forge.shadow_hide(shadow_signed(w))), "invalid", F),
    "forgery: shadow, replace": (
        lambda w: Given(forge.shadow_replace(form_signed(w))),
        "invalid",
        "form_changes_what_is_seen",
    ),
    "forgery: shadow, hide and replace": (
        lambda w: Given(forge.shadow_hide_and_replace(shadow_signed(w))),
        "invalid",
        F,
    ),
    "forgery: eaa, free text on certified 3": (
        lambda w: Given(forge.eaa("FreeText")(certified(w, P.ANNOTATE))),
        "invalid",
        A,
    ),
    "forgery: eaa, stamp on certified 2": (
        lambda w: Given(forge.eaa("Stamp")(certified(w, P.FILL_FORMS))),
        "invalid",
        A,
    ),
    "forgery: eaa, redaction on approval": (lambda w: Given(forge.eaa("Redact")(w.signed())), "invalid", A),
    "forgery: ssa on certified 2": (lambda w: Given(forge.ssa(certified(w, P.FILL_FORMS))), "invalid", None),
    "forgery: ssa on approval": (lambda w: Given(forge.ssa(w.signed())), "invalid", None),
    "forgery: ssa, signed and large": (large_later_field, "invalid", None),
    "forgery: form removed": (
        lambda w: Given(forge.form_removed(w.signed())),
        "indeterminate",
        "signature_detached_from_form",
    ),
    "forgery: form removed, page replaced": (lambda w: Given(forge.form_removed_and_content(w.signed())), "invalid", F),
    "forgery: bit flipped": (lambda w: Given(forge.bit_flipped(w.signed())), "invalid", "signed_bytes_changed"),
    "forgery: signature value flipped": (
        lambda w: Given(forge.signature_bit_flipped(w.signed())),
        "invalid",
        "signature_value_wrong",
    ),
    "forgery: end cut": (lambda w: Given(forge.end_cut(w.signed())), "invalid", "byte_range_outside_file"),
}
