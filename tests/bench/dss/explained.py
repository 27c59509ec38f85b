"""Who is right, and why, where DSS and we differ: by our indication and first reason, and by DSS's indication.

A pair that no rule knows is a pair to be looked at; the page counts them, and there must be none.
"""

from dataclasses import dataclass

from tests.bench.dss.beside import Said

FAILED, OPEN, PASSED, NONE, AWAY = "TOTAL_FAILED", "INDETERMINATE", "TOTAL_PASSED", "NO_SIGNATURE", "EXCEPTION"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of difference; `reasons` None = whatever our first reason is."""

    ours: str
    theirs: str
    reasons: frozenset[str] | None
    who: str  # ours, theirs, both
    why: str

    def fits(self, own: Said, dss: Said) -> bool:
        """Say whether this difference is of this kind."""
        same = self.ours == own.indication and self.theirs == dss.indication
        return same and (self.reasons is None or own.why in self.reasons)


def _rule(ours: str, theirs: str, reasons: str | None, who: str, why: str) -> Rule:
    return Rule(ours, theirs, frozenset(reasons.split()) if reasons else None, who, why)


RULES = [
    _rule(
        FAILED,
        PASSED,
        "content_changed_after_signing pages_added_or_removed_after_signing unseen_parts_changed_after_signing",
        "ours",
        "The document was changed after it was signed; DSS sees it too and only adds a warning, which a clerk never reads.",
    ),
    _rule(
        FAILED,
        PASSED,
        "annotation_added_after_signing form_changes_what_is_seen later_signature_covers_content",
        "ours",
        "What the page shows was changed by an annotation or a field (shadow, EAA, SSA); DSS judges the signed revision alone.",
    ),
    _rule(
        FAILED,
        PASSED,
        "changes_forbidden_by_certification",
        "ours",
        "Certification or field lock forbids what was done (ISO 32000-2 §12.8.2.2); DSS notes it as a warning.",
    ),
    _rule(
        FAILED,
        PASSED,
        "tail_outside_structure coverage_partial unsigned_gap_holds_other_data byte_range_overlaps byte_range_malformed",
        "ours",
        "Bytes lie in the file that no signature covers and that some readers follow (ISA, SWA); DSS reads past them.",
    ),
    _rule(
        FAILED,
        PASSED,
        "certificate_not_for_signing",
        "ours",
        "The certificate was issued for something else (key usage); DSS's default policy only warns.",
    ),
    _rule(
        FAILED,
        PASSED,
        "certificate_expired_before_signing certificate_not_yet_valid",
        "ours",
        "The signing time lies outside the certificate's dates; DSS does not look at the dates of a certificate trusted by itself.",
    ),
    _rule(
        FAILED,
        OPEN,
        "revoked_before_signing certificate_expired_before_signing certificate_not_yet_valid",
        "both",
        "The signer's own claimed time lies outside the certificate's life: true or not, it cannot be valid. ETSI leaves open what "
        "nothing proves; TT 15/2025 wants an answer.",
    ),
    _rule(
        FAILED,
        OPEN,
        None,
        "ours",
        "DSS stops at an algorithm or certificate that it does not accept; what was done to the file is the graver finding.",
    ),
    _rule(
        FAILED,
        NONE,
        None,
        "ours",
        "The bytes hold a signature that was emptied or taken out of the form; who hides a signature must not get the answer for a "
        "file that never had one.",
    ),
    _rule(
        OPEN,
        NONE,
        None,
        "ours",
        "Something is signed: a document timestamp alone, an older kind of signature, one the form no longer leads to. We name it.",
    ),
    _rule(
        OPEN,
        PASSED,
        "time_only_claimed time_missing",
        "both",
        "DSS takes the time of checking where nothing proves another; our rules count a claimed time as not enough (decision 051).",
    ),
    _rule(
        OPEN,
        PASSED,
        "timestamp_not_trusted timestamp_broken timestamp_revocation_unknown timestamp_in_the_future claimed_time_in_the_future",
        "both",
        "The time is not proven: its timestamp is untrusted, weak or lies after the time of checking. DSS then takes the time of "
        "checking; we leave it open (decision 051).",
    ),
    _rule(
        OPEN,
        PASSED,
        "structure_ambiguous",
        "ours",
        "Two cross-reference tables may tell two stories of what came after signing (hybrid file); nobody can say which a viewer follows.",
    ),
    _rule(
        OPEN,
        PASSED,
        "changes_not_analysable form_filled_after_signing later_signature_hides_words",
        "ours",
        "Something was changed after signing that the signer did not see; DSS judges the signed revision alone.",
    ),
    _rule(
        OPEN,
        PASSED,
        "key_weak digest_weak",
        "both",
        "Too weak by TT 15/2025 (RSA 2048, ECDSA 256, no SHA-1); DSS's calendar of algorithms still allowed it at that time.",
    ),
    _rule(
        OPEN,
        PASSED,
        "issuer_not_trusted certificate_expired_time_unproven",
        "ours",
        "The anchor is not trusted for this purpose or time, or the certificate ended: DSS knows no such limits of an anchor.",
    ),
    _rule(
        OPEN,
        PASSED,
        "chain_rule_broken",
        "ours",
        "A rule of the path (RFC 5280: name constraints) is broken; DSS's default policy only warns.",
    ),
    _rule(
        OPEN,
        PASSED,
        "revocation_stale revocation_unknown revocation_not_checked",
        "ours",
        "The only answer about revocation is older than its own date allows; `valid` is never said when revocation was not checked.",
    ),
    _rule(
        OPEN,
        FAILED,
        None,
        "ours",
        "The container brings content of its own besides the file's; the signature over the file is intact by OpenSSL and pdfsig.",
    ),
    _rule(
        PASSED,
        OPEN,
        "organisation_signature_missing time_only_claimed padding_pkcs1_v15",
        "both",
        "DSS 6.2 knows no EdDSA and asks for signed attributes of the European profile; ISO 32000 and RFC 8419 do not, and the "
        "signature is sound.",
    ),
    _rule("ERROR", AWAY, None, "both", "The file is no PDF: neither gives a verdict."),
    _rule(
        "UNSIGNED",
        AWAY,
        None,
        "ours",
        "The file is damaged or locked and holds no signature; DSS gives an exception and tells nothing.",
    ),
    *(
        _rule(
            one,
            AWAY,
            None,
            "ours",
            "DSS gives an exception for a structure or algorithm that it does not know, and tells nothing.",
        )
        for one in (PASSED, OPEN, FAILED)
    ),
]


def agree(own: Said, dss: Said) -> bool:
    """Say whether both say the same."""
    return own.indication == dss.indication or (own.indication, dss.indication) == ("UNSIGNED", NONE)


def explained(own: Said, dss: Said) -> Rule | None:
    """Return the rule for a difference; None where there is none, or where nobody has looked at it yet."""
    return None if agree(own, dss) else next((rule for rule in RULES if rule.fits(own, dss)), None)
