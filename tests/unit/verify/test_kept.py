"""What a verdict leaves in the registers, and what odd certificates leave of a verdict."""

import hashlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from digitise.bootstrap import Services, compose
from digitise.model.outgoing import NewOutgoing, Outgoing
from digitise.model.people import LOCAL_OPERATOR
from digitise.model.tasks import TaskKind, TaskState
from digitise.model.verdicts import AnswerOrigin, Outcome
from digitise.settings import load
from digitise.verify.chain import build
from digitise.verify.documents import verify_outgoing
from digitise.verify.trust import Purpose, load_folder
from storage.database import migrate
from storage.schema.outgoing import outgoing
from tests import forgeries
from tests.pki import PKI, blank_pdf
from tests.unit.verify.world import HOUR, NOW, YEAR, Given, World
from workers.journeys import JOURNEYS
from workers.lease import Lease


@pytest.fixture(scope="module")
def pki() -> Iterator[PKI]:
    with PKI() as made:
        yield made


@pytest.fixture
def served(tmp_path: Path, pki: PKI) -> Services:
    made = compose(load(data=tmp_path / "data", verify_offline=True))
    migrate(made.database)
    pki.trust_folder(tmp_path / "trust")
    made.trust.add(load_folder(tmp_path / "trust").entries, LOCAL_OPERATOR)
    return made


def issued(served: Services, pdf: bytes, number: int) -> Outgoing:
    """Register a document that was issued elsewhere."""
    from datetime import date

    sha256, _ = served.store.put(BytesIO(pdf), media_type="application/pdf")
    new = NewOutgoing(
        "H53.12", "QĐ", "Về việc", number=number, symbol="QĐ-UBND", issued_on=date(2026, 3, 5), sha256=sha256
    )
    return served.outgoing.add(new, LOCAL_OPERATOR)


def shown(served: Services, document: Outgoing) -> tuple[str | None, bool | None]:
    """Return what reports read in the register: outcome, and whether it has full value."""
    query = select(outgoing.c.verdict, outgoing.c.full_value).where(outgoing.c.id == document.id)
    with served.database.read() as connection:
        outcome, full = connection.execute(query).one()
    return outcome, full


def both(pki: PKI) -> bytes:
    return pki.sign(pki.sign(blank_pdf(), pki.person_an, level="B-LT"), pki.ubnd, level="B-LT", field="Second")


def test_what_was_issued_elsewhere_is_verified_by_its_task(served: Services, pki: PKI) -> None:
    document = issued(served, both(pki), 1)
    (task,) = served.tasks.list(subject=document.id, states=(TaskState.WAITING,))
    assert task.kind is TaskKind.VERIFY
    claim = served.tasks.claim(task.id, "test", 60)
    assert claim is not None
    with Lease(served.tasks, claim, 60) as lease:
        JOURNEYS[task.kind](served, lease)
    assert shown(served, document) == ("valid", True)
    found = served.verdicts.latest_of(outgoing_id=document.id)
    assert found is not None
    kept = found[1]
    assert (kept.sha256, kept.policy) == (document.sha256, "numbering")
    assert served.trust.snapshot(kept.trust_snapshot).snapshot(kept.policy) == kept.trust_snapshot


def test_one_signature_is_not_full_value_and_a_forgery_is_none(served: Services, pki: PKI) -> None:
    alone = issued(served, pki.sign(blank_pdf(), pki.ubnd, level="B-LT"), 2)
    forged = issued(served, forgeries.isa(both(pki)), 3)
    for document, outcome in ((alone, "valid"), (forged, "invalid")):
        assert document.sha256 is not None
        assert verify_outgoing(served, document.id, document.sha256).outcome == outcome
        assert shown(served, document) == (outcome, False)


def test_a_verdict_about_other_bytes_does_not_show_in_the_register(served: Services, pki: PKI) -> None:
    document = issued(served, both(pki), 4)
    other, _ = served.store.put(BytesIO(blank_pdf("other")), media_type="application/pdf")
    verify_outgoing(served, document.id, other)
    assert shown(served, document) == (None, None)


@pytest.mark.parametrize("which", ["signer", "tsa"])
@pytest.mark.parametrize("date", ["not_before", "not_after"])
def test_a_certificate_with_a_month_13_gives_a_verdict(world: World, which: str, date: str) -> None:
    """Found by fuzzing: asn1crypto reads the date only when it is asked for, and then raises."""
    pdf = world.signed("B-T")
    who = world.pki.person_an if which == "signer" else world.pki.tsa
    validity = who.asn1_certificate["tbs_certificate"]["validity"]
    good: bytes = validity[date].chosen.contents
    odd = good[:2] + b"13" + good[4:]
    either = pdf.replace(good.hex().encode(), odd.hex().encode()).replace(
        good.hex().upper().encode(), odd.hex().encode()
    )
    assert either != pdf
    verdict = world.verdict(Given(either))
    assert verdict.outcome in (Outcome.INVALID, Outcome.INDETERMINATE)
    assert len(verdict.signatures) == 1


class TestRememberedPaths:
    """A path that was built once answers again only where building it anew would say the same."""

    def ask(self, world: World, trust: object, moment: object) -> str:
        import asyncio

        loop = asyncio.new_event_loop()
        try:
            who = world.pki.person_an.asn1_certificate
            return build(who, [], trust, Purpose.SIGNING, moment, loop).chain.value  # type: ignore[arg-type]
        finally:
            loop.close()

    def test_it_is_trusted_twice(self, world: World) -> None:
        assert [self.ask(world, world.trust(), NOW + HOUR * n) for n in range(3)] == ["trusted"] * 3

    def test_not_once_the_anchor_is_gone_or_serves_something_else(self, world: World) -> None:
        assert self.ask(world, world.trust(), NOW) == "trusted"
        assert self.ask(world, world.trust(sub=False), NOW) == "incomplete"
        assert self.ask(world, world.only_for(Purpose.TIMESTAMPING), NOW) != "trusted"

    def test_not_outside_the_dates_of_its_certificates(self, world: World) -> None:
        assert self.ask(world, world.trust(), NOW) == "trusted"
        for moment in (NOW - 60 * YEAR, NOW + 60 * YEAR):
            assert self.ask(world, world.trust(), moment) != "trusted"

    def test_not_outside_the_dates_that_the_operator_gave(self, world: World) -> None:
        from dataclasses import replace

        from digitise.verify.trust import TrustSet

        ended = TrustSet(tuple(replace(one, trusted_until=NOW) if one.anchor else one for one in world.trust().entries))
        assert self.ask(world, ended, NOW - HOUR) == "trusted"
        assert self.ask(world, ended, NOW + HOUR) != "trusted"


def test_the_same_bytes_have_the_same_name() -> None:
    """The key of what is remembered is the hash of the encoding, not what a parser makes of it."""
    from digitise.verify.certificates import certificate_of

    der = PKI(NOW).person_an.der
    one = certificate_of(der)
    assert certificate_of(bytes(der)) is one
    assert one.sha256 == hashlib.sha256(der).digest()


def test_a_kept_verdict_brings_the_answers_about_revocation_that_it_relied_on(tmp_path: Path, pki: PKI) -> None:
    asking = compose(load(data=tmp_path / "data", revocation_private_hosts=["127.0.0.1"]))
    migrate(asking.database)
    asking.trust.add(load_folder(pki.trust_folder(tmp_path / "trust")).entries, LOCAL_OPERATOR)
    fetched = issued(asking, pki.sign(blank_pdf(), pki.person_an, level="B-T"), 1)
    assert verify_outgoing(asking, fetched.id, fetched.sha256 or "").outcome is Outcome.VALID
    kept = asking.verdicts.latest_of(outgoing_id=fetched.id)
    assert kept is not None
    answers = list(asking.verdicts.revocation_answers(kept[0]))
    assert {one.origin for one, _ in answers} == {AnswerOrigin.NETWORK}
    assert all(one.url and one.url.startswith(pki.responders.url) for one, _ in answers)
    assert all(data is not None and hashlib.sha256(data).hexdigest() == one.sha256 for one, data in answers)

    complete = issued(asking, both(pki), 2)
    verify_outgoing(asking, complete.id, complete.sha256 or "")
    kept = asking.verdicts.latest_of(outgoing_id=complete.id)
    assert kept is not None
    carried = [(one.origin, data) for one, data in asking.verdicts.revocation_answers(kept[0])]
    assert carried
    assert set(carried) == {(AnswerOrigin.FILE, None)}  # they are in the signed file itself
