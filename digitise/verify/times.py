"""Step 4: when was it signed, proven by a trusted timestamp or only claimed by the signer?

Document timestamps protect each other: the newest is judged now, an older one at the time the newer one proves (EN 319 102-1 §5.6).
"""

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import x509

from digitise.model.verdicts import Chain, PathsMet
from digitise.verify import algorithms, chain, cms
from digitise.verify.integrity import Checked
from digitise.verify.keys import NotSupported
from digitise.verify.policy import Policy
from digitise.verify.reasons import Reason
from digitise.verify.revocation import RevocationJudge, Status, aware
from digitise.verify.source import hash_bytes
from digitise.verify.trust import Purpose, TrustSet, name_key

SEVEN_HOURS = timedelta(hours=7)  # Việt Nam's offset: local time is often written as if it were UTC
SLACK = timedelta(minutes=30)  # around the seven hours: signing and stamping are not one moment


@dataclass(slots=True)
class Stamp:
    """One timestamp, judged."""

    moment: datetime | None  # genTime
    trusted: bool
    reasons: list[Reason] = field(default_factory=list)
    by: str | None = None
    path: chain.Path | None = None
    container: cms.Container | None = None
    end: int = 0  # of a document timestamp: what lies before is proven to have existed
    revocation: Status = Status.NOT_CHECKED


@dataclass(slots=True)
class Bench:
    """What judging needs: the trust set, the policy, answers about revocation, the time of checking."""

    trust: TrustSet
    policy: Policy
    revocation: RevocationJudge
    now: datetime
    extra: list[x509.Certificate]  # of the whole file, each once
    loop: Any
    paths: dict[tuple[bytes, Purpose, datetime], chain.Path] = field(default_factory=dict)

    def path(self, container: cms.Container, purpose: Purpose, moment: datetime) -> chain.Path:
        """Return the path of a container's signer at `moment`; the same question is answered once."""
        assert container.signer is not None
        key = (container.signer.sha256, purpose, moment)
        if key not in self.paths:
            pool = each_once([*self.extra, *container.certificates])
            self.paths[key] = chain.build(container.signer, pool, self.trust, purpose, moment, self.loop)
        return self.paths[key]

    def paths_met(self) -> PathsMet:
        """Return what the paths that were built hang on, and what those that lead nowhere lack."""
        relied_on: set[str] = set()
        sought: set[str] = set()
        for one in self.paths.values():
            if one.chain is Chain.TRUSTED:
                relied_on |= {certificate.sha256.hex() for certificate in one.certificates}
            else:
                leaf = one.certificates[:1]
                names = [certificate.issuer for certificate in one.certificates] + [one.subject for one in leaf]
                sought |= {name_key(name) for name in names}
        return PathsMet(tuple(sorted(relied_on)), tuple(sorted(sought)))


def each_once(certificates: list[x509.Certificate]) -> list[x509.Certificate]:
    """Return the certificates without repetitions; the store and the signatures bring the same ones along."""
    return list({one.sha256: one for one in certificates}.values())


def judge_document_timestamps(stamps: list[Checked], bench: Bench) -> list[Stamp]:
    """Judge document timestamps, newest first; the result is in the order of the file."""
    judged: list[Stamp] = []
    moment = bench.now
    for checked in sorted(stamps, key=lambda one: one.found.end, reverse=True):
        stamp = _judge_or_distrust(checked.container, bench, moment)
        stamp.end = checked.found.end
        if not checked.sound:
            stamp.trusted, stamp.reasons = False, [Reason.TIMESTAMP_BROKEN]
        judged.append(stamp)
        if stamp.trusted and stamp.moment is not None:
            moment = min(moment, stamp.moment)
    return list(reversed(judged))


def proven_before(end: int, stamps: list[Stamp], now: datetime) -> datetime:
    """Return the earliest time at which everything up to byte `end` is proven to have existed; `now` where nothing is proven."""
    times = [one.moment for one in stamps if one.trusted and one.moment is not None and one.end > end]
    return min([*times, now])


def judge_signature_timestamps(container: cms.Container, bench: Bench, moment: datetime) -> list[Stamp]:
    """Judge the timestamps inside a signature container; they cover its signature value (RFC 3161, CAdES)."""

    def digest(algorithm: str) -> bytes:
        return hash_bytes(container.signature, algorithm)

    installed = [
        one.certificate for one in bench.trust.entries
    ]  # an authority may leave its certificate out of its tokens
    found = []
    for token in container.timestamps:
        inner = cms.read(token, digest, [*container.certificates, *bench.extra, *installed], kind="timestamp")
        found.append(_judge_or_distrust(inner, bench, moment))
    return found


def _judge_or_distrust(container: cms.Container, bench: Bench, moment: datetime) -> Stamp:
    """Judge a token; one so odd that even reading it fails proves nothing."""
    try:
        return _judge(container, bench, moment)
    except cms.PARSING:
        return Stamp(None, False, [Reason.TIMESTAMP_BROKEN], container=container)


def _judge(container: cms.Container, bench: Bench, moment: datetime) -> Stamp:
    """Judge one token at `moment`, the time at which it is known to have existed."""
    said = _said(container)
    stamp = Stamp(said, False, container=container)
    if container.signer is None and container.problems == [Reason.SIGNER_MISSING]:
        stamp.reasons.append(Reason.TIMESTAMP_UNTRUSTED)  # nothing is wrong with it, but nobody can say whose it is
        return stamp
    if not container.intact or container.signer is None or said is None:
        stamp.reasons.append(Reason.TIMESTAMP_BROKEN)
        return stamp
    stamp.by = _name(container.signer)
    if said > bench.now + bench.policy.clock_skew:
        stamp.reasons.append(Reason.TIMESTAMP_FUTURE)
        return stamp
    signer = container.signer
    weak = algorithms.judge(container, bench.policy, moment)
    if Reason.DIGEST_WEAK in weak or Reason.KEY_WEAK in weak:
        stamp.reasons.append(Reason.TIMESTAMP_UNTRUSTED)
        return stamp
    inside = signer.not_valid_before <= said <= signer.not_valid_after and moment <= signer.not_valid_after
    stamp.path = bench.path(container, Purpose.TIMESTAMPING, said)
    if not inside or stamp.path.chain is not Chain.TRUSTED or not chain.fits_purpose(signer, Purpose.TIMESTAMPING):
        stamp.reasons.append(Reason.TIMESTAMP_UNTRUSTED)
        return stamp
    _revocation(stamp, bench, moment)
    return stamp


def _revocation(stamp: Stamp, bench: Bench, moment: datetime) -> None:
    assert stamp.path is not None
    links = stamp.path.certificates
    for certificate, issuer in itertools.pairwise(links):
        at = min(moment, aware(certificate.not_valid_after))
        found = bench.revocation.judge(certificate, issuer, at)
        stamp.revocation = found.status
        if found.status is Status.REVOKED and found.since is not None and found.since <= at:
            stamp.reasons.append(Reason.TIMESTAMP_UNTRUSTED)
            return
        if found.status not in (Status.GOOD, Status.REVOKED):
            stamp.reasons.append(Reason.TIMESTAMP_UNCHECKED)
            stamp.trusted = not bench.policy.check_timestamp_revocation
            return
    stamp.trusted = True


def _said(container: cms.Container) -> datetime | None:
    if container.tst is None:
        return None
    try:
        moment = container.tst["gen_time"].native
    except cms.PARSING:
        return None
    return aware(moment) if isinstance(moment, datetime) else None


def _name(certificate: x509.Certificate) -> str:
    try:
        return str(certificate.subject.native.get("common_name") or certificate.subject.human_friendly)
    except (*cms.PARSING, NotSupported):
        return "?"


def notes_on_claim(claimed: datetime | None, proven: datetime | None, bench: Bench) -> list[Reason]:
    """Compare what the signer claimed with what is proven; the claim is never shifted."""
    if claimed is None:
        return []
    if proven is not None:
        ahead = claimed - proven
        if abs(ahead - SEVEN_HOURS) <= SLACK:
            return [Reason.SEVEN_HOURS]
        return [Reason.CLAIMED_AFTER_PROVEN] if ahead > bench.policy.clock_skew else []
    ahead = claimed - bench.now
    if ahead > bench.policy.clock_skew:
        return [Reason.SEVEN_HOURS] if ahead <= SEVEN_HOURS + SLACK else [Reason.CLAIMED_IN_FUTURE]
    return []
