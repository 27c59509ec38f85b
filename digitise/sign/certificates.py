"""Signing certificates: read from files, and what people need to know about them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from asn1crypto import pem, x509

from digitise.errors import SigningRefused


def read_certificates(file: Path) -> list[x509.Certificate]:
    """Return the certificates of a PEM or DER file."""
    data = file.read_bytes()
    if pem.detect(data):
        return [x509.Certificate.load(der) for _, _, der in pem.unarmor(data, multiple=True)]
    return [x509.Certificate.load(data)]


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What people need to know about a signing certificate."""

    key: str
    subject: str
    organisation: str
    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime
    days_left: int
    warnings: tuple[str, ...] = ()  # keys below `sign.warnings`


def check_certificate(name: str, certificate: x509.Certificate, now: datetime, warn_days: int) -> CertificateFacts:
    """Return the facts, or raise SigningRefused: not yet valid, expired, not for signatures (TT 15/2025, signing software)."""
    subject, issuer = certificate.subject.native, certificate.issuer.native
    validity = certificate["tbs_certificate"]["validity"]
    begins, ends = validity["not_before"].native, validity["not_after"].native
    details = {"key": name, "subject": subject.get("common_name", "-"), "begins": _day(begins), "ends": _day(ends)}
    if now < begins:
        raise SigningRefused("certificate_not_yet_valid", **details)
    if now > ends:
        raise SigningRefused("certificate_expired", **details)
    usage = certificate.key_usage_value
    if usage is not None and not usage.native & {"digital_signature", "non_repudiation"}:
        raise SigningRefused("certificate_usage", **details)
    days = (ends - now).days
    return CertificateFacts(
        name,
        str(subject.get("common_name", "-")),
        str(subject.get("organization_name", "")),
        str(issuer.get("common_name", "-")),
        f"{certificate.serial_number:x}",
        begins,
        ends,
        days,
        ("certificate_ends_soon",) if days <= warn_days else (),
    )


def _day(moment: datetime) -> str:
    return moment.strftime("%d/%m/%Y")
