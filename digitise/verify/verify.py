"""Any PDF → a verdict, in ten steps (EN 319 102-1 in spirit, TT 15/2025/TT-BKHCN in what it must say).

0 parse safely · 1 list signatures and revisions · 2 integrity and coverage · 3 what changed after each · 4 time: proven or claimed ·
5 chain at that time · 6 revocation at that time · 7 algorithms, key usage · 8 role and completeness · 9 outcome by one table.

Pure computing over the file and what is handed in: no network, no clock of its own. Run it in a limited child (`safely.py`).
"""

import asyncio
from datetime import datetime
from pathlib import Path

from digitise.model.verdicts import (
    Changes,
    Examined,
    Integrity,
    PathsMet,
    ReasonGiven,
    SignatureFinding,
    SignatureRole,
    Verdict,
)
from digitise.verify import dss, roles
from digitise.verify.changes import ChangeJudge, ChangesFound
from digitise.verify.cms import PARSING
from digitise.verify.enumerate import FoundSignature, find_signatures
from digitise.verify.evidence import Held, RevocationSource
from digitise.verify.findings import judge_signature, judge_timestamp
from digitise.verify.integrity import Checked, check
from digitise.verify.policy import DEFAULT, Policy
from digitise.verify.readable import Reading, reading_of
from digitise.verify.reasons import Decision, Reason, decide
from digitise.verify.revocation import RevocationJudge
from digitise.verify.source import Source
from digitise.verify.structure import Structure, open_structure
from digitise.verify.times import Bench, Stamp, each_once, judge_document_timestamps
from digitise.verify.trust import TrustSet


def verify(
    path: Path,
    trust: TrustSet,
    policy: Policy = DEFAULT,
    *,
    at: datetime | None = None,
    revocation: RevocationSource | None = None,
    now: datetime,
    name: str | None = None,
) -> Verdict:
    """Return the verdict about the file at `path`; see `examine`."""
    return examine(path, trust, policy, at=at, revocation=revocation, now=now, name=name).verdict


def examine(
    path: Path,
    trust: TrustSet,
    policy: Policy = DEFAULT,
    *,
    at: datetime | None = None,
    revocation: RevocationSource | None = None,
    now: datetime,
    name: str | None = None,
) -> Examined:
    """Verify a file and draw what changed.

    `at` judges as of another time; `now` is the time of checking; `name` is how the file is called in the verdict. Returns an
    ERROR verdict where the file is no PDF; raises OSError only where it cannot be opened at all.
    """
    source = Source(path)
    loop = asyncio.new_event_loop()
    try:
        structure = open_structure(source)  # step 0
        found, empty = find_signatures(source, structure)  # step 1
        called = name or path.name
        given = (called, source.sha256, policy.name, trust.snapshot(policy.name), now)
        if not found:
            return Examined(_without_signature(source, structure, empty, given))
        checked = [check(source, structure, one) for one in found]  # step 2
        bench = _bench(structure, checked, trust, policy, revocation or Held(offline=True), at or now, loop)
        return _judge_all(source, structure, checked, bench, given)  # steps 3 to 9
    finally:
        loop.close()
        source.close()


def _without_signature(
    source: Source, structure: Structure, empty: int, given: tuple[str, str, str, str, datetime]
) -> Verdict:
    """Unsigned only where the raw bytes hold no /ByteRange; otherwise something was signed that we cannot follow."""
    reasons: list[Reason] = []
    reading = Reading.WHOLE if structure.reader is not None else reading_of(source)
    if reading is Reading.NOT:
        reasons.append(Reason.NOT_A_PDF)
    elif source.ranges or _hidden(structure):
        reasons.append(Reason.SIGNATURE_HIDDEN)
    else:
        reasons.append(Reason.UNSIGNED)
        if reading is Reading.DAMAGED:
            reasons.append(Reason.DAMAGED)
        if empty:
            reasons.append(Reason.FIELD_EMPTY)
    return _verdict(given, decide(ReasonGiven(one.value) for one in reasons), ())


def _hidden(structure: Structure) -> bool:
    from digitise.verify.hidden import hides_byte_range

    return hides_byte_range(structure)


def _verdict(
    given: tuple[str, str, str, str, datetime],
    decision: Decision,
    signatures: tuple[SignatureFinding, ...],
    bench: Bench | None = None,
) -> Verdict:
    called, sha256, policy, snapshot, now = given
    return Verdict(
        called,
        sha256,
        decision.outcome,
        decision.indication,
        decision.sub_indication,
        decision.reasons,
        signatures,
        policy,
        snapshot,
        now,
        bench.revocation.answers_used() if bench is not None else (),
        bench.paths_met() if bench is not None else PathsMet(),
    )


def _bench(
    structure: Structure,
    checked: list[Checked],
    trust: TrustSet,
    policy: Policy,
    source: RevocationSource,
    now: datetime,
    loop: asyncio.AbstractEventLoop,
) -> Bench:
    stored = dss.read(structure)
    judge = RevocationJudge(source, policy, now)
    judge.ocsps = stored.ocsps + [der for one in checked for der in one.container.ocsps]
    judge.crls = stored.crls + [der for one in checked for der in one.container.crls]
    extra = each_once(stored.certificates + [cert for one in checked for cert in one.container.certificates])
    judge.extra = extra
    return Bench(trust, policy, judge, now, extra, loop)


def _judge_all(
    source: Source,
    structure: Structure,
    checked: list[Checked],
    bench: Bench,
    given: tuple[str, str, str, str, datetime],
) -> Examined:
    judge = ChangeJudge(source, structure, checked, bench.policy)
    examined = Examined(_verdict(given, decide(()), ()))
    findings: list[SignatureFinding] = []
    try:
        stamps = judge_document_timestamps([one for one in checked if one.found.is_timestamp], bench)  # step 4
        by_end = {stamp.end: stamp for stamp in stamps}
        for number, one in enumerate(checked):
            changes = judge.judge(one)  # step 3
            if changes.picture is not None:
                examined.pictures[number] = changes.picture
            if one.found.is_timestamp:
                findings.append(judge_timestamp(one, changes, by_end[one.found.end], bench))
            else:
                findings.append(_judge_one(one, changes, stamps, structure, bench))
    finally:
        judge.close()
    decision = _document(findings, checked, bench.policy)  # step 9
    examined.verdict = _verdict(given, decision, tuple(findings), bench)
    examined.answers = bench.revocation.bytes_used()
    return examined


def _judge_one(
    one: Checked, changes: ChangesFound, stamps: list[Stamp], structure: Structure, bench: Bench
) -> SignatureFinding:
    """Judge a signature; a certificate so odd that even reading it fails is as good as none."""
    try:
        return judge_signature(one, changes, stamps, structure, bench)
    except PARSING:
        one.container.signer, one.container.timestamps = None, []
        one.reasons.append(Reason.KEY_UNREADABLE)
        return judge_signature(one, changes, stamps, structure, bench)


def _document(findings: list[SignatureFinding], checked: list[Checked], policy: Policy) -> Decision:
    """The worst signature decides; document timestamps and usage rights are not signatures."""
    counted = [f for f, c in zip(findings, checked, strict=True) if _counts(c.found, f)]
    if not counted:
        rights = any(one.found.usage_rights for one in checked)
        reason = Reason.ONLY_USAGE_RIGHTS if rights else Reason.ONLY_TIMESTAMPS
        given = [
            ReasonGiven(reason.value),
            *(r for f in findings for r in f.reasons if f.changes_after is Changes.SUSPICIOUS),
        ]
        return decide(given, lenient=policy.lenient)
    given = [reason for one in counted for reason in one.reasons]
    given += [ReasonGiven(reason.value) for reason in roles.completeness(counted)]
    stamps = [f for f in findings if f.role is SignatureRole.TIMESTAMP]
    if any(one.integrity is Integrity.BROKEN or one.changes_after is Changes.SUSPICIOUS for one in stamps):
        given.append(ReasonGiven(Reason.TIMESTAMP_BROKEN.value))  # bytes that it covers are not what they were
    return decide(given, lenient=policy.lenient)


def _counts(found: FoundSignature, finding: SignatureFinding) -> bool:
    return finding.role is not SignatureRole.TIMESTAMP and not found.usage_rights
