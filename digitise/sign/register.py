"""The register as signing needs it: Protocols that `storage/` fulfils, and what passes through them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from digitise.errors import DigitiseError
from digitise.model.documents import Page
from digitise.model.outgoing import Intent, NewOutgoing, Outgoing, OutgoingState
from digitise.model.people import Actor
from digitise.model.tasks import Claim, NewTask
from digitise.model.verdicts import Verdict
from digitise.text import fold


@dataclass(frozen=True, slots=True)
class OutgoingQuery:
    """What to list; every part narrows, newest first."""

    unit: str | None = None
    kind: str | None = None
    states: tuple[OutgoingState, ...] = ()
    text: str = ""
    from_: date | None = None
    to: date | None = None
    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Numbered:
    """Number, symbol and date to be written at issue; None = the next one, what is registered, today."""

    number: int | None = None
    symbol: str | None = None
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class Authorised:
    """What SQL says about an intent at this moment."""

    intent: Intent
    outgoing: Outgoing
    pending_sha256: str | None = None
    pending_level: str | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Archive:
    """Documents whose archive timestamps are renewed (B-LTA): how many, when the first is due, and when it would end."""

    documents: int
    due: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Result:
    """A finished signature, about to be recorded."""

    sha256: str
    level: str
    issued: bool  # the organisation's signature: the document may go out
    verdict: Verdict | None = None  # our own; kept in the transaction that records the signature
    renew_due: datetime | None = None
    renew_ends: datetime | None = None
    follow_up: tuple[NewTask, ...] = ()


@dataclass(frozen=True, slots=True)
class Reservation:
    """The bytes that are about to be stored for an intent; `token` is the fencing token of the task."""

    intent: str
    token: int
    sha256: str
    level: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A signature whose bytes are stored; `task` ends with its record."""

    intent: str
    token: int
    result: Result
    task: Claim | None = None


@dataclass(frozen=True, slots=True)
class RowError:
    """A row of an imported register that was not taken."""

    row: int  # as the spreadsheet numbers it
    field: str
    value: str
    reason: str  # key below `sign.import`


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did."""

    added: int = 0
    known: int = 0
    errors: tuple[RowError, ...] = ()
    warnings: tuple[RowError, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """What may be signed unattended, enabled by a signer."""

    name: str
    profile: str
    unit: str | None = None
    kind: str | None = None
    from_hour: int = 0  # Việt Nam's time, included
    to_hour: int = 24  # excluded
    per_day: int = 100
    enabled_by: str = ""
    enabled_at: datetime | None = None
    stopped_by: str | None = None
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One promised delivery."""

    id: str
    outgoing_id: str
    sha256: str
    channel: str
    delivered_at: datetime | None = None
    attempts: tuple[tuple[datetime, str], ...] = field(default=())


def number_key(unit: str, year: int, symbol: str, number: int) -> str:
    """Return what must be unique: one sequence a year for each symbol of a unit (NĐ 30/2020, art. 15)."""
    return f"{unit}|{year}|{family(symbol)}|{number}"


def family(symbol: str) -> str:
    """Return the symbol in the form in which two symbols are one: no blanks, no case, no diacritics."""
    return fold("".join(symbol.split()))


class OutgoingRegister(Protocol):
    """Outgoing documents. Raises DatabaseUnavailable, NotFound, Conflict."""

    def add(
        self, new: NewOutgoing, actor: Actor, *, file_name: str | None = None, copy_of: str | None = None
    ) -> Outgoing:
        """Register a document; the same external id answers the one that is there."""
        ...

    def get(self, outgoing_id: str) -> Outgoing:
        """Return one document."""
        ...

    def list(self, query: OutgoingQuery) -> Page[Outgoing]:
        """Return documents, newest first."""
        ...

    def copy_of(self, outgoing_id: str) -> str | None:
        """Return the document that a certified copy was made from."""
        ...

    def numbered(self, unit: str, year: int, symbol: str, number: int) -> str | None:
        """Return the document that bears this number of the unit's year; None where it is free."""
        ...

    def holding(self, sha256: str) -> str | None:
        """Return the newest document whose draft or signed file has these bytes; None where there is none."""
        ...

    def recall(self, outgoing_id: str, reason: str, actor: Actor) -> Outgoing:
        """Mark as recalled (art. 18.4); open intents are withdrawn."""
        ...

    def import_rows(self, rows: Iterable[tuple[int, NewOutgoing]], actor: Actor, source: str) -> ImportResult:
        """Add rows of another register; a row whose external id is known is left alone."""
        ...


class Intents(Protocol):
    """Authorisations to sign, and what became of them. Raises DatabaseUnavailable, NotFound, Conflict."""

    def authorise(
        self, outgoing_id: str, profile: str, input_sha256: str, actor: Actor, numbered: Numbered | None
    ) -> Intent:
        """Record the intent, allot the number where `numbered` is given, promise the task; all in one transaction.

        An open intent of the same profile over the same bytes is answered instead of a second.
        """
        ...

    def get(self, intent_id: str) -> Authorised:
        """Return what SQL says now."""
        ...

    def open_intents(self, outgoing_ids: Sequence[str] = (), limit: int = 1000) -> list[Intent]:
        """Return intents that wait to be signed, oldest first."""
        ...

    def of(self, outgoing_id: str) -> list[Intent]:
        """Return a document's intents, oldest first."""
        ...

    def begin(self, tokens: Mapping[str, int]) -> dict[str, Authorised | DigitiseError]:
        """Return what SQL says now of each intent; LeaseLost in its place where a newer worker has it, NotFound where there is none."""
        ...

    def reserve(self, wanted: Sequence[Reservation]) -> set[str]:
        """Say which bytes are about to be stored, mark the documents as being signed, in one transaction.

        Returns the intents that may go on; the others are done, withdrawn, or a newer worker has them.
        """
        ...

    def finish(self, done: Sequence[Finished]) -> dict[str, Outgoing]:
        """Record signed files, verdicts, states, follow-up and the ends of the tasks in one transaction; twice is harmless.

        Intents that are missing from the answer are withdrawn, or a newer worker has them or their task.
        """
        ...

    def fail(self, intent_id: str, error: str) -> None:
        """Withdraw the intent with its reason; the former artefact stays."""
        ...

    def wait(self, intent_id: str, error: str) -> None:
        """Say why the document waits (a service is away); the intent stays open."""
        ...

    def level_raised(self, outgoing_id: str, before: str, result: Result) -> Outgoing:
        """Replace the signed file by its extension (promised timestamp, renewal); raises Conflict if it moved on."""
        ...

    def renewals_due(self, now: datetime, limit: int = 100) -> list[str]:
        """Return outgoing ids whose archive timestamp must have its successor by `now`."""
        ...

    def archive(self) -> Archive | None:
        """Return what is known of archive timestamps; None where no document has one."""
        ...


class Rules(Protocol):
    """Rules for unattended signing."""

    def enable(self, rule: Rule, actor: Actor) -> Rule:
        """Enable a rule, or change the one of that name."""
        ...

    def stop(self, name: str, actor: Actor) -> Rule:
        """Stop a rule at once; its intents that are not signed yet are withdrawn."""
        ...

    def rules(self) -> list[Rule]:
        """Return all rules."""
        ...

    def used(self, name: str, since: datetime) -> int:
        """Return how many intents the rule authorised since then."""
        ...

    def signed_by_rules(self, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """Return each document signed unattended in that time: rule, outgoing, profile, when."""
        ...


class Deliveries(Protocol):
    """Promised deliveries and their attempts."""

    def get(self, delivery_id: str) -> Delivery:
        """Return one delivery with its attempts."""
        ...

    def of(self, outgoing_id: str) -> list[Delivery]:
        """Return a document's deliveries."""
        ...

    def record(self, delivery_id: str, answer: str, delivered: bool) -> None:
        """Record an attempt; a delivered one moves the document to DELIVERED."""
        ...
