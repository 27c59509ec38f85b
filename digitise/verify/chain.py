"""Step 5: from the signer's certificate to an anchor, at the time that counts (RFC 5280 §6, by pyhanko-certvalidator)."""

import asyncio
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from asn1crypto import x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    ExpiredError,
    InvalidCertificateError,
    NotYetValidError,
    PathBuildingError,
    PathError,
    ValidationError,
)
from pyhanko_certvalidator.policy_decl import AcceptAllAlgorithms

from digitise.model.verdicts import Chain
from digitise.verify.cms import PARSING
from digitise.verify.keys import NotSupported, confirms, mechanism_of, read_key
from digitise.verify.reasons import Reason
from digitise.verify.trust import Purpose, Trusted, TrustSet

MAX_LENGTH = 10  # certificates of a path: real ones have three or four
TIMESTAMPING_EKU = "time_stamping"
# extended key usages with which documents are signed; a certificate that names only others was issued for something else
SIGNING_EKUS = {
    *("any_extended_key_usage", "email_protection", "client_auth", "code_signing", "microsoft_smart_card_logon"),
    *("1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.311.10.3.12", "1.2.840.113583.1.1.5", "microsoft_document_signing"),
    *("document_signing", "adobe_authentic_documents_trust", "microsoft_signing"),
}


@dataclass(slots=True)
class Path:
    """What path building found."""

    chain: Chain
    certificates: list[x509.Certificate] = field(default_factory=list)  # leaf first, anchor last
    reasons: list[Reason] = field(default_factory=list)


_Question = tuple[bytes, Purpose, tuple[Trusted, ...], tuple[bytes, ...]]
_known: dict[_Question, Path] = {}  # trusted paths of this process: the same few signers sign thousands of files
_lock = threading.Lock()
MAX_KNOWN = 512


def build(
    leaf: x509.Certificate,
    extra: Iterable[x509.Certificate],
    trust: TrustSet,
    purpose: Purpose,
    moment: datetime,
    loop: asyncio.AbstractEventLoop,
) -> Path:
    """Build and check the path of `leaf` at `moment`; revocation is judged elsewhere. Never raises.

    A trusted path is remembered and answers again where leaf, other certificates, and what the operator trusts at that
    moment are the same, and every certificate of the path holds at the moment asked for: time enters path validation by
    nothing else. What was not trusted is always looked at anew.
    """
    more = list(extra)
    # what is trusted is the key itself, not its name: a changed set, or an anchor out of its dates, asks another question
    serving = tuple(one for one in trust.entries if not one.anchor or one.serves(purpose, moment))
    try:
        question = (leaf.sha256, purpose, serving, tuple(one.sha256 for one in more))
        with _lock:
            known = _known.get(question)
        if known is not None and _holds(known, moment):
            return Path(known.chain, list(known.certificates))
    except PARSING:
        return _build(leaf, more, trust, purpose, moment, loop)
    found = _build(leaf, more, trust, purpose, moment, loop)
    if found.chain is Chain.TRUSTED:
        with _lock:
            if len(_known) >= MAX_KNOWN:
                _known.clear()
            _known[question] = Path(found.chain, list(found.certificates))
    return found


def _holds(path: Path, moment: datetime) -> bool:
    return all(one.not_valid_before <= moment <= one.not_valid_after for one in path.certificates)


def _build(
    leaf: x509.Certificate,
    extra: list[x509.Certificate],
    trust: TrustSet,
    purpose: Purpose,
    moment: datetime,
    loop: asyncio.AbstractEventLoop,
) -> Path:
    pool = [*trust.intermediates(), *extra]
    try:
        context = ValidationContext(
            trust_roots=trust.anchors(purpose, moment),
            other_certs=pool,
            moment=moment,
            allow_fetching=False,
            revocation_mode="soft-fail",
            algorithm_usage_policy=AcceptAllAlgorithms(),
            time_tolerance=timedelta(seconds=1),
        )
        validator = CertificateValidator(leaf, intermediate_certs=pool, validation_context=context)
        found = loop.run_until_complete(validator.async_validate_path())
        return Path(Chain.TRUSTED, list(reversed(list(found.iter_certs(include_root=True)))))
    except (PathError, ValidationError) as e:
        return _failed(leaf, pool, e)
    except (*PARSING, RuntimeError):
        return Path(Chain.UNTRUSTED, [leaf], [Reason.ISSUER_NOT_TRUSTED])


def _failed(leaf: x509.Certificate, pool: list[x509.Certificate], error: Exception) -> Path:
    issuers = known_issuers(leaf, pool)
    if isinstance(error, PathBuildingError | InvalidCertificateError):
        last = issuers[-1] if issuers else leaf
        if last.self_issued:
            return Path(Chain.UNTRUSTED, [leaf, *issuers], [Reason.ISSUER_NOT_TRUSTED])
        return Path(Chain.INCOMPLETE, [leaf, *issuers], [Reason.ISSUER_MISSING])
    if isinstance(error, ExpiredError | NotYetValidError):
        return Path(Chain.UNTRUSTED, [leaf, *issuers], [Reason.CA_EXPIRED])
    if "signature" in str(error).lower():
        return Path(Chain.UNTRUSTED, [leaf, *issuers], [Reason.CHAIN_FORGED])
    return Path(Chain.UNTRUSTED, [leaf, *issuers], [Reason.CHAIN_BROKEN])


def known_issuers(leaf: x509.Certificate, pool: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """Return the issuers of `leaf` that are at hand, nearest first, whoever trusts them."""
    candidates = list(pool)
    found: list[x509.Certificate] = []
    current = leaf
    while len(found) < MAX_LENGTH and not current.self_issued:
        issuer = next((one for one in candidates if one not in found and issued_by(current, one)), None)
        if issuer is None:
            break
        found.append(issuer)
        current = issuer
    return found


def issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Say whether `issuer`'s key signed `certificate`."""
    try:
        if certificate.issuer != issuer.subject:
            return False
        algorithm = certificate["signature_algorithm"]
        return confirms(
            read_key(issuer.public_key),
            certificate.signature,
            mechanism_of(algorithm, "sha256"),
            data=certificate["tbs_certificate"].dump(),
            hashed=None,
        )
    except (NotSupported, *PARSING):
        return False


def fits_purpose(certificate: x509.Certificate, purpose: Purpose) -> bool:
    """Say whether key usage and extended key usage allow signing documents, or time-stamping (RFC 3161 §2.3)."""
    try:
        usage = certificate.key_usage_value
        if usage is not None and not {"digital_signature", "non_repudiation"} & set(usage.native):
            return False
        extended = certificate.extended_key_usage_value
        names = set(extended.native) if extended is not None else set()
    except PARSING:
        return False
    if purpose is Purpose.TIMESTAMPING:
        return TIMESTAMPING_EKU in names
    # an unknown usage besides is no objection; being made for time-stamping, OCSP or servers alone is
    return not names or bool(names & SIGNING_EKUS) or not names <= {TIMESTAMPING_EKU, "ocsp_signing", "server_auth"}
