"""The register of outgoing documents (văn bản đi)."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.schema import Instant, Serial, metadata

# Documents that some variant of the signed share does not count; a query must say it word for word to be given the index.
EXCEPTIONS = "verdict IS NULL OR verdict <> 'valid' OR full_value IS NOT TRUE"

COUNTED_BY = ("medium", "secret", "state", "certified_copy", "verdict", "full_value")  # what the indicators look at

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
    Column("file_name", Text),
    Column("copy_of", String),  # certified copy: the document (scan) that it was made from
    Column("replaces", Text),
    Column("created_by", Text),
    Column("search_key", Text),  # folded words of abstract and symbol, as `search_key` makes them
    Column("number_key", Text),  # unit, year, symbol, number; None: no number, or one that a register gave twice
    UniqueConstraint("external_id"),
    UniqueConstraint("number_key"),
    # What a report counts by, in the order it groups by: it reads the index alone, a day at a time, without a sort.
    Index("ix_outgoing_report", "issued_on", "unit", *COUNTED_BY),
    Index("ix_outgoing_kinds", "issued_on", "kind", "unit", *COUNTED_BY),
    Index(
        "ix_outgoing_exceptions",
        "issued_on",
        "unit",
        "verdict",
        "full_value",
        "reason",
        "medium",
        "secret",
        "state",
        "verdict_id",
        "sha256",
        "signed_sha256",
        sqlite_where=text(EXCEPTIONS),
        postgresql_where=text(EXCEPTIONS),
    ),
    Index(None, "unit", "issued_on", "id"),
    Index(None, "state", "id"),
    Index(None, "id", "search_key", "number"),  # a listing looks through it, newest first, without touching the rows
)

intents = Table(
    "intents",
    metadata,
    Column("id", String, primary_key=True),
    Column("outgoing_id", String, ForeignKey("outgoing.id"), nullable=False),
    Column("profile", String, nullable=False),
    Column("input_sha256", String(64), nullable=False),
    Column("authorised_by", Text, nullable=False),
    Column("authorised_at", Instant, nullable=False),
    Column("token", Integer, nullable=False, server_default="0"),  # fencing: newest claim that reserved a result
    Column("pending_sha256", String(64)),  # signed, about to be stored: adopted, never signed again
    Column("pending_level", String),
    Column("done_sha256", String(64)),
    Column("done_at", Instant),
    Column("withdrawn_at", Instant),
    Column("error", Text),
    Index(None, "outgoing_id", "authorised_at"),
    Index(None, "authorised_by", "authorised_at"),
    Index(None, "done_at"),  # the daily list of what rules signed
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String, primary_key=True),
    Column("outgoing_id", String, ForeignKey("outgoing.id"), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("channel", String, nullable=False),  # folder, webhook
    Column("created_at", Instant, nullable=False),
    Column("delivered_at", Instant),
    UniqueConstraint("outgoing_id", "sha256", "channel"),
)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("delivery_id", String, ForeignKey("deliveries.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("answer", Text, nullable=False),  # `ok`, or what went wrong
    Index(None, "delivery_id", "seq"),
)

signing_rules = Table(
    "signing_rules",
    metadata,
    Column("name", String, primary_key=True),
    Column("profile", String, nullable=False),
    Column("unit", Text),
    Column("kind", String),
    Column("from_hour", Integer, nullable=False),
    Column("to_hour", Integer, nullable=False),
    Column("per_day", Integer, nullable=False),
    Column("enabled_by", Text, nullable=False),
    Column("enabled_at", Instant, nullable=False),
    Column("stopped_by", Text),
    Column("stopped_at", Instant),
)

renewals = Table(
    "renewals",
    metadata,
    Column("outgoing_id", String, ForeignKey("outgoing.id"), primary_key=True),
    Column("due_at", Instant, nullable=False),  # when the last archive timestamp must have its successor
    Column("ends_at", Instant, nullable=False),  # when its certificate ends
    Index(None, "due_at"),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("name", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("certificate", LargeBinary),  # DER
    Column("problem", Text, nullable=False),
    Column("told_at", Instant, nullable=False),
)
