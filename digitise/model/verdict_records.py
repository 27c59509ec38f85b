"""A verdict as JSON values and back, for keeping it in SQL, in a session, and between processes."""

from datetime import datetime
from typing import Any

from digitise.model.verdicts import (
    AnswerOrigin,
    CertificateFacts,
    Chain,
    ChangeClass,
    Changes,
    Coverage,
    Indication,
    Integrity,
    Level,
    Outcome,
    PathsMet,
    ReasonGiven,
    Revocation,
    RevocationAnswer,
    SignatureFinding,
    SignatureRole,
    Signer,
    Verdict,
    iso,
)


def record_of(verdict: Verdict) -> dict[str, Any]:
    """Return everything that a verdict holds as JSON values."""
    record = verdict.to_json("vi")
    record["reasons"] = _given(verdict.reasons)
    record["revocation_answers"] = [_answer_record(one) for one in verdict.revocation_answers]
    if verdict.paths is not None:
        record["paths"] = {"relied_on": list(verdict.paths.relied_on), "sought": list(verdict.paths.sought)}
    for one, entry in zip(verdict.signatures, record["signatures"], strict=True):
        entry["reasons"] = _given(one.reasons)
        entry["more"] = {
            "change_class": one.change_class.value,
            "revision": one.revision,
            "covered_bytes": one.covered_bytes,
            "timestamp_by": one.timestamp_by,
            "revocation_age_seconds": one.revocation_age_seconds,
            "key_bits": one.key_bits,
        }
    return record


def verdict_of(record: dict[str, Any]) -> Verdict:
    """Rebuild a verdict from what `record_of` returned; older records lack `revocation_answers` and `paths`."""
    checked_at = _time(record["checked_at"])
    assert checked_at is not None
    return Verdict(
        file=record["file"],
        sha256=record["sha256"],
        outcome=Outcome(record["outcome"]),
        indication=Indication(record["indication"]) if record["indication"] else None,
        sub_indication=record["sub_indication"],
        reasons=_reasons(record["reasons"]),
        signatures=tuple(_signature(entry) for entry in record["signatures"]),
        policy=record["policy"],
        trust_snapshot=record["trust_snapshot"],
        checked_at=checked_at,
        revocation_answers=tuple(_answer(entry) for entry in record.get("revocation_answers", ())),
        paths=_paths(record.get("paths")),
    )


def _given(reasons: tuple[ReasonGiven, ...]) -> list[dict[str, Any]]:
    return [{"code": one.code, "details": _plain(one.details)} for one in reasons]


def _paths(entry: dict[str, Any] | None) -> PathsMet | None:
    return PathsMet(tuple(entry["relied_on"]), tuple(entry["sought"])) if entry is not None else None


def _answer_record(one: RevocationAnswer) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "sha256": one.sha256,
        "produced_at": iso(one.produced_at),
        "origin": one.origin.value,
        "url": one.url,
    }


def _answer(entry: dict[str, Any]) -> RevocationAnswer:
    produced = _time(entry["produced_at"])
    assert produced is not None
    return RevocationAnswer(entry["kind"], entry["sha256"], produced, AnswerOrigin(entry["origin"]), entry["url"])


def _plain(details: dict[str, Any]) -> dict[str, Any]:
    return {k: iso(v) if isinstance(v, datetime) else v for k, v in details.items()}


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _reasons(entries: list[dict[str, Any]]) -> tuple[ReasonGiven, ...]:
    return tuple(ReasonGiven(entry["code"], entry.get("details", {})) for entry in entries)


def _signature(entry: dict[str, Any]) -> SignatureFinding:
    facts = entry["certificate"]
    certificate = None
    if facts:
        begins, ends = _time(facts["not_before"]), _time(facts["not_after"])
        assert begins is not None
        assert ends is not None
        certificate = CertificateFacts(facts["serial"], facts["sha256"], begins, ends)
    more = entry["more"]
    signer = entry["signer"]
    return SignatureFinding(
        field=entry["field"],
        role=SignatureRole(entry["role"]),
        signer=Signer(signer["common_name"], signer["organisation"], tuple(signer["identifiers"])),
        issuer=entry["issuer"],
        certificate=certificate,
        claimed_time=_time(entry["claimed_time"]),
        proven_time=_time(entry["proven_time"]),
        integrity=Integrity(entry["integrity"]),
        coverage=Coverage(entry["coverage"]),
        changes_after=Changes(entry["changes_after"]),
        chain=Chain(entry["chain"]),
        revocation=Revocation(entry["revocation"]),
        level=Level(entry["level"]),
        digest_algorithm=entry["algorithms"]["digest"],
        signature_algorithm=entry["algorithms"]["signature"],
        outcome=Outcome(entry["outcome"]),
        indication=Indication(entry["indication"]),
        sub_indication=entry["sub_indication"],
        reasons=_reasons(entry["reasons"]),
        change_class=ChangeClass(more["change_class"]),
        revision=more["revision"],
        covered_bytes=more["covered_bytes"],
        timestamp_by=more["timestamp_by"],
        revocation_age_seconds=more["revocation_age_seconds"],
        key_bits=more["key_bits"],
    )
