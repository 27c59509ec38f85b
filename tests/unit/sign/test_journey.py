"""The journey: intent, checks, one signed document whatever happens, nothing without authority."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from digitise.errors import (
    Conflict,
    LeaseLost,
    NotAllowed,
    SigningRefused,
)
from digitise.model.outgoing import NewOutgoing, OutgoingState
from digitise.model.people import Actor, Role
from digitise.model.tasks import NewTask, TaskKind, TaskState
from digitise.sign import sign as journey
from digitise.sign.authorise import confirm, confirm_batch, number_taken, recall
from digitise.sign.batch import sign_batch
from digitise.sign.profiles import Level, Look
from digitise.sign.register import Numbered
from digitise.sign.signature import Tools
from digitise.sign.work import sign_claim
from tests.pki import PKI, blank_pdf
from tests.unit.sign.room import Office, office

SIGNER = Actor("van-thu", frozenset({Role.SIGNER}), "H53.12")
CLERK = Actor("mot-cua", frozenset({Role.CLERK}))


@pytest.fixture
def place(tmp_path: Path, tools: Tools) -> Office:
    return office(tmp_path, tools)


def test_a_confirmed_document_is_signed_verified_and_recorded(place: Office) -> None:
    document = place.add()
    place.confirm(document)
    claim = place.claim(document)
    assert sign_claim(claim, place.room) == []
    after = place.register.get(document.id)
    assert after.state == OutgoingState.SIGNED
    assert after.verdict == "indeterminate"  # B-B: no proof of time
    assert after.signed_sha256 is not None
    assert place.store.exists(after.signed_sha256)
    moves = [entry["action"] for entry in place.register.history(document.id)]
    assert moves == ["outgoing.added", "outgoing.confirmed", "outgoing.signed"]


def test_nothing_is_signed_without_confirmation(place: Office) -> None:
    document = place.add()
    forged = NewTask(TaskKind.SIGN, document.id, "forged", {"intent": "0" * 26})
    (task_id,) = place.tasks.promise([forged])
    claim = place.tasks.claim(task_id, "worker", 60)
    assert claim is not None
    with pytest.raises(Exception, match="intent"):
        sign_claim(claim, place.room)
    assert place.signed_objects() == 0


def test_a_task_for_another_document_signs_nothing(place: Office) -> None:
    document, other = place.add("one"), place.add("two")
    intent = place.confirm(document)
    (task_id,) = place.tasks.promise([NewTask(TaskKind.SIGN, other.id, "forged", {"intent": intent})])
    claim = place.tasks.claim(task_id, "worker", 60)
    assert claim is not None
    with pytest.raises(Conflict, match="forged"):
        sign_claim(claim, place.room)
    assert place.signed_objects() == 0


def test_an_intent_whose_hash_was_exchanged_signs_nothing(place: Office) -> None:
    """Somebody with write access to the store's directory or the row: the bytes decide."""
    document, other = place.add("one"), place.add("two")
    place.confirm(document)
    assert document.sha256 is not None
    assert other.sha256 is not None
    real = place.store.as_file
    place.room.store = _Swapping(place.store, document.sha256, other.sha256)  # type: ignore[assignment]
    sign_claim(place.claim(document), place.room)
    assert place.register.get(document.id).state == OutgoingState.FAILED
    assert "other_bytes" in (place.register.get(document.id).error or "")
    assert place.signed_objects() == 0
    assert place.store.as_file == real


class _Swapping:
    """A store that hands out other bytes than were asked for."""

    def __init__(self, store: object, wanted: str, given: str) -> None:
        self._store, self._wanted, self._given = store, wanted, given

    def as_file(self, sha256: str) -> object:
        return self._store.as_file(self._given if sha256 == self._wanted else sha256)  # type: ignore[attr-defined]

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def test_only_a_signer_of_the_unit_confirms(place: Office) -> None:
    document = place.add()
    profiles = place.room.tools.profiles
    foreign = replace(SIGNER, unit="H99")
    for actor in (CLERK, foreign):
        with pytest.raises(NotAllowed):
            confirm(document.id, "plain", actor, place.register, place.intents, profiles)
    assert confirm(document.id, "plain", SIGNER, place.register, place.intents, profiles).authorised_by == "van-thu"


def test_signing_twice_gives_one_signature(place: Office) -> None:
    document = place.add()
    intent = place.confirm(document)
    assert place.confirm(document) == intent
    claim = place.claim(document)
    sign_claim(claim, place.room)
    first = place.register.get(document.id)
    sign_claim(claim, place.room)
    assert place.register.get(document.id) == first
    assert place.confirm(first) == intent  # the same profile over its own result says nothing new
    assert place.signed_objects() == 1


@pytest.mark.parametrize("moment", ["begin", "reserve", "put_all", "finish"])
def test_killed_anywhere_and_run_again_there_is_one(
    place: Office, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = place.add()
    place.confirm(document)
    claim = place.claim(document)

    class Killed(BaseException):
        pass

    real = place.store if moment == "put_all" else place.intents
    called = getattr(real, moment)

    def die(*args: object, **kwargs: object) -> object:
        if moment == "put_all":
            called(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(real, moment, die)
    with pytest.raises(Killed):
        sign_claim(claim, place.room)
    monkeypatch.undo()
    sign_claim(claim, place.room)
    assert place.register.get(document.id).state == OutgoingState.SIGNED
    assert place.signed_objects() == 1


def test_an_older_worker_that_wakes_up_changes_nothing(place: Office) -> None:
    document = place.add()
    intent = place.confirm(document)
    journey.sign_intent(intent, 7, place.room)
    with pytest.raises(LeaseLost):
        journey.sign_intent(intent, 6, place.room)
    assert place.signed_objects() == 1


def test_a_recalled_document_is_not_signed_any_more(place: Office) -> None:
    document = place.add()
    place.confirm(document)
    claim = place.claim(document)
    recall(document.id, "ban hành nhầm", SIGNER, place.register)
    sign_claim(claim, place.room)
    assert place.register.get(document.id).state == OutgoingState.RECALLED
    assert place.signed_objects() == 0


def test_nor_is_one_that_was_signed_before_it_was_recalled(place: Office) -> None:
    document = place.add()
    place.confirm(document)
    sign_claim(place.claim(document), place.room)
    signed = place.register.get(document.id)
    recall(document.id, "ban hành nhầm", SIGNER, place.register)
    with pytest.raises(Conflict, match="outgoing_recalled"):
        place.confirm(signed)


def test_numbers_are_given_in_turn_and_never_twice(place: Office) -> None:
    place.room.tools.profiles["issue"] = replace(
        place.room.tools.profiles["issue"], look=Look.NONE, level=Level.B_B, requires=frozenset()
    )
    documents = [place.add(f"so {number}") for number in range(3)]
    numbered = Numbered(issued_on=date(2026, 3, 5))
    profiles = place.room.tools.profiles
    done = confirm_batch(
        [one.id for one in documents[:2]], "issue", SIGNER, place.register, place.intents, profiles, numbered
    )
    assert all(one.error is None for one in done)
    assert [place.register.get(one.id).number for one in documents[:2]] == [1, 2]
    taken = Numbered(2, "qđ - ubnd", date(2026, 12, 31))
    (refused,) = confirm_batch([documents[2].id], "issue", SIGNER, place.register, place.intents, profiles, taken)
    assert isinstance(refused.error, Conflict)
    told = number_taken(documents[2], taken, place.register, date(2026, 1, 1))  # before anybody confirms
    assert told is not None
    assert told.details["id"] == documents[1].id
    other_year = Numbered(2, None, date(2027, 1, 4))
    assert number_taken(documents[2], other_year, place.register, date(2026, 1, 1)) is None
    (made,) = confirm_batch([documents[2].id], "issue", SIGNER, place.register, place.intents, profiles, other_year)
    assert made.error is None


def test_the_organisation_signs_only_what_a_person_has_signed(place: Office, pki: PKI) -> None:
    profiles = place.room.tools.profiles
    profiles["issue"] = replace(profiles["issue"], level=Level.B_B)
    bare = place.add("chua ky")
    place.confirm(bare, "issue")
    sign_claim(place.claim(bare), place.room)
    failed = place.register.get(bare.id)
    assert failed.state == OutgoingState.FAILED
    assert "person_signature_missing" in (failed.error or "")
    assert failed.signed_sha256 is None

    signed = place.add("da ky", pdf=pki.sign(blank_pdf("da ky"), pki.person_an))
    place.confirm(signed, "issue")
    sign_claim(place.claim(signed), place.room)
    assert place.register.get(signed.id).state == OutgoingState.SIGNED

    data = bytearray(pki.sign(blank_pdf("bi sua"), pki.person_an))
    at = data.index(b"MediaBox")
    data[at : at + 8] = b"Mediabox"
    broken = place.add("bi sua", pdf=bytes(data))
    place.confirm(broken, "issue")
    sign_claim(place.claim(broken), place.room)
    assert place.register.get(broken.id).state == OutgoingState.FAILED
    assert place.register.get(broken.id).signed_sha256 is None


@pytest.mark.parametrize(
    ("permits", "reason"),
    [(set(), "may_not_follow"), ({"signature"}, "may_not_number"), ({"numbering"}, "may_not_follow")],
)
def test_only_what_the_profile_before_permits_may_follow(permits: set[str], reason: str, place: Office) -> None:
    profiles = place.room.tools.profiles
    profiles["approve"] = replace(profiles["approve"], look=Look.NONE, level=Level.B_B, permits=frozenset(permits))
    document = place.add()
    place.confirm(document, "approve")
    sign_claim(place.claim(document), place.room)
    with pytest.raises(SigningRefused, match=reason):
        place.confirm(document, "issue")
    assert place.register.get(document.id).state == OutgoingState.DRAFT


def test_a_profile_that_requires_a_number_has_one(place: Office) -> None:
    profiles = place.room.tools.profiles
    profiles["plain"] = replace(profiles["plain"], requires=frozenset({"number"}))
    document = place.add()
    place.confirm(document)
    sign_claim(place.claim(document), place.room)
    assert "number_missing" in (place.register.get(document.id).error or "")
    assert place.signed_objects() == 0


def test_the_task_says_done_when_the_document_is(place: Office) -> None:
    document = place.add()
    place.confirm(document)
    sign_batch([document.id], place.room, place.tasks, "cli")
    (task,) = place.tasks.list(subject=document.id)
    assert task.state is TaskState.DONE


def test_a_row_without_its_file_is_not_signed(place: Office) -> None:
    row = place.register.add(NewOutgoing("H53.12", "QĐ", "chỉ có dòng sổ"), SIGNER)
    with pytest.raises(SigningRefused, match="no_file"):
        place.confirm(row)


def test_the_check_of_a_draft_gives_way_to_its_signature(place: Office) -> None:
    document = place.add(issued_on=date(2026, 3, 5))
    (check,) = place.tasks.due([TaskKind.VERIFY], 10)
    place.confirm(document)
    assert place.tasks.due([TaskKind.VERIFY], 10) == []
    assert place.tasks.get(check.id).state == TaskState.WAITING  # it would be checked as it is, were it never signed
    sign_claim(place.claim(document), place.room)
    assert place.tasks.get(check.id).state == TaskState.DONE
    assert place.register.get(document.id).verdict is not None


def test_of_documents_signed_together_each_fares_by_itself(place: Office, pki: PKI) -> None:
    good, bad, recalled, other = (place.add(name) for name in ("tot", "hong", "thu hoi", "tot khac"))
    for document in (good, recalled, other):
        place.confirm(document)
    place.confirm(bad, "issue")  # nobody has signed it before
    claims = [place.claim(document) for document in (good, bad, recalled, other)]
    recall(recalled.id, "ban hành nhầm", SIGNER, place.register)
    foreign = replace(claims[3], task=replace(claims[3].task, subject=good.id))
    ended = journey.sign_tasks([*claims[:3], foreign], place.room)
    assert [one.outgoing.state if one.outgoing else None for one in ended] == [OutgoingState.SIGNED, None, None, None]
    assert isinstance(ended[3].error, Conflict)
    assert place.register.get(bad.id).state == OutgoingState.FAILED
    assert place.register.get(other.id).state == OutgoingState.CONFIRMED
    assert place.tasks.get(claims[0].task.id).state == TaskState.DONE
    assert place.signed_objects() == 1
