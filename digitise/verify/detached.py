"""Check a detached CMS signature over bytes of our own: seals of audit heads and of evidence bundles. No PDF, no network."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from digitise.model.verdicts import Chain
from digitise.verify import chain, cms
from digitise.verify.evidence import Held
from digitise.verify.policy import DEFAULT
from digitise.verify.reasons import Reason
from digitise.verify.revocation import RevocationJudge, aware
from digitise.verify.roles import signer_of
from digitise.verify.source import hash_bytes
from digitise.verify.times import Bench, Stamp, judge_signature_timestamps
from digitise.verify.trust import Purpose, TrustSet


@dataclass(frozen=True, slots=True)
class Seal:
    """What a detached signature is worth; revocation is not asked about: `sealed` says what was signed, not who may sign now."""

    intact: bool  # it is a signature, and over these very bytes
    chain: Chain = Chain.UNKNOWN
    signer: str | None = None
    organisation: str | None = None
    proven_time: datetime | None = None  # of a timestamp that the trust set confirms
    reasons: tuple[Reason, ...] = ()

    @property
    def sealed(self) -> bool:
        """Say whether somebody whom the operator trusts signed these bytes."""
        return self.intact and self.chain is Chain.TRUSTED

    def as_json(self) -> dict[str, object]:
        """Return what the commands print."""
        return {
            "intact": self.intact,
            "chain": self.chain.value,
            "signer": self.signer,
            "organisation": self.organisation,
            "proven_time": self.proven_time.isoformat() if self.proven_time else None,
        }


def check_seal(content: bytes, der: bytes, trust: TrustSet, now: datetime) -> Seal:
    """Judge a detached CMS over `content` under `trust`; never raises for what is in it."""
    container = cms.read(der, lambda algorithm: hash_bytes(content, algorithm))
    signer = container.signer
    if signer is None:
        return Seal(False, reasons=tuple([*container.problems, Reason.SIGNER_MISSING]))
    loop = asyncio.new_event_loop()
    try:
        bench = Bench(
            trust, DEFAULT, RevocationJudge(Held(offline=True), DEFAULT, now), now, container.certificates, loop
        )
        stamps = judge_signature_timestamps(container, bench, now)
        proven = min((one.moment for one in stamps if one.moment and _confirmed(one)), default=None)
        moment = min(max(proven or now, aware(signer.not_valid_before)), aware(signer.not_valid_after))
        path = bench.path(container, Purpose.SIGNING, moment)
        if not chain.fits_purpose(signer, Purpose.SIGNING):
            path = chain.Path(Chain.UNTRUSTED, path.certificates, [Reason.ISSUER_NOT_TRUSTED])
    except cms.PARSING:
        return Seal(False, reasons=(Reason.KEY_UNREADABLE,))
    finally:
        loop.close()
    who = signer_of(signer)
    broken = [Reason.TIMESTAMP_BROKEN] if any(Reason.TIMESTAMP_BROKEN in one.reasons for one in stamps) else []
    reasons = tuple([*container.problems, *broken, *path.reasons])
    return Seal(container.intact and not broken, path.chain, who.common_name, who.organisation, proven, reasons)


def _confirmed(stamp: Stamp) -> bool:
    """Say whether the trust set confirms a timestamp; whether its authority was revoked meanwhile is not asked."""
    trusted = stamp.path is not None and stamp.path.chain is Chain.TRUSTED
    return trusted and set(stamp.reasons) <= {Reason.TIMESTAMP_UNCHECKED}
