"""Registers behind the figures: units (đơn vị), dossiers (hồ sơ), incoming documents (văn bản đến), imports, figures."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from storage.schema import Instant, Json, metadata

imports = Table(
    "imports",
    metadata,
    Column("id", String, primary_key=True),
    Column("register", String, nullable=False),  # dossiers, units, incoming
    Column("file_name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("added", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("same", Integer, nullable=False),
    Column("bad", Integer, nullable=False),
    Index(None, "register", "at"),
)

units = Table(
    "units",
    metadata,
    Column("code", String, primary_key=True),
    Column("valid_from", Date, primary_key=True),  # 0001-01-01 where no beginning is known
    Column("valid_to", Date),
    Column("name", Text, nullable=False),
    Column("level", String, nullable=False),  # province, district, commune
    Column("parent", String),
)

# How far a dossier has come, by its dates; the source's own word only where dates are missing. The
# importer writes it and the database refuses one that disagrees with the dates; a column that the database derives
# itself would keep SQLite from answering from the index alone. Whether a pending one is overdue depends on the day asked.
PROGRESS = (
    "CASE WHEN resolved_on IS NOT NULL AND due_on IS NOT NULL AND resolved_on <= due_on THEN 'on_time'"
    " WHEN resolved_on IS NOT NULL AND due_on IS NOT NULL THEN 'late'"
    " WHEN status IN ('on_time', 'late', 'withdrawn') THEN status"
    " WHEN resolved_on IS NOT NULL OR status = 'resolved' THEN 'resolved'"  # resolved, but nobody can say if in time
    " WHEN status = 'pending' THEN 'pending'"
    " ELSE 'unaccounted' END"
)

COUNTED_BY = (  # what the indicators look at
    "progress",
    "due_on",
    "channel",
    "paid_online",
    "has_result",
    "result_digitised",
    "components_digitised",
    "components_reused",
)

dossiers = Table(
    "dossiers",
    metadata,
    Column("code", String, primary_key=True),
    Column("procedure", String),
    Column("unit", Text, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("due_on", Date),
    Column("resolved_on", Date),
    Column("returned_on", Date),
    Column("status", String),  # resolved, pending, on_time, late, withdrawn; NULL = not accounted for
    Column("channel", String, nullable=False),
    Column("paid_online", Boolean),
    Column("has_result", Boolean, nullable=False),
    Column("components_digitised", Integer, nullable=False),
    Column("result_digitised", Boolean, nullable=False),
    Column("components_reused", Integer, nullable=False),
    Column("import_id", ForeignKey("imports.id")),
    Column("import_row", Integer),  # row of the imported file, as a spreadsheet numbers it
    Column("progress", String, nullable=False, server_default="unaccounted"),
    CheckConstraint(f"progress = {PROGRESS}", name="progress"),
    # What a report counts by, in the order it groups by: the index alone is read, a day at a time, without a sort.
    Index("ix_dossiers_report", "received_on", "unit", *COUNTED_BY),
    Index("ix_dossiers_procedures", "received_on", "procedure", "unit", *COUNTED_BY),
    Index(None, "unit", "received_on", "code"),
    Index(
        "ix_dossiers_open",
        "progress",
        "due_on",
        sqlite_where=text("progress IN ('pending', 'unaccounted')"),
        postgresql_where=text("progress IN ('pending', 'unaccounted')"),
    ),
)

incoming = Table(
    "incoming",
    metadata,
    Column("id", String, primary_key=True),
    Column("external_id", Text, nullable=False, unique=True),  # the source's own id, or what identifies the row
    Column("unit", Text, nullable=False),
    Column("received_on", Date, nullable=False),
    Column("medium", String, nullable=False),
    Column("number", Text),
    Column("sender", Text),
    Column("subject", Text),
    Column("kind", String),
    Column("import_id", ForeignKey("imports.id")),
    Column("import_row", Integer),
    Index("ix_incoming_report", "received_on", "unit", "medium", "kind"),
)

figures = Table(
    "figures",
    metadata,
    Column(
        "id", String, primary_key=True
    ),  # derived from what was asked and the rows that answered: same answer, same id
    Column("indicator", String, nullable=False),
    Column("numerator", BigInteger, nullable=False),
    Column("denominator", BigInteger, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("rows_count", BigInteger, nullable=False),
    Column("rows_digest", String(64), nullable=False),  # SHA-256 of the rows as JSON lines
    Column("rows_sha256", String(64), nullable=False),  # the object that holds them, compressed
    Column("detail", Json, nullable=False),  # selection, counts by part, policies and trust snapshots
    Index(None, "indicator", "asked_at"),
    Index(None, "asked_at"),
)
