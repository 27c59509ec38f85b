"""The tree of units as it stood on each day: three tiers until 2025-06-30, two since; a report shows the units of its time."""

from collections.abc import Iterable
from datetime import date, timedelta

from digitise.model.outgoing import Unit
from digitise.model.reports import Period, Selection
from digitise.report.register import Scope, UnitWindow

BEGINNING = date.min  # of a unit whose first day nobody has recorded


class Tree:
    """Answers who belonged to whom, and what it was called, on a day."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._by_code: dict[str, list[Unit]] = {}
        self._below: dict[str, list[Unit]] = {}
        for unit in units:
            self._by_code.setdefault(unit.code, []).append(unit)
            if unit.parent:
                self._below.setdefault(unit.parent, []).append(unit)

    def at(self, code: str, day: date) -> Unit | None:
        """Return the unit as it was on `day`; where it did not exist then, as it was nearest to that day."""
        versions = self._by_code.get(code)
        if not versions:
            return None
        return min(versions, key=lambda unit: _distance(unit, day))

    def name(self, code: str, day: date) -> str:
        """Return the unit's name on `day`; its code where it is unknown."""
        unit = self.at(code, day)
        return unit.name if unit else code

    def level(self, code: str, day: date) -> str:
        """Return `province`, `district` or `commune`; "" where it is unknown ("chưa phân loại")."""
        unit = self.at(code, day)
        return unit.level if unit else ""

    def changes(self, period: Period) -> set[date]:
        """Return days within `period`, between two of which no unit's level changes (there may be more of them)."""
        found: set[date] = set()
        for versions in self._by_code.values():
            if len({unit.level for unit in versions}) < 2:
                continue
            begins = [unit.valid_from for unit in versions if unit.valid_from]
            ends = [
                (unit.valid_to or date.max) + timedelta(days=1)
                for unit in versions
                if (unit.valid_to or date.max) < date.max
            ]
            found.update(begins, ends)
            for end in ends:  # between two lives of a unit the nearer one counts: the level changes half-way
                for begin in begins:
                    half = end + (begin - end) / 2
                    found.update((half, half + timedelta(days=1)))
        return {day for day in found if period.first < day <= period.last}

    def top(self, day: date) -> list[Unit]:
        """Return the units that existed on `day` and had no parent then."""
        return [
            unit for versions in self._by_code.values() for unit in versions if not unit.parent and _holds(unit, day)
        ]

    def children(self, code: str, day: date) -> list[Unit]:
        """Return the units directly below `code` on `day`."""
        return [unit for unit in self._below.get(code, []) if _holds(unit, day)]

    def scope(self, selection: Selection) -> Scope:
        """Return the rows that `selection` means: the unit and, on each day, everything that was below it on that day."""
        if selection.unit is None and selection.level is None:
            return Scope(selection.period, None, kind=selection.kind)
        period, outside = selection.period, False
        if selection.unit is None:
            spans = self._everything(period)
            outside = selection.level == ""
        elif selection.below:
            spans = self._spans(selection.unit, period.first, period.last, frozenset())
        else:
            spans = {(selection.unit, period.first, period.last)}
        if selection.level is not None and not outside:
            spans = {span for span in spans if self.level(span[0], span[1]) == selection.level}
        windows: dict[tuple[date, date], set[str]] = {}
        for code, first, last in spans:
            windows.setdefault((first, last), set()).add(code)
        found = tuple(UnitWindow(frozenset(codes), *days) for days, codes in sorted(windows.items()))
        return Scope(period, found, outside, selection.kind)

    def _everything(self, period: Period) -> set[tuple[str, date, date]]:
        return {
            (unit.code, max(unit.valid_from or BEGINNING, period.first), min(unit.valid_to or period.last, period.last))
            for versions in self._by_code.values()
            for unit in versions
            if (unit.valid_from or BEGINNING) <= period.last and (unit.valid_to or period.last) >= period.first
        }

    def _spans(self, code: str, first: date, last: date, above: frozenset[str]) -> set[tuple[str, date, date]]:
        found = {(code, first, last)}
        for unit in self._below.get(code, []):
            begins, ends = max(unit.valid_from or BEGINNING, first), min(unit.valid_to or last, last)
            if begins <= ends and unit.code not in above:  # a circle in the data must not hang a report
                found |= self._spans(unit.code, begins, ends, above | {code})
        return found


def _holds(unit: Unit, day: date) -> bool:
    return (unit.valid_from or BEGINNING) <= day <= (unit.valid_to or date.max)


def _distance(unit: Unit, day: date) -> timedelta:
    begins, ends = unit.valid_from or BEGINNING, unit.valid_to or date.max
    if begins <= day <= ends:
        return timedelta(0)
    return begins - day if day < begins else day - ends
