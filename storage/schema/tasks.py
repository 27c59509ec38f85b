"""Promised work (việc đã hứa): rows that say what must still be done."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from storage.schema import Instant, Json, Serial, metadata

tasks = Table(
    "tasks",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("args", Json, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("token", Integer, nullable=False, server_default="0"),  # fencing: grows with every claim, never falls
    Column("created_at", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("ready_at", Instant, nullable=False),  # when it may be claimed: not_before, or the end of the lease
    Column("done", Integer, nullable=False, server_default="0"),
    Column("total", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    Column("worker", Text),
    Column("lease_until", Instant),
    Column("ended_at", Instant),
    Index(None, "state", "kind", "ready_at", "seq"),
    Index(None, "subject", "seq"),
)
