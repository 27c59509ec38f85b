"""A figure knows its rows, keeps them, and tells later what changed."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from digitise.errors import DamagedObject, NotFound
from digitise.model.reports import Figure
from digitise.report import ask, figures
from storage.local import LocalStore
from storage.register import SqlRegister
from storage.schema.outgoing import outgoing
from tests.unit.report.registers import CLERK, NOW, put_outgoing

DAY = date(2022, 5, 4)
QUESTION = ask.Question(period="2022")


@pytest.fixture
def figure(register: SqlRegister, store: LocalStore) -> Figure:
    """Freeze the share of five documents."""
    verdicts = ("valid", "valid", "unsigned", "invalid", None)
    put_outgoing(register, ({"id": f"o{n}", "issued_on": DAY, "verdict": v} for n, v in enumerate(verdicts)))
    return freeze(register, store)


def freeze(register: SqlRegister, store: LocalStore) -> Figure:
    report = ask.answer(register, QUESTION, ask.Terms(), NOW)
    return figures.freeze(register, register.figures, store, report, CLERK)


def change(register: SqlRegister, key: str, **values: object) -> None:
    with register._database.write() as connection:
        connection.execute(update(outgoing).where(outgoing.c.id == key).values(**values))


def test_the_number_is_counted_from_the_rows_that_are_kept(figure: Figure, store: LocalStore) -> None:
    rows = list(figures.rows(store, figure))
    assert len(rows) == figure.rows_count == 5
    assert sum(row["part"] == "signed" for row in rows) == figure.share.numerator == 2
    assert figure.bases == ({"policy": "default", "trust_snapshot": "0" * 16, "count": 4},)
    exceptions = [row["key"] for row in figures.rows(store, figure, only=figures.missing_parts(figure))]
    assert exceptions == ["o2", "o3", "o4"]
    assert [row["key"] for row in figures.rows(store, figure, skip=1, limit=2)] == ["o1", "o2"]


def test_the_same_answer_is_the_same_figure(register: SqlRegister, store: LocalStore, figure: Figure) -> None:
    assert freeze(register, store).id == figure.id
    assert len(register.figures.list()) == 1
    assert register.figures.get(figure.id) == figure
    change(register, "o4", verdict="valid")
    assert freeze(register, store).id != figure.id
    with pytest.raises(NotFound):
        register.figures.get("f000")


def test_later_changes_do_not_reach_a_frozen_figure(register: SqlRegister, store: LocalStore, figure: Figure) -> None:
    change(register, "o0", verdict="invalid", reason="certificate_revoked")
    assert sum(row["part"] == "signed" for row in figures.rows(store, figure)) == 2


def test_what_has_changed_since(register: SqlRegister, store: LocalStore, figure: Figure) -> None:
    assert list(figures.since(register, store, figure)) == []
    change(register, "o0", verdict="invalid", reason="certificate_revoked")
    change(register, "o2", verdict="valid")
    change(register, "o3", verdict="invalid", reason="page_replaced")
    change(register, "o4", verdict="indeterminate")
    with register._database.write() as connection:
        connection.execute(delete(outgoing).where(outgoing.c.id == "o1"))
    put_outgoing(register, [{"id": "new", "issued_on": DAY}])
    found = {each.id: figures.change_kind(each) for each in figures.since(register, store, figure)}
    assert found == {"o0": "lost", "o1": "gone", "o2": "verified", "o3": "reason", "o4": "checked", "new": "appeared"}


def test_damaged_rows_are_noticed(figure: Figure, store: LocalStore, tmp_path: Path) -> None:
    file = next(path for path in (tmp_path / "objects").rglob(f"*{figure.rows_sha256[8:]}*"))
    file.chmod(0o600)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))
    with pytest.raises(DamagedObject):
        list(figures.rows(store, figure))


def test_reporting_is_in_the_audit_log(register: SqlRegister, figure: Figure) -> None:
    from storage.audit import SqlAuditLog

    entries = SqlAuditLog(register._database, lambda: NOW).entries()
    assert [(entry.action, entry.subject, entry.actor) for entry in entries] == [
        ("figure.reported", figure.id, "clerk")
    ]
