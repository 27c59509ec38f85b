"""A key in a PKCS#12 file: parsed once, used many times."""

from dataclasses import dataclass, field
from typing import Any

from asn1crypto import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from digitise.errors import InvalidValue, KeyUnavailable, NotAllowed
from digitise.sign.keys import KeyEntry, extra_chain
from digitise.sign.profiles import Digest, Scheme

_HASHES: dict[Digest, hashes.HashAlgorithm] = {
    Digest.SHA256: hashes.SHA256(),
    Digest.SHA384: hashes.SHA384(),
    Digest.SHA512: hashes.SHA512(),
}


@dataclass(frozen=True)
class SoftwareKey:
    """A private key in this process's memory."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    private: Any = field(repr=False)

    def sign(self, data: bytes, digest: Digest, scheme: Scheme) -> bytes:
        """Return the signature over `data`."""
        algorithm = _HASHES[digest]
        match self.private:
            case rsa.RSAPrivateKey():
                padded: padding.AsymmetricPadding = padding.PKCS1v15()
                if scheme == Scheme.PSS:
                    padded = padding.PSS(padding.MGF1(algorithm), algorithm.digest_size)
                return self.private.sign(data, padded, algorithm)
            case ec.EllipticCurvePrivateKey():
                return self.private.sign(data, ec.ECDSA(algorithm))
            case ed25519.Ed25519PrivateKey() | ed448.Ed448PrivateKey():
                return bytes(self.private.sign(data))
        raise InvalidValue("key_kind", name="key", value=type(self.private).__name__)


def open_pkcs12(entry: KeyEntry, password: str | None) -> SoftwareKey:
    """Read the file; raises KeyUnavailable, NotAllowed (wrong password), InvalidValue (no key in it)."""
    file = entry.text("file")
    try:
        data = entry.path("file").read_bytes()  # type: ignore[union-attr]
    except OSError as error:
        raise KeyUnavailable("key_file", key=entry.name, file=file) from error
    try:
        private, certificate, others = pkcs12.load_key_and_certificates(data, (password or "").encode() or None)
    except ValueError as error:
        raise NotAllowed("wrong_pin", key=entry.name) from error
    except UnsupportedAlgorithm as error:
        raise InvalidValue("keys", name=f"key.{entry.name}.file", value=str(error)) from error
    if private is None or certificate is None:
        raise InvalidValue("keys", name=f"key.{entry.name}.file", value=file)
    chain = [x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in others]
    own = x509.Certificate.load(certificate.public_bytes(Encoding.DER))
    return SoftwareKey(own, (*chain, *extra_chain(entry)), private)
