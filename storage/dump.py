"""A database as files, the same for SQLite and PostgreSQL: one JSON line per row, tables in the order of their keys."""

import base64
import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, Numeric, Table, func, inspect, select, text
from sqlalchemy.types import Date

from storage.schema import Instant, load

BATCH = 1000  # rows read or written at a time
WIDE = 8 << 20  # bytes of lines in one batch of a restore: texts of volumes are large


def tables(connection: Connection) -> list[Table]:
    """Return the declared tables that the database has, each after those it refers to."""
    present = set(inspect(connection).get_table_names())
    return [table for table in load().sorted_tables if table.name in present]


def lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """Iterate over the rows of a table as JSON lines, by primary key."""
    result = connection.execution_options(yield_per=BATCH).execute(select(table).order_by(*table.primary_key.columns))
    for row in result:
        told = {name: _told(value) for name, value in row._mapping.items()}
        yield json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def digest(connection: Connection, table: Table, most: int | None = None) -> tuple[int, str]:
    """Return the number of rows (the first `most`) and the SHA-256 of their lines."""
    whole, number = hashlib.sha256(), 0
    for line in islice(lines(connection, table), most):
        whole.update(line)
        number += 1
    return number, whole.hexdigest()


def write(connection: Connection, table: Table, file: Path) -> tuple[int, str]:
    """Write the rows into a gzip file; return their number and the SHA-256 of their lines."""
    whole, number = hashlib.sha256(), 0
    with gzip.open(file, "wb", compresslevel=3) as out:
        for line in lines(connection, table):
            whole.update(line)
            number += 1
            out.write(line)
    return number, whole.hexdigest()


def read(connection: Connection, table: Table, file: Path) -> None:
    """Insert the rows of a file into an empty table, and let new rows be numbered after them."""
    columns = {column.name: column for column in table.columns}
    with gzip.open(file, "rb") as source:
        for batch in _batches(source):
            rows = [{name: _value(columns[name], told) for name, told in json.loads(line).items()} for line in batch]
            connection.execute(table.insert(), rows)
    number = table.autoincrement_column
    if connection.dialect.name == "postgresql" and number is not None and number.autoincrement is True:
        last = connection.execute(select(func.max(number))).scalar_one()
        if last:
            sequence = select(func.setval(func.pg_get_serial_sequence(table.name, number.name), last))
            connection.execute(sequence)


def is_empty(connection: Connection) -> bool:
    """Say whether no declared table holds a row."""
    return all(
        connection.execute(select(text("1")).select_from(table).limit(1)).first() is None
        for table in tables(connection)
    )


def _batches(source: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for line in source:
        batch.append(line)
        size += len(line)
        if len(batch) == BATCH or size > WIDE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _told(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    return str(value) if isinstance(value, Decimal) else value


def _value(column: Column[Any], told: Any) -> Any:
    if told is None:
        return None
    if isinstance(column.type, Instant):
        return datetime.fromisoformat(told)
    if isinstance(column.type, Date):
        return date.fromisoformat(told)
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(told)
    return Decimal(told) if isinstance(column.type, Numeric) and isinstance(told, str) else told
