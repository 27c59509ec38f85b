"""What the sign worker told of its keys."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select

from digitise.model.people import SYSTEM
from digitise.ports import Clock
from digitise.sign.known_keys import KnownKey
from storage.audit import append
from storage.database import Database
from storage.schema.outgoing import signing_keys


class SqlKnownKeys:
    """Implements `digitise.sign.known_keys.KnownKeys`. Raises DatabaseUnavailable."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def replace(self, keys: Sequence[KnownKey]) -> None:
        """Tell the keys that there are now; the audit log says so where a certificate came or went."""
        with self._database.write() as connection:
            before = set(connection.scalars(select(signing_keys.c.certificate)))
            connection.execute(delete(signing_keys))
            for key in keys:
                row = {"name": key.name, "kind": key.kind, "certificate": key.certificate}
                connection.execute(insert(signing_keys).values(**row, problem=key.problem, told_at=key.told_at))
            if before != {key.certificate for key in keys}:
                told = {key.name: _serial(key) for key in keys}
                append(connection, SYSTEM.name, "keys.told", "keys", told, self._clock())

    def all(self) -> list[KnownKey]:
        """Return what was told last, by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(signing_keys).order_by(signing_keys.c.name)).all()
        return [KnownKey(row.name, row.kind, row.certificate, row.problem, row.told_at) for row in rows]


def _serial(key: KnownKey) -> str | None:
    certificate = key.x509
    return f"{certificate.serial_number:x}" if certificate else None
