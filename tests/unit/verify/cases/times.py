"""Cases of time, timestamps and revocation: name → (what is given, expected outcome, expected first reason or notice)."""

from cryptography import x509

from tests.pki import Identity
from tests.pki.signing import add_timestamp, add_validation_data
from tests.unit.verify.world import DAY, HOUR, NOW, YEAR, Given, World

HOLD = x509.ReasonFlags.certificate_hold


def expired_in_store(w: World) -> Given:
    """Signed, stamped and completed two years ago; the certificate ended since."""
    then = NOW - 2 * YEAR
    who = w.person(not_before=then - YEAR, not_after=then + 30 * DAY)
    return Given(w.sign(w.blank, who, level="B-LT", at=then, validated_at=then + HOUR))


def expired_unproven(w: World) -> Given:
    """The certificate ended, and nothing proves the time."""
    who = w.person(not_before=NOW - 2 * YEAR, not_after=NOW - DAY)
    return Given(w.sign(w.blank, who, level="B-B", at=NOW - 30 * DAY))


def expired_before(w: World) -> Given:
    """Signed after the end of the certificate."""
    who = w.person(not_before=NOW - 2 * YEAR, not_after=NOW - 30 * DAY)
    return Given(w.sign(w.blank, who, level="B-B", at=NOW - DAY))


def stamped_after_end(w: World) -> Given:
    """Claimed before the end, stamped after it."""
    who = w.person(not_before=NOW - 2 * YEAR, not_after=NOW - 30 * DAY)
    return Given(w.sign(w.blank, who, at=NOW - 40 * DAY, stamped_at=NOW - DAY))


def stamped_before_begin(w: World) -> Given:
    """The timestamp is older than the certificate."""
    who = w.person(not_before=NOW - DAY)
    return Given(w.sign(w.blank, who, at=NOW - 2 * DAY))


def _revoked(w: World, since: int, signed: int, level: str = "B-T", reason: x509.ReasonFlags | None = None) -> Given:
    who = w.person()
    w.pki.sub.revoke(who, NOW - since * DAY, reason or x509.ReasonFlags.key_compromise)
    try:
        return Given(w.sign(w.blank, who, level=level, at=NOW - signed * DAY), crls=w.crls())
    finally:
        w.pki.sub.revoked.clear()


def revoked_after_with_old_data(w: World) -> Given:
    """Completed before the revocation: what was embedded then still says good."""
    who = w.person()
    pdf = w.sign(w.blank, who, level="B-LTA", at=NOW - 30 * DAY)
    w.pki.sub.revoke(who, NOW - DAY)
    try:
        return Given(pdf, crls=w.crls())
    finally:
        w.pki.sub.revoked.clear()


def hold_lifted(w: World) -> Given:
    """Suspended once, released since."""
    who = w.person()
    pdf = w.sign(w.blank, who, at=NOW - DAY)
    return Given(pdf, crls=w.crls(NOW - HOUR))


def ocsp_unknown(w: World) -> Given:
    """The responder never heard of the certificate."""
    who = w.person()
    w.pki.sub.unknown.add(who.certificate.serial_number)
    pdf = add_validation_data(w.sign(w.blank, who), [who], NOW - HOUR / 2, crls_too=False)
    w.pki.sub.unknown.clear()
    return Given(pdf, crls=[])


def ocsp_delegated(w: World) -> Given:
    """Answers signed by a delegated responder."""
    ca = w.pki.authority("delegating", "Delegating CA", parent=w.pki.root, number=7)
    ca.delegate_ocsp()
    who = w.person(issuer=ca)
    pdf = add_validation_data(w.sign(w.blank, who), [who], NOW - HOUR / 2, crls_too=False)
    return Given(pdf, crls=w.crls())


def ocsp_forged(w: World) -> Given:
    """The only answer was signed by a person's key."""
    who = w.person()
    pdf = w.sign(w.blank, who)
    before, w.pki.sub.responder = w.pki.sub.responder, w.pki.person_an
    try:
        pdf = add_validation_data(pdf, [who], NOW - HOUR / 2, crls_too=False)
    finally:
        w.pki.sub.responder = before
    return Given(pdf, crls=[])


def crl_of_another(w: World) -> Given:
    """The list is the root's, not the issuer's."""
    return Given(w.signed(), crls=[w.pki.root.crl(NOW)])


def tsa_untrusted(w: World) -> Given:
    """The TSA belongs to a root that nobody installed."""
    other = w.pki.authority("tsaroot", "Other TSA root", number=6)
    tsa = w.pki.timestamper("other-tsa", "Other TSA", issuer=other)
    return Given(w.sign(w.blank, tsa=tsa))


def tsa_revoked(w: World) -> Given:
    """The TSA was revoked before it stamped."""
    tsa = w.pki.timestamper("bad-tsa", "Revoked TSA")
    pdf = w.sign(w.blank, tsa=tsa)
    w.pki.sub.revoke(tsa, NOW - 10 * DAY)
    try:
        return Given(pdf, crls=w.crls())
    finally:
        w.pki.sub.revoked.clear()


def tsa_wrong_purpose(w: World) -> Given:
    """A person's certificate made the timestamp."""
    return Given(w.sign(w.blank, tsa=w.pki.person_an))


def tsa_future(w: World) -> Given:
    """The timestamp lies in the future."""
    return Given(w.sign(w.blank, stamped_at=NOW + 3 * DAY))


def _old_tsa(w: World) -> Identity:
    then = NOW - 3 * YEAR
    return w.pki.timestamper("old-tsa", "Old TSA", not_before=then - YEAR, not_after=then + YEAR)


def tsa_expired(w: World) -> Given:
    """The TSA's certificate ended, and no archive timestamp protects the old one."""
    return Given(w.sign(w.blank, tsa=_old_tsa(w), at=NOW - 3 * YEAR + DAY, level="B-T"))


def archive_renewed(w: World) -> Given:
    """Person, TSA: all ended; archive timestamps were added in time, twice."""
    then, old = NOW - 3 * YEAR, _old_tsa(w)
    who = w.person(not_before=then - YEAR, not_after=then + YEAR / 2)
    pdf = w.sign(w.blank, who, level="B-LTA", tsa=old, at=then + DAY, validated_at=then + DAY + HOUR)
    middle = w.pki.timestamper("mid-tsa", "Middle TSA", not_before=then, not_after=NOW - 10 * DAY)
    pdf = add_validation_data(pdf, [old], then + YEAR / 2)
    pdf = add_timestamp(pdf, middle, then + YEAR / 2 + HOUR)
    pdf = add_validation_data(pdf, [middle], NOW - 20 * DAY)
    return Given(add_timestamp(pdf, w.pki.tsa, NOW - 20 * DAY + HOUR))


CASES = {
    "b_t, revocation not checkable": (lambda w: Given(w.signed(), crls=[]), "indeterminate", "revocation_not_checked"),
    "b_t, old lists": (lambda w: Given(w.signed(), crls=w.crls(NOW - 30 * DAY)), "indeterminate", "revocation_stale"),
    "expired since, complete": (expired_in_store, "valid", None),
    "expired, unproven": (expired_unproven, "indeterminate", "certificate_expired_time_unproven"),
    "expired before signing": (expired_before, "invalid", "certificate_expired_before_signing"),
    "stamped after the end": (stamped_after_end, "indeterminate", "certificate_expired_time_unproven"),
    "stamped before the begin": (stamped_before_begin, "invalid", "certificate_not_yet_valid"),
    "revoked before signing": (lambda w: _revoked(w, 10, 1), "invalid", "revoked_before_signing"),
    "revoked before signing, b_b": (lambda w: _revoked(w, 10, 1, "B-B"), "invalid", "revoked_before_signing"),
    "revoked after signing": (lambda w: _revoked(w, 1, 10), "valid", "revoked_after_signing"),
    "revoked after signing, unproven": (lambda w: _revoked(w, 1, 10, "B-B"), "indeterminate", "revoked_time_unproven"),
    "revoked after signing, complete": (revoked_after_with_old_data, "valid", None),
    "on hold": (lambda w: _revoked(w, 10, 1, reason=HOLD), "indeterminate", "certificate_on_hold"),
    "hold lifted": (hold_lifted, "valid", None),
    "OCSP says unknown": (ocsp_unknown, "indeterminate", "revocation_unknown"),
    "OCSP delegated": (ocsp_delegated, "valid", None),
    "OCSP forged": (ocsp_forged, "indeterminate", "revocation_not_checked"),
    "CRL of another CA": (crl_of_another, "indeterminate", "revocation_not_checked"),
    "TSA untrusted": (tsa_untrusted, "indeterminate", "timestamp_not_trusted"),
    "TSA revoked": (tsa_revoked, "indeterminate", "timestamp_not_trusted"),
    "TSA with a person's certificate": (tsa_wrong_purpose, "indeterminate", "timestamp_not_trusted"),
    "TSA in the future": (tsa_future, "indeterminate", "timestamp_in_the_future"),
    "TSA expired": (tsa_expired, "indeterminate", "timestamp_not_trusted"),
    "archive timestamps renewed": (archive_renewed, "valid", None),
    "claimed seven hours off": (
        lambda w: Given(w.sign(w.blank, claimed=NOW - HOUR + 7 * HOUR)),
        "valid",
        "claimed_time_seven_hours_off",
    ),
    "claimed after stamped": (
        lambda w: Given(w.sign(w.blank, claimed=NOW - HOUR + 2 * HOUR)),
        "valid",
        "claimed_time_after_proven",
    ),
    "claimed in the future": (
        lambda w: Given(w.sign(w.blank, level="B-B", claimed=NOW + 3 * DAY)),
        "indeterminate",
        "claimed_time_in_the_future",
    ),
    "time not told": (lambda w: Given(w.sign(w.blank, level="B-B", claimed=None)), "indeterminate", "time_missing"),
}
