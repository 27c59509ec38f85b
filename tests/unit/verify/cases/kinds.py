"""Cases of honest files: order of signatures, permissions, numbering, forms, odd kinds of signature."""

from asn1crypto import core
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm

from tests import forgeries as forge
from tests.pki.signing import add_timestamp, add_validation_data
from tests.unit.verify.world import HOUR, NOW, Given, World

ALL_FIELDS = FieldMDPSpec(FieldMDPAction.ALL)
NUMBER = forge.add_content(b"15/QD-UBND, ngay 22 thang 11 nam 2026", (72, 800))


def both(
    w: World, between: object = None, policy: str = "default", after: object = None, first: str = "person"
) -> Given:
    """Person and organisation sign; `between` and `after` change the file."""
    people = [w.pki.person_an, w.pki.ubnd] if first == "person" else [w.pki.ubnd, w.pki.person_an]
    pdf = w.sign(w.blank, people[0], at=NOW - 2 * HOUR)
    if between is not None:
        pdf = between(pdf)  # type: ignore[operator]
    pdf = w.sign(pdf, people[1], field="Second", box=(300, 80, 420, 180))
    return Given(after(pdf) if after is not None else pdf, policy)  # type: ignore[operator]


def numbered(pdf: bytes) -> bytes:
    """Number and date are written at the top of page 1."""
    return forge.updated(pdf, NUMBER)


def _second_page(pdf: bytes) -> bytes:
    """A paper of two pages, the second like the first."""
    from io import BytesIO

    import pikepdf

    with pikepdf.open(BytesIO(pdf)) as paper:
        paper.pages.append(paper.pages[0])
        out = BytesIO()
        paper.save(out)
    return out.getvalue()


def numbered_two_pages(w: World, at: tuple[int, int], *, page: int) -> Given:
    """Numbered on page 1, sealed on the last page; something stands on `page` (from 0) at `at` besides."""
    pdf = w.sign(_second_page(w.blank), at=NOW - 2 * HOUR)
    pdf = forge.updated(numbered(pdf), forge.add_content(b"9 000 000 dong", at, number=page))
    return Given(w.sign(pdf, w.pki.ubnd, field="Second", box=(300, 80, 420, 180), page=1), "numbering")


def sealed_by_somebody(w: World, who: object, box: tuple[int, int, int, int]) -> Given:
    """The head is written into, and somebody other than an organisation signs over it, or with a field as large as the page."""
    pdf = forge.updated(
        w.sign(w.blank, at=NOW - 2 * HOUR), NUMBER if box[3] < 200 else forge.add_content(b"more", (72, 300))
    )
    return Given(w.sign(pdf, who, field="Second", box=box), "numbering")  # type: ignore[arg-type]


def filled_below_a_huge_field(w: World) -> Given:
    """A form is filled with other words, and a later signature's field spans the page, as if it had drawn them."""
    pdf = forge.field_filled("9 000 000", appearance=b"q 0 0 200 20 re f Q")(form_signed(w, at=NOW - 2 * HOUR))
    return Given(w.sign(pdf, w.pki.ubnd, field="Second", box=(0, 0, 595, 842)))


def certified(w: World, level: MDPPerm, pdf: bytes | None = None) -> bytes:
    """Certify a page."""
    return w.sign(pdf or w.blank, certify=level)


def shadow_signed(w: World) -> bytes:
    return w.once("shadow", lambda: w.sign(forge.shadow_base(w.blank)))


def form_signed(w: World, **more: object) -> bytes:
    return w.sign(w.form, **more)


def rsa_sha1(w: World) -> Given:
    """adbe.x509.rsa_sha1: a bare PKCS#1 signature, the certificate in the dictionary."""
    from tests.pki.signing import embed_bare

    def token(digest: bytes) -> bytes:
        value = w.pki.person_an.key.sign(digest, PKCS1v15(), Prehashed(hashes.SHA1()))
        return core.OctetString(value).dump()

    return Given(embed_bare(w.blank, token, w.pki.person_an.der))


def pkcs7_sha1(w: World) -> Given:
    """adbe.pkcs7.sha1: the SHA-1 digest is the content of the container."""
    from tests.pki.signing import embed_enveloping

    return Given(embed_enveloping(w.blank, w.pki.person_an))


F = "content_changed_after_signing"
A = "annotation_added_after_signing"
NOTHING_TO_CHECK = "signature_contents_missing"
P = MDPPerm

CASES = {
    "unsigned": (lambda w: Given(w.blank), "unsigned", "unsigned"),
    "not a PDF": (lambda w: Given(b"hello, world" * 100), "error", "not_a_pdf"),
    "empty file": (lambda w: Given(b""), "error", "not_a_pdf"),
    "only a document timestamp": (
        lambda w: Given(add_timestamp(w.blank, w.pki.tsa, NOW - HOUR)),
        "indeterminate",
        "only_timestamps",
    ),
    "person, then organisation": (both, "valid", "both_signatures"),
    "organisation, then person": (lambda w: both(w, first="ubnd"), "valid", "organisation_signed_before_person"),
    "person alone": (lambda w: Given(w.signed()), "valid", "organisation_signature_missing"),
    "organisation alone": (lambda w: Given(w.sign(w.blank, w.pki.ubnd)), "valid", "person_signature_missing"),
    "certified copy": (lambda w: Given(w.sign(w.blank, w.pki.ubnd, reason="SAO Y")), "valid", None),
    "numbered between": (lambda w: both(w, numbered, "numbering"), "valid", "numbered_after_signature"),
    "numbered between, default policy": (lambda w: both(w, numbered), "invalid", F),
    "numbered, organisation missing": (lambda w: Given(numbered(w.signed()), "numbering"), "invalid", F),
    "numbered by an annotation": (
        lambda w: both(w, forge.eaa("FreeText", (60, 780, 200, 800)), "numbering"),
        "valid",
        "numbered_after_signature",
    ),
    "numbered, and the body replaced": (lambda w: both(w, forge.isa, "numbering"), "invalid", F),
    "numbered, in the body": (
        lambda w: both(
            w, lambda pdf: forge.updated(pdf, forge.add_content(b"and 9 000 000 more", (72, 300))), "numbering"
        ),
        "invalid",
        F,
    ),
    "numbered, sealed on the last page": (
        lambda w: numbered_two_pages(w, (72, 780), page=0),
        "valid",
        "numbered_after_signature",
    ),
    "numbered, last page written on": (lambda w: numbered_two_pages(w, (72, 300), page=1), "invalid", F),
    "numbered, written where the seal is on another page": (
        lambda w: numbered_two_pages(w, (310, 120), page=0),
        "invalid",
        F,
    ),
    "numbered, and another person signs": (
        lambda w: sealed_by_somebody(w, w.person(), (300, 80, 420, 180)),
        "invalid",
        F,
    ),
    "written on under a field as large as the page": (
        lambda w: sealed_by_somebody(w, w.pki.ubnd, (0, 0, 595, 842)),
        "invalid",
        F,
    ),
    "form filled under a field as large as the page": (filled_below_a_huge_field, "invalid", None),
    "numbered, changed after the organisation": (
        lambda w: both(w, numbered, "numbering", after=forge.isa),
        "invalid",
        F,
    ),
    "certified 1": (lambda w: Given(certified(w, P.NO_CHANGES)), "valid", None),
    "certified 1, then completed": (
        lambda w: Given(
            add_timestamp(
                add_validation_data(certified(w, P.NO_CHANGES), [w.pki.person_an], NOW - HOUR / 2),
                w.pki.tsa,
                NOW - HOUR / 3,
            )
        ),
        "valid",
        "validation_data_after",
    ),
    "certified 1, then signed": (
        lambda w: Given(w.sign(certified(w, P.NO_CHANGES), w.pki.ubnd, field="Second")),
        "invalid",
        "changes_forbidden_by_certification",
    ),
    "certified 2, then signed": (
        lambda w: Given(w.sign(certified(w, P.FILL_FORMS), w.pki.ubnd, field="Second")),
        "valid",
        "both_signatures",
    ),
    "certified 2, form filled": (
        lambda w: Given(forge.field_filled()(certified(w, P.FILL_FORMS, w.form))),
        "valid",
        "form_filled_as_certified",
    ),
    "certified 1, form filled": (
        lambda w: Given(forge.field_filled()(certified(w, P.NO_CHANGES, w.form))),
        "invalid",
        "changes_forbidden_by_certification",
    ),
    "certified 3, annotated": (lambda w: Given(forge.eaa("Text")(certified(w, P.ANNOTATE))), "invalid", A),
    "field locked, then filled": (
        lambda w: Given(forge.field_filled()(form_signed(w, lock=ALL_FIELDS))),
        "invalid",
        "changes_forbidden_by_certification",
    ),
    "form filled, nothing to see": (
        lambda w: Given(forge.field_filled()(form_signed(w))),
        "indeterminate",
        "form_filled_after_signing",
    ),
    "form filled, to be seen": (
        lambda w: Given(forge.field_filled(appearance=b"0 g 0 0 200 20 re f")(form_signed(w))),
        "invalid",
        "form_changes_what_is_seen",
    ),
    "metadata changed": (lambda w: Given(forge.metadata_changed(w.signed())), "valid", "validation_data_after"),
    "blanks at the end": (lambda w: Given(w.signed() + b"\n\0 \r\n"), "valid", None),
    "adbe.x509.rsa_sha1": (rsa_sha1, "indeterminate", "digest_weak"),
    "adbe.pkcs7.sha1": (pkcs7_sha1, "indeterminate", "digest_weak"),
}
