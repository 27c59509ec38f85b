"""Whom the operator trusts, for what and since when; the set has an id, and each verdict names it. No anchor ships with us."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from asn1crypto import cms, pem, x509

from digitise.errors import InvalidValue, NotFound, UnreadableFile
from digitise.model.verdicts import Verdict

MAX_BYTES = 8 << 20  # of one trust file: a national list of sub-CAs has some 200 kB


class Purpose(StrEnum):
    """What an anchor is trusted for."""

    SIGNING = "signing"
    TIMESTAMPING = "timestamping"


BOTH = frozenset(Purpose)


@dataclass(frozen=True, slots=True)
class Trusted:
    """One certificate of the trust set: an anchor, or an intermediate that only helps to build paths."""

    der: bytes
    anchor: bool
    purposes: frozenset[Purpose] = BOTH
    trusted_from: datetime | None = None
    trusted_until: datetime | None = None

    @property
    def sha256(self) -> str:
        """SHA-256 of the certificate, hexadecimal."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate, parsed anew."""
        return x509.Certificate.load(self.der)

    @property
    def subject(self) -> str:
        """The subject as people read it."""
        return str(self.certificate.subject.human_friendly)

    def serves(self, purpose: Purpose, moment: datetime) -> bool:
        """Say whether it is trusted for `purpose` at `moment`."""
        return (
            purpose in self.purposes
            and (self.trusted_from is None or self.trusted_from <= moment)
            and (self.trusted_until is None or moment <= self.trusted_until)
        )


@dataclass(frozen=True, slots=True)
class TrustSet:
    """All certificates installed by the operator."""

    entries: tuple[Trusted, ...] = ()

    def anchors(self, purpose: Purpose, moment: datetime) -> list[x509.Certificate]:
        """Return the anchors that serve `purpose` at `moment`."""
        return [one.certificate for one in self.entries if one.anchor and one.serves(purpose, moment)]

    def intermediates(self) -> list[x509.Certificate]:
        """Return the certificates that only help to build paths."""
        return [one.certificate for one in self.entries if not one.anchor]

    def snapshot(self, policy: str) -> str:
        """Return the id of this set together with a policy: same id, same rules."""
        lines = sorted(
            f"{one.sha256} {one.anchor} {','.join(sorted(one.purposes))} {one.trusted_from} {one.trusted_until}"
            for one in self.entries
        )
        return hashlib.sha256("\n".join([policy, *lines]).encode()).hexdigest()[:16]

    def with_entries(self, more: Iterable[Trusted]) -> "TrustSet":
        """Return this set with `more` added; an entry of the same certificate is replaced."""
        kept = {one.sha256: one for one in self.entries}
        kept.update({one.sha256: one for one in more})
        return TrustSet(tuple(kept.values()))

    def without(self, sha256: str) -> "TrustSet":
        """Return this set without the certificate whose hash begins with `sha256`; raises NotFound, or InvalidValue for a doubtful one."""
        hits = [one for one in self.entries if one.sha256.startswith(sha256.lower())]
        if not hits:
            raise NotFound("certificate", what="certificate", id=sha256)
        if len(hits) > 1:
            raise InvalidValue("ambiguous", name="certificate", value=sha256)
        return TrustSet(tuple(one for one in self.entries if one is not hits[0]))


def name_key(name: x509.Name) -> str:
    """Return a key that two spellings of one distinguished name share (RFC 5280 §7.1)."""
    return hashlib.sha256(name.hashable.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Difference:
    """What two trust sets do not share; a certificate with other purposes or dates is gone from one and new in the other."""

    gone: frozenset[str]  # SHA-256 of certificates
    new: frozenset[str]  # `name_key` of certificates

    @classmethod
    def between(cls, before: TrustSet, after: TrustSet) -> "Difference":
        """Compare two sets."""
        gone = {one.sha256 for one in before.entries if one not in after.entries}
        new = [one.certificate for one in after.entries if one not in before.entries]
        names = {name_key(one.subject) for one in new}
        return cls(frozenset(gone), frozenset(names))

    def touches(self, verdict: Verdict) -> bool:
        """Say whether a verdict could be another under the second set: a path of it lost a certificate, or may be completed by one."""
        if verdict.paths is None:
            return True
        return bool(self.gone.intersection(verdict.paths.relied_on) or self.new.intersection(verdict.paths.sought))


def read_certificates(data: bytes, name: str = "") -> list[x509.Certificate]:
    """Read PEM (any number), DER or PKCS#7 certificates. Raises UnreadableFile."""
    try:
        found = list(_read(data))
        for one in found:
            _ = one.subject.native, one.issuer.native, one.not_valid_after
    except (ValueError, TypeError, KeyError, AttributeError) as e:
        raise UnreadableFile("certificate", file=name or None) from e
    if not found:
        raise UnreadableFile("certificate", file=name or None)
    return found


def _read(data: bytes) -> Iterator[x509.Certificate]:
    if pem.detect(data):
        for kind, _, der in pem.unarmor(data, multiple=True):
            if kind in ("CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE"):
                yield x509.Certificate.load(der, strict=True)
            elif kind in ("PKCS7", "CMS"):
                yield from _bundle(der)
        return
    try:
        certificate = x509.Certificate.load(data, strict=True)
        certificate["tbs_certificate"]["subject"].native  # noqa: B018 - a PKCS#7 fails here
        yield certificate
    except (ValueError, TypeError, KeyError):
        yield from _bundle(data)


def _bundle(der: bytes) -> Iterator[x509.Certificate]:
    for choice in cms.ContentInfo.load(der)["content"]["certificates"]:
        if choice.name == "certificate":
            yield x509.Certificate.load(choice.chosen.dump())


def entry_of(
    certificate: x509.Certificate, *, anchor: bool | None = None, purposes: frozenset[Purpose] = BOTH
) -> Trusted:
    """Make an entry; unless told, a self-issued certificate is an anchor and any other an intermediate."""
    is_anchor = certificate.self_issued if anchor is None else anchor
    return Trusted(certificate.dump(), bool(is_anchor), purposes)


def load_folder(folder: Path) -> TrustSet:
    """Read every file of a folder (or one file) as `digitise verify --trust` takes it. Raises NotFound, UnreadableFile."""
    if not folder.exists():
        raise NotFound("folder", what="folder", id=str(folder))
    files = [folder] if folder.is_file() else sorted(one for one in folder.iterdir() if one.is_file())
    entries: list[Trusted] = []
    for file in files:
        if (
            file.name.startswith(".")
            or file.stat().st_size > MAX_BYTES
            or file.suffix.lower() in (".crl", ".txt", ".md")
        ):
            continue
        entries += [entry_of(one) for one in read_certificates(file.read_bytes(), str(file))]
    return TrustSet().with_entries(entries)
