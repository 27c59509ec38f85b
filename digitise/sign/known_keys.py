"""What the sign worker tells the others of its keys: names, certificates, what is wrong with one. Never a PIN, a path, a key.

Pages, `digitise doctor` and the daily look at what ends soon read this; they cannot reach the key settings themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from asn1crypto import x509

from digitise.errors import DigitiseError
from digitise.ports import Clock
from digitise.sign.key_ring import KeyRing
from digitise.sign.keys import KeyEntry, known_certificate


@dataclass(frozen=True, slots=True)
class KnownKey:
    """One key as the sign worker found it when it started."""

    name: str
    kind: str  # pkcs12, pkcs11, csc
    certificate: bytes | None  # DER; None where only the PIN tells, or the key cannot be opened
    problem: str  # `<code>: <reason>`, empty where it can be used
    told_at: datetime

    @property
    def x509(self) -> x509.Certificate | None:
        """Return the certificate, read."""
        return x509.Certificate.load(self.certificate) if self.certificate else None


class KnownKeys(Protocol):
    """Where it is told. Raises DatabaseUnavailable."""

    def replace(self, keys: Sequence[KnownKey]) -> None:
        """Tell the keys that there are now; those told before are forgotten."""
        ...

    def all(self) -> list[KnownKey]:
        """Return what was told last, by name."""
        ...


def tell_keys(ring: KeyRing, known: KnownKeys, clock: Clock) -> None:
    """Open every key that needs no person and tell its certificate; called by the sign worker when it starts."""
    known.replace([_look(name, entry, ring, clock()) for name, entry in ring.entries.items()])


def _look(name: str, entry: KeyEntry, ring: KeyRing, now: datetime) -> KnownKey:
    certificate, problem = known_certificate(entry), ""
    if not entry.asks:
        try:
            certificate = ring.key(name).certificate
        except DigitiseError as error:
            problem = f"{error.code}: {error.reason}"
    return KnownKey(name, entry.kind, certificate.dump() if certificate else None, problem, now)


def ending(keys: Sequence[KnownKey], now: datetime, within: timedelta) -> list[str]:
    """Return the names of the keys whose certificate ends within that time."""
    found = ((key.name, key.x509) for key in keys)
    return [name for name, certificate in found if certificate and certificate.not_valid_after - now <= within]
