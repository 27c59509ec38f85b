"""Cryptographic message syntax (RFC 5652): whose key signed which bytes, computed from the encoding itself.

Written over asn1crypto because pyHanko's validator throws on containers that are odd but sound (no content type, foreign digest OIDs,
keys of unusual size), and an exception is not an answer.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from asn1crypto import cms, core, tsp, x509

from digitise.verify.certificates import certificate_of
from digitise.verify.keys import Mechanism, NotSupported, PublicKey, confirms, digest_name, mechanism_of, read_key
from digitise.verify.reasons import Reason
from digitise.verify.source import hash_bytes

PARSING = (ValueError, TypeError, KeyError, AttributeError, IndexError, AssertionError, OverflowError, RecursionError)
"""What asn1crypto raises on hostile or broken input."""

Digest = Callable[[str], bytes]
"""Digest of the detached content by algorithm name; raises ValueError for an unknown one."""


@dataclass(slots=True)
class Container:
    """What a CMS says, and whether it holds; `problems` explains why it does not."""

    certificates: list[x509.Certificate] = field(default_factory=list)
    signer: x509.Certificate | None = None
    key: PublicKey | None = None
    digest: str | None = None
    mechanism: Mechanism | None = None
    claimed_time: datetime | None = None
    intact: bool = False
    problems: list[Reason] = field(default_factory=list)
    notes: list[Reason] = field(default_factory=list)
    encapsulated: bytes | None = None
    content_type: str | None = None
    signature: bytes = b""
    timestamps: list[bytes] = field(default_factory=list)  # DER of signature-time-stamp tokens
    crls: list[bytes] = field(default_factory=list)
    ocsps: list[bytes] = field(default_factory=list)
    tst: tsp.TSTInfo | None = None
    binds: str | None = None  # digest that ties the container to the file, where it is not `digest`
    commitment: bool = False


def read(der: bytes, digest: Digest, extra: Iterable[x509.Certificate] = (), *, kind: str = "detached") -> Container:
    """Read and check a CMS over detached content whose digest `digest` computes.

    `kind`: `detached`; `cades` for ETSI.CAdES.detached, which allows no content inside; `sha1` for adbe.pkcs7.sha1, whose
    encapsulated content is the SHA-1 digest; `timestamp` for RFC 3161
    tokens. Never raises: what is wrong stands in `problems`.
    """
    found = Container()
    try:
        _read(found, der, digest, list(extra), kind)
    except NotSupported:
        found.problems.append(Reason.KEY_UNREADABLE)
    except PARSING:
        found.problems.append(Reason.CMS_UNREADABLE)
    found.intact = not any(problem is not Reason.SIGNER_MISSING for problem in found.problems) and found.intact
    return found


def _read(found: Container, der: bytes, digest: Digest, extra: list[x509.Certificate], kind: str) -> None:
    info = cms.ContentInfo.load(der)
    if info["content_type"].native != "signed_data":
        found.problems.append(Reason.CMS_UNREADABLE)
        return
    data = info["content"]
    found.certificates = list(_certificates(data))
    found.crls += _embedded_crls(data)
    signers = data["signer_infos"]
    if len(signers) != 1:  # PAdES and ISO 32000: exactly one
        found.problems.append(Reason.CMS_UNREADABLE)
        return
    signer = signers[0]
    encoded = _encoded_attributes(signer)  # first of all: asn1crypto may sort a set once it has been looked into
    _unsigned_attributes(found, signer)
    encapsulated = data["encap_content_info"]
    found.content_type = encapsulated["content_type"].native
    found.encapsulated = _octets(encapsulated)
    found.digest = digest_name(signer["digest_algorithm"])
    found.mechanism = mechanism_of(signer["signature_algorithm"], found.digest)
    found.signature = signer["signature"].native
    content = _content_digest(found, digest, kind)
    attributes = _attributes(signer)
    _choose_signer(found, signer, attributes, [*found.certificates, *extra])
    _claims(found, attributes)
    if content is None:
        return
    _check(found, encoded, attributes, content)


def _certificates(data: cms.SignedData) -> Iterable[x509.Certificate]:
    certificates = data["certificates"]
    if isinstance(certificates, core.Void):
        return
    for choice in certificates:
        if choice.name == "certificate":
            try:
                yield certificate_of(choice.chosen.dump())  # read now what is needed later, while errors are expected
            except PARSING:
                continue


def _embedded_crls(data: cms.SignedData) -> list[bytes]:
    crls = data["crls"]
    if isinstance(crls, core.Void):
        return []
    return [choice.chosen.dump() for choice in crls if choice.name == "certificate_list"]


def _octets(encapsulated: cms.EncapsulatedContentInfo) -> bytes | None:
    content = encapsulated["content"]
    if isinstance(content, core.Void) or content.native is None:
        return None
    value: bytes = bytes(content)
    return value


def _content_digest(found: Container, digest: Digest, kind: str) -> bytes | None:
    """Return what the message digest must be; None where the content itself is already wrong."""
    assert found.digest is not None
    try:
        if kind == "sha1":
            found.binds = "sha1"
            if found.encapsulated is None or found.encapsulated != digest("sha1"):
                found.problems.append(Reason.DIGEST_DIFFERS)
                return None
            return hash_bytes(found.encapsulated, found.digest)
        if kind == "timestamp":
            return _imprint(found, digest)
        outside = digest(found.digest)
        if found.encapsulated is not None and kind == "cades":
            found.problems.append(Reason.CMS_UNREADABLE)  # EN 319 142-1 §4.1: no data in the container, not even none
        elif found.encapsulated and hash_bytes(found.encapsulated, found.digest) != outside:
            found.problems.append(Reason.CMS_UNREADABLE)  # two contents, one signature: nobody can say which was meant
        return outside
    except ValueError as e:
        raise NotSupported(found.digest) from e


def _imprint(found: Container, digest: Digest) -> bytes | None:
    if found.encapsulated is None:
        found.problems.append(Reason.CMS_UNREADABLE)
        return None
    assert found.digest is not None
    found.tst = tsp.TSTInfo.load(found.encapsulated)
    imprint = found.tst["message_imprint"]
    if imprint["hashed_message"].native != digest(digest_name(imprint["hash_algorithm"])):
        found.problems.append(Reason.DIGEST_DIFFERS)
        return None
    return hash_bytes(found.encapsulated, found.digest)


def _attributes(signer: cms.SignerInfo) -> dict[str, list[Any]]:
    signed = signer["signed_attrs"]
    attributes: dict[str, list[Any]] = {}
    if isinstance(signed, core.Void):
        return attributes
    for attribute in signed:
        attributes.setdefault(attribute["type"].native, []).extend(attribute["values"])
    return attributes


def _unsigned_attributes(found: Container, signer: cms.SignerInfo) -> None:
    unsigned = signer["unsigned_attrs"]
    if isinstance(unsigned, core.Void):
        return
    try:
        for attribute in unsigned:
            if attribute["type"].native == "signature_time_stamp_token":
                found.timestamps += [value.dump() for value in attribute["values"]]
    except PARSING:
        found.notes.append(Reason.TIMESTAMP_BROKEN)


def _choose_signer(
    found: Container, signer: cms.SignerInfo, attributes: dict[str, list[Any]], pool: list[x509.Certificate]
) -> None:
    named = [one for one in pool if _names(signer["sid"], one)]
    stated = _stated_certificate(attributes)
    if stated is not None:
        algorithm, value = stated
        matching = [one for one in named if hash_bytes(one.dump(), algorithm) == value]
        if named and not matching:
            found.problems.append(Reason.CERTIFICATE_SUBSTITUTED)
        named = matching or named
    if not named:
        found.problems.append(Reason.SIGNER_MISSING)
        return
    found.signer = named[0]
    found.key = read_key(named[0].public_key)


def _names(sid: cms.SignerIdentifier, certificate: x509.Certificate) -> bool:
    try:
        if sid.name == "issuer_and_serial_number":
            chosen = sid.chosen
            return bool(
                chosen["serial_number"].native == certificate.serial_number
                and (chosen["issuer"].dump() == certificate.issuer.dump() or chosen["issuer"] == certificate.issuer)
            )
        return bool(sid.chosen.native == certificate.key_identifier)
    except PARSING:
        return False


def _stated_certificate(attributes: dict[str, list[Any]]) -> tuple[str, bytes] | None:
    """Return (algorithm, hash) of the ESS signing-certificate attribute (RFC 5035)."""
    if values := attributes.get("signing_certificate_v2"):
        first = values[0]["certs"][0]
        return digest_name(first["hash_algorithm"]), first["cert_hash"].native
    if values := attributes.get("signing_certificate"):
        return "sha1", values[0]["certs"][0]["cert_hash"].native
    return None


def _claims(found: Container, attributes: dict[str, list[Any]]) -> None:
    if times := attributes.get("signing_time"):
        claimed = times[0].native
        if isinstance(claimed, datetime):
            found.claimed_time = claimed if claimed.tzinfo else claimed.replace(tzinfo=UTC)
    for archive in attributes.get("adobe_revocation_info_archival", []):
        try:
            found.crls += [one.dump() for one in archive["crl"] or ()]
            found.ocsps += [one.dump() for one in archive["ocsp"] or ()]
        except PARSING:
            continue


def _check(found: Container, encoded: bytes | None, attributes: dict[str, list[Any]], content: bytes) -> None:
    """Compare the message digest, then verify the signature over attributes or content."""
    assert found.mechanism is not None
    if encoded is not None:
        stated = attributes.get("message_digest", [])
        if len(stated) != 1 or stated[0].native != content:
            found.problems.append(Reason.DIGEST_DIFFERS)
    if found.key is None:
        return
    if encoded is None:
        same = found.digest == found.mechanism.digest
        if not same or not confirms(found.key, found.signature, found.mechanism, data=None, hashed=content):
            found.problems.append(Reason.DIGEST_DIFFERS)
        found.intact = True
        return
    ordered = _in_der_order(encoded)
    whole = confirms(found.key, found.signature, found.mechanism, data=ordered, hashed=None)
    if (
        not whole
        and ordered != encoded
        and confirms(found.key, found.signature, found.mechanism, data=encoded, hashed=None)
    ):
        found.problems.append(Reason.ATTRIBUTES_NOT_DER)  # RFC 5652 §5.4: the DER encoding is what must be signed
    elif not whole:
        found.problems.append(Reason.SIGNATURE_DIFFERS)
    found.intact = True


def _encoded_attributes(signer: cms.SignerInfo) -> bytes | None:
    """Return the signed attributes as the signature covers them: with the tag of SET OF (RFC 5652 §5.4)."""
    signed = signer["signed_attrs"]
    if isinstance(signed, core.Void):
        return None
    raw: bytes = signed.dump()
    return b"\x31" + raw[1:]


def _in_der_order(encoded: bytes) -> bytes:
    """Return the SET OF with its elements sorted, as DER demands; unchanged where they are."""
    elements = [one.dump() for one in cms.CMSAttributes.load(encoded)]
    if elements == sorted(elements):
        return encoded
    body = b"".join(sorted(elements))
    return encoded[: len(encoded) - len(body)] + body if encoded.endswith(b"".join(elements)) else encoded
