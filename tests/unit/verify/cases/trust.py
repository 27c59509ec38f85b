"""Cases of certificates, paths and algorithms: name → (what is given, expected outcome, expected first reason or notice)."""

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.sign.fields import SigSeedSubFilter

from digitise.verify.trust import Purpose, TrustSet, entry_of
from tests.pki import Identity, key, name_of
from tests.unit.verify.world import DAY, NOW, Given, World

HOLD = x509.ReasonFlags.certificate_hold


def other_root(w: World) -> Given:
    """A CA that nobody installed."""
    other = w.pki.authority("other", "Somebody's Root", number=6)
    return Given(w.sign(w.blank, w.person(issuer=other)))


def sub_missing(w: World) -> Given:
    """The sub-CA is neither in the file nor installed."""
    pdf = w.sign(w.blank, level="B-B", embed=[])
    return Given(pdf, trust=w.trust(sub=False))


def sub_installed(w: World) -> Given:
    """The CMS has the leaf alone; the operator installed the sub-CA."""
    return Given(w.sign(w.blank, embed=[]))


def _issued(w: World, level: str = "B-T", **more: object) -> Given:
    return Given(w.sign(w.blank, w.person(**more), level=level))


def name_constraint(w: World) -> Given:
    """The sub-CA may name only one organisation."""
    allowed = x509.NameConstraints([x509.DirectoryName(name_of("x", organisation="Only these"))], None)
    ca = w.pki.authority("bound", "Bound CA", parent=w.pki.root, number=7, extensions=[(allowed, True)])
    return Given(w.sign(w.blank, w.person(issuer=ca)), crls=w.crls(NOW, ca))


def path_length(w: World) -> Given:
    """A sub-CA with path length 0 has a CA below it."""
    upper = w.pki.authority("upper", "Upper CA", parent=w.pki.root, number=7, path_length=0)
    lower = w.pki.authority("lower", "Lower CA", parent=upper, number=8)
    return Given(w.sign(w.blank, w.person(issuer=lower)), crls=w.crls(NOW, upper, lower))


def forged_issuer(w: World) -> Given:
    """The certificate carries our sub-CA's name, and another key signed it."""
    fake = w.pki.authority("fake", "Test Issuing CA 01", parent=w.pki.root, number=6)
    fake_identity = Identity(w.pki.sub.certificate, fake.identity.key, w.pki.root)
    fake.identity = fake_identity
    return Given(w.sign(w.blank, w.person(issuer=fake), level="B-B"))


def leaf_is_not_a_ca(w: World) -> Given:
    """A person's certificate issued another certificate."""
    from tests.pki import Authority

    rogue = Authority("rogue", w.pki.person_an, w.pki.clock, w.pki.responders.url)
    return Given(w.sign(w.blank, w.person(issuer=rogue, key=key("p256", 3))))


def sub_revoked(w: World) -> Given:
    """The sub-CA itself was revoked."""
    ca = w.pki.authority("fallen", "Fallen CA", parent=w.pki.root, number=7)
    pdf = w.sign(w.blank, w.person(issuer=ca))
    w.pki.root.revoke(ca.identity, NOW - 10 * DAY)
    try:
        return Given(pdf, crls=w.crls(NOW, ca))
    finally:
        w.pki.root.revoked.clear()


def anchor_retired(w: World) -> Given:
    """The anchor is no longer trusted at the time of signing."""
    from dataclasses import replace

    held = w.trust()
    entries = tuple(replace(one, trusted_until=NOW - 10 * DAY) if one.anchor else one for one in held.entries)
    return Given(w.signed(), trust=TrustSet(entries))


def self_signed_trusted(w: World) -> Given:
    """A self-signed signer that the operator trusts."""
    lone = w.pki.authority("lone", "Lone signer", number=6)
    return Given(
        w.sign(w.blank, lone.identity),
        trust=w.trust().with_entries([entry_of(lone.identity.asn1_certificate)]),
    )


EMAIL, OCSP = ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.OCSP_SIGNING
ADOBE = SigSeedSubFilter.ADOBE_PKCS7_DETACHED

CASES = {
    "b_b": (lambda w: Given(w.signed("B-B")), "indeterminate", "time_only_claimed"),
    "b_b where a claim is enough": (lambda w: Given(w.signed("B-B"), "claimed-time"), "valid", "time_only_claimed"),
    "b_t": (lambda w: Given(w.signed()), "valid", None),
    "b_lt": (lambda w: Given(w.signed("B-LT"), crls=[]), "valid", "validation_data_after"),
    "b_lta": (lambda w: Given(w.signed("B-LTA"), crls=[]), "valid", "validation_data_after"),
    "unknown CA": (other_root, "indeterminate", "issuer_not_trusted"),
    "missing sub-CA": (sub_missing, "indeterminate", "issuer_certificate_missing"),
    "sub-CA installed": (sub_installed, "valid", None),
    "sub-CA revoked": (sub_revoked, "indeterminate", "issuer_revoked"),
    "anchor for timestamps only": (
        lambda w: Given(w.signed(), trust=w.only_for(Purpose.TIMESTAMPING)),
        "indeterminate",
        "issuer_not_trusted",
    ),
    "anchor for signing only": (
        lambda w: Given(w.signed(), trust=w.only_for(Purpose.SIGNING)),
        "indeterminate",
        "timestamp_not_trusted",
    ),
    "anchor retired": (anchor_retired, "indeterminate", "issuer_not_trusted"),
    "no anchor at all": (lambda w: Given(w.signed(), trust=TrustSet()), "indeterminate", "issuer_not_trusted"),
    "self-signed and trusted": (self_signed_trusted, "invalid", "certificate_not_for_signing"),
    "key usage wrong": (
        lambda w: _issued(w, usage={"key_encipherment": True}),
        "invalid",
        "certificate_not_for_signing",
    ),
    "made for OCSP": (lambda w: _issued(w, extended=[OCSP]), "invalid", "certificate_not_for_signing"),
    "made for e-mail": (lambda w: _issued(w, extended=[EMAIL]), "valid", None),
    "name constraint": (name_constraint, "indeterminate", "chain_rule_broken"),
    "path length": (path_length, "indeterminate", "chain_rule_broken"),
    "issuer forged": (forged_issuer, "indeterminate", None),
    "issued by a person": (leaf_is_not_a_ca, "indeterminate", "chain_rule_broken"),
    "SHA-1": (lambda w: Given(w.sign(w.blank, digest="sha1")), "indeterminate", "digest_weak"),
    "RSA 1024": (lambda w: _issued(w, key=key("rsa1024")), "indeterminate", "key_weak"),
    "RSA 3072": (lambda w: _issued(w, key=key("rsa3072")), "valid", None),
    "RSASSA-PSS": (lambda w: Given(w.sign(w.blank, pss=True)), "valid", None),
    "SHA-384": (lambda w: Given(w.sign(w.blank, digest="sha384")), "valid", None),
    "SHA-512": (lambda w: Given(w.sign(w.blank, digest="sha512")), "valid", None),
    "ECDSA P-192": (lambda w: _issued(w, key=key("p192")), "indeterminate", "key_weak"),
    "ECDSA P-256": (lambda w: _issued(w, key=key("p256")), "valid", None),
    "ECDSA P-384": (lambda w: _issued(w, key=key("p384")), "valid", None),
    "ECDSA P-521": (lambda w: _issued(w, key=key("p521")), "valid", None),
    "Ed25519": (lambda w: Given(w.sign(w.blank, w.person(key=key("ed25519")), digest="sha512")), "valid", None),
    "Ed448": (
        lambda w: Given(w.sign(w.blank, w.person(key=key("ed448")), digest="shake256", level="B-B"), "claimed-time"),
        "valid",
        None,
    ),
    "adbe.pkcs7.detached": (lambda w: Given(w.sign(w.blank, subfilter=ADOBE)), "valid", None),
}
