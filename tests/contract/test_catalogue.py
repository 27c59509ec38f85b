"""Documents and artefacts, on both databases."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest

from digitise.errors import Conflict, InvalidValue, NotFound
from digitise.model.documents import ArtefactKind, DocumentState, Filing, Query
from digitise.model.tasks import TaskState
from storage.catalogue import SqlCatalogue
from storage.database import Database
from storage.reuse import SqlReuseLog
from storage.search import SqlSearch
from storage.tasks import SqlTasks
from tests.contract.filed import CLERK, START, Ticking, artefact, new_document, recognise, sha


@pytest.fixture
def catalogue(database: Database) -> SqlCatalogue:
    return SqlCatalogue(database, Ticking())


def test_accepting_registers_document_original_and_task(catalogue: SqlCatalogue, database: Database) -> None:
    accepted = catalogue.accept(new_document(dossier="h53.12-220915-0007"), [recognise()], CLERK)
    document = catalogue.get(accepted.document.id)
    assert accepted.document == document
    assert not accepted.existing
    assert document.state is DocumentState.RECEIVED
    assert document.filing.dossier == "H53.12-220915-0007"
    assert document.created_at == START
    assert document.created_by == "lan"
    assert [a.kind for a in document.artefacts] == [ArtefactKind.ORIGINAL]
    task = SqlTasks(database, Ticking()).get(str(accepted.task_id))
    assert (task.subject, task.state) == (document.id, TaskState.WAITING)


def test_the_same_bytes_answer_the_document_that_is_held(catalogue: SqlCatalogue, database: Database) -> None:
    first = catalogue.accept(new_document(), [recognise()], CLERK)
    again = catalogue.accept(replace(new_document(), file_name="other.pdf"), [recognise()], CLERK)
    assert again.existing
    assert again.document == first.document
    assert len(SqlTasks(database, Ticking()).list()) == 1


def test_the_same_bytes_at_the_same_time_are_one_document(catalogue: SqlCatalogue) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: catalogue.accept(new_document(), [recognise()], CLERK), range(12)))
    assert len({answer.document.id for answer in answers}) == 1
    assert sum(not answer.existing for answer in answers) == 1


def test_a_document_is_found_by_id_and_by_hash(catalogue: SqlCatalogue) -> None:
    document = catalogue.accept(new_document(), [], CLERK).document
    assert catalogue.get(sha("one")) == document
    assert catalogue.by_sha256(sha("one")) == document
    assert catalogue.by_sha256(sha("two")) is None
    for absent in ("nothing", sha("two")):
        with pytest.raises(NotFound):
            catalogue.get(absent)


def test_finishing_keeps_artefacts_and_fills_only_what_nobody_said(catalogue: SqlCatalogue) -> None:
    document = catalogue.accept(new_document(number="7/QĐ-UBND"), [], CLERK).document
    suggested = Filing(number="1/QĐ-UBND", issuer="UBND tỉnh Tây Ninh", issued_on=date(2023, 2, 5))
    made = [artefact(ArtefactKind.TEXT, "text"), artefact(ArtefactKind.SEARCHABLE, "pdf")]
    catalogue.finish(document.id, made, "text", suggested, pages=3, warnings=("grey",))
    stored = catalogue.get(document.id)
    assert stored.state is DocumentState.STORED
    assert (stored.pages, stored.warnings) == (3, ("grey",))
    assert stored.filing.number == "7/QĐ-UBND"
    assert stored.filing.issuer == "UBND tỉnh Tây Ninh"
    assert stored.filing.issued_on == date(2023, 2, 5)
    assert [a.kind for a in stored.artefacts] == [ArtefactKind.ORIGINAL, ArtefactKind.TEXT, ArtefactKind.SEARCHABLE]


def test_a_field_that_a_clerk_cleared_stays_empty(catalogue: SqlCatalogue) -> None:
    document = catalogue.accept(new_document(number="7/QĐ-UBND"), [], CLERK).document
    catalogue.correct(document.id, {"number": None}, document.version, CLERK)
    catalogue.finish(document.id, [], "text", Filing(number="1/QĐ-UBND"))
    assert catalogue.get(document.id).filing.number is None


def test_finishing_twice_changes_nothing(catalogue: SqlCatalogue) -> None:
    document = catalogue.accept(new_document(), [], CLERK).document
    for _ in range(2):
        catalogue.finish(document.id, [artefact(ArtefactKind.TEXT, "text")], "text", Filing(), pages=1)
    assert len(catalogue.get(document.id).artefacts) == 2


def test_a_newer_artefact_supersedes_but_an_original_never_changes(catalogue: SqlCatalogue) -> None:
    document = catalogue.accept(new_document(), [], CLERK).document
    catalogue.add_artefacts(document.id, [artefact(ArtefactKind.TEXT, "first")])
    catalogue.add_artefacts(document.id, [artefact(ArtefactKind.TEXT, "second")])
    catalogue.add_artefacts(document.id, [artefact(ArtefactKind.ORIGINAL, "one")])
    held = {a.kind: a.sha256 for a in catalogue.get(document.id).artefacts}
    assert held == {ArtefactKind.ORIGINAL: sha("one"), ArtefactKind.TEXT: sha("second")}
    with pytest.raises(Conflict):
        catalogue.add_artefacts(document.id, [artefact(ArtefactKind.ORIGINAL, "other")])


def test_correcting_asks_for_the_newest_version(catalogue: SqlCatalogue) -> None:
    document = catalogue.accept(new_document(), [], CLERK).document
    corrected = catalogue.correct(document.id, {"title": " Về  việc\tcấp "}, document.version, CLERK)
    assert corrected.filing.title == "Về việc cấp"
    assert corrected.version == document.version + 1
    with pytest.raises(Conflict):
        catalogue.correct(document.id, {"title": "other"}, document.version, CLERK)


@pytest.mark.parametrize("changes", [{"state": "stored"}, {"sha256": "x"}, {"issued_on": "yesterday"}])
def test_only_fields_of_the_filing_are_corrected(catalogue: SqlCatalogue, changes: dict[str, str]) -> None:
    document = catalogue.accept(new_document(), [], CLERK).document
    with pytest.raises(InvalidValue):
        catalogue.correct(document.id, changes, document.version, CLERK)


def test_a_corrected_text_takes_the_place_of_the_former(catalogue: SqlCatalogue) -> None:
    document = catalogue.accept(new_document(), [], CLERK).document
    catalogue.finish(document.id, [artefact(ArtefactKind.TEXT, "teext")], "teext", Filing())
    corrected = catalogue.correct_text(document.id, [artefact(ArtefactKind.TEXT, "text")], "text", 1, CLERK)
    assert corrected.version == 2
    assert {a.kind: a.sha256 for a in corrected.artefacts}[ArtefactKind.TEXT] == sha("text")
    assert catalogue.history(document.id)[-1]["action"] == "document.text_corrected"


def test_an_owners_identifier_is_kept_but_never_told(catalogue: SqlCatalogue) -> None:
    document = catalogue.accept(new_document(owner_id="079 088 001 234", title="Của 079088001234"), [], CLERK).document
    assert document.filing.owner_id == "079088001234"
    catalogue.correct(document.id, {"owner_id": "001188005678"}, 1, CLERK)
    catalogue.set_state(document.id, "failed", error="refused: page of 001188005678")
    told = json.dumps(catalogue.history(document.id), default=str, ensure_ascii=False)
    assert "079088001234" not in told
    assert "001188005678" not in told
    assert "079•••••1234" in told


def test_the_state_and_its_reason(catalogue: SqlCatalogue) -> None:
    document = catalogue.accept(new_document(), [], CLERK).document
    catalogue.set_state(document.id, DocumentState.FAILED, error="unreadable: truncated", warnings=("blank",))
    failed = catalogue.get(document.id)
    assert (failed.state, failed.error, failed.warnings) == (DocumentState.FAILED, "unreadable: truncated", ("blank",))
    with pytest.raises(InvalidValue):
        catalogue.set_state(document.id, DocumentState.FAILED, sha256="x")


def test_odd_characters_break_nothing(catalogue: SqlCatalogue, database: Database) -> None:
    odd = "x\x00\ud800đ"
    new = replace(new_document(title=odd, owner_id=odd), file_name=odd)
    accepted = catalogue.accept(new, [recognise()], CLERK)
    catalogue.correct(accepted.document.id, {"issuer": odd}, 1, CLERK)
    catalogue.set_state(accepted.document.id, "recognising", error=odd)
    catalogue.finish(accepted.document.id, [], odd, Filing(signer=odd))
    assert catalogue.get(accepted.document.id).file_name == "x\ufffd?đ"
    tasks = SqlTasks(database, Ticking())
    claim = tasks.claim(str(accepted.task_id), "w", 60)
    assert claim
    tasks.fail(claim, odd, retry_at=None)
    reuse = SqlReuseLog(database, Ticking())
    reuse.held(Query(owner_id=odd, dossier=odd), CLERK, odd)
    reuse.record(accepted.document.id, odd, odd, CLERK)
    search = SqlSearch(database)
    for query in (Query(text=odd), Query(number=odd), Query(unit=odd), Query(dossier=odd), Query(verdict=odd)):
        search.find(query)
    with pytest.raises(NotFound):
        catalogue.get(odd)


def test_history_tells_who_did_what(catalogue: SqlCatalogue) -> None:
    document = catalogue.accept(new_document(), [], CLERK).document
    catalogue.accept(new_document(), [], CLERK)
    catalogue.set_state(document.id, "recognising")
    catalogue.set_state(document.id, "recognising")
    told = [(each["actor"], each["action"]) for each in catalogue.history(document.id)]
    assert told == [("lan", "document.accepted"), ("lan", "document.offered_again"), ("system", "document.state")]


def test_page_results_are_kept_once_and_for_good(catalogue: SqlCatalogue) -> None:
    assert catalogue.page_result("image+engine") is None
    catalogue.save_page_result("image+engine", "a" * 64)
    catalogue.save_page_result("image+engine", "a" * 64)
    assert catalogue.page_result("image+engine") == "a" * 64


def test_pages_are_counted_however_often_they_are_recorded(catalogue: SqlCatalogue) -> None:
    document = catalogue.accept(new_document(), [], CLERK).document
    assert catalogue.record_pages(document.id, {1: "a" * 64, 2: "b" * 64}) == 2
    assert catalogue.record_pages(document.id, {2: "c" * 64, 12: "d" * 64}) == 3
    assert catalogue.record_pages(document.id, {}) == 3
    assert catalogue.pages(document.id) == {1: "a" * 64, 2: "c" * 64, 12: "d" * 64}
