"""Steps 4 to 9 for one signature: time, chain, revocation, algorithms, role, and the table."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import x509

from digitise.model.verdicts import (
    CertificateFacts,
    Chain,
    Changes,
    Coverage,
    Integrity,
    Level,
    ReasonGiven,
    Revocation,
    SignatureFinding,
    SignatureRole,
    Signer,
)
from digitise.verify import algorithms, chain, roles, times
from digitise.verify.changes import ChangesFound
from digitise.verify.cms import PARSING
from digitise.verify.integrity import Checked
from digitise.verify.reasons import Reason, decide
from digitise.verify.revocation import Status, aware
from digitise.verify.structure import Structure
from digitise.verify.times import Bench, Stamp
from digitise.verify.trust import Purpose


@dataclass(slots=True)
class Work:
    """What is gathered about one signature while it is judged."""

    reasons: list[ReasonGiven] = field(default_factory=list)
    claimed: datetime | None = None
    proven: datetime | None = None
    proven_by: str | None = None
    path: chain.Path = field(default_factory=lambda: chain.Path(Chain.UNKNOWN))
    revocation: Revocation = Revocation.NOT_CHECKED
    age: int | None = None
    role: SignatureRole = SignatureRole.UNKNOWN
    level: Level = Level.NONE

    def say(self, reason: Reason, **details: Any) -> None:
        """Add a reason."""
        self.reasons.append(ReasonGiven(reason.value, details))


def judge_signature(
    checked: Checked, changes: ChangesFound, stamps: list[Stamp], structure: Structure, bench: Bench
) -> SignatureFinding:
    """Judge a signature that is no document timestamp."""
    work = Work()
    _bytes(work, checked, changes, structure)
    _time(work, checked, stamps, bench)
    moment = work.proven or bench.now
    signer = checked.container.signer
    if signer is not None:
        _certificate(work, signer, checked, bench, moment)
        work.role = roles.role_of(signer, bench.policy.roles, checked.found.reason)
        if work.role is SignatureRole.UNKNOWN:
            work.say(Reason.ROLE_UNKNOWN)
    for reason in algorithms.judge(checked.container, bench.policy, moment):
        work.say(reason, digest=checked.container.digest, bits=_bits(checked))
    work.level = _level(work, checked, stamps, bench)
    return _finding(work, checked, changes, bench)


def judge_timestamp(checked: Checked, changes: ChangesFound, stamp: Stamp, bench: Bench) -> SignatureFinding:
    """Judge a document timestamp; it is listed, and counts for times, not for the outcome of the file."""
    work = Work(role=SignatureRole.TIMESTAMP, claimed=stamp.moment, proven_by=stamp.by)
    _bytes(work, checked, changes, None)
    if stamp.path is not None:
        work.path = stamp.path
    if stamp.trusted:
        work.proven = stamp.moment
    work.revocation = _REVOCATION.get(stamp.revocation, Revocation.UNKNOWN)
    for reason in stamp.reasons:
        work.say(reason, by=stamp.by or "")
    return _finding(work, checked, changes, bench)


def _bytes(work: Work, checked: Checked, changes: ChangesFound, structure: Structure | None) -> None:
    """Steps 2 and 3."""
    for reason in checked.reasons:
        work.say(reason)
    for reason in changes.reasons:
        work.say(reason, **changes.details)
    found = checked.found
    if not found.names and not found.usage_rights and structure is not None:
        work.say(Reason.FORM_REMOVED)
    ambiguous = structure is not None and (structure.hybrid or structure.lenient or structure.reader is None)
    if ambiguous and checked.coverage is not Coverage.WHOLE_FILE:
        # two cross-reference tables may disagree about what came after; where every byte is signed they may say what they like
        work.say(Reason.STRUCTURE_AMBIGUOUS)


def _time(work: Work, checked: Checked, stamps: list[Stamp], bench: Bench) -> None:
    """Step 4."""
    container, found = checked.container, checked.found
    work.claimed = container.claimed_time or found.written_at
    outer = times.proven_before(found.end, stamps, bench.now)
    inner = times.judge_signature_timestamps(container, bench, outer)
    trusted = [one for one in inner if one.trusted and one.moment is not None]
    covering = [one for one in stamps if one.trusted and one.moment is not None and one.end > found.end]
    proofs = [one for one in [*trusted, *covering] if one.moment is not None]
    if proofs:
        best = min(proofs, key=lambda one: one.moment or bench.now)
        work.proven, work.proven_by = best.moment, best.by
    else:
        for stamp in [*inner, *(one for one in stamps if one.end > found.end)]:
            for reason in stamp.reasons:
                work.say(reason, by=stamp.by or "")
        work.say(Reason.TIME_ONLY_CLAIMED if work.claimed else Reason.TIME_MISSING, claimed=work.claimed)
    for reason in times.notes_on_claim(work.claimed, work.proven, bench):
        work.say(reason, claimed=work.claimed, proven=work.proven)


def _certificate(work: Work, signer: x509.Certificate, checked: Checked, bench: Bench, moment: datetime) -> None:
    """Steps 5 and 6: the path and the status, at the proven time or else now."""
    begins, ends = aware(signer.not_valid_before), aware(signer.not_valid_after)
    at = min(max(moment, begins), ends)  # the path is judged while the certificate held; its dates are judged apart
    work.path = bench.path(checked.container, Purpose.SIGNING, at)
    issuer = _issuer(signer)
    for reason in work.path.reasons:
        work.say(reason, issuer=issuer or "")
    if work.path.chain is not Chain.TRUSTED:
        # nobody we trust vouches for this certificate, so nothing that it says can make the signature invalid
        if moment > ends:
            work.say(Reason.EXPIRED_UNPROVEN, ends=ends)
        return
    _dates(work, begins, ends, moment)
    if not chain.fits_purpose(signer, Purpose.SIGNING):
        work.say(Reason.PURPOSE_WRONG)
    _revocation(work, bench, moment)


def _dates(work: Work, begins: datetime, ends: datetime, moment: datetime) -> None:
    if moment < begins:
        work.say(Reason.NOT_YET_VALID, begins=begins)
    if moment <= ends:
        return
    if work.proven is not None and work.claimed is not None and work.claimed <= ends:
        work.say(Reason.EXPIRED_UNPROVEN, ends=ends)  # stamped too late to prove what is claimed
    elif work.claimed is not None and work.claimed > ends:
        work.say(Reason.EXPIRED_BEFORE_SIGNING, ends=ends, claimed=work.claimed)
    else:
        work.say(Reason.EXPIRED_UNPROVEN, ends=ends)


_REVOCATION = {
    Status.GOOD: Revocation.GOOD,
    Status.REVOKED: Revocation.REVOKED,
    Status.ON_HOLD: Revocation.REVOKED,
    Status.STALE: Revocation.UNKNOWN,
    Status.UNKNOWN: Revocation.UNKNOWN,
    Status.NOT_CHECKED: Revocation.NOT_CHECKED,
}
_OPEN = {
    Status.STALE: Reason.REVOCATION_STALE,
    Status.UNKNOWN: Reason.REVOCATION_UNKNOWN,
    Status.NOT_CHECKED: Reason.REVOCATION_NOT_CHECKED,
}


def _revocation(work: Work, bench: Bench, moment: datetime) -> None:
    """Judge each certificate of the path but the anchor; the leaf names the status, an issuer can only spoil it."""
    links = work.path.certificates
    work.revocation = Revocation.GOOD
    for place, (certificate, issuer) in enumerate(itertools.pairwise(links)):
        ends = aware(certificate.not_valid_after)
        found = bench.revocation.judge(certificate, issuer, min(moment, ends))
        if found.answered_at is not None:
            age = int((bench.now - aware(found.answered_at)).total_seconds())
            work.age = max(work.age or 0, age)
        subject = _subject(certificate)
        if found.status in _OPEN:
            work.say(_OPEN[found.status], subject=subject, answered_at=found.answered_at)
            if work.revocation is Revocation.GOOD:
                work.revocation = _REVOCATION[found.status]
        elif found.status is Status.ON_HOLD:
            work.say(Reason.ON_HOLD, since=found.since)
            work.revocation = Revocation.REVOKED
        elif found.status is Status.REVOKED:
            _revoked(work, found.since, moment, place, subject)


def _revoked(work: Work, since: datetime | None, moment: datetime, place: int, subject: str) -> None:
    if since is not None and work.proven is not None and aware(since) > moment:
        work.say(Reason.REVOKED_AFTER_SIGNING, since=since, proven=work.proven)
        return
    work.revocation = Revocation.REVOKED
    if place > 0:
        work.say(Reason.CA_REVOKED, since=since, subject=subject)
    elif since is not None and work.claimed is not None and work.claimed >= aware(since):
        work.say(Reason.REVOKED_BEFORE_SIGNING, since=since, claimed=work.claimed)
    else:
        work.say(Reason.REVOKED_UNPROVEN, since=since)


def _level(work: Work, checked: Checked, stamps: list[Stamp], bench: Bench) -> Level:
    """Which PAdES level the parts make up; whether they are good is judged elsewhere."""
    container = checked.container
    if checked.integrity is Integrity.BROKEN:
        return Level.NONE
    later = [one for one in stamps if one.end > checked.found.end]
    if not container.timestamps and not later:
        return Level.B
    revocation = bench.revocation
    if not (revocation.ocsps or revocation.crls):
        return Level.T
    if not _has_own_data(work, bench):
        return Level.T
    return Level.LTA if later else Level.LT


def _has_own_data(work: Work, bench: Bench) -> bool:
    links = work.path.certificates
    if len(links) < 2:
        return bool(bench.revocation.ocsps or bench.revocation.crls)
    return bench.revocation.has_embedded(links[0], links[1])


def _bits(checked: Checked) -> int | None:
    return checked.container.key.bits if checked.container.key else None


def _finding(work: Work, checked: Checked, changes: ChangesFound, bench: Bench) -> SignatureFinding:
    """Step 9 for one signature."""
    container, found = checked.container, checked.found
    decision = decide(work.reasons, lenient=bench.policy.lenient)
    signer = container.signer
    assert decision.indication is not None
    return SignatureFinding(
        field=found.names[0] if found.names else None,
        role=work.role,
        signer=roles.signer_of(signer) if signer is not None else Signer(),
        issuer=_issuer(signer) if signer is not None else None,
        certificate=_facts(signer) if signer is not None else None,
        claimed_time=work.claimed,
        proven_time=work.proven,
        integrity=checked.integrity,
        coverage=checked.coverage,
        changes_after=changes.verdict if checked.coverage is not Coverage.WHOLE_FILE else Changes.NONE,
        chain=work.path.chain,
        revocation=work.revocation,
        level=work.level,
        digest_algorithm=container.digest,
        signature_algorithm=container.mechanism.name if container.mechanism else None,
        outcome=decision.outcome,
        indication=decision.indication,
        sub_indication=decision.sub_indication,
        reasons=decision.reasons,
        change_class=changes.kind,
        revision=checked.revision + 1 if checked.revision is not None else None,
        covered_bytes=found.end,
        timestamp_by=work.proven_by,
        revocation_age_seconds=work.age,
        key_bits=_bits(checked),
    )


def _facts(certificate: x509.Certificate) -> CertificateFacts:
    return CertificateFacts(
        f"{certificate.serial_number:x}",
        certificate.sha256.hex(),
        aware(certificate.not_valid_before),
        aware(certificate.not_valid_after),
    )


def _issuer(certificate: x509.Certificate) -> str | None:
    try:
        return str(certificate.issuer.native.get("common_name") or certificate.issuer.human_friendly)
    except PARSING:
        return None


def _subject(certificate: x509.Certificate) -> str:
    try:
        return str(certificate.subject.native.get("common_name") or certificate.subject.human_friendly)
    except PARSING:
        return "?"
