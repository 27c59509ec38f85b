"""Verdicts (never changed afterwards), whom we trust, the sets that verdicts were given under, and answers about revocation."""

from sqlalchemy import Boolean, Column, Index, LargeBinary, String, Table, Text

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

trusted_certificates = Table(
    "trusted_certificates",
    metadata,
    Column("id", String, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("subject", Text, nullable=False),
    Column("anchor", Boolean, nullable=False),  # else an intermediate that only helps to build paths
    Column("purposes", Json, nullable=False),  # of signing, timestamping
    Column("trusted_from", Instant),
    Column("trusted_until", Instant),
    Column("added_at", Instant, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("removed_at", Instant),  # rows stay, so that old verdicts can be replayed
    Column("removed_by", Text),
    Index(None, "sha256"),
)

trust_snapshots = Table(
    "trust_snapshots",
    metadata,
    Column("id", String, primary_key=True),
    Column("policy", Text, nullable=False),
    Column("certificates", Json, nullable=False),  # ids of trusted_certificates
    Column("made_at", Instant, nullable=False),
)

revocation_evidence = Table(
    "revocation_evidence",  # answers that kept verdicts relied on; never changed, while the cache below is
    metadata,
    Column("sha256", String(64), primary_key=True),  # verdicts name it
    Column("kind", String, nullable=False),  # ocsp, crl
    Column("data", LargeBinary, nullable=False),  # DER
)

revocation_answers = Table(
    "revocation_answers",
    metadata,
    Column("key", Text, primary_key=True),  # URL, and hash of the OCSP request
    Column("data", LargeBinary, nullable=False),
    Column("fetched_at", Instant, nullable=False),
)
