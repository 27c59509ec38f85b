"""Verdicts: what was found when a PDF's signatures were checked, never changed afterwards."""

from sqlalchemy import Boolean, Column, Index, String, Table, Text

from storage.schema import Instant, Json, metadata

verdicts = Table(
    "verdicts",
    metadata,
    Column("id", String, primary_key=True),
    Column("sha256", String(64), nullable=False),  # the bytes that were checked
    Column("document_id", String),
    Column("outgoing_id", String),
    Column("outcome", String, nullable=False),
    Column("indication", String),
    Column("sub_indication", String),
    Column("first_reason", String),
    Column("person_valid", Boolean),
    Column("organisation_valid", Boolean),
    Column("policy", Text, nullable=False),
    Column("trust_snapshot", String, nullable=False),
    Column("checked_at", Instant, nullable=False),
    Column("detail", Json, nullable=False),
    Index(None, "sha256", "checked_at"),
    Index(None, "document_id", "checked_at"),
    Index(None, "outgoing_id", "checked_at"),
)
