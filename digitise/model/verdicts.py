"""What verification answers: findings per signature, and one verdict per file (PEOPLE §3 gives the JSON)."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from typing import Any, Self

_INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)$")


class Outcome(StrEnum):
    """What people read. The first three are verdicts; UNSIGNED is neutral; ERROR means that the file cannot be read as a PDF."""

    VALID = "valid"  # hợp lệ
    INVALID = "invalid"  # không hợp lệ
    INDETERMINATE = "indeterminate"  # chưa đủ căn cứ
    UNSIGNED = "unsigned"  # không có chữ ký số
    ERROR = "error"


class Indication(StrEnum):
    """Main status indications of ETSI EN 319 102-1 clause 5.1.3."""

    TOTAL_PASSED = "TOTAL_PASSED"
    TOTAL_FAILED = "TOTAL_FAILED"
    INDETERMINATE = "INDETERMINATE"


class SignatureRole(StrEnum):
    """In what capacity a signature was made (NĐ 30/2020 art. 5.1)."""

    PERSON = "person"  # người có thẩm quyền
    ORGANISATION = "organisation"  # cơ quan, tổ chức
    COPY = "copy"  # sao y, sao lục, trích sao
    TIMESTAMP = "timestamp"  # dấu thời gian
    UNKNOWN = "unknown"


class Integrity(StrEnum):
    """Whether the signed bytes are the bytes that were signed."""

    INTACT = "intact"
    BROKEN = "broken"


class Coverage(StrEnum):
    """How much of the file the signature covers."""

    WHOLE_FILE = "whole_file"
    WHOLE_REVISION = "whole_revision"
    PARTIAL = "partial"
    UNCLEAR = "unclear"


class Changes(StrEnum):
    """What happened to the file after the signature, judged by the policy."""

    NONE = "none"
    PERMITTED = "permitted"
    SUSPICIOUS = "suspicious"


class ChangeClass(StrEnum):
    """What kind of change came after a signature, mildest first."""

    NONE = "none"
    VALIDATION_DATA = "validation_data"  # revocation data or document timestamps
    FURTHER_SIGNATURE = "further_signature"
    FORM_FILLED = "form_filled"
    ANNOTATION = "annotation"
    CONTENT = "content"


class Chain(StrEnum):
    """What the certificate's path leads to."""

    TRUSTED = "trusted"
    UNTRUSTED = "untrusted"  # to an issuer that is no anchor of ours, or a rule of the path is broken
    INCOMPLETE = "incomplete"  # an issuer's certificate is missing
    UNKNOWN = "unknown"  # no certificate to start from


class Revocation(StrEnum):
    """What is known of the revocation status at the time that counts."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    NOT_CHECKED = "not_checked"


class Level(StrEnum):
    """PAdES baseline level that the signature has the parts of (EN 319 142-1)."""

    B = "B-B"
    T = "B-T"
    LT = "B-LT"
    LTA = "B-LTA"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ReasonGiven:
    """One reason code with what it is about (dates, names): the placeholders of its sentence."""

    code: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Signer:
    """Whom the certificate names."""

    common_name: str | None = None
    organisation: str | None = None
    identifiers: tuple[str, ...] = ()  # UID values with their prefix: `MST:0110329220`, `CCCD:0…`


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """Which certificate made the signature."""

    serial: str  # hexadecimal
    sha256: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class SignatureFinding:
    """Everything found about one signature or document timestamp."""

    field: str | None
    role: SignatureRole
    signer: Signer
    issuer: str | None
    certificate: CertificateFacts | None
    claimed_time: datetime | None
    proven_time: datetime | None
    integrity: Integrity
    coverage: Coverage
    changes_after: Changes
    chain: Chain
    revocation: Revocation
    level: Level
    digest_algorithm: str | None
    signature_algorithm: str | None
    outcome: Outcome
    indication: Indication
    sub_indication: str | None
    reasons: tuple[ReasonGiven, ...]
    change_class: ChangeClass = ChangeClass.NONE
    revision: int | None = None  # 1-based; None where the file's structure does not tell
    covered_bytes: int = 0  # end of the signed range: the signed revision is the file up to here
    timestamp_by: str | None = None  # who proved the time
    revocation_age_seconds: int | None = None  # age at checking time of the oldest revocation answer relied on
    key_bits: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer about one file, replayable from `policy` and `trust_snapshot`."""

    file: str
    sha256: str
    outcome: Outcome
    indication: Indication | None
    sub_indication: str | None
    reasons: tuple[ReasonGiven, ...]
    signatures: tuple[SignatureFinding, ...]
    policy: str
    trust_snapshot: str
    checked_at: datetime

    @property
    def person_valid(self) -> bool:
        """Say whether an authorised person's signature is valid (NĐ 30/2020 art. 5.1)."""
        return self._valid_in(SignatureRole.PERSON)

    @property
    def organisation_valid(self) -> bool:
        """Say whether the organisation's signature is valid, on its own document or on a copy it made."""
        return self._valid_in(SignatureRole.ORGANISATION, SignatureRole.COPY)

    def _valid_in(self, *roles: SignatureRole) -> bool:
        return any(one.role in roles and one.outcome is Outcome.VALID for one in self.signatures)

    @property
    def first_reason(self) -> str | None:
        """Code of the reason that decided; None where nothing is to be said."""
        return self.reasons[0].code if self.reasons else None

    def to_json(self, lang: str = "vi") -> dict[str, Any]:
        """Return the object that PEOPLE §3 specifies for `files[]`, with the sentences in `lang`."""
        return {
            "file": self.file,
            "sha256": self.sha256,
            "outcome": self.outcome.value,
            "indication": self.indication.value if self.indication else None,
            "sub_indication": self.sub_indication,
            "reasons": reasons_json(self.reasons, lang),
            "signatures": [signature_json(one, lang) for one in self.signatures],
            "policy": self.policy,
            "trust_snapshot": self.trust_snapshot,
            "checked_at": iso(self.checked_at),
        }

    def to_record(self) -> dict[str, Any]:
        """Return everything as JSON values, for keeping; `from_record` reads it back."""
        record = self.to_json("vi")
        record["reasons"] = [{"code": r.code, "details": _plain(r.details)} for r in self.reasons]
        for one, entry in zip(self.signatures, record["signatures"], strict=True):
            entry["reasons"] = [{"code": r.code, "details": _plain(r.details)} for r in one.reasons]
            entry["more"] = {
                "change_class": one.change_class.value,
                "revision": one.revision,
                "covered_bytes": one.covered_bytes,
                "timestamp_by": one.timestamp_by,
                "revocation_age_seconds": one.revocation_age_seconds,
                "key_bits": one.key_bits,
            }
        return record

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Self:
        """Rebuild a verdict from what `to_record` returned."""
        checked_at = _time(record["checked_at"])
        assert checked_at is not None
        return cls(
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
        )


def iso(moment: datetime | None) -> str | None:
    """Return ISO 8601 in UTC, `2026-11-22T02:00:00Z`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None


@dataclass(slots=True)
class Examined:
    """A verdict with the pictures that go with it: number of the signature (from 0) → PNG of what changed after it."""

    verdict: Verdict
    pictures: dict[int, bytes] = field(default_factory=dict)


VIETNAM = timezone(timedelta(hours=7))  # no daylight saving


def when(moment: datetime | None) -> str:
    """Return the moment as people in Việt Nam read it, `22/11/2026 09:30:00`; `-` where there is none."""
    return moment.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S") if moment else "-"


def told(details: dict[str, Any]) -> dict[str, Any]:
    """Return a reason's details as its sentence shows them."""
    shown: dict[str, Any] = {}
    for name, value in details.items():
        if isinstance(value, str) and _INSTANT.match(value):
            value = datetime.fromisoformat(value)
        shown[name] = when(value) if isinstance(value, datetime) else "-" if value is None else value
    return shown


def reasons_json(reasons: tuple[ReasonGiven, ...], lang: str) -> list[dict[str, str]]:
    """Return `[{"code", "message"}]`."""
    from digitise import messages

    return [
        {"code": r.code, "message": messages.text(f"reasons.{r.code}.what", lang, **told(r.details))} for r in reasons
    ]


def signature_json(one: SignatureFinding, lang: str) -> dict[str, Any]:
    """Return the object that PEOPLE §3 specifies for `signatures[]`."""
    certificate = one.certificate
    return {
        "field": one.field,
        "role": one.role.value,
        "signer": {
            "common_name": one.signer.common_name,
            "organisation": one.signer.organisation,
            "identifiers": list(one.signer.identifiers),
        },
        "issuer": one.issuer,
        "certificate": {
            "serial": certificate.serial,
            "sha256": certificate.sha256,
            "not_before": iso(certificate.not_before),
            "not_after": iso(certificate.not_after),
        }
        if certificate
        else None,
        "claimed_time": iso(one.claimed_time),
        "proven_time": iso(one.proven_time),
        "integrity": one.integrity.value,
        "coverage": one.coverage.value,
        "changes_after": one.changes_after.value,
        "chain": one.chain.value,
        "revocation": one.revocation.value,
        "level": one.level.value,
        "algorithms": {"digest": one.digest_algorithm, "signature": one.signature_algorithm},
        "outcome": one.outcome.value,
        "indication": one.indication.value,
        "sub_indication": one.sub_indication,
        "reasons": reasons_json(one.reasons, lang),
    }


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
