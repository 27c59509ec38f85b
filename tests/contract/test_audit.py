"""The audit log, on both databases: appended strictly in turn, and whatever is done to it is found."""

import hashlib
import json
from pathlib import Path

import pytest

from digitise.model.people import Actor
from storage.audit import SqlAuditLog, Wanted, append
from storage.audit_proof import Flaw, Head, publish_head, published_heads, verify
from storage.database import Database
from storage.local import LocalStore
from storage.schema.audit import audit_entries
from tests.contract.filed import CLERK, Ticking
from tests.contract.side_by_side import side_by_side

ODD = {"lone": "\ud800", "nul": "\x00", "quote": "\"'\\", "việt": ["đ", None, 1.5, True]}


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def log(database: Database, clock: Ticking) -> SqlAuditLog:
    log = SqlAuditLog(database, clock)
    for number in range(1, 8):
        clock.forward(1.25)
        log.record(CLERK, f"document.read{number % 2}", f"subject{number}", {"n": number})
    return log


def change(database: Database, statement: str) -> None:
    with database.write() as connection:
        for part in statement.split(";"):
            connection.exec_driver_sql(part)


def found(flaws: list[Flaw]) -> list[tuple[int, str]]:
    return [(flaw.seq, flaw.kind) for flaw in flaws]


def test_an_untouched_log_has_no_flaw(log: SqlAuditLog) -> None:
    log.record(CLERK, "odd", "\x00", ODD)
    assert verify(log) == []
    assert [entry.seq for entry in log.entries()] == [8, 7, 6, 5, 4, 3, 2, 1]


CHANGES = [
    ("UPDATE audit_entries SET details = '{\"n\":99}' WHERE seq = 4", [(4, "edited")]),
    ("UPDATE audit_entries SET actor = 'somebody' WHERE seq = 1", [(1, "edited")]),
    ("UPDATE audit_entries SET action = 'x' WHERE seq = 7", [(7, "edited")]),
    ("UPDATE audit_entries SET at = '2020-01-01 00:00:00.000000' WHERE seq = 3", [(3, "edited")]),
    ("DELETE FROM audit_entries WHERE seq = 3", [(4, "gap")]),
    ("DELETE FROM audit_entries WHERE seq = 1", [(2, "gap")]),
    ("DELETE FROM audit_entries WHERE seq BETWEEN 3 AND 5", [(6, "gap")]),
    (
        "UPDATE audit_entries SET seq = 100 WHERE seq = 3; UPDATE audit_entries SET seq = 3 WHERE seq = 4;"
        "UPDATE audit_entries SET seq = 4 WHERE seq = 100",
        [(3, "chain"), (3, "edited"), (4, "chain"), (4, "edited"), (5, "chain")],
    ),
    (
        "DELETE FROM audit_entries WHERE seq = 3; UPDATE audit_entries SET seq = seq - 1 WHERE seq > 3",
        [(3, "chain"), (3, "edited"), (4, "edited"), (5, "edited"), (6, "edited")],
    ),
    (
        "INSERT INTO audit_entries SELECT 0, at, actor, action, subject, details, previous, hash"
        " FROM audit_entries WHERE seq = 1",
        [(0, "order"), (0, "edited"), (1, "chain")],
    ),
]


def test_whatever_is_done_to_a_row_is_found_with_its_place(log: SqlAuditLog, database: Database) -> None:
    untouched = list(log.rows())
    for statement, flaws in CHANGES:
        change(database, statement)
        assert found(verify(log)) == flaws, statement
        with database.write() as connection:
            connection.execute(audit_entries.delete())
            connection.execute(audit_entries.insert(), [dict(row._mapping) for row in untouched])
        assert verify(log) == []


def test_a_tail_cut_off_is_found_by_the_published_head(
    log: SqlAuditLog, database: Database, clock: Ticking, tmp_path: Path
) -> None:
    store = LocalStore(tmp_path / "store")
    assert publish_head(log, store, clock()) == Head(7, log.head()[1], clock().isoformat(timespec="seconds"))
    assert publish_head(log, store, clock()) is None
    assert verify(log, published_heads(store)) == []
    change(database, "DELETE FROM audit_entries WHERE seq > 5")
    assert verify(log) == []  # the chain alone cannot tell
    assert found(verify(log, published_heads(store))) == [(7, "tail")]


def test_a_chain_rewritten_whole_is_found_by_the_published_head(
    log: SqlAuditLog, database: Database, clock: Ticking, tmp_path: Path
) -> None:
    store = LocalStore(tmp_path / "store")
    publish_head(log, store, clock())
    change(database, "DELETE FROM audit_entries")
    for number in range(1, 8):
        log.record(CLERK, "document.read", f"subject{number}", {"n": number, "forged": True})
    assert verify(log) == []
    assert found(verify(log, published_heads(store))) == [(7, "head")]


def test_an_entry_is_part_of_the_callers_transaction(log: SqlAuditLog, database: Database, clock: Ticking) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        append(connection, "lan", "never", "x", None, clock()) / 0
    assert log.head()[0] == 7
    assert verify(log) == []


def _append_some(database: Database, number: int) -> None:
    log = SqlAuditLog(database, Ticking())
    for step in range(15):
        log.record(Actor(f"w{number}"), "step", str(step))


def test_many_processes_append_one_chain(log: SqlAuditLog, database: Database) -> None:
    side_by_side(_append_some, database)
    assert log.head()[0] == 7 + 60
    assert verify(log) == []


def test_entries_are_filtered(log: SqlAuditLog, clock: Ticking) -> None:
    assert [e.seq for e in log.entries(Wanted(subject="subject3"))] == [3]
    assert [e.seq for e in log.entries(Wanted(action="document.read1"))] == [7, 5, 3, 1]
    assert [e.seq for e in log.entries(Wanted(action="document.", limit=2, before=6))] == [5, 4]
    assert log.entries(Wanted(actor="nobody")) == []
    assert len(log.entries(Wanted(from_=clock()))) == 1
    assert len(log.entries(Wanted(to=clock()))) == 6


def test_the_export_can_be_checked_without_this_software(log: SqlAuditLog) -> None:
    log.record(CLERK, "odd", "x", ODD)
    previous = "0" * 64
    lines = list(log.export())
    assert lines
    for number, line in enumerate(lines, 1):
        entry = json.loads(line)
        names = ("seq", "at", "actor", "action", "subject", "details", "previous")
        sealed = json.dumps([entry[name] for name in names], ensure_ascii=False, separators=(",", ":"))
        assert entry["hash"] == hashlib.sha256(sealed.encode()).hexdigest()
        assert (entry["seq"], entry["previous"]) == (number, previous)
        previous = entry["hash"]
