"""A signature's finding as the checks that TT 15/2025/TT-BKHCN names, each passed, failed or open."""

from dataclasses import dataclass

from digitise.model.verdicts import Chain, Changes, Integrity, Revocation, SignatureFinding, when
from digitise.verify.reasons import Reason


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, how it ended, and the key of what was found."""

    name: str
    state: str  # passed, failed, open
    found: str


def checks_of(one: SignatureFinding) -> list[Check]:
    """Return the checks of a signature, in the order in which people ask."""
    codes = {reason.code for reason in one.reasons}
    return [_integrity(one), _changes(one), _certificate(one, codes), _chain(one), _revocation(one), _time(one)]


def _integrity(one: SignatureFinding) -> Check:
    intact = one.integrity is Integrity.INTACT
    return Check("integrity", "passed" if intact else "failed", one.integrity.value)


def _changes(one: SignatureFinding) -> Check:
    state = {Changes.NONE: "passed", Changes.PERMITTED: "passed", Changes.SUSPICIOUS: "failed"}[one.changes_after]
    return Check("changes", state, f"changes_{one.changes_after.value}")


def _certificate(one: SignatureFinding, codes: set[str]) -> Check:
    """The certificate's dates at the signing time."""
    if one.certificate is None:
        return Check("certificate", "open", "no_certificate")
    if codes & {Reason.EXPIRED_BEFORE_SIGNING.value, Reason.NOT_YET_VALID.value}:
        return Check("certificate", "failed", "outside_dates")
    if Reason.EXPIRED_UNPROVEN.value in codes:
        return Check("certificate", "open", "expired_unproven")
    return Check("certificate", "passed", "inside_dates")


def _chain(one: SignatureFinding) -> Check:
    return Check("chain", "passed" if one.chain is Chain.TRUSTED else "open", f"chain_{one.chain.value}")


def _revocation(one: SignatureFinding) -> Check:
    state = {Revocation.GOOD: "passed", Revocation.REVOKED: "failed"}.get(one.revocation, "open")
    return Check("revocation", state, f"revocation_{one.revocation.value}")


def _time(one: SignatureFinding) -> Check:
    if one.proven_time is not None:
        return Check("time", "passed", "time_proven")
    return Check("time", "open", "time_claimed" if one.claimed_time else "time_missing")


def facts_of(one: SignatureFinding) -> list[tuple[str, str]]:
    """Return (name, value) of what the circular wants shown: CA, signer, organisation, time, validity."""
    certificate = one.certificate
    proven = f"{when(one.proven_time)} ({one.timestamp_by or '-'})" if one.proven_time else "-"
    validity = f"{when(certificate.not_before)} - {when(certificate.not_after)}" if certificate else "-"
    algorithms = " / ".join(part for part in (one.digest_algorithm, one.signature_algorithm, one.level.value) if part)
    return [
        ("organisation", one.signer.organisation or "-"),
        ("identifiers", ", ".join(one.signer.identifiers) or "-"),
        ("issuer", one.issuer or "-"),
        ("validity", validity),
        ("proven", proven),
        ("claimed", when(one.claimed_time)),
        ("algorithms", algorithms or "-"),
    ]
