"""Outgoing documents (văn bản đi), dossiers and units: the registers behind the figures."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class OutgoingState(StrEnum):
    """Where an outgoing document stands."""

    DRAFT = "draft"  # registered, its person has not signed or nobody confirmed
    CONFIRMED = "confirmed"  # a signer confirmed, or a rule matched: an intent exists
    SIGNING = "signing"
    SIGNED = "signed"
    DELIVERED = "delivered"
    FAILED = "failed"  # signing failed; the former artefact is untouched, `error` says why
    RECALLED = "recalled"  # NĐ 30/2020 art. 18.4
    REPLACED = "replaced"  # art. 18.3


class Medium(StrEnum):
    """How a document was issued."""

    ELECTRONIC = "electronic"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class NewOutgoing:
    """An outgoing document about to be registered; `sha256` None for a register row without its file."""

    unit: str
    kind: str  # abbreviation of annex III NĐ 30/2020; CV for official letters
    abstract: str
    number: int | None = None
    symbol: str | None = None
    issued_on: date | None = None
    signer: str | None = None
    signer_title: str | None = None
    medium: Medium = Medium.ELECTRONIC
    secret: bool = False
    certified_copy: bool = False
    sha256: str | None = None
    external_id: str | None = None  # the document-management system's own id; unique: import twice = once
    recipients: str | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A row of the register of outgoing documents."""

    id: str
    unit: str
    kind: str
    abstract: str
    state: OutgoingState
    medium: Medium
    secret: bool
    certified_copy: bool
    created_at: datetime
    number: int | None = None
    symbol: str | None = None
    issued_on: date | None = None
    signer: str | None = None
    signer_title: str | None = None
    sha256: str | None = None  # the file as handed in
    signed_sha256: str | None = None  # the file as issued
    external_id: str | None = None
    recipients: str | None = None
    verdict: str | None = None  # outcome of the newest verdict
    error: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Intent:
    """The authorisation to sign exactly these bytes with this profile; the sign worker obeys nothing else."""

    id: str
    outgoing_id: str
    profile: str
    input_sha256: str
    authorised_by: str  # a person, or `rule:<name>`
    authorised_at: datetime
    done_sha256: str | None = None


class Channel(StrEnum):
    """How a dossier came in."""

    COUNTER = "counter"
    ONLINE = "online"
    POST = "post"


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier (hồ sơ TTHC) as the one-stop shop's register tells it."""

    code: str
    procedure: str | None
    unit: str
    received_on: date
    due_on: date | None = None
    resolved_on: date | None = None
    returned_on: date | None = None
    status: str | None = None  # as the source says: resolved, pending …; None = not accounted for
    channel: Channel = Channel.COUNTER
    paid_online: bool | None = None
    has_result: bool = True  # the procedure gives a result
    components_digitised: int = 0
    result_digitised: bool = False
    components_reused: int = 0


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisational unit with the dates between which it exists (three tiers until 2025-06-30)."""

    code: str
    name: str
    level: str  # province, district, commune
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
