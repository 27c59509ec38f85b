"""What a certificate says about where its status can be asked for: OCSP requests and CRL addresses."""

from functools import lru_cache

from asn1crypto import ocsp, x509

from digitise.verify.cms import PARSING
from digitise.verify.evidence import Want
from digitise.verify.source import hash_bytes


def wants_of(certificate: x509.Certificate, issuer: x509.Certificate) -> list[Want]:
    """Return the OCSP requests and CRL addresses that a certificate names, http only; never raises."""
    wants: list[Want] = []
    try:
        wants += [Want(url, _request(certificate, issuer)) for url in certificate.ocsp_urls if url.startswith("http")]
        for point in certificate.crl_distribution_points:
            if point.url and point.url.startswith("http"):
                wants.append(Want(point.url))
    except PARSING:
        pass
    return wants


def _request(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes:
    """Build an OCSP request without nonce, so that answers can be cached (RFC 5019)."""
    key = bytes(issuer.public_key["public_key"])
    return _encoded_request(issuer.subject.dump(), key, certificate.serial_number)


@lru_cache(maxsize=1024)  # a batch asks about the same few certificates, and asn1crypto takes 2 ms for each
def _encoded_request(issuer_name: bytes, issuer_key: bytes, serial: int) -> bytes:
    cert_id = {
        "hash_algorithm": {"algorithm": "sha1"},
        "issuer_name_hash": hash_bytes(issuer_name, "sha1"),
        "issuer_key_hash": hash_bytes(issuer_key, "sha1"),
        "serial_number": serial,
    }
    request = ocsp.OCSPRequest({"tbs_request": {"request_list": [{"req_cert": cert_id}]}})
    der: bytes = request.dump()
    return der
