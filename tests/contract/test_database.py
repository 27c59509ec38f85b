"""What every adapter relies on: transactions, their errors, forks."""

import contextlib
import os
import threading
from pathlib import Path

import pytest
from sqlalchemy import select, text

from digitise.errors import DatabaseUnavailable, DefectInOurselves, DiskFull, InvalidValue
from storage.database import Database, current, head
from storage.schema.tasks import tasks
from tests.servers import PostgresServer


def count(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(text("SELECT count(*) FROM page_results")).scalar_one())


def put(database: Database, key: str) -> None:
    with database.write() as connection:
        connection.execute(
            text("INSERT INTO page_results (key, sha256, created_at) VALUES (:key, 'x', '2026-01-01 00:00:00')"),
            {"key": key},
        )


def test_a_write_commits_whole_or_not_at_all(database: Database) -> None:
    put(database, "a")
    with contextlib.suppress(ZeroDivisionError), database.write() as connection:
        connection.execute(text("DELETE FROM page_results"))
        _ = 1 / 0
    assert count(database) == 1


def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises(DatabaseUnavailable, match="read_only"), database.read() as connection:
        connection.execute(text("DELETE FROM page_results"))
    put(database, "after")  # the connection went back to the pool able to write
    assert count(database) == 1


def test_a_read_sees_one_snapshot(database: Database) -> None:
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM page_results")).scalar_one() == 0
        put(database, "meanwhile")
        assert connection.execute(text("SELECT count(*) FROM page_results")).scalar_one() == 0
    assert count(database) == 1


def test_read_then_write_transactions_never_fail_beside_each_other(sqlite_database: Database) -> None:
    put(sqlite_database, "0")

    def add() -> None:
        for _ in range(25):
            with sqlite_database.write() as connection:
                last = connection.execute(text("SELECT max(CAST(key AS integer)) FROM page_results")).scalar_one()
                connection.execute(
                    text("INSERT INTO page_results VALUES (:key, 'x', '2026-01-01 00:00:00')"), {"key": str(last + 1)}
                )

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(sqlite_database) == 101


@pytest.mark.parametrize("odd", ["half \ud800 a pair", 1 << 70])
def test_what_sql_cannot_hold_is_an_invalid_value(database: Database, odd: object) -> None:
    column = tasks.c.id if isinstance(odd, str) else tasks.c.seq
    with pytest.raises(InvalidValue), database.read() as connection:
        connection.execute(select(tasks).where(column == odd))


def test_write_inside_write_is_told_at_once(database: Database) -> None:
    with database.write(), pytest.raises(DefectInOurselves), database.write():
        pass


def test_a_fork_opens_its_own_connections(database: Database) -> None:
    put(database, "parent")
    child = os.fork()
    if child == 0:
        try:
            put(database, "child")
            os._exit(0)
        except BaseException:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    put(database, "parent again")
    assert count(database) == 3


def test_sqlite_is_durable_and_closed_to_others(sqlite_database: Database) -> None:
    with sqlite_database.read() as connection:
        for pragma, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
            assert connection.execute(text(f"PRAGMA {pragma}")).scalar_one() == value


def test_a_new_sqlite_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/new/x.db")
    database.check()
    assert (tmp_path / "new/x.db").stat().st_mode & 0o077 == 0


def test_an_unmigrated_database_says_so(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/x.db")
    assert current(database) is None
    with pytest.raises(DatabaseUnavailable) as raised:
        count(database)
    assert raised.value.reason == "not_migrated"


def test_a_migrated_database_is_at_the_head(database: Database) -> None:
    assert current(database) == head()


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"not SQLite" * 500)
    with pytest.raises(DatabaseUnavailable) as raised:
        Database(f"sqlite:///{tmp_path}/x.db").check()
    assert raised.value.reason == "damaged"


def test_a_server_that_is_away_says_so_without_the_password(postgresql_server: PostgresServer) -> None:
    database = Database("postgresql://someone@127.0.0.1:1/x", password="very-secret")
    with pytest.raises(DatabaseUnavailable) as raised:
        database.check()
    assert "very-secret" not in repr(database) + str(raised.value) + str(raised.value.__cause__)


def test_a_wrong_password_is_refused(postgresql_server: PostgresServer) -> None:
    url = postgresql_server.url("postgres").replace(postgresql_server.password, "wrong")
    with pytest.raises(DatabaseUnavailable):
        Database(url).check()


def test_a_server_that_was_restarted_is_used_again(
    postgresql_database: Database, postgresql_server: PostgresServer
) -> None:
    put(postgresql_database, "before")
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname LIKE 't_%'"
    )
    postgresql_server.execute(others)
    assert count(postgresql_database) == 1

    def cut_off() -> None:
        with postgresql_database.write() as connection:
            postgresql_server.execute(others)
            connection.execute(text("SELECT 1"))

    with pytest.raises(DatabaseUnavailable) as raised:
        cut_off()
    assert raised.value.reason == "away"
    put(postgresql_database, "after")


def test_a_full_disk_is_told_and_nothing_is_half_written(sqlite_database: Database) -> None:
    def fill() -> None:
        with sqlite_database.write() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
            row = text("INSERT INTO page_results VALUES (:key, 'x', '2026-01-01 00:00:00')")
            connection.execute(row, [{"key": f"{number:900}"} for number in range(1000)])

    with pytest.raises(DiskFull):
        fill()
    assert count(sqlite_database) == 0


def test_a_locked_database_is_busy(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.database.BUSY_SECONDS", 0.2)
    hasty = Database(str(sqlite_database.url))
    with sqlite_database.write() as connection:
        connection.execute(text("DELETE FROM page_results"))
        with pytest.raises(DatabaseUnavailable) as raised:
            put(hasty, "x")
    assert raised.value.reason == "busy"


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(InvalidValue):
        Database(url)
