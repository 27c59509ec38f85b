"""Rows that a report prints one by one, streamed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from digitise.model.reports import RegisterName
from digitise.report.register import Row


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows that a report prints one by one: a fresh stream each time it is asked."""

    register: RegisterName
    rows: Callable[[], Iterable[Row]]
    title: str  # key below `report.sheet`
