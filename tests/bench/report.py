"""How long reports take over a million rows, beside the plain SQL count of the same rows in the same run.

    python -m tests.bench.report [--rows 1000000] [--on sqlite] [--on postgresql]

Each line `figure NAME VALUE GOAL ok|short`; seconds are the best of five, as other work shares the machine.
"""

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, select, text

from digitise.model.reports import GroupBy, RegisterName
from digitise.report import ask, exports, reports
from digitise.report.periods import parse
from storage.database import Database, migrate
from storage.register import SqlRegister
from storage.schema.outgoing import outgoing
from storage.schema.register import dossiers
from tests.unit.report.registers import NOW, whole

GOAL_SECONDS = 2.0
EXPORT_ROWS = 100_000
GOAL_EXPORT_MB = 40.0  # that an export of 100,000 rows may add to the process, beside what one of 1,000 rows adds
UNITS = [f"H53.{number:03d}" for number in range(120)]  # a province: departments, districts, communes
KINDS = ["QĐ", "CV", "TB", "KH", "BC", "TTr"]


def _documents(rows: int) -> Iterator[dict[str, Any]]:
    draw = random.Random(1)
    year = parse("2022")
    for number in range(rows):
        lot = draw.random()
        verdict = "valid" if lot < 0.9603 else "unsigned" if lot < 0.985 else "invalid" if lot < 0.99 else None
        yield {
            "id": f"{draw.getrandbits(128):032x}",
            "unit": draw.choice(UNITS),
            "kind": draw.choice(KINDS),
            "abstract": f"Về việc phê duyệt kế hoạch số {number} trên địa bàn",
            "state": "delivered",
            "medium": "electronic" if draw.random() < 0.97 else "paper",
            "secret": draw.random() < 0.01,
            "certified_copy": draw.random() < 0.05,
            "created_at": NOW,
            "number": number + 1,
            "symbol": "QĐ-UBND",
            "issued_on": year.first + timedelta(days=number * 365 // rows),
            "sha256": f"{number:064x}",
            "verdict": verdict,
            "full_value": verdict == "valid" and draw.random() < 0.93,
            "reason": {"unsigned": "unsigned", "invalid": "signed_bytes_changed"}.get(verdict or ""),
        }


def _dossiers(rows: int) -> Iterator[dict[str, Any]]:
    draw = random.Random(2)
    year = parse("2022")
    for number in range(rows):
        received = year.first + timedelta(days=number * 365 // rows)
        due = received + timedelta(days=draw.randrange(1, 30))
        resolved = None if draw.random() < 0.03 else due - timedelta(days=draw.randrange(-1, 10))
        yield {
            "code": f"H53.12-{received:%y%m%d}-{number:07d}",
            "procedure": f"1.{draw.randrange(60):06d}",
            "unit": draw.choice(UNITS),
            "received_on": received,
            "due_on": due,
            "resolved_on": resolved,
            "status": None if resolved else "pending",
            "channel": "online" if draw.random() < 0.72 else "counter",
            "paid_online": draw.choice([True, False, None]),
            "has_result": draw.random() < 0.9,
            "components_digitised": draw.randrange(4),
            "result_digitised": draw.random() < 0.8,
            "components_reused": draw.randrange(2),
        }


def _fill(database: Database, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    """Insert below SQLAlchemy, whose conversions would take longer than all that is measured."""
    columns = [column.name for column in table.columns if column.computed is None]
    values = (tuple(_plain_value(row.get(name, _DEFAULTS.get(name))) for name in columns) for row in rows)
    named = ", ".join(f'"{name}"' for name in columns)
    with database.write() as connection:
        driver: Any = connection.connection.driver_connection
        if database.dialect == "sqlite":
            marks = ", ".join("?" * len(columns))
            driver.executemany(f"INSERT INTO {table.name} ({named}) VALUES ({marks})", values)
            return
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({named}) FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)


_DEFAULTS = {"version": 1}


def _plain_value(value: Any) -> Any:
    return (
        value.isoformat(" ") if isinstance(value, datetime) else value.isoformat() if isinstance(value, date) else value
    )


def _best(work: Callable[[], Any], times: int = 5) -> tuple[float, float]:
    """Return the shortest time of `times` runs, and the least processor time of this process."""
    taken, worked = [], []
    for _ in range(times):
        start, begun = time.perf_counter(), time.process_time()
        work()
        taken.append(time.perf_counter() - start)
        worked.append(time.process_time() - begun)
    return min(taken), min(worked)


def _plain(database: Database) -> tuple[float, float]:
    year = parse("2022")
    query = select(func.count()).where(
        outgoing.c.issued_on.between(year.first, year.last),
        outgoing.c.verdict == "valid",
        outgoing.c.medium == "electronic",
    )

    def count() -> None:
        with database.read() as connection:
            connection.execute(query).scalar()

    return _best(count)


def _reports(register: SqlRegister) -> dict[str, Callable[[], Any]]:
    chosen = whole()
    return {
        "signed_share_month": lambda: reports.signed_share(register, chosen, NOW),
        "signed_share_unit": lambda: reports.signed_share(register, chosen, NOW, by=GroupBy.UNIT),
        "signed_share_kind": lambda: reports.signed_share(register, chosen, NOW, by=GroupBy.KIND, compare=False),
        "signed_share_C": lambda: reports.signed_share(register, chosen, NOW, variant="C"),
        "signed_share_one_unit": lambda: reports.signed_share(register, chosen.narrowed(unit=UNITS[7]), NOW),
        "exceptions": lambda: reports.exceptions(register, chosen, NOW),
        "dossiers": lambda: reports.dossiers(register, chosen, NOW),
        "dossiers_kind": lambda: reports.dossiers(register, chosen, NOW, by=GroupBy.KIND),
        "digitisation": lambda: reports.digitisation(register, chosen, NOW),
        "reuse": lambda: reports.reuse(register, chosen, NOW),
        "drill_down_page": lambda: list(
            ask.rows(register, reports.reuse(register, chosen.narrowed(unit=UNITS[3]), NOW), limit=50)
        ),
    }


def _export(register: SqlRegister, folder: Path, rows: int, format_: str) -> tuple[float, float]:
    """Return seconds, and megabytes that the process's peak grew by."""
    report = reports.signed_share(register, whole(), NOW, compare=False)
    listing = exports.Listing(RegisterName.OUTGOING, lambda: ask.rows(register, report, limit=rows), "exceptions")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    with (folder / f"{rows}.{format_}").open("wb") as file:
        exports.write(report, file, format_, listing=listing)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return time.perf_counter() - start, grown / 1024


def _tell(name: str, value: float, goal: float) -> None:
    print(f"figure {name} {value:.2f} {goal:g} {'ok' if value <= goal else 'short'}", flush=True)


def _timed(name: str, times: tuple[float, float], goal: float) -> None:
    _tell(name, times[0], goal)
    print(f"  # {times[1]:.2f} s of it this process's own processor time", flush=True)


def _measure(name: str, database: Database, folder: Path, rows: int) -> None:
    register = SqlRegister(database, lambda: NOW)
    start = time.perf_counter()
    _fill(database, outgoing, _documents(rows))
    _fill(database, dossiers, _dossiers(rows))
    if database.dialect == "postgresql":  # what its autovacuum does by itself a minute later
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    print(f"filled {name} with 2 x {rows} rows in {time.perf_counter() - start:.0f} s", flush=True)
    _timed(f"{name}_plain_count", _plain(database), GOAL_SECONDS)
    for report, work in _reports(register).items():
        _timed(f"{name}_{report}", _best(work), GOAL_SECONDS)
    for format_ in ("csv", "xlsx", "json"):
        _export(register, folder, 1000, format_)
        seconds, grown = _export(register, folder, EXPORT_ROWS, format_)
        print(f"figure {name}_export_{format_}_seconds {seconds:.1f} - ok", flush=True)
        _tell(f"{name}_export_{format_}_megabytes", grown, GOAL_EXPORT_MB)


@contextmanager
def _database(name: str, folder: Path) -> Iterator[Database]:
    if name == "sqlite":
        database = Database(f"sqlite:///{folder}/register.sqlite")
        yield database
        database.close()
        return
    from tests.servers import postgresql

    with postgresql() as server:
        database = Database(server.new_database())
        yield database
        database.close()


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--on", choices=["sqlite", "postgresql"], action="append")
    given = parser.parse_args()
    for name in given.on or ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory() as folder, _database(name, Path(folder)) as database:
            migrate(database)
            _measure(name, database, Path(folder), given.rows)


if __name__ == "__main__":
    main()
