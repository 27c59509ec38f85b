"""What verification answers: findings per signature, and one verdict per file (PEOPLE §3 gives the JSON)."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from digitise.model.verdict_terms import (
    AnswerOrigin,
    Chain,
    ChangeClass,
    Changes,
    Coverage,
    Indication,
    Integrity,
    Level,
    Outcome,
    Revocation,
    SignatureRole,
)

__all__ = [
    "VIETNAM",
    "AnswerOrigin",
    "CertificateFacts",
    "Chain",
    "ChangeClass",
    "Changes",
    "Coverage",
    "Examined",
    "Indication",
    "Integrity",
    "Level",
    "Outcome",
    "PathsMet",
    "ReasonGiven",
    "Revocation",
    "RevocationAnswer",
    "SignatureFinding",
    "SignatureRole",
    "Signer",
    "Verdict",
    "iso",
    "reasons_json",
    "signature_json",
    "told",
    "when",
]

_INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)$")


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
class RevocationAnswer:
    """An OCSP answer or a CRL that a verdict relied on; its bytes are in the file, or kept beside the verdict under the hash."""

    kind: str  # ocsp, crl
    sha256: str  # of the DER
    produced_at: datetime  # thisUpdate: the moment that it tells of
    origin: AnswerOrigin
    url: str | None = None  # that it was fetched from


@dataclass(frozen=True, slots=True)
class PathsMet:
    """What the certificate paths of a verdict hang on: a change of the trust set that touches none of it changes nothing."""

    relied_on: tuple[str, ...] = ()  # SHA-256 of the certificates of trusted paths
    sought: tuple[str, ...] = ()  # keys of the names whose certificates, if installed, might complete the others


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
    revocation_answers: tuple[RevocationAnswer, ...] = ()
    paths: PathsMet | None = None  # None = not noted

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


def iso(moment: datetime | None) -> str | None:
    """Return ISO 8601 in UTC, `2026-11-22T02:00:00Z`."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None


@dataclass(slots=True)
class Examined:
    """A verdict with what goes with it; pictures: number of the signature (from 0) → PNG of what changed after it."""

    verdict: Verdict
    pictures: dict[int, bytes] = field(default_factory=dict)
    answers: dict[str, bytes] = field(
        default_factory=dict
    )  # SHA-256 → DER of the answers relied on that are not in the file


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
