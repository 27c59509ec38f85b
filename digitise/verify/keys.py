"""Does this public key confirm this signature? RSA (PKCS#1 v1.5 and PSS), ECDSA, DSA, EdDSA, over any digest.

RSA is computed here: the encoded message is rebuilt and compared whole (RFC 8017 §8.2.2), which works with every hash and every key
that certificates in the field hold, and leaves no room for forged padding. The rest is `cryptography`'s.
"""

from dataclasses import dataclass
from typing import Any

from asn1crypto import algos, core
from asn1crypto.keys import PublicKeyInfo
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, utils
from cryptography.hazmat.primitives.serialization import load_der_public_key

from digitise.verify.source import hash_bytes, new_hash

_DIGEST_OIDS = {
    "md5": "1.2.840.113549.2.5",
    "sha1": "1.3.14.3.2.26",
    "sha224": "2.16.840.1.101.3.4.2.4",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
    "sha512_224": "2.16.840.1.101.3.4.2.5",
    "sha512_256": "2.16.840.1.101.3.4.2.6",
    "sha3_224": "2.16.840.1.101.3.4.2.7",
    "sha3_256": "2.16.840.1.101.3.4.2.8",
    "sha3_384": "2.16.840.1.101.3.4.2.9",
    "sha3_512": "2.16.840.1.101.3.4.2.10",
    "ripemd160": "1.3.36.3.2.1",
}
_NAMES = {oid: name for name, oid in _DIGEST_OIDS.items()}

# signature algorithm OID → (kind, digest; None = the one of digestAlgorithm or the parameters)
_SIGNATURE_OIDS: dict[str, tuple[str, str | None]] = {
    "1.2.840.113549.1.1.1": ("rsa", None),
    "1.2.840.113549.1.1.4": ("rsa", "md5"),
    "1.2.840.113549.1.1.5": ("rsa", "sha1"),
    "1.3.14.3.2.29": ("rsa", "sha1"),
    "1.2.840.113549.1.1.14": ("rsa", "sha224"),
    "1.2.840.113549.1.1.11": ("rsa", "sha256"),
    "1.2.840.113549.1.1.12": ("rsa", "sha384"),
    "1.2.840.113549.1.1.13": ("rsa", "sha512"),
    "1.2.840.113549.1.1.15": ("rsa", "sha512_224"),
    "1.2.840.113549.1.1.16": ("rsa", "sha512_256"),
    "2.16.840.1.101.3.4.3.13": ("rsa", "sha3_224"),
    "2.16.840.1.101.3.4.3.14": ("rsa", "sha3_256"),
    "2.16.840.1.101.3.4.3.15": ("rsa", "sha3_384"),
    "2.16.840.1.101.3.4.3.16": ("rsa", "sha3_512"),
    "1.3.36.3.3.1.2": ("rsa", "ripemd160"),
    "1.2.840.113549.1.1.10": ("rsa_pss", None),
    "1.2.840.10045.2.1": ("ecdsa", None),
    "1.2.840.10045.4.1": ("ecdsa", "sha1"),
    "1.2.840.10045.4.3": ("ecdsa", None),
    "1.2.840.10045.4.3.1": ("ecdsa", "sha224"),
    "1.2.840.10045.4.3.2": ("ecdsa", "sha256"),
    "1.2.840.10045.4.3.3": ("ecdsa", "sha384"),
    "1.2.840.10045.4.3.4": ("ecdsa", "sha512"),
    "2.16.840.1.101.3.4.3.9": ("ecdsa", "sha3_224"),
    "2.16.840.1.101.3.4.3.10": ("ecdsa", "sha3_256"),
    "2.16.840.1.101.3.4.3.11": ("ecdsa", "sha3_384"),
    "2.16.840.1.101.3.4.3.12": ("ecdsa", "sha3_512"),
    "0.4.0.127.0.7.1.1.4.1.1": ("ecdsa_plain", "sha1"),
    "0.4.0.127.0.7.1.1.4.1.2": ("ecdsa_plain", "sha224"),
    "0.4.0.127.0.7.1.1.4.1.3": ("ecdsa_plain", "sha256"),
    "0.4.0.127.0.7.1.1.4.1.4": ("ecdsa_plain", "sha384"),
    "0.4.0.127.0.7.1.1.4.1.5": ("ecdsa_plain", "sha512"),
    "1.2.840.10040.4.1": ("dsa", None),
    "1.2.840.10040.4.3": ("dsa", "sha1"),
    "2.16.840.1.101.3.4.3.1": ("dsa", "sha224"),
    "2.16.840.1.101.3.4.3.2": ("dsa", "sha256"),
    "1.3.101.112": ("ed25519", None),
    "1.3.101.113": ("ed448", None),
}


class NotSupported(Exception):
    """An algorithm or key that we cannot compute with."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """How a signature value was made."""

    kind: str
    digest: str  # of what is signed (signed attributes, or content)
    salt: int | None = None
    mask_digest: str | None = None

    @property
    def name(self) -> str:
        """Return a readable name, `rsassa_pkcs1v15`, `rsassa_pss`, `ecdsa` …."""
        return {"rsa": "rsassa_pkcs1v15", "rsa_pss": "rsassa_pss", "ecdsa_plain": "ecdsa"}.get(self.kind, self.kind)


def digest_name(algorithm: Any) -> str:
    """Return the hash an AlgorithmIdentifier means; a signature OID in its place means that signature's hash.

    `algorithm` is an asn1crypto structure with `algorithm` in it. Raises NotSupported.
    """
    oid = algorithm["algorithm"].dotted
    if oid in _NAMES:
        return _NAMES[oid]
    if oid in _SIGNATURE_OIDS and (hidden := _SIGNATURE_OIDS[oid][1]):
        return hidden  # seen in the field: sha256WithRSAEncryption written as the digest
    native = str(algorithm["algorithm"].native)
    try:
        new_hash(native)
    except ValueError:
        raise NotSupported(f"digest {oid}") from None
    return native


def mechanism_of(algorithm: algos.SignedDigestAlgorithm, digest: str) -> Mechanism:
    """Return how a SignerInfo or certificate says it was signed; `digest` where the OID leaves it open. Raises NotSupported."""
    oid = algorithm["algorithm"].dotted
    if oid not in _SIGNATURE_OIDS:
        raise NotSupported(f"signature {oid}")
    kind, fixed = _SIGNATURE_OIDS[oid]
    if kind != "rsa_pss":
        return Mechanism(kind, fixed or digest)
    parameters = algorithm["parameters"]
    if isinstance(parameters, core.Void | core.Null) or parameters.native is None:
        return Mechanism(kind, digest, None, digest)
    hashed = digest_name(parameters["hash_algorithm"])
    mask = digest_name(parameters["mask_gen_algorithm"]["parameters"])
    return Mechanism(kind, hashed, int(parameters["salt_length"].native), mask)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key as far as we compute with it."""

    kind: str  # rsa, ec, dsa, ed25519, ed448
    bits: int
    rsa: tuple[int, int] | None = None  # modulus, exponent
    native: Any = None
    curve: str | None = None


def read_key(info: PublicKeyInfo) -> PublicKey:
    """Read a SubjectPublicKeyInfo. Raises NotSupported for keys nobody can compute with."""
    try:
        name = info["algorithm"]["algorithm"].native
        if name in ("rsa", "rsassa_pss", "rsaes_oaep"):
            numbers = info["public_key"].parsed
            # as unsigned: some CAs forget the leading zero, and asn1crypto then reads a negative modulus
            modulus = int.from_bytes(numbers["modulus"].contents, "big")
            exponent = int.from_bytes(numbers["public_exponent"].contents, "big")
            if modulus < 3 or exponent < 3 or modulus.bit_length() > 16_384 or exponent.bit_length() > 64:
                raise NotSupported("rsa numbers out of range")
            return PublicKey("rsa", modulus.bit_length(), (modulus, exponent))
        native = load_der_public_key(info.dump())
    except (ValueError, TypeError, KeyError, AttributeError, UnsupportedAlgorithm, OverflowError) as e:
        raise NotSupported(f"public key: {e}") from e
    if isinstance(native, ec.EllipticCurvePublicKey):
        return PublicKey("ec", native.curve.key_size, native=native, curve=native.curve.name)
    if isinstance(native, dsa.DSAPublicKey):
        return PublicKey("dsa", native.key_size, native=native)
    if isinstance(native, ed25519.Ed25519PublicKey):
        return PublicKey("ed25519", 256, native=native)
    if isinstance(native, ed448.Ed448PublicKey):
        return PublicKey("ed448", 456, native=native)
    raise NotSupported(f"public key {name}")


def confirms(key: PublicKey, signature: bytes, how: Mechanism, *, data: bytes | None, hashed: bytes | None) -> bool:
    """Say whether `signature` was made by the key's owner over `data`, or over what has the digest `hashed`.

    Raises NotSupported where the key does not fit the mechanism's family or a hash is unknown.
    """
    family = {"rsa": "rsa", "rsa_pss": "rsa", "ecdsa": "ec", "ecdsa_plain": "ec"}.get(how.kind, how.kind)
    if family != key.kind:
        return False  # the certificate's key is of another kind than the signature says
    if key.kind in ("ed25519", "ed448"):
        return data is not None and _edwards(key, signature, data)
    digest = hashed if data is None else _hash(data, how.digest)
    assert digest is not None
    if how.kind == "rsa":
        return _pkcs1(key, signature, digest, how.digest)
    if how.kind == "rsa_pss":
        return _pss(key, signature, digest, how)
    return _curve_or_dsa(key, signature, digest, how)


def _hash(data: bytes, algorithm: str) -> bytes:
    try:
        return hash_bytes(data, algorithm)
    except ValueError as e:
        raise NotSupported(f"digest {algorithm}") from e


def _edwards(key: PublicKey, signature: bytes, data: bytes) -> bool:
    try:
        key.native.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _rsa_open(key: PublicKey, signature: bytes) -> bytes | None:
    assert key.rsa is not None
    modulus, exponent = key.rsa
    length = (modulus.bit_length() + 7) // 8
    value = int.from_bytes(signature, "big")
    if len(signature.lstrip(b"\0")) > length or value >= modulus:
        return None
    return pow(value, exponent, modulus).to_bytes(length, "big")


def _pkcs1(key: PublicKey, signature: bytes, digest: bytes, algorithm: str) -> bool:
    opened = _rsa_open(key, signature)
    if opened is None or algorithm not in _DIGEST_OIDS:
        return False
    oid = core.ObjectIdentifier(_DIGEST_OIDS[algorithm]).dump()
    for parameters in (b"\x05\x00", b""):  # RFC 8017 appendix A.2.4 note: both spellings of "no parameters"
        identifier = _der(0x30, oid + parameters)
        info = _der(0x30, identifier + _der(0x04, digest))
        fill = len(opened) - len(info) - 3
        if fill >= 8 and opened == b"\x00\x01" + b"\xff" * fill + b"\x00" + info:
            return True
    return False


def _der(tag: int, content: bytes) -> bytes:
    assert len(content) < 128
    return bytes([tag, len(content)]) + content


def _pss(key: PublicKey, signature: bytes, digest: bytes, how: Mechanism) -> bool:
    """RFC 8017 §9.1.2."""
    opened = _rsa_open(key, signature)
    if opened is None:
        return False
    bits = key.bits - 1
    block = opened[-((bits + 7) // 8) :]
    size = len(digest)
    if any(opened[: len(opened) - len(block)]) or len(block) < size + 2 or block[-1] != 0xBC:
        return False
    masked, seed = block[: -size - 1], block[-size - 1 : -1]
    mask = _mgf1(seed, len(masked), how.mask_digest or how.digest)
    plain = bytearray(a ^ b for a, b in zip(masked, mask, strict=True))
    plain[0] &= 0xFF >> (8 * len(block) - bits)
    salt_at = plain.find(b"\x01") + 1
    if not salt_at or any(plain[: salt_at - 1]):
        return False
    salt = bytes(plain[salt_at:])
    if how.salt is not None and len(salt) != how.salt:
        return False
    return _hash(bytes(8) + digest + salt, how.digest) == seed


def _mgf1(seed: bytes, length: int, algorithm: str) -> bytes:
    mask = b""
    counter = 0
    while len(mask) < length:
        mask += _hash(seed + counter.to_bytes(4, "big"), algorithm)
        counter += 1
    return mask[:length]


_BY_SIZE = {
    20: hashes.SHA1(),  # noqa: S303 - to check old signatures, which the policy then calls weak
    28: hashes.SHA224(),
    32: hashes.SHA256(),
    48: hashes.SHA384(),
    64: hashes.SHA512(),
}


def _curve_or_dsa(key: PublicKey, signature: bytes, digest: bytes, how: Mechanism) -> bool:
    if how.kind == "ecdsa_plain":
        half = len(signature) // 2
        signature = utils.encode_dss_signature(
            int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
        )
    if len(digest) not in _BY_SIZE:
        raise NotSupported(f"digest of {len(digest)} bytes")
    prehashed = utils.Prehashed(_BY_SIZE[len(digest)])
    try:
        if key.kind == "ec":
            key.native.verify(signature, digest, ec.ECDSA(prehashed))
        else:
            key.native.verify(signature, digest, prehashed)
    except (InvalidSignature, ValueError):
        return False
    except UnsupportedAlgorithm as e:
        raise NotSupported(str(e)) from e
    return True
