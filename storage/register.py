"""The registers as reports read them: counts by part, streamed rows, reasons, units."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Table,
    TextClause,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    text,
    tuple_,
)

from digitise.errors import InvalidValue, NotFound
from digitise.model.outgoing import Unit
from digitise.model.reports import ReasonCount, RegisterName
from digitise.ports import Clock
from digitise.report.indicators import DATED_BY, Condition
from digitise.report.register import Cell, Row, Scope, Wanted
from storage.database import Database
from storage.figures import SqlFigures
from storage.imports import SqlImports
from storage.proofs import SqlProofs
from storage.schema.outgoing import EXCEPTIONS, outgoing
from storage.schema.register import dossiers, incoming, units
from storage.schema.verdicts import verdicts
from storage.trust import SqlTrust

TABLES: dict[RegisterName, Table] = {
    RegisterName.OUTGOING: outgoing,
    RegisterName.DOSSIERS: dossiers,
    RegisterName.INCOMING: incoming,
}
KINDS = {RegisterName.OUTGOING: "kind", RegisterName.DOSSIERS: "procedure", RegisterName.INCOMING: "kind"}
KEYS = {RegisterName.OUTGOING: "id", RegisterName.DOSSIERS: "code", RegisterName.INCOMING: "id"}
BATCH = 2000  # rows fetched at a time while streaming: a few hundred kilobytes
_WITHOUT_REASON = ("signed", "recalled", "replaced", "secret")  # counted, or left out by rule
_HIDDEN = {"import_id", "verdict_id", "reason", "verdict"}  # told by other names, or ours alone


class SqlRegister:
    """Implements `digitise.report.register.Registers` on one database; `figures` and `imports` are its other doors."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self.figures = SqlFigures(database, clock)
        self.imports = SqlImports(database)
        self.proofs = SqlProofs(database, SqlTrust(database, clock))

    def tally(
        self,
        register: RegisterName,
        scope: Scope,
        parts: Mapping[str, Condition],
        *,
        by: str = "unit",
        starts: Sequence[date] | None = None,
    ) -> list[Cell]:
        """Count rows by part, day and `by` in one pass over the index that holds them in that order; then add days up."""
        table = TABLES[register]
        day, kind = table.c[DATED_BY[register]], table.c[KINDS[register]]
        groups = {"kind": [day, kind], "unit": [day, table.c.unit], "day": [day]}[by]
        width = len(groups)
        counts = [func.count().filter(condition).label(f"n{place}") for place, condition in enumerate(parts.values())]
        daily = select(*groups, *counts).where(_within(register, scope)).group_by(*groups)
        query = daily if starts is None else _added_up(daily, width, starts)
        with self._database.read() as connection:
            return [(row[0], row[1] if width > 1 else "", tuple(row[width:])) for row in connection.execute(query)]

    def rows(
        self, register: RegisterName, scope: Scope, parts: Mapping[str, Condition], wanted: Wanted | None = None
    ) -> Iterator[Row]:
        """Stream rows by day, then id, each with its `key` and `part`."""
        asked = wanted or Wanted()
        inner = _parted(register, scope, parts, asked.only)
        query = _told(register, inner)
        if asked.reason is not None:
            outgoing_only = register is RegisterName.OUTGOING
            query = query.where(_reason(inner) == asked.reason if outgoing_only else false())
        day, key = inner.c[DATED_BY[register]], inner.c[KEYS[register]]
        if asked.after is not None:
            place = tuple_(day, key)
            seen = _cursor(asked.after)
            query = query.where(place < seen if asked.newest_first else place > seen)
        order = [day.desc(), key.desc()] if asked.newest_first else [day, key]
        query = query.order_by(*order).limit(asked.limit)
        with self._database.read() as connection:
            streamed = connection.execution_options(stream_results=True, yield_per=BATCH).execute(query)
            for row in streamed.mappings():
                yield _plain(register, row)

    def reasons(self, scope: Scope, parts: Mapping[str, Condition]) -> list[ReasonCount]:
        """Count outgoing documents of `parts` by part, reason and unit; the most frequent reason first."""
        inner = _parted(RegisterName.OUTGOING, scope, parts, (), (_EXCEPTIONS,))
        reason = _reason(inner).label("reason")
        query = (
            select(
                inner.c.part, reason, inner.c.unit, func.count().label("n"), func.min(inner.c.issued_on).label("oldest")
            )
            .select_from(_with_verdicts(inner))
            .group_by(inner.c.part, reason, inner.c.unit)
        )
        found: dict[tuple[str, str], list[Any]] = {}
        with self._database.read() as connection:
            for row in connection.execute(query):
                found.setdefault((row.part, row.reason), []).append(row)
        counted = [
            ReasonCount(
                part,
                reason_code,
                sum(row.n for row in rows),
                min(row.oldest for row in rows),
                {r.unit: r.n for r in rows},
            )
            for (part, reason_code), rows in found.items()
        ]
        return sorted(counted, key=lambda each: (-each.count, each.part, each.reason))

    def units(self) -> list[Unit]:
        """Return every unit with its dates."""
        with self._database.read() as connection:
            return [
                Unit(row.code, row.name, row.level, row.parent, row.valid_from, row.valid_to)
                for row in connection.execute(select(units).order_by(units.c.code, units.c.valid_from))
            ]

    def verdict_details(self, ids: Iterable[str]) -> dict[str, Row]:
        """Return verdicts by id with their whole detail."""
        wanted = list(ids)
        found: dict[str, Row] = {}
        with self._database.read() as connection:
            for start in range(0, len(wanted), BATCH):
                query = select(verdicts).where(verdicts.c.id.in_(wanted[start : start + BATCH]))
                found |= {row["id"]: dict(row) for row in connection.execute(query).mappings()}
        return found

    def row(self, register: RegisterName, key: str) -> Row:
        """Return one row of a register. Raises NotFound."""
        table = TABLES[register]
        with self._database.read() as connection:
            found = connection.execute(select(table).where(table.c[KEYS[register]] == key)).mappings().first()
        if found is None:
            raise NotFound(register.value, what=register.value, id=key)
        return dict(found)


def _added_up(daily: Select[Any], width: int, starts: Sequence[date]) -> Select[Any]:
    """Add the days of each stretch up, so that a few hundred cells leave the database instead of tens of thousands."""
    day, *rest = daily.subquery("d").c
    start = case(*((day >= each, literal(each)) for each in reversed(starts)), else_=literal(starts[0]))
    placed = select(start.label("start"), *rest).subquery("s").c
    groups, counts = placed[:width], placed[width:]
    return select(*groups, *(cast(func.sum(count), BigInteger) for count in counts)).group_by(*groups)


def _within(register: RegisterName, scope: Scope) -> ColumnElement[bool]:
    table = TABLES[register]
    day = table.c[DATED_BY[register]]
    conditions: list[ColumnElement[bool]] = [day.between(scope.period.first, scope.period.last)]
    if scope.units is not None:
        windows = [
            and_(day.between(window.first, window.last), table.c.unit.in_(sorted(window.codes)))
            for window in scope.units
        ]
        named = or_(false(), *windows)
        conditions.append(not_(named) if scope.outside else named)
    if scope.kind is not None:
        kind = table.c[KINDS[register]]
        conditions.append(kind == scope.kind if scope.kind else kind.is_(None))
    return and_(*conditions)


_EXCEPTIONS = text(f"({EXCEPTIONS})")


def _parted(
    register: RegisterName,
    scope: Scope,
    parts: Mapping[str, Condition],
    only: Iterable[str],
    narrowed: Iterable[TextClause] = (),
) -> FromClause:
    """Return the rows of `scope` with their part; rows in no part, or not in `only`, are left out."""
    wanted = set(only) or set(parts)
    kept = {name: condition for name, condition in parts.items() if name in wanted}
    part = case(*((condition, name) for name, condition in kept.items())).label("part")
    return select(TABLES[register], part).where(_within(register, scope), or_(*kept.values()), *narrowed).subquery("r")


def _with_verdicts(inner: FromClause) -> FromClause:
    return inner.outerjoin(verdicts, verdicts.c.id == inner.c.verdict_id)


def _reason(inner: FromClause) -> ColumnElement[str]:
    """Say why a document is not in the numerator: its verdict's first reason, or that there is nothing to judge yet."""
    no_file = and_(inner.c.sha256.is_(None), inner.c.signed_sha256.is_(None))
    return case(
        (inner.c.part.in_(_WITHOUT_REASON), ""),
        (and_(inner.c.verdict.is_(None), inner.c.medium != "electronic"), "issued_on_paper"),
        (and_(inner.c.verdict.is_(None), no_file), "no_file"),
        (inner.c.verdict.is_(None), "not_checked"),
        (inner.c.part == "incomplete", "not_both_signatures"),
        else_=func.coalesce(inner.c.reason, verdicts.c.first_reason, inner.c.verdict),
    )


def _told(register: RegisterName, inner: FromClause) -> Select[Any]:
    if register is not RegisterName.OUTGOING:
        return select(inner)
    told = (_reason(inner).label("told_reason"), verdicts.c.policy, verdicts.c.trust_snapshot, verdicts.c.checked_at)
    return select(inner, *told).select_from(_with_verdicts(inner))


def _plain(register: RegisterName, row: Mapping[Any, Any]) -> Row:
    key, day = row[KEYS[register]], row[DATED_BY[register]]
    plain: dict[str, Any] = {"key": key, "part": row["part"], "cursor": f"{day.isoformat()}_{key}"}
    if register is RegisterName.OUTGOING:
        plain |= {"reason": row["told_reason"] or None, "verdict": row["verdict"], "verdict_id": row["verdict_id"]}
    hidden = _HIDDEN | {"told_reason", "part"}
    return plain | {str(name): value for name, value in row.items() if name not in hidden}


def _cursor(text: str) -> Any:
    day, _, key = text.partition("_")
    try:
        return tuple_(date.fromisoformat(day), key)
    except ValueError as error:
        raise InvalidValue("cursor", name="cursor", value=text) from error
