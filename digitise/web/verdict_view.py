"""A verdict as people read it: each check as passed, failed or unclear, with its sentence."""

from dataclasses import dataclass

from digitise.model.verdicts import (
    Chain,
    Changes,
    Coverage,
    Integrity,
    Outcome,
    Revocation,
    SignatureFinding,
    SignatureRole,
    Verdict,
)

TONES = {Outcome.VALID: "good", Outcome.INVALID: "bad", Outcome.INDETERMINATE: "doubt"}
PASS, FAIL, UNCLEAR = "good", "bad", "doubt"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the list of checks; `name` and `value` are keys below `web_verify`."""

    name: str
    tone: str
    value: str


def tone(outcome: str) -> str:
    """Return the colour and icon of an outcome; unsigned is neutral."""
    return TONES.get(Outcome(outcome), "bad" if outcome == Outcome.ERROR else "calm")


def signatures(verdict: Verdict) -> list[SignatureFinding]:
    """Return the signatures without document timestamps, which prove time and sign nothing."""
    return [one for one in verdict.signatures if one.role is not SignatureRole.TIMESTAMP]


def checks(one: SignatureFinding) -> list[Check]:
    """Return the checks of one signature in the order of the circular."""
    integrity = PASS if one.integrity is Integrity.INTACT else FAIL
    coverage = {Coverage.WHOLE_FILE: PASS, Coverage.WHOLE_REVISION: PASS, Coverage.UNCLEAR: UNCLEAR}
    changes = {Changes.NONE: PASS, Changes.PERMITTED: PASS}
    chain = {Chain.TRUSTED: PASS, Chain.UNTRUSTED: UNCLEAR, Chain.INCOMPLETE: UNCLEAR, Chain.UNKNOWN: UNCLEAR}
    revocation = {Revocation.GOOD: PASS, Revocation.REVOKED: FAIL}
    time = "proven" if one.proven_time else "claimed" if one.claimed_time else "none"
    return [
        Check("integrity", integrity, f"integrity_{one.integrity}"),
        Check("coverage", coverage.get(one.coverage, FAIL), f"coverage_{one.coverage}"),
        Check("changes", changes.get(one.changes_after, FAIL), f"changes_{one.changes_after}"),
        Check("time", PASS if one.proven_time else UNCLEAR, f"time_{time}"),
        Check("chain", chain[one.chain], f"chain_{one.chain}"),
        Check("revocation", revocation.get(one.revocation, UNCLEAR), f"revocation_{one.revocation}"),
    ]
