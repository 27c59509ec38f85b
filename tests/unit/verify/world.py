"""The stage of the table of verdicts: one PKI at a fixed time, signed bases made once, and what a case hands to the verifier."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digitise.model.verdicts import Verdict
from digitise.verify.evidence import Held
from digitise.verify.policy import named
from digitise.verify.trust import BOTH, Purpose, TrustSet, entry_of
from digitise.verify.verify import verify
from tests import forgeries
from tests.pki import PKI, Authority, Identity, blank_pdf

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HOUR, DAY, YEAR = timedelta(hours=1), timedelta(days=1), timedelta(days=365)


@dataclass(slots=True)
class Given:
    """What the verifier gets: the file, and how it is asked. CRLs of root and sub-CA are at hand unless told otherwise."""

    pdf: bytes
    policy: str = "default"
    trust: TrustSet | None = None
    crls: list[bytes] | None = None
    now: datetime = NOW


@dataclass(slots=True)
class World:
    """A PKI and the files signed with it."""

    pki: PKI
    folder: Path
    kept: dict[str, bytes] = field(default_factory=dict)

    def once(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Make a base once a session."""
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]

    @property
    def blank(self) -> bytes:
        """An unsigned page."""
        return self.once("blank", blank_pdf)

    @property
    def form(self) -> bytes:
        """An unsigned page with a text field."""
        return self.once("form", lambda: forgeries.with_text_field(self.blank))

    def signed(self, level: str = "B-T") -> bytes:
        """The blank page signed by the person."""
        return self.once(f"signed {level}", lambda: self.sign(self.blank, level=level))

    def sign(
        self, pdf: bytes, who: Identity | None = None, *, level: str = "B-T", at: datetime | None = None, **more: object
    ) -> bytes:
        """Sign one hour before NOW unless told otherwise."""
        return self.pki.sign(pdf, who or self.pki.person_an, level=level, at=at or NOW - HOUR, **more)

    def trust(self, *more: Identity, sub: bool = True) -> TrustSet:
        """The root, the sub-CA, and what else."""
        certificates = [self.pki.root.identity, *([self.pki.sub.identity] if sub else []), *more]
        return TrustSet().with_entries(entry_of(one.asn1_certificate) for one in certificates)

    def crls(self, at: datetime = NOW, *more: Authority) -> list[bytes]:
        """CRLs as published at a time."""
        return [authority.crl(at) for authority in (self.pki.root, self.pki.sub, *more)]

    def person(self, **more: object) -> Identity:
        """Another person's certificate."""
        return self.pki.person("Trần Thị Bình", "001185004321", **more)

    def only_for(self, purpose: Purpose) -> TrustSet:
        """The set, trusted for one purpose only."""
        held = self.trust()
        return TrustSet(
            tuple(replace(one, purposes=frozenset({purpose}) if one.anchor else BOTH) for one in held.entries)
        )

    def verdict(self, given: Given) -> Verdict:
        """Verify what a case gives."""
        path = self.folder / f"{abs(hash(given.pdf))}.pdf"
        path.write_bytes(given.pdf)
        held = Held(folder_crls=self.crls() if given.crls is None else given.crls, offline=True)
        trust = self.trust() if given.trust is None else given.trust
        return verify(path, trust, named(given.policy), revocation=held, now=given.now)
