"""How long reports take over a million rows, beside the plain SQL count of the same rows in the same run.

    python -m tests.bench.report [--rows 1000000] [--on sqlite] [--on postgresql]

Each line `figure NAME VALUE GOAL ok|short`; seconds are the best of five, as other work shares the machine.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Table, event, func, select, text

from digitise.model.reports import GroupBy, RegisterName
from digitise.report import ask, exports, reports
from digitise.report.periods import parse
from digitise.report.register import Wanted
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


# A register of the reporting year 2022 out of arithmetic on a row's number: the same rows every time, made where they stay.
_DRAWN = ", ".join(
    f"(n * {factor} + {offset}) % {prime} % {size} AS {name}"
    for name, factor, offset, prime, size in (
        ("lot", 48271, 11, 100003, 10000),
        ("place", 69621, 7, 100019, 120),
        ("sort", 40692, 5, 100043, 60),
        ("one", 16807, 3, 100049, 1000),
        ("two", 39373, 1, 100057, 1000),
        ("three", 25543, 1, 100069, 1000),
        ("four", 21269, 1, 100103, 1000),
    )
)
_DOCUMENTS = {
    "id": "{n26}",
    "unit": "'H53.' || {place3}",
    "kind": "CASE sort % 6 WHEN 0 THEN 'QĐ' WHEN 1 THEN 'CV' WHEN 2 THEN 'TB' WHEN 3 THEN 'KH' WHEN 4 THEN 'BC' ELSE 'TTr' END",
    "abstract": "'Về việc phê duyệt kế hoạch số ' || n || ' trên địa bàn'",
    "state": "'delivered'",
    "medium": "CASE WHEN one < 970 THEN 'electronic' ELSE 'paper' END",
    "secret": "two < 10",
    "certified_copy": "three < 50",
    "created_at": "'2022-11-22 02:00:00+00'",
    "number": "n + 1",
    "symbol": "'QĐ-UBND'",
    "issued_on": "{day}",
    "sha256": "{n64}",
    "verdict": "CASE WHEN lot < 9603 THEN 'valid' WHEN lot < 9850 THEN 'unsigned' WHEN lot < 9900 THEN 'invalid' END",
    "full_value": "lot < 9603 AND four < 930",
    "reason": "CASE WHEN lot < 9603 THEN NULL WHEN lot < 9850 THEN 'unsigned' WHEN lot < 9900 THEN 'signed_bytes_changed' END",
}
_DOSSIERS = {
    "code": "'H53.12-' || {n7}",
    "procedure": "'1.' || {sort6}",
    "unit": "'H53.' || {place3}",
    "received_on": "{day}",
    "due_on": "{due}",
    "resolved_on": "CASE WHEN lot >= 300 THEN {resolved} END",
    "status": "CASE WHEN lot < 300 THEN 'pending' END",
    "channel": "CASE WHEN two < 720 THEN 'online' ELSE 'counter' END",
    "paid_online": "CASE three % 3 WHEN 0 THEN {yes} WHEN 1 THEN {no} END",
    "has_result": "three < 900",
    "components_digitised": "two % 4",
    "result_digitised": "four < 800",
    "components_reused": "four % 2",
    "progress": "CASE WHEN lot < 300 THEN 'pending' WHEN one % 11 = 0 THEN 'late' ELSE 'on_time' END",
}


def _terms(dialect: str, rows: int) -> dict[str, str]:
    """Return what the two databases say differently: padding, days, instants."""
    first = parse("2022").first.isoformat()
    padded = {
        f"{name}{width}": (name, width) for name, width in (("n", 7), ("n", 26), ("n", 64), ("place", 3), ("sort", 6))
    }
    day = f"n * 365 / {rows}"
    days = {
        "day": day,
        "due": f"{day} + 1 + one % 29",
        "resolved": f"{day} + 1 + one % 29 + 1 - (one % 11 + 10) / 11",
    }
    if dialect == "sqlite":
        told = {key: f"printf('%0{width}d', {name})" for key, (name, width) in padded.items()}
        return (
            told
            | {key: f"date('{first}', '+' || ({value}) || ' days')" for key, value in days.items()}
            | {"yes": "1", "no": "0"}
        )
    told = {key: f"lpad(({name})::text, {width}, '0')" for key, (name, width) in padded.items()}
    return (
        told | {key: f"DATE '{first}' + ({value})::int" for key, value in days.items()} | {"yes": "true", "no": "false"}
    )


def _fill(database: Database, table: Table, made: dict[str, str], rows: int) -> None:
    """Make the rows in the database, without its indexes; they are built afterwards, as after any large import."""
    terms = _terms(database.dialect, rows)
    numbers = f"SELECT 0 AS n UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows - 1}"
    if database.dialect == "postgresql":
        numbers = f"SELECT generate_series(0, {rows - 1})::bigint AS n"
    query = (
        f"INSERT INTO {table.name} ({', '.join(made)}) "
        f"WITH RECURSIVE numbers(n) AS ({numbers}), drawn AS (SELECT n, {_DRAWN} FROM numbers) "
        f"SELECT {', '.join(expression.format_map(terms) for expression in made.values())} FROM drawn"
    )
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    with database.write() as connection:
        for index in indexes:
            index.drop(connection)
        connection.exec_driver_sql(query.replace("%", "%%") if database.dialect == "postgresql" else query)
        for index in indexes:
            index.create(connection)


def _hurry(connection: Any, _record: Any) -> None:
    connection.executescript(
        "PRAGMA synchronous = OFF; PRAGMA cache_size = -300000; PRAGMA temp_store = MEMORY; PRAGMA threads = 2"
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
            ask.rows(register, reports.reuse(register, chosen.narrowed(unit=UNITS[3]), NOW), Wanted(limit=50))
        ),
    }


def _export(register: SqlRegister, folder: Path, rows: int, format_: str) -> tuple[float, float]:
    """Return seconds, and the megabytes by which the export's peak lies over what was resident before it."""
    report = reports.signed_share(register, whole(), NOW, compare=False)
    listing = exports.Listing(
        RegisterName.OUTGOING, lambda: ask.rows(register, report, Wanted(limit=rows)), "exceptions"
    )
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    before = _resident("VmRSS")
    start = time.perf_counter()
    with (folder / f"{rows}.{format_}").open("wb") as file:
        exports.write(report, file, format_, listing=listing)
    seconds = time.perf_counter() - start
    return seconds, (_resident("VmHWM") - before) / 1024


def _resident(entry: str) -> int:
    """Return VmRSS (now) or VmHWM (peak) of this process in kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(entry))


def _tell(name: str, value: float, goal: float) -> None:
    print(f"figure {name} {value:.2f} {goal:g} {'ok' if value <= goal else 'short'}", flush=True)


def _timed(name: str, times: tuple[float, float], goal: float) -> None:
    _tell(name, times[0], goal)
    print(f"  # {times[1]:.2f} s of it this process's own processor time", flush=True)


def _measure(name: str, database: Database, folder: Path, rows: int) -> None:
    register = SqlRegister(database, lambda: NOW)
    start = time.perf_counter()
    if database.dialect == "sqlite":  # a file that is thrown away need not survive a power cut
        event.listen(database.engine, "connect", _hurry)
    _fill(database, outgoing, _DOCUMENTS, rows)
    _fill(database, dossiers, _DOSSIERS, rows)
    if database.dialect == "sqlite":
        database.tend()
    else:  # what its autovacuum does by itself a minute later
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
