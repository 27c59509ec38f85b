"""What a report says: shares of parts, lines, figures, exceptions. Every number carries what it was counted from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class Calendar(StrEnum):
    """Which days a month of a report has."""

    ND09 = "nd09"  # NĐ 09/2019/NĐ-CP: from the 15th of the month before to the 14th
    CIVIL = "civil"  # the national public service portal


class GroupBy(StrEnum):
    """What the lines of a report are."""

    MONTH = "month"
    UNIT = "unit"
    KIND = "kind"  # of documents; of dossiers, their procedure
    LEVEL = "level"  # province, district, commune


class RegisterName(StrEnum):
    """A register that reports count."""

    OUTGOING = "outgoing"
    DOSSIERS = "dossiers"
    INCOMING = "incoming"


@dataclass(frozen=True, slots=True)
class Period:
    """The days a report covers, both ends included, and how they were named."""

    first: date
    last: date
    label: str  # as asked: `2022`, `2022-Q3`, `2022-9M`, `2022-09`, or `first/last`
    calendar: Calendar | None = None  # None: a free range


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows of a register are looked at; `unit` means the unit and everything below it, unless `below` is off."""

    period: Period
    unit: str | None = None
    kind: str | None = None  # "": rows that name none
    level: str | None = None  # "": units that nobody has classified
    below: bool = True

    def narrowed(self, **parts: Any) -> "Selection":
        """Return the selection with some parts replaced."""
        return replace(self, **parts)


@dataclass(frozen=True, slots=True)
class Share:
    """One indicator's value: how many rows fell in each part, and which parts make the fraction."""

    indicator: str
    counts: Mapping[str, int]  # part → rows; the parts never overlap
    numerator: int
    denominator: int
    apart: Mapping[str, int] = field(default_factory=dict)  # parts left out of the fraction by the stated rule

    @property
    def missing(self) -> int:
        """Rows of the denominator that are not in the numerator."""
        return self.denominator - self.numerator


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table and one mark of a chart: what it stands for, and its shares."""

    key: str
    label: str
    selection: Selection  # the rows behind it
    shares: tuple[Share, ...]

    @property
    def share(self) -> Share:
        """The report's leading share."""
        return self.shares[0]


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many rows miss the numerator for one reason."""

    part: str  # unsigned, invalid, indeterminate, error, unchecked
    reason: str  # a reason code of the verdict, or `not_checked`, `no_file`, `no_signature`
    count: int
    oldest: date | None
    units: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Points:
    """Points of a scheme of evaluation for one criterion."""

    criterion: str
    most: float
    earned: float | None  # None: no event, or nobody has declared it
    share: Share | None
    note: str  # key of the sentence that explains it


@dataclass(frozen=True, slots=True)
class Figure:
    """A reported number, frozen with the rows it was counted from."""

    id: str
    share: Share
    selection: Selection
    asked_at: datetime
    asked_by: str
    rows_count: int
    rows_digest: str  # SHA-256 of the rows as JSON lines, in the order of their ids
    rows_sha256: str  # object of the store that holds them, compressed
    bases: tuple[Mapping[str, Any], ...] = ()  # {policy, trust_snapshot, count} of the verdicts used
    as_of: date | None = None  # the day that decided which pending dossiers were overdue
    rule: str = "apart"  # how recalled and replaced documents were treated


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one report prints, in every format."""

    name: str  # signed-share, dossiers, digitisation, reuse, exceptions
    selection: Selection
    asked_at: datetime
    shares: tuple[Share, ...]  # the leading one first
    by: GroupBy
    lines: tuple[Line, ...]
    months: tuple[Line, ...] = ()
    units: tuple[Line, ...] = ()
    levels: tuple[Line, ...] = ()
    last_year: tuple[Line, ...] = ()
    reasons: tuple[ReasonCount, ...] = ()
    points: tuple[Points, ...] = ()
    target: float | None = None  # share aimed at, 0..1
    unit_name: str = ""
    as_of: date | None = None
    rule: str = "apart"
    figures: tuple[str, ...] = ()  # ids of the frozen figures, in the order of `shares`; empty where not frozen
    truncated: Mapping[str, int] = field(default_factory=dict)

    @property
    def share(self) -> Share:
        """The leading share."""
        return self.shares[0]


@dataclass(frozen=True, slots=True)
class Change:
    """One row whose part differs between two figures."""

    id: str
    before: str | None  # part; None: the row was not in the earlier figure
    after: str | None
    reason_before: str | None = None
    reason_after: str | None = None
    verdict_before: str | None = None
    verdict_after: str | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did; every bad row is told by its number, as a spreadsheet numbers rows."""

    id: str
    register: RegisterName | str
    added: int
    changed: int
    same: int
    bad: tuple["BadRow", ...] = ()


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not imported, and why."""

    row: int  # 1-based; the header is row 1
    column: str
    reason: str  # key below `report.import`
    value: str = ""
