"""Backup and restore, from and to each database and each kind of store; and that the proof is one."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from digitise.errors import Conflict, NotFound
from digitise.model.documents import Query
from digitise.model.tasks import NewTask, TaskKind
from storage.audit import SqlAuditLog
from storage.audit_proof import publish_head
from storage.backup import backup, prove, restore
from storage.catalogue import SqlCatalogue
from storage.database import Database, current, head, migrate
from storage.local import LocalStore
from storage.objects import Store, object_key
from storage.s3 import S3Store
from storage.search import SqlSearch
from storage.tasks import SqlTasks
from tests.contract.filed import CLERK, START, Ticking, file_text, new_document
from tests.servers import PostgresServer, S3Server


@pytest.fixture
def filled(database: Database, tmp_path: Path) -> tuple[Database, LocalStore]:
    """A database and a store with something in every corner."""
    store = LocalStore(tmp_path / "store")
    catalogue = SqlCatalogue(database, Ticking())
    file_text(catalogue, "Quyết định số 1", owner_id="079088001234", number="15/QĐ-UBND", issued_on=START.date())
    sha256, size = store.put(io.BytesIO("bản quét".encode()))
    new = new_document()
    document = catalogue.accept(type(new)(sha256, "scan.pdf", "application/pdf", size, new.filing), [], CLERK).document
    catalogue.record_pages(document.id, {1: sha256})
    catalogue.save_page_result("key", sha256)
    SqlTasks(database, Ticking()).promise([NewTask(TaskKind.VERIFY, document.id, "v", {"ghi chú": ["đ", 1.5, None]})])
    publish_head(SqlAuditLog(database, Ticking()), store, START)
    return database, store


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Database, Store]]:
    """An empty database and store of each kind."""
    if request.param == "sqlite":
        yield Database(f"sqlite:///{tmp_path}/elsewhere.db"), LocalStore(tmp_path / "elsewhere")
        return
    postgresql: PostgresServer = request.getfixturevalue("postgresql_server")
    s3: S3Server = request.getfixturevalue("s3_server")
    url = postgresql.new_database(migrated=False)
    database = Database(url)
    yield database, S3Store(s3.endpoint, s3.new_bucket(), s3.access_key, s3.secret_key, secure=False)
    database.close()
    postgresql.drop_database(url)


def test_a_backup_is_restored_anywhere_and_proven(
    filled: tuple[Database, LocalStore], elsewhere: tuple[Database, Store], tmp_path: Path
) -> None:
    told = backup(*filled, tmp_path / "backup")
    assert (told["objects"], told["copied"], told["damaged"]) == (1, 1, [])
    restored = restore(tmp_path / "backup", *elsewhere)
    assert restored["problems"] == []
    assert restored["rows"] == told["rows"] > 8
    assert current(elsewhere[0]) == head()
    [found] = SqlSearch(elsewhere[0]).find(Query(text="quyết định", number="15/QĐ-UBND")).items
    assert found.document == SqlCatalogue(filled[0], Ticking()).get(found.document.id)
    more = SqlCatalogue(elsewhere[0], Ticking()).accept(new_document("more"), [], CLERK)  # numbering goes on
    assert not more.existing
    assert "table documents" in " ".join(prove(tmp_path / "backup", *elsewhere).problems)


def test_a_further_backup_copies_only_what_is_new(filled: tuple[Database, LocalStore], tmp_path: Path) -> None:
    first = backup(*filled, tmp_path / "backup")
    filled[1].put(io.BytesIO(b"more"))
    second = backup(*filled, tmp_path / "backup")
    assert (second["objects"], second["copied"]) == (2, 1)
    assert prove(tmp_path / "backup", *filled, first["snapshot"]).problems == []
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "backup").rglob("*"))


def test_a_damaged_object_is_told_and_the_rest_is_kept(filled: tuple[Database, LocalStore], tmp_path: Path) -> None:
    database, store = filled
    bad, _ = store.put(io.BytesIO(b"will be damaged"))
    path = store.root / object_key(bad)
    path.chmod(0o600)
    path.write_bytes(b"damaged")
    told = backup(database, store, tmp_path / "backup")
    assert told["damaged"] == [bad]
    assert told["copied"] == 1


def test_the_proof_finds_what_differs(
    filled: tuple[Database, LocalStore], elsewhere: tuple[Database, Store], tmp_path: Path
) -> None:
    backup(*filled, tmp_path / "backup")
    database, _ = elsewhere
    store = LocalStore(tmp_path / "third")
    restore(tmp_path / "backup", database, store)
    [key] = store.keys()
    (store.root / object_key(key)).unlink()
    with database.write() as connection:
        connection.execute(text("UPDATE documents SET title = 'x' WHERE number IS NOT NULL"))
        connection.execute(text("UPDATE audit_entries SET actor = 'x' WHERE seq = 1"))
    problems = {problem.split(":")[0] for problem in prove(tmp_path / "backup", database, store).problems}
    assert problems == {"table audit_entries", "table documents", f"object {key}", "audit entry 1"}


def test_nothing_is_restored_over_something(filled: tuple[Database, LocalStore], tmp_path: Path) -> None:
    backup(*filled, tmp_path / "backup")
    with pytest.raises(Conflict):
        restore(tmp_path / "backup", *filled)


def test_an_empty_migrated_database_is_a_place_to_restore_into(
    filled: tuple[Database, LocalStore], tmp_path: Path
) -> None:
    backup(*filled, tmp_path / "backup")
    database = Database(f"sqlite:///{tmp_path}/fresh.db")
    migrate(database)
    assert restore(tmp_path / "backup", database, LocalStore(tmp_path / "fresh"))["problems"] == []


def test_a_folder_without_a_backup_is_told(sqlite_database: Database, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        restore(tmp_path, sqlite_database, LocalStore(tmp_path / "x"))
