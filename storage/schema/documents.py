"""Documents (tài liệu số hóa), their artefacts, page results, searchable text and reuses."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, String, Table, Text, text

from storage.schema import Instant, Json, Serial, Sorted, metadata

documents = Table(
    "documents",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),  # order of arrival; row id of the full-text index
    Column("id", String, nullable=False, unique=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("file_name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("pages", Integer),
    Column("warnings", Json, nullable=False),
    Column("error", Text),
    Column("verdict", String),
    Column("dossier", Text),
    Column("owner_id", Text),
    Column("owner_name", Text),
    Column("kind", Text),
    Column("unit", Text),
    Column("title", Text),
    Column("number", Text),
    Column("issued_on", Date),
    Column("issuer", Text),
    Column("signer", Text),
    Column("valid_until", Date),
    Column("procedure", Text),
    Column("component", Text),
    Column("said", Json, nullable=False),  # filing fields that a person set or cleared: suggestions leave them alone
    Column("number_key", Sorted),  # folded number and symbol, for look-ups
    Column("dated", Date, nullable=False),  # issued on, else received on (Vietnamese day)
    Index(None, "state", "seq"),
    Index(None, "kind", "seq"),
    Index(None, "unit", "seq"),
    Index(None, "verdict", "seq"),
    Index(None, "dossier", "seq"),
    Index(None, "owner_id", "seq"),
    Index(None, "number_key", "seq"),
    Index(None, "dated", "seq"),
)

artefacts = Table(
    "artefacts",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("document_id", ForeignKey("documents.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("superseded_at", Instant),  # a newer artefact of the kind took its place; the row stays
    Index(
        "uq_artefacts_current",
        "document_id",
        "kind",
        unique=True,
        sqlite_where=text("superseded_at IS NULL"),
        postgresql_where=text("superseded_at IS NULL"),
    ),
    Index(None, "document_id"),
)

page_results = Table(
    "page_results",
    metadata,
    Column("key", Text, primary_key=True),  # page image + engine + parameters
    Column("sha256", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
)

document_pages = Table(
    "document_pages",
    metadata,
    Column("document_id", ForeignKey("documents.id"), primary_key=True),
    Column("page", Integer, primary_key=True, autoincrement=False),  # 1-based
    Column("sha256", String(64), nullable=False),
)

document_texts = Table(
    "document_texts",
    metadata,
    Column("document_seq", Serial, ForeignKey("documents.seq"), primary_key=True, autoincrement=False),
    Column("heading", Text, nullable=False),  # the filing in words, as indexed
    Column("body", Text, nullable=False),  # NFC, as recognised or corrected; snippets are cut from it
    Column("form", Integer, nullable=False),  # version of the folding that the index was filled with
)

search_words = Table(
    "search_words",
    metadata,
    Column("word", Sorted, primary_key=True),  # every folded word that was ever indexed: what an unfinished one may be
)

reuses = Table(
    "reuses",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("document_id", ForeignKey("documents.id"), nullable=False, index=True),
    Column("dossier", Text, nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("unit", Text),
    Column("at", Instant, nullable=False, index=True),
    Column("undone_at", Instant),
    Column("undone_by", Text),
)
