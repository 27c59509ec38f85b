"""What both verifiers are asked: every file of the labelled corpus, and every case of our own table."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from asn1crypto import x509

from digitise.verify import cms
from digitise.verify.enumerate import find_signatures
from digitise.verify.integrity import Checked, check
from digitise.verify.revocation import aware
from digitise.verify.source import Source
from digitise.verify.structure import open_structure
from digitise.verify.trust import TrustSet, entry_of
from tests.bench.dss.beside import Question

HOUR = timedelta(hours=1)


def corpus_questions(corpus: Path) -> list[Question]:
    """Return the files of a corpus, each with its own signers and time-stamping authorities trusted, at a time when they held.

    What is then said is about the file, not about its issuer or its age.
    """
    return [_about(file) for file in sorted((corpus / "files").glob("*.pdf"))]


def _about(file: Path) -> Question:
    source = Source(file)
    try:
        structure = open_structure(source)
        checked = [check(source, structure, one) for one in find_signatures(source, structure)[0]]
    finally:
        source.close()
    signers = [one.container.signer for one in checked if one.container.signer is not None]
    stampers = [one.signer for one in _tokens(checked) if one.signer is not None]
    trust = TrustSet().with_entries(entry_of(one, anchor=True) for one in [*signers, *stampers])
    return Question(file.name, file, trust, (), _moment(checked, signers), "claimed-time")


def _tokens(checked: list[Checked]) -> Iterator[cms.Container]:
    for one in checked:
        for token in one.container.timestamps:
            yield cms.read(token, lambda _: b"", one.container.certificates, kind="timestamp")


def _moment(checked: list[Checked], signers: list[x509.Certificate]) -> datetime:
    """Return a time after all that is claimed and stamped; where nothing is, before the first certificate ends."""
    now = datetime.now(UTC)
    claimed = [one.container.claimed_time or one.found.written_at for one in checked]
    tokens = [one.container.tst for one in checked] + [token.tst for token in _tokens(checked)]
    stamped = [aware(one["gen_time"].native) for one in tokens if one is not None]
    after = max([one for one in [*claimed, *stamped] if one is not None and one < now], default=None)
    if after is not None:
        return min(now, after + HOUR)
    return min([aware(one.not_valid_after) - HOUR for one in signers], default=now)


def table_questions(room: Path) -> list[Question]:
    """Write every case of our table as a file; each is asked about with the case's own trust, CRLs, time and policy."""
    from tests.pki import PKI
    from tests.unit.verify.cases import CASES
    from tests.unit.verify.world import NOW, World

    questions = []
    with PKI(NOW) as pki:
        world = World(pki, room)
        for name, (make, _, _) in CASES.items():
            given = make(world)
            file = room / f"{''.join(c if c.isalnum() else '_' for c in name)}.pdf"
            file.write_bytes(given.pdf)
            trust = world.trust() if given.trust is None else given.trust
            crls = world.crls() if given.crls is None else given.crls
            questions.append(Question(f"table: {name}", file, trust, tuple(crls), given.now, given.policy))
    return questions
