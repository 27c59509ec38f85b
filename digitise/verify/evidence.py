"""What revocation answers are at hand, and which are asked for. Parsing happens in the child, fetching outside of it."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Want:
    """An answer that verification would like to have: a CRL (`request` None) or an OCSP answer to `request`."""

    url: str
    request: bytes | None = None

    @property
    def key(self) -> str:
        """Name of the answer in a cache."""
        return self.url if self.request is None else f"{self.url}#{hashlib.sha256(self.request).hexdigest()}"


class RevocationSource(Protocol):
    """Gives revocation answers."""

    @property
    def offline(self) -> bool:
        """Say whether nothing may be asked for."""
        ...

    def crls(self) -> list[bytes]:
        """Return the CRLs the operator put into a folder, DER."""
        ...

    def answer(self, want: Want) -> bytes | None:
        """Return the answer, or None where there is none (yet)."""
        ...


@dataclass(slots=True)
class Held:
    """Answers that are held already; what is missing is noted in `wanted`, for somebody who may use the network."""

    answers: dict[str, bytes] = field(default_factory=dict)
    folder_crls: list[bytes] = field(default_factory=list)
    offline: bool = False
    wanted: dict[str, Want] = field(default_factory=dict)

    def crls(self) -> list[bytes]:
        """Return the CRLs of the folder."""
        return self.folder_crls

    def answer(self, want: Want) -> bytes | None:
        """Return what is held; note the rest."""
        if want.key in self.answers:
            return self.answers[want.key]
        if not self.offline:
            self.wanted[want.key] = want
        return None


MAX_CRL_BYTES = 64 << 20  # the largest national CRLs have some 20 MB


def read_crl_folder(folder: Path) -> list[bytes]:
    """Read `*.crl` files, DER or PEM; what is larger than 64 MB or unreadable is left out."""
    from asn1crypto import pem

    found: list[bytes] = []
    for file in sorted(folder.glob("*")) if folder.is_dir() else []:
        if file.suffix.lower() not in (".crl", ".pem", ".der") or file.stat().st_size > MAX_CRL_BYTES:
            continue
        data = file.read_bytes()
        try:
            found += (
                [der for kind, _, der in pem.unarmor(data, multiple=True) if kind == "X509 CRL"]
                if pem.detect(data)
                else [data]
            )
        except ValueError:
            continue
    return found


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer from the network with the time it was fetched, as a cache keeps it."""

    data: bytes
    fetched_at: datetime
