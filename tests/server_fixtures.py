"""The real servers and databases as fixtures: shared by the session, skipped with the reason where a part is missing."""

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TypeVar

import pytest

from storage.database import Database, migrate
from storage.schema import load
from tests.servers import Missing, PostgresServer, S3Server, ValkeyServer, postgresql, s3, valkey
from tests.verapdf import class_path

T = TypeVar("T")


def _started(server: AbstractContextManager[T]) -> Iterator[T]:
    with ExitStack() as stack:
        try:
            started = stack.enter_context(server)
        except Missing as missing:
            pytest.skip(str(missing))
        yield started


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresServer]:
    """A PostgreSQL for the session."""
    yield from _started(postgresql())


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """An S3 server for the session; ask it for `new_bucket()`."""
    yield from _started(s3())


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[ValkeyServer]:
    """A Valkey for the session; tests share it, so keep to your own keys."""
    yield from _started(valkey())


@pytest.fixture(scope="session")
def _migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{file}")
    migrate(database)
    database.close()
    return file


@pytest.fixture
def sqlite_database(_migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    """A migrated, empty SQLite database of this test alone."""
    file = tmp_path / "digitise.db"
    shutil.copy(_migrated_file, file)
    database = Database(f"sqlite:///{file}")
    yield database
    database.close()


@pytest.fixture(scope="session")
def _shared_postgresql_database(postgresql_server: PostgresServer) -> Iterator[Database]:
    database = Database(postgresql_server.new_database())
    yield database
    database.close()


@pytest.fixture
def postgresql_database(_shared_postgresql_database: Database) -> Database:
    """A migrated PostgreSQL database, emptied for this test: much quicker than a database of its own."""
    with _shared_postgresql_database.write() as connection:
        names = ["search_index", *(table.name for table in reversed(load().sorted_tables))]
        connection.exec_driver_sql("; ".join(f"DELETE FROM {name}" for name in names))
    return _shared_postgresql_database


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """The same test on both databases."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


@pytest.fixture(scope="session")
def verapdf(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The class path of veraPDF."""
    try:
        return class_path(tmp_path_factory.mktemp("verapdf"))
    except Missing as missing:
        pytest.skip(str(missing))
