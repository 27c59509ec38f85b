"""The migrations give exactly the tables that `storage/schema` declares, from any earlier state."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, Table, select
from sqlalchemy.types import BigInteger, Boolean, Date, Float, Integer, LargeBinary, Numeric

from storage.database import Database, _alembic, current, head, migrate
from storage.schema import Instant, load
from tests.servers import PostgresServer

REVISIONS = [script.revision for script in ScriptDirectory.from_config(_alembic(None)).walk_revisions()][::-1]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without a single table."""
    if request.param == "sqlite":
        yield Database(f"sqlite:///{tmp_path}/x.db")
        return
    server: PostgresServer = request.getfixturevalue("postgresql_server")
    url = server.new_database(migrated=False)
    database = Database(url)
    yield database
    database.close()
    server.drop_database(url)


def is_ours(_object: object, name: str | None, type_: str, _reflected: bool, _other: object) -> bool:
    """Leave the full-text index out: each database has its own kind, made by the migration alone."""
    return not (type_ == "table" and str(name).startswith("search_index"))


def drift(database: Database) -> list[Any]:
    """Return what the migrated schema and the declared one do not share."""
    with database.read() as connection:
        options = {"include_object": is_ours, "compare_type": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), load()))


def some_row(table: Table) -> dict[str, Any]:
    """Return a value for every column that must have one."""
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.nullable or column.server_default is not None or column.identity is not None:
            continue
        if column.foreign_keys:
            target = next(iter(column.foreign_keys)).column.name
            row[column.name] = 1 if target == "seq" else f"{target}-1"
        elif column.primary_key and isinstance(column.type, Integer | BigInteger):
            row[column.name] = 1
        else:
            row[column.name] = some_value(column.type, column.name)
    return row


def some_value(kind: Any, name: str) -> Any:
    """Return a value of an SQL type."""
    if isinstance(kind, Instant):
        return datetime(2026, 1, 1, tzinfo=UTC)
    if isinstance(kind, Date):
        return datetime(2026, 1, 1, tzinfo=UTC).date()
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer | BigInteger | Numeric | Float):
        return 1
    if isinstance(kind, LargeBinary):
        return b"x"
    return f"{name}-1" if hasattr(kind, "length") else {}


def test_the_chain_is_linear() -> None:
    assert [f"{n:04}" for n in range(1, len(REVISIONS) + 1)] == REVISIONS


def test_migrated_from_empty_equals_the_declared_schema(empty_database: Database) -> None:
    migrate(empty_database)
    assert current(empty_database) == head()
    assert drift(empty_database) == []


@pytest.mark.parametrize("revision", REVISIONS)
def test_migrated_from_each_earlier_revision_with_data_in_it(empty_database: Database, revision: str) -> None:
    migrate(empty_database, revision)
    before = MetaData()
    with empty_database.read() as connection:
        before.reflect(connection, only=lambda name, _: name in load().tables)
    declared = [load().tables[table.name] for table in load().sorted_tables if table.name in before.tables]
    with empty_database.write() as connection:
        for table in declared:
            known = set(before.tables[table.name].columns.keys())
            row = {name: value for name, value in some_row(table).items() if name in known}
            connection.execute(table.insert().values(row))
    migrate(empty_database)
    assert drift(empty_database) == []
    with empty_database.read() as connection:
        for table in declared:
            assert len(connection.execute(select(table)).all()) == 1, table.name


def test_migrating_again_changes_nothing(empty_database: Database) -> None:
    migrate(empty_database)
    migrate(empty_database)
    assert current(empty_database) == head()
