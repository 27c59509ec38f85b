"""Fills the registers of dossiers, units and incoming documents: one transaction each, twice the same is once."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, bindparam, insert, select, tuple_, update

from digitise.model.outgoing import Dossier, Unit
from digitise.model.people import Actor
from digitise.model.reports import Imported
from digitise.report.register import Incoming, Source
from storage import audit
from storage.database import Database
from storage.schema import new_id
from storage.schema.register import dossiers, imports, incoming, units

BATCH = 500  # rows compared and written at a time: well under SQLite's 32,766 parameters
T = TypeVar("T")


class SqlImports:
    """Implements `digitise.report.register.Imports`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def dossiers(self, rows: Iterable[tuple[int, Dossier]], source: Source, actor: Actor) -> Imported:
        """Add or change dossiers by code."""
        told = (
            (number, {name.name: getattr(row, name.name) for name in fields(Dossier)} | {"progress": _progress(row)})
            for number, row in rows
        )
        return self._fill("dossiers", dossiers, ("code",), told, source, actor)

    def units(self, rows: Iterable[tuple[int, Unit]], source: Source, actor: Actor) -> Imported:
        """Add or change units by code and first day."""
        told = ((number, asdict(row) | {"valid_from": row.valid_from or date.min}) for number, row in rows)
        return self._fill("units", units, ("code", "valid_from"), told, source, actor)

    def incoming(self, rows: Iterable[tuple[int, Incoming]], source: Source, actor: Actor) -> Imported:
        """Add or change incoming documents by their external id."""
        told = ((number, asdict(row)) for number, row in rows)
        return self._fill("incoming", incoming, ("external_id",), told, source, actor)

    def _fill(
        self,
        name: str,
        table: Table,
        key: tuple[str, ...],
        rows: Iterable[tuple[int, dict[str, Any]]],
        source: Source,
        actor: Actor,
    ) -> Imported:
        added = changed = same = 0
        import_id = new_id()
        with self._database.write() as connection:
            where = {"register": name, "file_name": source.file_name, "sha256": source.sha256, "actor": actor.name}
            none = {"added": 0, "changed": 0, "same": 0, "bad": 0}
            connection.execute(insert(imports).values(id=import_id, at=source.at, **where, **none))
            for batch in _batches(rows):
                new, other = _split(connection, table, key, batch)
                _write(connection, table, key, new, other, import_id)
                added, changed, same = added + len(new), changed + len(other), same + len(batch) - len(new) - len(other)
            counts = {"added": added, "changed": changed, "same": same, "bad": len(source.bad)}
            connection.execute(update(imports).where(imports.c.id == import_id).values(**counts))
            audit.append(
                connection,
                actor.name,
                f"{name}.imported",
                import_id,
                counts | {"file": source.file_name, "sha256": source.sha256},
                source.at,
            )
        return Imported(import_id, name, added, changed, same, tuple(source.bad))


def _progress(row: Dossier) -> str:
    """Say how far a dossier has come, as `schema.register.PROGRESS` holds every row to it."""
    if row.resolved_on and row.due_on:
        return "on_time" if row.resolved_on <= row.due_on else "late"
    if row.status in ("on_time", "late", "withdrawn"):
        return row.status
    if row.resolved_on or row.status == "resolved":
        return "resolved"  # but nobody can say whether in time
    return "pending" if row.status == "pending" else "unaccounted"


Batch = dict[tuple[Any, ...], tuple[int, dict[str, Any]]]


def _batches(rows: Iterable[tuple[int, dict[str, Any]]]) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    stream = iter(rows)
    while batch := list(islice(stream, BATCH)):
        yield batch


def _split(
    connection: Connection, table: Table, key: tuple[str, ...], batch: list[tuple[int, dict[str, Any]]]
) -> tuple[Batch, Batch]:
    """Return which rows are new and which differ from what is held; of the same key in one batch the last row counts."""
    wanted: Batch = {tuple(row[name] for name in key): (number, row) for number, row in batch}
    place = tuple_(*(table.c[name] for name in key)) if len(key) > 1 else table.c[key[0]]
    keys = list(wanted) if len(key) > 1 else [each[0] for each in wanted]
    held = {
        tuple(row[name] for name in key): row
        for row in connection.execute(select(table).where(place.in_(keys))).mappings()
    }
    new = {each: told for each, told in wanted.items() if each not in held}
    other = {
        each: told
        for each, told in wanted.items()
        if each in held and any(held[each][name] != value for name, value in told[1].items())
    }
    return new, other


def _write(
    connection: Connection, table: Table, key: tuple[str, ...], new: Batch, other: Batch, import_id: str
) -> None:
    traced = "import_id" in table.c
    if new:
        values = [
            row
            | ({"import_id": import_id, "import_row": number} if traced else {})
            | ({"id": new_id()} if "id" in table.c else {})
            for number, row in new.values()
        ]
        connection.execute(insert(table), values)
    if other:
        condition = [table.c[name] == bindparam(f"held_{name}") for name in key]
        values = [
            row
            | {f"held_{name}": row[name] for name in key}
            | ({"import_id": import_id, "import_row": number} if traced else {})
            for number, row in other.values()
        ]
        connection.execute(update(table).where(*condition), values)
