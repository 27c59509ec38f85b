"""Certificates, CRLs and OCSP answers of a test PKI."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed448, ed25519
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from tests.pki.keys import key as test_key

UID = x509.ObjectIdentifier("0.9.2342.19200300.100.1.1")  # DOMAIN §5: multi-valued, prefixes MST: CCCD: CMND: HC: BHXH:
DIGITAL_SIGNATURE = {"digital_signature": True, "content_commitment": True}
NO_USAGE = {
    "digital_signature": False,
    "content_commitment": False,
    "key_encipherment": False,
    "data_encipherment": False,
    "key_agreement": False,
    "key_cert_sign": False,
    "crl_sign": False,
    "encipher_only": False,
    "decipher_only": False,
}


def hash_for(key: Any, wanted: str = "sha256") -> Any:
    """Return the hash a certificate is signed with; None for EdDSA, which brings its own."""
    if isinstance(key, (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)):
        return None
    return {"sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}[wanted]()


def name_of(
    common_name: str, *, uid: Sequence[str] = (), organisation: str | None = None, units: Sequence[str] = ()
) -> x509.Name:
    """Build a subject as Vietnamese CAs write it: C, O, OU…, CN, UID…."""
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN")]
    if organisation:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    parts += [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in units]
    parts.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name))
    parts += [x509.NameAttribute(UID, value) for value in uid]
    return x509.Name(parts)


def as_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """Return the same certificate as asn1crypto, which pyHanko works with."""
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


@dataclass(slots=True)
class Identity:
    """A key with its certificate and the authority that issued it."""

    certificate: x509.Certificate
    key: Any
    issuer: "Authority | None" = None

    @property
    def asn1_certificate(self) -> asn1_x509.Certificate:
        """The certificate for pyHanko."""
        return as_asn1(self.certificate)

    @property
    def asn1_key(self) -> asn1_keys.PrivateKeyInfo:
        """The private key for pyHanko."""
        return asn1_keys.PrivateKeyInfo.load(
            self.key.private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )

    @property
    def pem(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def der(self) -> bytes:
        """The certificate as DER."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def chain(self) -> list["Identity"]:
        """Return the issuers, nearest first, root last."""
        found: list[Identity] = []
        step = self.issuer
        while step is not None and step.identity is not self:
            found.append(step.identity)
            step = step.identity.issuer
        return found

    def p12(self, password: str = "secret", *, with_chain: bool = True) -> bytes:
        """Return a PKCS#12 file with key, certificate and (by default) the issuers."""
        return pkcs12.serialize_key_and_certificates(
            b"key",
            self.key,
            self.certificate,
            [link.certificate for link in self.chain()] if with_chain else None,
            serialization.BestAvailableEncryption(password.encode()),
        )


@dataclass(slots=True)
class Authority:
    """A certification authority: issues, revokes, publishes CRLs and OCSP answers."""

    slug: str
    identity: Identity
    clock: Callable[[], datetime]
    base_url: str | None = None
    revoked: dict[int, tuple[datetime, x509.ReasonFlags | None]] = field(default_factory=dict)
    unknown: set[int] = field(default_factory=set)  # serial numbers OCSP says it never heard of
    responder: Identity | None = None  # delegated OCSP responder; None = the CA answers itself
    crl_validity: timedelta = timedelta(days=7)
    ocsp_validity: timedelta = timedelta(days=1)

    @property
    def certificate(self) -> x509.Certificate:
        """The CA's own certificate."""
        return self.identity.certificate

    def issue(
        self,
        subject: x509.Name,
        *,
        key: Any = None,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        ca: bool = False,
        usage: dict[str, bool] | None = None,
        extended: Sequence[x509.ObjectIdentifier] = (),
        extensions: Sequence[tuple[x509.ExtensionType, bool]] = (),
        urls: bool = True,
        digest: str = "sha256",
        path_length: int | None = None,
    ) -> Identity:
        """Issue a certificate; end-entity, one year old and one year to go, unless told otherwise."""
        own = key if key is not None else test_key("rsa2048", 2)
        now = self.clock()
        builder = (
            self._bare(subject, own)
            .not_valid_before(not_before or now - timedelta(days=365))
            .not_valid_after(not_after or now + timedelta(days=365))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length if ca else None), critical=True)
        )
        wanted = (
            usage if usage is not None else ({"key_cert_sign": True, "crl_sign": True} if ca else DIGITAL_SIGNATURE)
        )
        if wanted:
            builder = builder.add_extension(x509.KeyUsage(**{**NO_USAGE, **wanted}), critical=True)
        if extended:
            critical = list(extended) == [ExtendedKeyUsageOID.TIME_STAMPING]
            builder = builder.add_extension(x509.ExtendedKeyUsage(list(extended)), critical=critical)
        if urls and self.base_url:
            builder = self._with_urls(builder)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical=critical)
        signed = builder.sign(self.identity.key, hash_for(self.identity.key, digest))
        return Identity(signed, own, self)

    def _bare(self, subject: x509.Name, own: Any) -> x509.CertificateBuilder:
        """Begin a certificate: whose it is, whose word it is, and both keys' names."""
        issuer = self.identity.key.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.certificate.subject)
            .public_key(own.public_key())
            .serial_number(x509.random_serial_number())
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
        )

    def _with_urls(self, builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
        access = [
            (AuthorityInformationAccessOID.OCSP, f"{self.base_url}/ocsp/{self.slug}"),
            (AuthorityInformationAccessOID.CA_ISSUERS, f"{self.base_url}/ca/{self.slug}.crt"),
        ]
        crl = x509.UniformResourceIdentifier(f"{self.base_url}/crl/{self.slug}.crl")
        return builder.add_extension(
            x509.AuthorityInformationAccess(
                [x509.AccessDescription(kind, x509.UniformResourceIdentifier(url)) for kind, url in access]
            ),
            critical=False,
        ).add_extension(x509.CRLDistributionPoints([x509.DistributionPoint([crl], None, None, None)]), critical=False)

    def revoke(
        self,
        who: Identity,
        at: datetime | None = None,
        reason: x509.ReasonFlags | None = x509.ReasonFlags.key_compromise,
    ) -> None:
        """Revoke (or, with `ReasonFlags.certificate_hold`, suspend) a certificate from `at` on; default now."""
        self.revoked[who.certificate.serial_number] = (at or self.clock(), reason)

    def crl(self, at: datetime | None = None, *, valid: timedelta | None = None) -> bytes:
        """Return the DER of the CRL as published at `at`; it lists what was revoked by then."""
        moment = at or self.clock()
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(moment)
            .next_update(moment + (valid or self.crl_validity))
            .add_extension(x509.CRLNumber(int(moment.timestamp())), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.identity.key.public_key()), critical=False
            )
        )
        for serial, (since, reason) in self.revoked.items():
            if since > moment:
                continue
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since)
            if reason is not None:
                entry = entry.add_extension(x509.CRLReason(reason), critical=False)
            builder = builder.add_revoked_certificate(entry.build())
        return builder.sign(self.identity.key, hash_for(self.identity.key)).public_bytes(serialization.Encoding.DER)

    def ocsp(self, certificate: x509.Certificate, at: datetime | None = None, *, by: Identity | None = None) -> bytes:
        """Return the DER of an OCSP answer given at `at` about one of our certificates."""
        return self.ocsp_for_serial(certificate.serial_number, at, certificate=certificate, by=by)

    def ocsp_for_serial(
        self,
        serial: int,
        at: datetime | None = None,
        *,
        certificate: x509.Certificate | None = None,
        nonce: bytes | None = None,
        by: Identity | None = None,
    ) -> bytes:
        """Return the DER of an OCSP answer about a serial number, with the asker's nonce."""
        moment = (at or self.clock()).astimezone(UTC)
        since, reason = self.revoked.get(serial, (None, None))
        if serial in self.unknown:
            status = ocsp.OCSPCertStatus.UNKNOWN
        elif since is not None and since <= moment:
            status = ocsp.OCSPCertStatus.REVOKED
        else:
            status = ocsp.OCSPCertStatus.GOOD
        revoked = status is ocsp.OCSPCertStatus.REVOKED
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=_sha1(self.certificate.subject.public_bytes()),
            issuer_key_hash=x509.SubjectKeyIdentifier.from_public_key(self.identity.key.public_key()).digest,
            serial_number=serial,
            algorithm=hashes.SHA1(),  # RFC 5019: what responders use as an index, not as a proof
            cert_status=status,
            this_update=moment,
            next_update=moment + self.ocsp_validity,
            revocation_time=since if revoked else None,
            revocation_reason=reason if revoked else None,
        )
        signer = by or self.responder or self.identity
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
        if signer is not self.identity:
            builder = builder.certificates([signer.certificate])
        if nonce is not None:
            builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
        # cryptography stamps producedAt with the real time; verifiers must go by thisUpdate
        return builder.sign(signer.key, hash_for(signer.key)).public_bytes(serialization.Encoding.DER)

    def delegate_ocsp(self, key: Any = None) -> Identity:
        """Answer OCSP from now on by a responder certificate of its own."""
        self.responder = self.issue(
            name_of(f"OCSP {self.slug}"),
            key=key or test_key("rsa2048", 5),
            usage={"digital_signature": True},
            extended=[ExtendedKeyUsageOID.OCSP_SIGNING],
            extensions=[(x509.OCSPNoCheck(), False)],
            urls=False,
        )
        return self.responder


def _sha1(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SHA1())
    digest.update(data)
    return digest.finalize()
