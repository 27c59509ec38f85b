"""Accounts (người dùng), sessions, API tokens, the sign-in throttle and remembered answers."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from storage.schema import Instant, Json, metadata

people = Table(
    "people",
    metadata,
    Column("id", String, primary_key=True),
    Column("name_key", Text, nullable=False, unique=True),  # case-folded sign-in name
    Column("name", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("password_hash", Text),  # argon2id; NULL = no local password
    Column("subject", Text, unique=True),  # of the OpenID Connect issuer
    Column("roles", Json, nullable=False),
    Column("unit", Text),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", String, primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),  # SHA-256 of 256 random bits: needs no slow hash
    Column("label", Text, nullable=False),
    Column("roles", Json, nullable=False),
    Column("unit", Text),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    Column("used_at", Instant),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("data", Json, nullable=False),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("key", String(64), primary_key=True),  # SHA-256 of the account's name or the address
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
)

remembered_answers = Table(
    "remembered_answers",
    metadata,
    Column("key", String(64), primary_key=True),  # SHA-256 of actor, route and Idempotency-Key
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer),  # NULL while the first request runs
    Column("body", LargeBinary),
    Column("media_type", Text),
    Column("created_at", Instant, nullable=False, index=True),
)
