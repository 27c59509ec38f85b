"""The register of outgoing documents (văn bản đi)."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text, UniqueConstraint, text

from storage.schema import Instant, metadata

outgoing = Table(
    "outgoing",
    metadata,
    Column("id", String, primary_key=True),
    Column("unit", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("abstract", Text, nullable=False),
    Column("state", String, nullable=False),
    Column("medium", String, nullable=False),
    Column("secret", Boolean, nullable=False),
    Column("certified_copy", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("number", Integer),
    Column("symbol", Text),
    Column("issued_on", Date),
    Column("signer", Text),
    Column("signer_title", Text),
    Column("sha256", String(64)),
    Column("signed_sha256", String(64)),
    Column("external_id", Text),
    Column("recipients", Text),
    Column("verdict", String),  # outcome of the newest verdict, so that a report reads one table
    Column("verdict_id", String),
    Column("full_value", Boolean),  # newest verdict: person's and organisation's signature both valid (variant C)
    Column("reason", String),  # newest verdict: its first reason code
    Column("error", Text),
    Column("version", Integer, nullable=False, server_default="1"),
    UniqueConstraint("external_id"),
    # What a report counts by, in the order it groups by: it reads the index alone, a day at a time, without a sort.
    Index(
        "ix_outgoing_report",
        "issued_on",
        "unit",
        "medium",
        "secret",
        "state",
        "certified_copy",
        "verdict",
        "full_value",
    ),
    Index(
        "ix_outgoing_kinds",
        "kind",
        "issued_on",
        "unit",
        "medium",
        "secret",
        "state",
        "certified_copy",
        "verdict",
        "full_value",
    ),
    Index(
        "ix_outgoing_exceptions",
        "issued_on",
        "unit",
        "verdict",
        "reason",
        sqlite_where=text("verdict IS NULL OR verdict <> 'valid'"),
        postgresql_where=text("verdict IS NULL OR verdict <> 'valid'"),
    ),
    Index(None, "unit", "issued_on", "id"),
)
