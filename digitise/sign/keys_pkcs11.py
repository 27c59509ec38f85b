"""A key on a token or HSM, through PKCS#11: one session a process, opened again when the token lost it."""

import contextlib
import hashlib
import os
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pkcs11
from asn1crypto import algos, x509
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.util.ec import encode_ecdsa_signature

from digitise.errors import InvalidValue, KeyUnavailable, NotAllowed
from digitise.sign.certificates import read_certificates
from digitise.sign.keys import KeyEntry, extra_chain
from digitise.sign.profiles import Digest, Scheme

_RSA = {
    Digest.SHA256: Mechanism.SHA256_RSA_PKCS,
    Digest.SHA384: Mechanism.SHA384_RSA_PKCS,
    Digest.SHA512: Mechanism.SHA512_RSA_PKCS,
}
_PSS = {
    Digest.SHA256: (Mechanism.SHA256_RSA_PKCS_PSS, Mechanism.SHA256, pkcs11.MGF.SHA256),
    Digest.SHA384: (Mechanism.SHA384_RSA_PKCS_PSS, Mechanism.SHA384, pkcs11.MGF.SHA384),
    Digest.SHA512: (Mechanism.SHA512_RSA_PKCS_PSS, Mechanism.SHA512, pkcs11.MGF.SHA512),
}
_LOST = (pkcs11.exceptions.SessionHandleInvalid, pkcs11.exceptions.SessionClosed, pkcs11.exceptions.DeviceRemoved)


@dataclass
class TokenKey:
    """A private key that never leaves its token."""

    entry: KeyEntry
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    _pin: str | None = field(repr=False)
    _session: Any = field(default=None, repr=False)
    _private: Any = field(default=None, repr=False)
    _pid: int = 0

    def sign(self, data: bytes, digest: Digest, scheme: Scheme) -> bytes:
        """Return the signature over `data`; raises KeyUnavailable, NotAllowed."""
        for attempt in (1, 2):
            try:
                if self._session is None or self._pid != os.getpid():
                    self._connect()
                return self._sign(data, digest, scheme)
            except _LOST as error:
                self._session = None
                if attempt == 2:
                    raise KeyUnavailable("token_lost", key=self.entry.name) from error
            except pkcs11.exceptions.PKCS11Error as error:
                raise _ours(self.entry, error) from error
        raise KeyUnavailable("token_lost", key=self.entry.name)

    def _connect(self) -> None:
        self._session, self._private = _session(self.entry, self._pin)
        self._pid = os.getpid()

    def _sign(self, data: bytes, digest: Digest, scheme: Scheme) -> bytes:
        private = self._private
        more = {"pin": self._pin} if self._asks_each_time() else {}
        if private.key_type == KeyType.RSA:
            if scheme == Scheme.PSS:
                mechanism, hashed, mask = _PSS[digest]
                salt = hashlib.new(digest).digest_size
                return bytes(private.sign(data, mechanism=mechanism, mechanism_param=(hashed, mask, salt), **more))
            if self.entry.options.get("hash_here"):
                return bytes(private.sign(_digest_info(data, digest), mechanism=Mechanism.RSA_PKCS, **more))
            return bytes(private.sign(data, mechanism=_RSA[digest], **more))
        if private.key_type == KeyType.EC:
            hashed_data = hashlib.new(digest, data).digest()
            return bytes(encode_ecdsa_signature(private.sign(hashed_data, mechanism=Mechanism.ECDSA, **more)))
        raise InvalidValue("key_kind", name=f"key.{self.entry.name}", value=private.key_type.name)

    def _asks_each_time(self) -> bool:
        try:
            return bool(self._private[Attribute.ALWAYS_AUTHENTICATE])
        except pkcs11.exceptions.PKCS11Error:
            return False

    def close(self) -> None:
        """Log out."""
        if self._session is not None and self._pid == os.getpid():
            with contextlib.suppress(pkcs11.exceptions.PKCS11Error):
                self._session.close()
        self._session = None


@cache
def _library(module: str, pid: int) -> Any:
    """Return the token's library, initialised in this very process (a child's must be initialised again)."""
    try:
        library = pkcs11.lib(module)
        if pid != _LOADED_BY:
            library.reinitialize()
        return library
    except (RuntimeError, OSError, pkcs11.exceptions.PKCS11Error) as error:
        raise KeyUnavailable("module", key=module, cause=str(error)) from error


_LOADED_BY = os.getpid()


def _token(entry: KeyEntry, library: Any) -> Any:
    if entry.options.get("slot") is not None:
        slots = {slot.slot_id: slot for slot in library.get_slots(token_present=True)}
        return slots[int(entry.options["slot"])].get_token()
    return library.get_token(token_label=entry.text("token"))


def _session(entry: KeyEntry, pin: str | None) -> tuple[Any, Any]:
    library = _library(entry.text("module"), os.getpid())
    try:
        try:
            token = _token(entry, library)
        except (KeyError, pkcs11.exceptions.NoSuchToken):
            library.reinitialize()  # a token that was plugged in since then; other keys open their sessions again
            token = _token(entry, library)
        session = token.open(user_pin=pin) if pin else token.open()
        return session, session.get_key(object_class=ObjectClass.PRIVATE_KEY, **_wanted(entry))
    except (KeyError, pkcs11.exceptions.NoSuchToken) as error:
        raise KeyUnavailable("no_token", key=entry.name, token=entry.options.get("token", "-")) from error
    except pkcs11.exceptions.PKCS11Error as error:
        raise _ours(entry, error) from error


def _wanted(entry: KeyEntry) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    if entry.options.get("label"):
        wanted["label"] = entry.options["label"]
    if entry.options.get("id"):
        wanted["id"] = bytes.fromhex(str(entry.options["id"]))
    return wanted


def _ours(entry: KeyEntry, error: Exception) -> Exception:
    wrong = (
        pkcs11.exceptions.PinIncorrect,
        pkcs11.exceptions.PinInvalid,
        pkcs11.exceptions.PinLenRange,
        pkcs11.exceptions.UserNotLoggedIn,
    )
    if isinstance(error, wrong):
        return NotAllowed("wrong_pin", key=entry.name)
    if isinstance(error, pkcs11.exceptions.PinLocked):
        return NotAllowed("pin_locked", key=entry.name)
    if isinstance(error, pkcs11.exceptions.NoSuchKey | pkcs11.exceptions.MultipleObjectsReturned):
        return InvalidValue("keys", name=f"key.{entry.name}.label", value=entry.options.get("label", "-"))
    return KeyUnavailable("token_failed", key=entry.name, cause=type(error).__name__)


def open_pkcs11(entry: KeyEntry, pin: str | None) -> TokenKey:
    """Open a session, find key and certificate; raises KeyUnavailable, NotAllowed, InvalidValue."""
    session, private = _session(entry, pin)
    file = entry.path("certificate")
    try:
        certificate = read_certificates(file)[0] if file else _certificate(entry, session)
    except (OSError, ValueError, IndexError) as error:
        raise InvalidValue("keys", name=f"key.{entry.name}.certificate", value=str(file)) from error
    return TokenKey(entry, certificate, tuple(extra_chain(entry)), pin, session, private, os.getpid())


def _certificate(entry: KeyEntry, session: Any) -> x509.Certificate:
    wanted: dict[Any, Any] = {Attribute.CLASS: ObjectClass.CERTIFICATE}
    for name, attribute in (("label", Attribute.LABEL), ("id", Attribute.ID)):
        value = _wanted(entry).get(name)
        if value:
            wanted[attribute] = value
    for found in session.get_objects(wanted):
        return x509.Certificate.load(found[Attribute.VALUE])
    raise InvalidValue("keys", name=f"key.{entry.name}.certificate", value="-")


def _digest_info(data: bytes, digest: Digest) -> bytes:
    """Return the DigestInfo for tokens that only know raw RSA (RFC 8017, 9.2)."""
    value = hashlib.new(digest, data).digest()
    algorithm = algos.DigestAlgorithm({"algorithm": str(digest), "parameters": None})
    return bytes(algos.DigestInfo({"digest_algorithm": algorithm, "digest": value}).dump())
