"""The reports: which indicators each holds, counted in one pass and gathered by month, unit, kind and level."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from digitise.model.reports import GroupBy, Line, Period, Report, Selection, Share
from digitise.report import indicators as formulas
from digitise.report import periods, scheme
from digitise.report.indicators import Condition, Indicator, Terms
from digitise.report.register import Cell, Registers
from digitise.report.units import Tree
from digitise.text import collation_key

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def signed_share(
    registers: Registers,
    selection: Selection,
    asked_at: datetime,
    *,
    variant: str = "A",
    by: GroupBy = GroupBy.MONTH,
    recalled_apart: bool = True,
    target: float | None = None,
    compare: bool = True,
) -> Report:
    """Return how many of the documents issued are digitally signed, as verified; `compare` adds last year's months.

    Raises NotFound for an unknown variant or unit.
    """
    terms = Terms(_day(asked_at), recalled_apart)
    chosen = [formulas.signed_share(variant, terms)]
    report = _compile("signed-share", registers, chosen, selection, asked_at, by, terms, compare=compare, target=target)
    missing = {part: chosen[0].parts[part] for part in chosen[0].denominator - chosen[0].numerator}
    reasons = registers.reasons(Tree(registers.units()).scope(selection), missing) if report.share.missing else []
    return _with(report, reasons=tuple(reasons))


def exceptions(
    registers: Registers,
    selection: Selection,
    asked_at: datetime,
    *,
    variant: str = "A",
    by: GroupBy = GroupBy.UNIT,
    recalled_apart: bool = True,
) -> Report:
    """Return the documents that are not counted as signed, by reason and unit; their rows come from `missing_rows`."""
    report = signed_share(
        registers, selection, asked_at, variant=variant, by=by, recalled_apart=recalled_apart, compare=False
    )
    return _with(report, name="exceptions")


def dossiers(
    registers: Registers,
    selection: Selection,
    asked_at: datetime,
    *,
    by: GroupBy = GroupBy.MONTH,
    compare: bool = False,
) -> Report:
    """Return dossiers resolved, on time, filed online and paid online, with what nobody can account for shown."""
    terms = Terms(_day(asked_at))
    chosen = [formulas.resolved(terms), formulas.on_time(terms), formulas.online(), formulas.paid_online()]
    return _compile("dossiers", registers, chosen, selection, asked_at, by, terms, compare=compare)


def digitisation(
    registers: Registers,
    selection: Selection,
    asked_at: datetime,
    *,
    by: GroupBy = GroupBy.MONTH,
    declared: Mapping[str, bool | None] | None = None,
) -> Report:
    """Return the digitisation group of the scheme in force (QĐ 766/QĐ-TTg) with its points.

    `declared` answers criteria that no register shows (connections to other systems): yes, no, or nobody has said.
    """
    terms = Terms(_day(asked_at))
    chosen = [formulas.electronic_results(), formulas.digitised_dossiers(terms), formulas.reused()]
    report = _compile("digitisation", registers, chosen, selection, asked_at, by, terms)
    copies = certified_copies(registers, selection, asked_at, by=by).share
    shares = (*report.shares, copies)
    return _with(report, shares=shares, points=scheme.points(shares, declared or {}, selection.period.last))


def reuse(registers: Registers, selection: Selection, asked_at: datetime, *, by: GroupBy = GroupBy.MONTH) -> Report:
    """Return in how many dossiers a component was reused instead of asked for again."""
    return _compile("reuse", registers, [formulas.reused()], selection, asked_at, by, Terms(_day(asked_at)))


def certified_copies(
    registers: Registers, selection: Selection, asked_at: datetime, *, by: GroupBy = GroupBy.MONTH
) -> Report:
    """Return the electronic share of certified copies."""
    return _compile(
        "certified-copies", registers, [formulas.certified_copies()], selection, asked_at, by, Terms(_day(asked_at))
    )


def incoming(registers: Registers, selection: Selection, asked_at: datetime, *, by: GroupBy = GroupBy.MONTH) -> Report:
    """Return how many documents came in, and how many of them electronically."""
    return _compile(
        "incoming", registers, [formulas.incoming_electronic()], selection, asked_at, by, Terms(_day(asked_at))
    )


def _compile(
    name: str,
    registers: Registers,
    chosen: Sequence[Indicator],
    selection: Selection,
    asked_at: datetime,
    by: GroupBy,
    terms: Terms,
    *,
    compare: bool = False,
    target: float | None = None,
) -> Report:
    tree = Tree(registers.units())
    scope = tree.scope(selection)
    register = chosen[0].register
    parts = _parts(chosen)
    cells = registers.tally(register, scope, parts)
    gather = _Gather(chosen, selection)
    months = gather.by_month(cells, selection.period)
    units = gather.by_unit(cells, tree)
    levels = gather.by_level(cells, tree)
    kinds = (
        gather.lines(registers.tally(register, scope, parts, by="kind"), lambda cell: cell.group or "", str, "kind")
        if by is GroupBy.KIND
        else ()
    )
    before: tuple[Line, ...] = ()
    if compare:
        earlier = selection.narrowed(period=periods.year_before(selection.period))
        last = registers.tally(register, tree.scope(earlier), parts, by="day")
        before = _Gather(chosen, earlier).by_month(last, earlier.period)
    lines = {GroupBy.MONTH: months, GroupBy.UNIT: units, GroupBy.LEVEL: levels, GroupBy.KIND: kinds}[by]
    return Report(
        name=name,
        selection=selection,
        asked_at=asked_at,
        shares=gather.shares(cells),
        by=by,
        lines=lines,
        months=months,
        units=units,
        levels=levels,
        last_year=before if any(line.share.denominator for line in before) else (),
        target=target,
        unit_name=tree.name(selection.unit, selection.period.last) if selection.unit else "",
        as_of=terms.as_of,
        rule="apart" if terms.recalled_apart else "counted",
    )


class _Gather:
    """Adds cells up into lines."""

    def __init__(self, chosen: Sequence[Indicator], selection: Selection) -> None:
        self._chosen = chosen
        self._selection = selection

    def shares(self, cells: Iterable[Cell]) -> tuple[Share, ...]:
        total: dict[str, int] = {}
        for cell in cells:
            _add(total, cell.counts)
        return tuple(indicator.share(total) for indicator in self._chosen)

    def by_month(self, cells: Iterable[Cell], period: Period) -> tuple[Line, ...]:
        months = periods.months(period)
        starts = [month.first for month in months]
        sums: list[dict[str, int]] = [{} for _ in months]
        place: dict[date, int] = {}  # a day is looked up once, not once for each of its units
        for cell in cells:
            index = place.get(cell.day)
            if index is None:
                index = place[cell.day] = bisect_right(starts, cell.day) - 1
            _add(sums[index], cell.counts)
        return tuple(
            self._line(month.label, month.label, counts, period=month)
            for month, counts in zip(months, sums, strict=True)
        )

    def by_unit(self, cells: Iterable[Cell], tree: Tree) -> tuple[Line, ...]:
        last = self._selection.period.last
        return self.lines(cells, lambda cell: cell.group or "", lambda code: tree.name(code, last), "unit", below=False)

    def by_level(self, cells: Iterable[Cell], tree: Tree) -> tuple[Line, ...]:
        known: dict[tuple[str, date], str] = {}

        def level(cell: Cell) -> str:
            key = (cell.group or "", cell.day)
            if key not in known:
                known[key] = tree.level(*key)
            return known[key]

        order = {"province": 0, "district": 1, "commune": 2}
        lines = self.lines(cells, level, str, "level")
        return tuple(sorted(lines, key=lambda line: order.get(line.key, 3)))

    def lines(
        self, cells: Iterable[Cell], key: Callable[[Cell], str], label: Callable[[str], str], part: str, **fixed: object
    ) -> tuple[Line, ...]:
        sums: dict[str, dict[str, int]] = {}
        for cell in cells:
            _add(sums.setdefault(key(cell), {}), cell.counts)
        found = [self._line(name, label(name), counts, **{part: name}, **fixed) for name, counts in sums.items()]
        return tuple(sorted(found, key=lambda line: collation_key(line.label)))

    def _line(self, key: str, label: str, counts: Mapping[str, int], **narrowed: object) -> Line:
        shares = tuple(indicator.share(counts) for indicator in self._chosen)
        return Line(key, label, self._selection.narrowed(**narrowed), shares)


def _add(total: dict[str, int], counts: Mapping[str, int]) -> None:
    for part, count in counts.items():
        if count:
            total[part] = total.get(part, 0) + count


def _parts(chosen: Sequence[Indicator]) -> dict[str, Condition]:
    parts: dict[str, Condition] = {}
    for indicator in chosen:
        parts |= indicator.parts
    return parts


def _day(asked_at: datetime) -> date:
    return asked_at.astimezone(VIETNAM).date()


def _with(report: Report, **changes: object) -> Report:
    return replace(report, **changes)  # type: ignore[arg-type]
