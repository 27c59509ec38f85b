"""Reason codes and the one table that turns findings into an outcome.

Every row names what the code does to the outcome and its ETSI EN 319 102-1 sub-indication. A row without an outcome is a
notice. The worst row decides; among equals the earlier row of this table. Sentences: `digitise/locale/*/reasons.toml`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from digitise.model.verdicts import Indication, Outcome, ReasonGiven


class Reason(StrEnum):
    """Everything that verification can have to say; the value is the stable code."""

    # the file
    NOT_A_PDF = "not_a_pdf"
    PASSWORD_NEEDED = "password_needed"  # noqa: S105 - a code, not a password
    TOO_COSTLY = "too_costly"
    UNSIGNED = "unsigned"
    FIELD_EMPTY = "signature_field_empty"
    DAMAGED = "file_damaged"
    ONLY_TIMESTAMPS = "only_timestamps"
    ONLY_USAGE_RIGHTS = "only_usage_rights"
    # integrity
    CONTENTS_MISSING = "signature_contents_missing"
    RANGE_MISSING = "byte_range_missing"
    RANGE_MALFORMED = "byte_range_malformed"
    RANGE_OUTSIDE = "byte_range_outside_file"
    RANGE_OVERLAPS = "byte_range_overlaps"
    GAP_HOLDS_OTHER = "unsigned_gap_holds_other_data"
    RANGE_DUPLICATED = "byte_range_duplicated"
    DIGEST_DIFFERS = "signed_bytes_changed"
    SIGNATURE_DIFFERS = "signature_value_wrong"
    ATTRIBUTES_NOT_DER = "signed_attributes_not_der"
    CMS_UNREADABLE = "signature_container_unreadable"
    CERTIFICATE_SUBSTITUTED = "certificate_substituted"
    SIGNER_MISSING = "signer_certificate_missing"
    KEY_UNREADABLE = "signer_key_unreadable"
    NOT_SUPPORTED = "signature_kind_not_supported"
    # coverage and changes
    TAIL_IGNORED = "tail_outside_structure"
    COVERAGE_PARTIAL = "coverage_partial"
    FORM_REMOVED = "signature_detached_from_form"
    SIGNATURE_HIDDEN = "signature_hidden_in_structure"
    CONTENT_CHANGED = "content_changed_after_signing"
    PAGES_CHANGED = "pages_added_or_removed_after_signing"
    ANNOTATED = "annotation_added_after_signing"
    FORM_FILLED = "form_filled_after_signing"
    FORM_FILLED_AS_ALLOWED = "form_filled_as_certified"
    FORM_REPAINTED = "form_changes_what_is_seen"
    CHANGES_FORBIDDEN = "changes_forbidden_by_certification"
    COVERED_BY_LATER_FIELD = "later_signature_covers_content"
    HIDDEN_BY_LATER_FIELD = "later_signature_hides_words"
    UNSEEN_CHANGED = "unseen_parts_changed_after_signing"
    CHANGES_UNCLEAR = "changes_not_analysable"
    STRUCTURE_AMBIGUOUS = "structure_ambiguous"
    NUMBERED_AFTER = "numbered_after_signature"
    SIGNED_AFTER = "further_signature_after"
    VALIDATION_DATA_AFTER = "validation_data_after"
    # algorithms
    DIGEST_WEAK = "digest_weak"
    KEY_WEAK = "key_weak"
    PADDING_OLD = "padding_pkcs1_v15"
    # trust
    ISSUER_NOT_TRUSTED = "issuer_not_trusted"
    ISSUER_MISSING = "issuer_certificate_missing"
    CHAIN_BROKEN = "chain_rule_broken"
    CHAIN_FORGED = "chain_signature_wrong"
    PURPOSE_WRONG = "certificate_not_for_signing"
    NOT_YET_VALID = "certificate_not_yet_valid"
    EXPIRED_BEFORE_SIGNING = "certificate_expired_before_signing"
    EXPIRED_UNPROVEN = "certificate_expired_time_unproven"
    CA_EXPIRED = "issuer_expired"
    # revocation
    REVOKED_BEFORE_SIGNING = "revoked_before_signing"
    REVOKED_UNPROVEN = "revoked_time_unproven"
    REVOKED_AFTER_SIGNING = "revoked_after_signing"
    ON_HOLD = "certificate_on_hold"
    CA_REVOKED = "issuer_revoked"
    REVOCATION_UNKNOWN = "revocation_unknown"
    REVOCATION_STALE = "revocation_stale"
    REVOCATION_NOT_CHECKED = "revocation_not_checked"
    # time
    TIME_ONLY_CLAIMED = "time_only_claimed"
    TIME_MISSING = "time_missing"
    TIMESTAMP_BROKEN = "timestamp_broken"
    TIMESTAMP_UNTRUSTED = "timestamp_not_trusted"
    TIMESTAMP_UNCHECKED = "timestamp_revocation_unknown"
    TIMESTAMP_FUTURE = "timestamp_in_the_future"
    CLAIMED_IN_FUTURE = "claimed_time_in_the_future"
    CLAIMED_AFTER_PROVEN = "claimed_time_after_proven"
    SEVEN_HOURS = "claimed_time_seven_hours_off"
    # role and completeness
    ROLE_UNKNOWN = "role_unknown"
    BOTH_SIGNATURES = "both_signatures"
    PERSON_MISSING = "person_signature_missing"
    ORGANISATION_MISSING = "organisation_signature_missing"
    ORGANISATION_FIRST = "organisation_signed_before_person"


@dataclass(frozen=True, slots=True)
class Row:
    """What a reason does: outcome None is a notice."""

    outcome: Outcome | None
    sub_indication: str | None = None


_BAD, _OPEN = Outcome.INVALID, Outcome.INDETERMINATE
R = Reason
TABLE: dict[Reason, Row] = {
    R.NOT_A_PDF: Row(Outcome.ERROR),
    R.PASSWORD_NEEDED: Row(Outcome.ERROR),
    R.TOO_COSTLY: Row(Outcome.ERROR),
    R.CONTENTS_MISSING: Row(_BAD, "FORMAT_FAILURE"),
    R.RANGE_MISSING: Row(_BAD, "FORMAT_FAILURE"),
    R.RANGE_MALFORMED: Row(_BAD, "FORMAT_FAILURE"),
    R.RANGE_OUTSIDE: Row(_BAD, "FORMAT_FAILURE"),
    R.RANGE_OVERLAPS: Row(_BAD, "FORMAT_FAILURE"),
    R.GAP_HOLDS_OTHER: Row(_BAD, "FORMAT_FAILURE"),
    R.RANGE_DUPLICATED: Row(_BAD, "FORMAT_FAILURE"),
    R.DIGEST_DIFFERS: Row(_BAD, "HASH_FAILURE"),
    R.ATTRIBUTES_NOT_DER: Row(_BAD, "SIG_CRYPTO_FAILURE"),
    R.SIGNATURE_DIFFERS: Row(_BAD, "SIG_CRYPTO_FAILURE"),
    R.CERTIFICATE_SUBSTITUTED: Row(_BAD, "SIG_CONSTRAINTS_FAILURE"),
    R.CMS_UNREADABLE: Row(_BAD, "FORMAT_FAILURE"),
    R.TAIL_IGNORED: Row(_BAD, "FORMAT_FAILURE"),
    R.COVERAGE_PARTIAL: Row(_BAD, "FORMAT_FAILURE"),
    R.FORM_REMOVED: Row(_OPEN, "FORMAT_FAILURE"),
    R.SIGNATURE_HIDDEN: Row(_OPEN, "FORMAT_FAILURE"),
    R.CONTENT_CHANGED: Row(_BAD, "SIG_CONSTRAINTS_FAILURE"),
    R.PAGES_CHANGED: Row(_BAD, "SIG_CONSTRAINTS_FAILURE"),
    R.ANNOTATED: Row(_BAD, "SIG_CONSTRAINTS_FAILURE"),
    R.FORM_REPAINTED: Row(_BAD, "SIG_CONSTRAINTS_FAILURE"),
    R.CHANGES_FORBIDDEN: Row(_BAD, "SIG_CONSTRAINTS_FAILURE"),
    R.COVERED_BY_LATER_FIELD: Row(_BAD, "SIG_CONSTRAINTS_FAILURE"),
    R.UNSEEN_CHANGED: Row(_BAD, "SIG_CONSTRAINTS_FAILURE"),
    R.CHAIN_FORGED: Row(_OPEN, "CERTIFICATE_CHAIN_GENERAL_FAILURE"),
    R.PURPOSE_WRONG: Row(_BAD, "CHAIN_CONSTRAINTS_FAILURE"),
    R.NOT_YET_VALID: Row(_BAD, "NOT_YET_VALID"),
    R.EXPIRED_BEFORE_SIGNING: Row(_BAD, "EXPIRED"),
    R.REVOKED_BEFORE_SIGNING: Row(_BAD, "REVOKED"),
    R.CHANGES_UNCLEAR: Row(_OPEN, "GENERIC"),
    R.HIDDEN_BY_LATER_FIELD: Row(_OPEN, "SIG_CONSTRAINTS_FAILURE"),
    R.FORM_FILLED: Row(_OPEN, "SIG_CONSTRAINTS_FAILURE"),
    R.STRUCTURE_AMBIGUOUS: Row(_OPEN, "GENERIC"),
    R.SIGNER_MISSING: Row(_OPEN, "NO_SIGNING_CERTIFICATE_FOUND"),
    R.KEY_UNREADABLE: Row(_OPEN, "CRYPTO_CONSTRAINTS_FAILURE"),
    R.NOT_SUPPORTED: Row(_OPEN, "FORMAT_FAILURE"),
    R.ISSUER_NOT_TRUSTED: Row(_OPEN, "NO_CERTIFICATE_CHAIN_FOUND"),
    R.ISSUER_MISSING: Row(_OPEN, "NO_CERTIFICATE_CHAIN_FOUND"),
    R.CHAIN_BROKEN: Row(_OPEN, "CHAIN_CONSTRAINTS_FAILURE"),
    R.CA_REVOKED: Row(_OPEN, "REVOKED_CA_NO_POE"),
    R.CA_EXPIRED: Row(_OPEN, "OUT_OF_BOUNDS_NO_POE"),
    R.DIGEST_WEAK: Row(_OPEN, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"),
    R.KEY_WEAK: Row(_OPEN, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"),
    R.EXPIRED_UNPROVEN: Row(_OPEN, "OUT_OF_BOUNDS_NO_POE"),
    R.REVOKED_UNPROVEN: Row(_OPEN, "REVOKED_NO_POE"),
    R.ON_HOLD: Row(_OPEN, "TRY_LATER"),
    R.REVOCATION_STALE: Row(_OPEN, "TRY_LATER"),
    R.REVOCATION_UNKNOWN: Row(_OPEN, "TRY_LATER"),
    R.REVOCATION_NOT_CHECKED: Row(_OPEN, "TRY_LATER"),
    R.TIMESTAMP_FUTURE: Row(_OPEN, "TIMESTAMP_ORDER_FAILURE"),
    R.CLAIMED_IN_FUTURE: Row(_OPEN, "TIMESTAMP_ORDER_FAILURE"),
    R.TIMESTAMP_BROKEN: Row(_OPEN, "NO_POE"),
    R.TIMESTAMP_UNTRUSTED: Row(_OPEN, "NO_POE"),
    R.TIMESTAMP_UNCHECKED: Row(_OPEN, "NO_POE"),
    R.TIME_ONLY_CLAIMED: Row(_OPEN, "NO_POE"),
    R.TIME_MISSING: Row(_OPEN, "NO_POE"),
    R.ONLY_TIMESTAMPS: Row(_OPEN, "GENERIC"),
    R.ONLY_USAGE_RIGHTS: Row(_OPEN, "GENERIC"),
    R.UNSIGNED: Row(Outcome.UNSIGNED),
    R.FIELD_EMPTY: Row(None),
    R.DAMAGED: Row(None),
    R.NUMBERED_AFTER: Row(None),
    R.FORM_FILLED_AS_ALLOWED: Row(None),
    R.SIGNED_AFTER: Row(None),
    R.VALIDATION_DATA_AFTER: Row(None),
    R.PADDING_OLD: Row(None),
    R.REVOKED_AFTER_SIGNING: Row(None),
    R.CLAIMED_AFTER_PROVEN: Row(None),
    R.SEVEN_HOURS: Row(None),
    R.ROLE_UNKNOWN: Row(None),
    R.BOTH_SIGNATURES: Row(None),
    R.PERSON_MISSING: Row(None),
    R.ORGANISATION_MISSING: Row(None),
    R.ORGANISATION_FIRST: Row(None),
}
_RANK = {reason: place for place, reason in enumerate(TABLE)}
_WEIGHT = {Outcome.ERROR: 4, Outcome.INVALID: 3, Outcome.INDETERMINATE: 2, Outcome.UNSIGNED: 1, Outcome.VALID: 0}


@dataclass(frozen=True, slots=True)
class Decision:
    """What the table makes of a set of reasons."""

    outcome: Outcome
    indication: Indication | None
    sub_indication: str | None
    reasons: tuple[ReasonGiven, ...]  # the deciding one first, each code once


def decide(reasons: Iterable[ReasonGiven], *, lenient: frozenset[Reason] = frozenset()) -> Decision:
    """Return the outcome that the table gives; codes in `lenient` count as notices (the policy tolerates them)."""
    unique: dict[str, ReasonGiven] = {}
    for given in reasons:
        unique.setdefault(given.code, given)

    def weight(given: ReasonGiven) -> tuple[int, int]:
        reason = Reason(given.code)
        outcome = None if reason in lenient else TABLE[reason].outcome
        return (-_WEIGHT[outcome] if outcome else 1, _RANK[reason])

    ordered = tuple(sorted(unique.values(), key=weight))
    if not ordered or weight(ordered[0])[0] == 1:
        return Decision(Outcome.VALID, Indication.TOTAL_PASSED, None, ordered)
    row = TABLE[Reason(ordered[0].code)]
    assert row.outcome is not None
    return Decision(row.outcome, indication_of(row.outcome), row.sub_indication, ordered)


def indication_of(outcome: Outcome) -> Indication | None:
    """Return the ETSI indication beside an outcome; none for unsigned files and errors."""
    return {
        Outcome.VALID: Indication.TOTAL_PASSED,
        Outcome.INVALID: Indication.TOTAL_FAILED,
        Outcome.INDETERMINATE: Indication.INDETERMINATE,
    }.get(outcome)
