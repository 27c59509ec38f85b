"""Registers as offices export them, written for the tests; what is counted comes back through the importer."""

import csv
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from digitise.model.people import Actor, Role
from digitise.model.reports import Period, Selection
from digitise.report.periods import free, parse
from storage.database import Database, migrate
from storage.register import SqlRegister
from storage.schema.outgoing import outgoing
from storage.schema.verdicts import verdicts

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
CLERK = Actor("clerk", frozenset({Role.OPERATOR}))


def database_at(path: Path) -> Database:
    """Return a migrated SQLite database in `path`: a copy, as migrating takes a second."""
    (path / "register.sqlite").write_bytes(_migrated())
    return Database(f"sqlite:///{path}/register.sqlite")


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/empty.sqlite")
        migrate(database)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        return (Path(folder) / "empty.sqlite").read_bytes()


def register_at(path: Path) -> SqlRegister:
    """Return the register of a new database in `path`."""
    return SqlRegister(database_at(path), lambda: NOW)


def whole(period: str = "2022") -> Selection:
    """Select every row of a period (NĐ 09/2019)."""
    return Selection(parse(period))


def between(first: date, last: date) -> Selection:
    """Select every row of a free range."""
    return Selection(free(first, last))


def dossier_csv(path: Path, rows: Iterable[dict[str, Any]], headings: Sequence[str] | None = None) -> Path:
    """Write dossier rows under Vietnamese headings."""
    names = headings or (
        "Mã hồ sơ",
        "Đơn vị",
        "Ngày tiếp nhận",
        "Ngày hẹn trả",
        "Ngày giải quyết",
        "Trạng thái",
        "Hình thức nộp",
    )
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=names)
        writer.writeheader()
        writer.writerows(rows)
    return path


def made_dossiers(
    *,
    unit: str,
    period: Period,
    on_time: int = 0,
    late: int = 0,
    resolved_without_due: int = 0,
    pending: int = 0,
    online: int = 0,
    start: int = 0,
) -> Iterator[dict[str, Any]]:
    """Yield dossiers spread over `period` with as many of each fate as asked; the first `online` came online."""
    days = (period.last - period.first).days + 1
    fates = [("on_time", on_time), ("late", late), ("open", resolved_without_due), ("pending", pending)]
    number = start
    for fate, count in fates:
        for _ in range(count):
            received = period.first + timedelta(days=number % days)
            due = received + timedelta(days=10)
            resolved = {"on_time": due, "late": due + timedelta(days=1), "open": received, "pending": None}[fate]
            yield {
                "Mã hồ sơ": f"H53.12-{received:%y%m%d}-{unit}{number:07d}",
                "Đơn vị": unit,
                "Ngày tiếp nhận": f"{received:%d/%m/%Y}",
                "Ngày hẹn trả": "" if fate == "open" else f"{due:%d/%m/%Y %H:%M}",
                "Ngày giải quyết": resolved.isoformat() if resolved else "",
                "Trạng thái": "Đang xử lý" if fate == "pending" else "Đã giải quyết",
                "Hình thức nộp": "Trực tuyến" if number - start < online else "Trực tiếp",
            }
            number += 1


def put_outgoing(register: SqlRegister, rows: Iterable[dict[str, Any]]) -> None:
    """Insert outgoing documents with their verdicts, as signing and verifying leave them."""
    with register._database.write() as connection:
        for batch in _batches(rows):
            connection.execute(insert(outgoing), [row for row, _ in batch])
            told = [verdict for _, verdict in batch if verdict]
            if told:
                connection.execute(insert(verdicts), told)


def _batches(
    rows: Iterable[dict[str, Any]], size: int = 1000
) -> Iterator[list[tuple[dict[str, Any], dict[str, Any] | None]]]:
    batch = []
    for row in rows:
        batch.append(_document(**row))
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _document(
    *,
    id: str,
    issued_on: date | None,
    verdict: str | None = None,
    reason: str | None = None,
    full: bool = True,
    **given: Any,
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    row: dict[str, Any] = {
        "id": id,
        "unit": "H14",
        "kind": "QĐ",
        "abstract": "Về việc phê duyệt kế hoạch",
        "state": "delivered",
        "medium": "electronic",
        "secret": False,
        "certified_copy": False,
        "created_at": NOW,
        "number": 1,
        "symbol": "QĐ-UBND",
        "sha256": "a" * 64,
        "signed_sha256": None,
        "verdict": verdict,
        "verdict_id": None,
        "full_value": None,
        "reason": reason,
        "issued_on": issued_on,
    } | given
    if verdict is None:
        return row, None
    row["verdict_id"] = f"v-{id}"
    row["full_value"] = verdict == "valid" and full
    return row, {
        "id": f"v-{id}",
        "sha256": "a" * 64,
        "outgoing_id": id,
        "document_id": None,
        "outcome": verdict,
        "indication": "TOTAL_PASSED" if verdict == "valid" else "INDETERMINATE",
        "sub_indication": None,
        "first_reason": reason,
        "person_valid": verdict == "valid" and full,
        "organisation_valid": verdict == "valid",
        "policy": "default",
        "trust_snapshot": "0" * 16,
        "checked_at": NOW,
        "detail": {"outcome": verdict, "signatures": []},
    }
