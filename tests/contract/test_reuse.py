"""Look-ups and recorded reuses, on both databases."""

import json

import pytest

from digitise.errors import InvalidValue, NotFound
from digitise.model.documents import Query
from storage.audit import SqlAuditLog
from storage.catalogue import SqlCatalogue
from storage.database import Database
from storage.reuse import SqlReuseLog
from tests.contract.filed import CLERK, Ticking, file_text

OWNER = "079088001234"


@pytest.fixture
def reuse(database: Database) -> SqlReuseLog:
    return SqlReuseLog(database, Ticking())


@pytest.fixture
def catalogue(database: Database) -> SqlCatalogue:
    return SqlCatalogue(database, Ticking())


def test_what_is_held_for_an_owner_is_found_and_the_look_up_is_logged_masked(
    database: Database, catalogue: SqlCatalogue, reuse: SqlReuseLog
) -> None:
    first = file_text(catalogue, "khai sinh", owner_id=OWNER, kind="GKS")
    second = file_text(catalogue, "kết hôn", owner_id="079 088 001234", kind="GKH")
    file_text(catalogue, "khác", owner_id="001188005678")
    reason = f"Hồ sơ H53.12-220915-0007 của {OWNER}"
    assert [d.id for d in reuse.held(Query(owner_id="079.088.001.234"), CLERK, reason)] == [second.id, first.id]
    assert [d.id for d in reuse.held(Query(owner_id=OWNER, kind="GKS"), CLERK, reason)] == [first.id]
    entry = SqlAuditLog(database, Ticking()).entries()[0]
    assert entry.action == "reuse.looked_up"
    assert entry.details["found"] == [first.id]
    assert OWNER not in json.dumps(entry.details, ensure_ascii=False) + entry.subject
    assert entry.details["asked"]["owner_id"] == "079•••••1234"


def test_nobody_looks_without_a_reason_or_at_everything(reuse: SqlReuseLog) -> None:
    with pytest.raises(InvalidValue):
        reuse.held(Query(owner_id=OWNER), CLERK, "  ")
    with pytest.raises(InvalidValue):
        reuse.held(Query(kind="QĐ"), CLERK, "reason")


def test_a_reuse_is_recorded_once_and_may_be_undone(catalogue: SqlCatalogue, reuse: SqlReuseLog) -> None:
    document = file_text(catalogue, "khai sinh", owner_id=OWNER)
    made = reuse.record(document.id, "h53.12-230101-0001", "Cùng người nộp", CLERK)
    assert reuse.record(document.id, "H53.12-230101-0001", "again", CLERK) == made
    assert made.dossier == "H53.12-230101-0001"
    assert reuse.of(document.id) == [made]
    reuse.undo(made.id, "nhầm hồ sơ", CLERK)
    assert reuse.of(document.id) == []
    with pytest.raises(NotFound):
        reuse.undo(made.id, "twice", CLERK)
    actions = [each["action"] for each in catalogue.history(document.id)]
    assert actions[-2:] == ["document.reused", "document.reuse_undone"]


def test_only_what_is_held_is_reused(reuse: SqlReuseLog) -> None:
    with pytest.raises(NotFound):
        reuse.record("nothing", "H53.12-230101-0001", "reason", CLERK)
