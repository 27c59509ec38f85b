"""The seam to the registers: what the report journeys ask of SQL. The adapter is `storage/register.py`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from digitise.model.outgoing import Dossier, Unit
from digitise.model.people import Actor
from digitise.model.reports import BadRow, Figure, Imported, Period, ReasonCount, RegisterName
from digitise.report.indicators import Condition


@dataclass(frozen=True, slots=True)
class Scope:
    """Rows of a register: days, and the units whose rows count on which days (None: every unit)."""

    period: Period
    units: tuple["UnitWindow", ...] | None = None
    outside: bool = False  # all but those units
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class UnitWindow:
    """Units that belong to what was asked between two days; trees change with the law."""

    codes: frozenset[str]
    first: date
    last: date


# Rows of one day and one unit or kind ("" where only days were asked for), counted by part in the order of the parts.
Cell = tuple[date, str | None, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Incoming:
    """A row of the register of incoming documents (văn bản đến)."""

    external_id: str
    unit: str
    received_on: date
    medium: str = "electronic"
    number: str | None = None
    sender: str | None = None
    subject: str | None = None
    kind: str | None = None


Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of a number's rows, and from where on; all empty means every one, oldest first."""

    only: tuple[str, ...] = ()  # parts; empty means all
    reason: str | None = None
    after: str | None = None  # cursor of the last row seen
    limit: int | None = None
    newest_first: bool = False


class Registers(Protocol):
    """Reads the registers. Raises DatabaseUnavailable, NotFound."""

    def tally(
        self,
        register: RegisterName,
        scope: Scope,
        parts: Mapping[str, Condition],
        *,
        by: str = "unit",
        starts: Sequence[date] | None = None,
    ) -> list[Cell]:
        """Count rows by part for each day and `by` (unit, kind; day: nothing else); days without rows are left out.

        `starts` are the first days of stretches of days, in order, the first of them the period's: their days are added
        up, and a cell's day is the first of its stretch.
        """
        ...

    def rows(
        self, register: RegisterName, scope: Scope, parts: Mapping[str, Condition], wanted: "Wanted | None" = None
    ) -> Iterator[Row]:
        """Stream rows by day, then id, each with `key`, `part`, `cursor`, and for documents `reason`, `verdict`, `policy`."""
        ...

    def reasons(self, scope: Scope, parts: Mapping[str, Condition]) -> list[ReasonCount]:
        """Count outgoing documents of `parts` by part, reason and unit; the most frequent reason first."""
        ...

    def units(self) -> list[Unit]:
        """Return every unit with its dates."""
        ...

    def verdict_details(self, ids: Iterable[str]) -> dict[str, Row]:
        """Return verdicts by id with their whole detail."""
        ...


class Figures(Protocol):
    """Keeps reported numbers."""

    def save(self, figure: Figure, actor: Actor) -> Figure:
        """Keep a figure with an audit entry; one with the same id is kept as it is and returned."""
        ...

    def get(self, figure_id: str) -> Figure:
        """Return a kept figure. Raises NotFound."""
        ...

    def list(self, indicator: str | None = None, limit: int = 50) -> list[Figure]:
        """Return kept figures, newest first."""
        ...


class Imports(Protocol):
    """Fills the registers: each call is one transaction with its audit entry; the same rows twice change nothing."""

    def dossiers(self, rows: Iterable[tuple[int, Dossier]], source: "Source", actor: Actor) -> Imported:
        """Add or change dossiers by code."""
        ...

    def units(self, rows: Iterable[tuple[int, Unit]], source: "Source", actor: Actor) -> Imported:
        """Add or change units by code and first day."""
        ...

    def incoming(self, rows: Iterable[tuple[int, Incoming]], source: "Source", actor: Actor) -> Imported:
        """Add or change incoming documents by their external id."""
        ...


class Proofs(Protocol):
    """What verification relied on, kept beside the verdicts."""

    def trust(self, snapshot: str, policy: str) -> Mapping[str, bytes]:
        """Return file name → content of a policy and trust snapshot; certificates as `anchors.pem`, `intermediates.pem`."""
        ...

    def answer(self, sha256: str) -> bytes | None:
        """Return a CRL or an OCSP answer, DER, that a verdict relied on; None where none of that hash is kept."""
        ...


@dataclass(slots=True)
class Source:
    """The file that an import reads; bad rows gather here while it is read."""

    file_name: str
    sha256: str
    at: datetime
    bad: list[BadRow] = field(default_factory=list)
