"""The tables, one file per area; `load()` gathers them all into `metadata`.

Rules that every area follows: identifiers are text from `new_id`, instants are `Instant` (aware, UTC), structured
values are `Json`. A table that is added here needs its migration; `tests/contract/test_migrations.py` compares them.
"""

import importlib
import pkgutil
import secrets
import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Serial = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers rows by itself only in an INTEGER key

Sorted = Text().with_variant(Text(collation="C"), "postgresql")  # sorted by bytes, so that a prefix is a range


class Instant(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in SQL (SQLite keeps text that sorts, PostgreSQL `timestamptz`)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values, which would be read in another zone later."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return an aware UTC moment."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32: nothing to confuse when read aloud


def new_id() -> str:
    """Return a new identifier: 26 signs, sorted by time (48 bits of milliseconds), then 80 random bits."""
    number = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def load() -> MetaData:
    """Import every area and return the complete metadata."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return metadata
