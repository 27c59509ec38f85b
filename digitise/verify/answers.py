"""Answers about revocation, read and checked before they are believed: OCSP (RFC 6960) and CRLs (RFC 5280)."""

import hashlib
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import ocsp, x509
from cryptography import x509 as pyca
from cryptography.exceptions import UnsupportedAlgorithm

from digitise.model.verdicts import AnswerOrigin
from digitise.verify.chain import issued_by
from digitise.verify.cms import PARSING
from digitise.verify.keys import NotSupported, confirms, mechanism_of, read_key
from digitise.verify.source import hash_bytes

MAX_KEPT = 64  # CRLs and OCSP answers of this process that stay read: an office meets some ten authorities
MAX_KEPT_BYTES = 128 << 20  # of the CRLs among them


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it came, not yet believed."""

    der: bytes
    kind: str  # ocsp, crl
    origin: AnswerOrigin
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One authentic answer about one certificate."""

    given: Given
    this_update: datetime
    next_update: datetime | None
    revoked_since: datetime | None = None
    hold: bool = False
    known: bool = True
    covers_expired: bool = False


def read_answers(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    given: Iterable[Given],
    responders: Iterable[x509.Certificate],
) -> Iterator[Answer]:
    """Yield what authentic answers say about `certificate`; `responders` are further certificates that may have signed OCSP answers.

    What cannot be read, is about another certificate or is not signed by the issuer or its delegate is left out; never raises.
    """
    others = list(responders)
    for one in given:
        try:
            found = _ocsp(one, certificate, issuer, others) if one.kind == "ocsp" else _crl(one, certificate, issuer)
        except (UnsupportedAlgorithm, pyca.DuplicateExtension, NotSupported, *PARSING):
            continue
        if found is not None:
            yield found


def _ocsp(
    given: Given, certificate: x509.Certificate, issuer: x509.Certificate, others: list[x509.Certificate]
) -> Answer | None:
    response = ocsp.OCSPResponse.load(given.der)
    if response["response_status"].native != "successful":
        return None
    basic = response["response_bytes"]["response"].parsed
    data = basic["tbs_response_data"]
    single = next((one for one in data["responses"] if _is_about(one["cert_id"], certificate, issuer)), None)
    if single is None:
        return None
    question = (hashlib.sha256(given.der).digest(), issuer.sha256)
    if not _authentic.known(question):
        if not _ocsp_authentic(basic, issuer, others, single["this_update"].native):
            return None
        _authentic.keep(question, True, len(given.der))
    status = single["cert_status"]
    cutoff = any(e["extn_id"].native == "archive_cutoff" for e in _extensions(single["single_extensions"]))
    next_update = single["next_update"].native
    this_update = single["this_update"].native
    if status.name == "revoked":
        hold = status.chosen["revocation_reason"].native == "certificate_hold"
        since = status.chosen["revocation_time"].native
        return Answer(given, this_update, next_update, since, hold, covers_expired=cutoff)
    return Answer(given, this_update, next_update, known=status.name == "good", covers_expired=cutoff)


def _ocsp_authentic(
    basic: ocsp.BasicOCSPResponse, issuer: x509.Certificate, others: list[x509.Certificate], at: datetime
) -> bool:
    """The issuer signed, or a responder it delegated (RFC 6960 §4.2.2.2)."""
    embedded = list(basic["certs"]) if basic["certs"].native else []
    for candidate in [issuer, *embedded, *others]:
        delegated = candidate.dump() != issuer.dump()
        if delegated and not _delegated(candidate, issuer, at):
            continue
        try:
            how = mechanism_of(basic["signature_algorithm"], "sha256")
            data = basic["tbs_response_data"].dump()
            if confirms(read_key(candidate.public_key), basic["signature"].native, how, data=data, hashed=None):
                return True
        except NotSupported:
            continue
    return False


def _delegated(candidate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> bool:
    usage = candidate.extended_key_usage_value
    return bool(
        usage is not None
        and "ocsp_signing" in usage.native
        and candidate.not_valid_before <= at <= candidate.not_valid_after
        and issued_by(candidate, issuer)
    )


def _crl(given: Given, certificate: x509.Certificate, issuer: x509.Certificate) -> Answer | None:
    parsed = _parsed_crl(given.der, issuer)
    if parsed is None or not _in_scope(parsed, certificate):
        return None
    entry = parsed.get_revoked_certificate_by_serial_number(certificate.serial_number)
    next_update = parsed.next_update_utc
    if entry is None:
        return Answer(given, parsed.last_update_utc, next_update)
    try:
        reason = entry.extensions.get_extension_for_class(pyca.CRLReason).value.reason
    except pyca.ExtensionNotFound:
        reason = None
    if reason is pyca.ReasonFlags.remove_from_crl:
        return Answer(given, parsed.last_update_utc, next_update)
    hold = reason is pyca.ReasonFlags.certificate_hold
    return Answer(given, parsed.last_update_utc, next_update, entry.revocation_date_utc, hold)


def _parsed_crl(der: bytes, issuer: x509.Certificate) -> Any:
    """Parse a CRL and check its signature, once per issuer; None where the issuer did not sign it."""
    question = (hashlib.sha256(der).digest(), issuer.sha256)
    if not _crls.known(question):
        parsed = pyca.load_der_x509_crl(der)
        same_name = parsed.issuer.public_bytes() == issuer.subject.dump()
        signed = same_name and parsed.is_signature_valid(pyca.load_der_x509_certificate(issuer.dump()).public_key())  # type: ignore[arg-type]
        _crls.keep(question, parsed if signed else None, len(der))
    return _crls.get(question)


class _Kept:
    """What was read and checked already in this process, by the hash of the answer and of the issuer; the oldest goes first."""

    def __init__(self) -> None:
        self._held: dict[tuple[bytes, bytes], tuple[Any, int]] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def known(self, question: tuple[bytes, bytes]) -> bool:
        return question in self._held

    def get(self, question: tuple[bytes, bytes]) -> Any:
        return self._held[question][0]

    def keep(self, question: tuple[bytes, bytes], value: Any, size: int) -> None:
        with self._lock:
            self._held[question] = (value, size)
            self._bytes += size
            while len(self._held) > MAX_KEPT or (self._bytes > MAX_KEPT_BYTES and len(self._held) > 1):
                oldest = next(iter(self._held))
                self._bytes -= self._held.pop(oldest)[1]


_crls, _authentic = _Kept(), _Kept()


def _in_scope(crl: pyca.CertificateRevocationList, certificate: x509.Certificate) -> bool:
    """Say whether a CRL speaks about this kind of certificate and gives the whole answer."""
    for extension in crl.extensions:
        if isinstance(extension.value, pyca.DeltaCRLIndicator):
            return False
        if isinstance(extension.value, pyca.IssuingDistributionPoint):
            scope = extension.value
            if scope.indirect_crl or scope.only_some_reasons or scope.only_contains_attribute_certs:
                return False
            if scope.only_contains_user_certs and certificate.ca:
                return False
            if scope.only_contains_ca_certs and not certificate.ca:
                return False
            if scope.full_name is not None and not _same_point(scope.full_name, certificate):
                return (
                    False  # a CA may part its list; a part that is not this certificate's does not name it in any case
                )
    return True


def _same_point(names: list[pyca.GeneralName], certificate: x509.Certificate) -> bool:
    """Say whether a list's own address is one that the certificate names for its status (RFC 5280 §6.3.3 b.2)."""
    mine = {
        name.native
        for point in certificate.crl_distribution_points
        if point["distribution_point"].name == "full_name"
        for name in point["distribution_point"].chosen
        if name.name == "uniform_resource_identifier"
    }
    return not mine or any(isinstance(one, pyca.UniformResourceIdentifier) and one.value in mine for one in names)


def _extensions(value: Any) -> list[Any]:
    return list(value) if value.native else []


def _is_about(cert_id: ocsp.CertId, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    algorithm = cert_id["hash_algorithm"]["algorithm"].native
    return bool(
        cert_id["serial_number"].native == certificate.serial_number
        and cert_id["issuer_key_hash"].native == hash_bytes(bytes(issuer.public_key["public_key"]), algorithm)
        and cert_id["issuer_name_hash"].native == hash_bytes(issuer.subject.dump(), algorithm)
    )
