"""What happens to a signed document over the years, and how a paper becomes a certified copy: whole journeys."""

import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from digitise.bootstrap import compose
from digitise.model.documents import ArtefactKind, DocumentState, Filing
from digitise.model.outgoing import OutgoingState
from digitise.model.people import LOCAL_OPERATOR
from digitise.model.tasks import Claim, TaskKind, TaskState
from digitise.scan.intake import accept
from digitise.settings import load
from digitise.sign.authorise import confirm
from digitise.sign.copies import certified_copy, origin_for
from digitise.sign.key_ring import KeyRing
from digitise.sign.levels import tokens
from digitise.sign.profiles import Level
from digitise.sign.register import Archive
from digitise.sign.sign import Room
from digitise.sign.signature import Tools
from digitise.sign.work import renew_claim, renew_due, sign_claim
from digitise.verify.trust import load_folder
from storage.database import migrate
from tests.papers import paper
from tests.unit.sign.conftest import second_opinion
from tests.unit.sign.room import office, utc
from workers.jobs import perform


def test_an_archive_timestamp_is_renewed_in_time_without_the_key(tmp_path: Path, tools: Tools, nss: Path) -> None:
    place = office(tmp_path, tools)
    tools.profiles["plain"] = replace(tools.profiles["plain"], level=Level.B_LTA)
    document = place.add()
    place.confirm(document)
    sign_claim(place.claim(document), place.room)
    first = place.register.get(document.id)
    assert (first.state, first.verdict) == (OutgoingState.SIGNED, "valid")
    assert first.signed_sha256 is not None
    ends = _ends(place.store.as_file(first.signed_sha256))
    due = ends - place.room.renew_before
    assert place.intents.archive() == Archive(1, due, ends)
    assert renew_due(place.intents, place.register, due - timedelta(minutes=1)) == []
    (promised,) = renew_due(place.intents, place.register, due + timedelta(minutes=1))
    place.tasks.promise([promised])
    place.tasks.promise(renew_due(place.intents, place.register, due + timedelta(minutes=2)))  # the same task
    tools.ring = KeyRing({})  # whoever renews has no key
    claim = place.claim(document, TaskKind.RENEW)
    renew_claim(claim, place.room, place.register)
    after = place.register.get(document.id)
    assert after.signed_sha256 not in (None, first.signed_sha256)
    assert (after.state, after.verdict) == (OutgoingState.SIGNED, "valid")
    assert after.signed_sha256 is not None
    with place.store.as_file(first.signed_sha256) as old, place.store.as_file(after.signed_sha256) as new:
        assert new.read_bytes().startswith(old.read_bytes())
        assert [len(tokens(old)), len(tokens(new))] == [2, 3]
        second_opinion(new, nss, 1)  # pdfsig leaves document timestamps aside
    renew_claim(claim, place.room, place.register)  # run twice
    assert place.register.get(document.id) == after
    assert [entry["action"] for entry in place.register.history(document.id)][-1] == "outgoing.extended"


def _ends(held: object) -> object:
    from digitise.sign.extend import ends_at

    with held as path:  # type: ignore[attr-defined]
        return ends_at(tokens(path)[-1][1])


@pytest.mark.slow
def test_a_paper_becomes_a_certified_copy(tmp_path: Path, tools: Tools, material: Path, nss: Path) -> None:
    """Scan → searchable PDF/A → copy stamp and the organisation's signature, with its origin in the metadata."""
    served = compose(load(data=tmp_path / "data", verify_offline=True))
    migrate(served.database)
    served.trust.add(load_folder(material / "trust").entries, LOCAL_OPERATOR)
    scan = _scan()
    filing = Filing(title="Quyết định", signer="Nguyễn Văn An")
    parts = {"store": served.store, "catalogue": served.catalogue, "settings": served.settings}
    taken = accept(BytesIO(scan), "quyet-dinh.png", filing, LOCAL_OPERATOR, **parts).document  # type: ignore[arg-type]
    for _ in range(20):
        for claim in served.tasks.claim_some(list(TaskKind), "test", 600, 10):
            perform(served, claim)
    document = served.catalogue.get(taken.id)
    assert document.state is DocumentState.STORED
    searchable = next(one for one in document.artefacts if one.kind is ArtefactKind.SEARCHABLE)
    made = certified_copy(document.id, "H53.12", LOCAL_OPERATOR, served.catalogue, served.outgoing)
    assert certified_copy(document.id, "H53.12", LOCAL_OPERATOR, served.catalogue, served.outgoing).id == made.id
    assert made.sha256 == searchable.sha256
    origin = origin_for(served.outgoing, served.catalogue, utc)
    room = Room(served.intents, served.store, tools, utc, served.trust.remember, origin_of=origin)
    confirm(made.id, "copy", LOCAL_OPERATOR, served.outgoing, served.intents, tools.profiles)
    (task,) = served.tasks.list(subject=made.id, states=(TaskState.WAITING,))
    claim = served.tasks.claim(task.id, "test", 60)
    assert isinstance(claim, Claim)
    sign_claim(claim, room)
    assert served.tasks.get(task.id).state is TaskState.DONE  # in the transaction that recorded the signature
    copy = served.outgoing.get(made.id)
    assert (copy.state, copy.verdict) == (OutgoingState.SIGNED, "valid")
    assert copy.signed_sha256 is not None
    kept = served.verdicts.latest_of(outgoing_id=copy.id)
    assert kept is not None
    verdict = kept[1]
    assert [one.role.value for one in verdict.signatures] == ["copy"]
    assert served.trust.snapshot(verdict.trust_snapshot).snapshot(verdict.policy) == verdict.trust_snapshot
    with served.store.as_file(copy.signed_sha256) as file, served.store.as_file(searchable.sha256) as before:
        assert file.read_bytes().startswith(before.read_bytes())
        second_opinion(file, nss, 1)
        assert_tells_its_origin(file, scan)


def assert_tells_its_origin(file: Path, scan: bytes) -> None:
    """The scan's hash, who converted it and when, in metadata that stay PDF/A-2; and a stamp on the page."""
    with pikepdf.open(file) as pdf:
        metadata = pdf.Root.Metadata.read_bytes().decode()
        stamp = b"".join(one.AP.N.read_bytes() for one in pdf.pages[0].Annots if "/AP" in one)
    assert f"sha256:{hashlib.sha256(scan).hexdigest()}" in metadata
    assert f"converted by {LOCAL_OPERATOR.name}" in metadata
    assert re.search(r"<stEvt:when>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d</stEvt:when>", metadata)
    assert "<pdfaid:part>2</pdfaid:part>" in metadata or 'pdfaid:part="2"' in metadata
    assert stamp


def _scan() -> bytes:
    """The head of a drawn document, so that recognition is quick."""
    sheet = paper(1, kind="decision").sheets[0].image
    file = BytesIO()
    sheet.crop((0, 0, sheet.width, sheet.height // 4)).convert("L").save(file, "PNG", dpi=(200, 200))
    return file.getvalue()
