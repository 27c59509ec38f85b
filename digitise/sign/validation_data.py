"""Validation data for B-LT: certificates, OCSP answers and CRLs that prove a signature good for good (EN 319 142-1, 5.4).

What is fetched here concerns our own signing certificates and those of the time-stamping authorities that the operator
named; addresses come from these certificates alone. Answers are checked, and reused for a few minutes, so that a batch
asks once.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, ExtensionOID, NameOID

from digitise.errors import RevocationUnavailable, SigningRefused

if TYPE_CHECKING:
    import httpx

_LARGEST = 32 << 20  # bytes of a CRL; national CAs publish a few MB
_LONGEST_CHAIN = 8  # certificates from leaf to root


@dataclass(frozen=True, slots=True)
class ValidationData:
    """DER encodings, each once."""

    certificates: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()

    def __add__(self, other: "ValidationData") -> "ValidationData":
        return ValidationData(
            tuple(dict.fromkeys((*self.certificates, *other.certificates))),
            tuple(dict.fromkeys((*self.ocsps, *other.ocsps))),
            tuple(dict.fromkeys((*self.crls, *other.crls))),
        )


@dataclass(slots=True)
class Gatherer:
    """Fetches, checks and remembers validation data; `reuse` seconds old answers serve again."""

    seconds: float = 20.0
    reuse: float = 300.0
    _kept: dict[bytes, tuple[float, ValidationData]] = field(default_factory=dict)
    _unknown: dict[bytes, float] = field(default_factory=dict)  # when nobody could say
    _issuers: dict[bytes, x509.Certificate] = field(default_factory=dict)
    _client: "httpx.Client | None" = None

    def gather(self, leaf: bytes, others: Iterable[bytes]) -> ValidationData:
        """Return what proves `leaf` good, up to its root; raises SigningRefused (revoked), RevocationUnavailable."""
        kept = self._kept.get(leaf)
        if kept and time.monotonic() - kept[0] < self.reuse:
            return kept[1]
        pool = [x509.load_der_x509_certificate(der) for der in others]
        found = self._prove(x509.load_der_x509_certificate(leaf), pool, 0)
        self._kept[leaf] = (time.monotonic(), found)
        return found

    def known_good(self, leaf: bytes, others: Iterable[bytes]) -> bool:
        """Say whether `leaf` could be asked about and is good; raises SigningRefused (revoked).

        For levels that need no proof: while nobody answers it is asked again only every `reuse` seconds.
        """
        if time.monotonic() - self._unknown.get(leaf, float("-inf")) < self.reuse:
            return False
        try:
            self.gather(leaf, others)
        except RevocationUnavailable:
            self._unknown[leaf] = time.monotonic()
            return False
        return True

    def gather_for(self, container: bytes) -> ValidationData:
        """Return what proves the certificate behind a signature or timestamp token (CMS) good."""
        signed = cms.ContentInfo.load(container)["content"]
        embedded = [one.chosen for one in signed["certificates"] if one.name == "certificate"]
        sid = signed["signer_infos"][0]["sid"].chosen
        ders = [one.dump() for one in embedded]
        for one in embedded:
            if isinstance(sid, cms.IssuerAndSerialNumber):
                if one.serial_number == sid["serial_number"].native and one.issuer == sid["issuer"]:
                    return self.gather(one.dump(), ders)
            elif one.key_identifier == sid.native:
                return self.gather(one.dump(), ders)
        raise RevocationUnavailable("no_certificate", subject="TSA")

    def close(self) -> None:
        """Close connections."""
        if self._client:
            self._client.close()
            self._client = None

    def _prove(self, certificate: x509.Certificate, pool: list[x509.Certificate], depth: int) -> ValidationData:
        own = ValidationData((certificate.public_bytes(Encoding.DER),))
        if certificate.issuer == certificate.subject:
            return own
        issuer = self._issuer(certificate, pool)
        if issuer is None or depth >= _LONGEST_CHAIN:
            raise RevocationUnavailable("no_issuer", subject=_name(certificate))
        above = self._prove(issuer, pool, depth + 1)
        if _no_check(certificate):
            return own + above
        return own + self._status(certificate, issuer, depth) + above

    def _issuer(self, certificate: x509.Certificate, pool: list[x509.Certificate]) -> x509.Certificate | None:
        for candidate in [*pool, *self._issuers.values()]:
            if _issued(certificate, candidate):
                return candidate
        for url in _access(certificate, AuthorityInformationAccessOID.CA_ISSUERS):
            data = self._get(url)
            for candidate in _certificates(data) if data else []:
                if _issued(certificate, candidate):
                    self._issuers[candidate.public_bytes(Encoding.DER)] = candidate
                    return candidate
        return None

    def _status(self, certificate: x509.Certificate, issuer: x509.Certificate, depth: int) -> ValidationData:
        answered = self._ocsp(certificate, issuer, depth) or self._crl(certificate, issuer)
        if answered is None:
            raise RevocationUnavailable("no_answer", subject=_name(certificate))
        return answered

    def _ocsp(self, certificate: x509.Certificate, issuer: x509.Certificate, depth: int) -> ValidationData | None:
        index = hashes.SHA1()  # noqa: S303 - names the certificate, proves nothing; what responders know (RFC 5019)
        builder = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, index)
        request = builder.build().public_bytes(Encoding.DER)
        for url in _access(certificate, AuthorityInformationAccessOID.OCSP):
            data = self._get(url, request, "application/ocsp-request")
            if not data:
                continue
            try:
                response = ocsp.load_der_ocsp_response(data)
                responder = _responder(response, issuer)
                if responder is None or response.serial_number != certificate.serial_number or not _current(response):
                    continue
            except ValueError:
                continue
            if response.certificate_status is ocsp.OCSPCertStatus.REVOKED:
                raise _revoked(certificate, response.revocation_time_utc)
            if response.certificate_status is not ocsp.OCSPCertStatus.GOOD:
                continue
            more = ValidationData() if responder == issuer else self._prove(responder, [issuer], depth + 1)
            return ValidationData(ocsps=(data,)) + more
        return None

    def _crl(self, certificate: x509.Certificate, issuer: x509.Certificate) -> ValidationData | None:
        for url in _crl_urls(certificate):
            data = self._get(url)
            try:
                found = x509.load_der_x509_crl(data) if data else None
            except ValueError:
                continue
            if found is None or not found.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
                continue
            if found.next_update_utc is not None and found.next_update_utc < datetime.now(UTC):
                continue
            entry = found.get_revoked_certificate_by_serial_number(certificate.serial_number)
            if entry is not None:
                raise _revoked(certificate, entry.revocation_date_utc)
            return ValidationData(crls=(found.public_bytes(Encoding.DER),))
        return None

    def _get(self, url: str, body: bytes | None = None, kind: str = "") -> bytes | None:
        import httpx

        if self._client is None:
            self._client = httpx.Client(timeout=httpx.Timeout(self.seconds, connect=5.0), follow_redirects=False)
        try:
            method = "GET" if body is None else "POST"
            headers = {"Content-Type": kind} if kind else {}
            with self._client.stream(method, url, content=body, headers=headers) as answer:
                if answer.status_code != 200:
                    return None
                data = bytearray()
                for piece in answer.iter_bytes():
                    data += piece
                    if len(data) > _LARGEST:
                        return None
                return bytes(data)
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            return None


def _revoked(certificate: x509.Certificate, at: datetime | None) -> SigningRefused:
    return SigningRefused("certificate_revoked", subject=_name(certificate), at=at.strftime("%d/%m/%Y") if at else "-")


def _name(certificate: x509.Certificate) -> str:
    """Return the common name: the whole subject may hold a citizen's identifier."""
    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else "-"


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _no_check(certificate: x509.Certificate) -> bool:
    try:
        certificate.extensions.get_extension_for_oid(ExtensionOID.OCSP_NO_CHECK)
    except x509.ExtensionNotFound:
        return False
    return True


def _access(certificate: x509.Certificate, method: x509.ObjectIdentifier) -> list[str]:
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return []
    urls = [one.access_location.value for one in access if one.access_method == method]
    return [url for url in urls if isinstance(url, str) and url.startswith(("http://", "https://"))]


def _crl_urls(certificate: x509.Certificate) -> list[str]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return []
    names = [name.value for point in points for name in point.full_name or []]
    return [name for name in names if isinstance(name, str) and name.startswith(("http://", "https://"))]


def _certificates(data: bytes) -> list[x509.Certificate]:
    try:
        return [x509.load_der_x509_certificate(data)]
    except ValueError:
        try:
            return x509.load_pem_x509_certificates(data)
        except ValueError:
            return []


def _responder(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> x509.Certificate | None:
    """Return who signed the answer: the issuer, or a responder that it appointed; None where neither did."""
    if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
        return None
    for candidate in [issuer, *response.certificates]:
        if candidate != issuer and not (_issued(candidate, issuer) and _may_answer(candidate)):
            continue
        if _signed_by(response, candidate):
            return candidate
    return None


def _may_answer(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usage


def _signed_by(response: ocsp.OCSPResponse, certificate: x509.Certificate) -> bool:
    key, algorithm = certificate.public_key(), response.signature_hash_algorithm
    try:
        if isinstance(key, rsa.RSAPublicKey) and algorithm is not None:
            key.verify(response.signature, response.tbs_response_bytes, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm is not None:
            key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _current(response: ocsp.OCSPResponse) -> bool:
    ends = response.next_update_utc
    return ends is None or ends >= datetime.now(UTC)
