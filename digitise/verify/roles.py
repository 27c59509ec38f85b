"""Step 8: in what capacity was it signed, by attributes of the certificate and never by a part of a name (DOMAIN §5)."""

from collections.abc import Iterable

from asn1crypto import x509

from digitise.model.verdicts import Outcome, SignatureFinding, SignatureRole, Signer
from digitise.text import squeeze
from digitise.verify.cms import PARSING
from digitise.verify.policy import Roles
from digitise.verify.reasons import Reason

UID = "0.9.2342.19200300.100.1.1"
_QC_TYPES = "1.3.6.1.5.5.7.1.3"  # qcStatements
_QC_SEAL, _QC_SIGN = "0.4.0.1862.1.6.2", "0.4.0.1862.1.6.1"  # ETSI EN 319 412-5 §4.2.3


def attributes(certificate: x509.Certificate) -> dict[str, list[str]]:
    """Return the subject's attributes by name (dotted where unknown), each with all its values."""
    found: dict[str, list[str]] = {}
    try:
        for rdn in certificate.subject.chosen:
            for pair in rdn:
                name = pair["type"].dotted if pair["type"].dotted == UID else pair["type"].native
                found.setdefault(name, []).append(str(pair["value"].native))
    except PARSING:
        pass
    return found


def signer_of(certificate: x509.Certificate) -> Signer:
    """Return whom the certificate names."""
    found = attributes(certificate)
    organisation = found.get("organization_name", [])
    return Signer(
        common_name=next(iter(found.get("common_name", [])), None),
        organisation=organisation[0] if organisation else None,
        identifiers=tuple(found.get(UID, [])) + tuple(found.get("organization_identifier", [])),
    )


def role_of(certificate: x509.Certificate, rules: Roles, reason: str | None = None) -> SignatureRole:
    """Return person, organisation or copy by the policy's rules; UNKNOWN where no rule speaks. `reason` is the signature's own."""
    role = _capacity(certificate, rules)
    words = squeeze(reason or "").upper()
    if role is SignatureRole.ORGANISATION and any(words.startswith(one) for one in rules.copy_reasons):
        return SignatureRole.COPY
    return role


def _capacity(certificate: x509.Certificate, rules: Roles) -> SignatureRole:
    found = attributes(certificate)
    identifiers = [value.strip().upper() for value in found.get(UID, [])]
    policies, statements = _extension_oids(certificate)
    if (
        _any_prefix(identifiers, rules.person_prefixes)
        or policies & set(rules.person_policies)
        or _QC_SIGN in statements
    ):
        return SignatureRole.PERSON  # an official's certificate often names the office's tax code besides
    if _any_prefix(identifiers, rules.organisation_prefixes) or policies & set(rules.organisation_policies):
        return SignatureRole.ORGANISATION
    if _QC_SEAL in statements or any(name in found for name in rules.organisation_identifiers):
        return SignatureRole.ORGANISATION
    if any(name in found for name in rules.person_attributes):
        return SignatureRole.PERSON
    organisation, name = found.get("organization_name", []), found.get("common_name", [])
    if organisation and organisation == name:
        return SignatureRole.ORGANISATION  # the same name, whole, as the organisation and as the subject
    return SignatureRole.UNKNOWN


def _any_prefix(values: Iterable[str], prefixes: tuple[str, ...]) -> bool:
    return any(value.startswith(prefix.upper()) for value in values for prefix in prefixes)


def _extension_oids(certificate: x509.Certificate) -> tuple[set[str], set[str]]:
    policies: set[str] = set()
    statements: set[str] = set()
    try:
        if certificate.certificate_policies_value is not None:
            policies = {one["policy_identifier"].dotted for one in certificate.certificate_policies_value}
        for extension in certificate["tbs_certificate"]["extensions"]:
            if extension["extn_id"].dotted == _QC_TYPES:
                raw: bytes = bytes(extension["extn_value"])
                statements = {oid for oid in (_QC_SEAL, _QC_SIGN) if _oid_bytes(oid) in raw}
    except PARSING:
        pass
    return policies, statements


def _oid_bytes(oid: str) -> bytes:
    from asn1crypto.core import ObjectIdentifier

    encoded: bytes = ObjectIdentifier(oid).dump()
    return encoded


def completeness(signatures: Iterable[SignatureFinding]) -> list[Reason]:
    """Return what NĐ 30/2020 art. 5.1 makes of the set: both signatures, or which one is missing."""
    signed = [
        one for one in signatures if one.role is not SignatureRole.TIMESTAMP and one.outcome is not Outcome.INVALID
    ]
    roles = [one.role for one in signed]
    if not roles or SignatureRole.COPY in roles:
        return []  # a copy carries the organisation's signature alone (art. 25)
    person, organisation = SignatureRole.PERSON in roles, SignatureRole.ORGANISATION in roles
    if person and organisation:
        first = roles.index(SignatureRole.ORGANISATION) < roles.index(SignatureRole.PERSON)
        return [Reason.BOTH_SIGNATURES] + ([Reason.ORGANISATION_FIRST] if first else [])
    reasons = []
    if not person:
        reasons.append(Reason.PERSON_MISSING)
    if not organisation:
        reasons.append(Reason.ORGANISATION_MISSING)
    return reasons
