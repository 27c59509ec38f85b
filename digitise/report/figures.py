"""Figures: reported numbers that know the rows they were counted from, frozen, found again, compared later."""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from digitise.model.people import Actor
from digitise.model.reports import Change, Figure, Report, Selection
from digitise.ports import ObjectStore
from digitise.report import indicators
from digitise.report.indicators import Indicator, Terms
from digitise.report.register import Figures, Registers, Row
from digitise.report.units import Tree

IN_MEMORY = 8 << 20  # bytes of compressed rows kept in memory before they go to a temporary file
MEDIA_TYPE = "application/gzip"


def freeze(
    registers: Registers,
    figures: Figures,
    store: ObjectStore,
    report: Report,
    actor: Actor,
    indicator: str | None = None,
) -> Figure:
    """Keep one number of `report` (the leading one, or `indicator`) with every row it was counted from.

    The number is counted from the kept rows themselves. The same question with the same answer has the same id, so that
    reporting it again keeps nothing twice. Raises NotFound, ObjectStoreUnavailable, DatabaseUnavailable.
    """
    chosen = indicators.named(indicator or report.share.indicator, terms_of(report))
    scope = Tree(registers.units()).scope(report.selection)
    kept = _keep(registers.rows(chosen.register, scope, chosen.parts), store)
    figure = Figure(
        id=_id(chosen, report.selection, report.rule, kept.digest),
        share=chosen.share(kept.parts),
        selection=report.selection,
        asked_at=report.asked_at,
        asked_by=actor.name,
        rows_count=kept.parts.total(),
        rows_digest=kept.digest,
        rows_sha256=kept.sha256,
        bases=tuple(
            {"policy": policy, "trust_snapshot": snapshot, "count": count}
            for (policy, snapshot), count in sorted(kept.bases.items())
        ),
        as_of=report.as_of,
        rule=report.rule,
    )
    return figures.save(figure, actor)


@dataclass(frozen=True, slots=True)
class _Kept:
    """Rows as they were kept: the object that holds them, the hash of their lines, how many of each part and basis."""

    sha256: str
    digest: str
    parts: Counter[str]
    bases: Counter[tuple[str, str]]  # (policy, trust snapshot) of the verdicts


def _keep(found: Iterable[Row], store: ObjectStore) -> _Kept:
    parts: Counter[str] = Counter()
    bases: Counter[tuple[str, str]] = Counter()
    digest = hashlib.sha256()
    with SpooledTemporaryFile(max_size=IN_MEMORY) as kept:
        with gzip.GzipFile(fileobj=cast(BinaryIO, kept), mode="wb", compresslevel=6, mtime=0) as packed:
            for row in found:
                line = row_line(row)
                digest.update(line)
                packed.write(line)
                parts[row["part"]] += 1
                if row.get("policy"):
                    bases[row["policy"], row["trust_snapshot"]] += 1
        kept.seek(0)
        sha256, _ = store.put(cast(BinaryIO, kept), media_type=MEDIA_TYPE)
    return _Kept(sha256, digest.hexdigest(), parts, bases)


def terms_of(asked: Report | Figure) -> Terms:
    """Return the terms under which a report or figure was counted."""
    return Terms(asked.as_of or asked.asked_at.date(), asked.rule == "apart")


def row_line(row: Row) -> bytes:
    """Return a row as one line of canonical JSON: sorted keys, no blanks, UTF-8."""
    told = {name: value for name, value in row.items() if name != "cursor"}
    return (json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=plain) + "\n").encode()


def rows(
    store: ObjectStore,
    figure: Figure,
    *,
    only: Iterable[str] = (),
    reason: str | None = None,
    skip: int = 0,
    limit: int | None = None,
) -> Iterator[dict[str, Any]]:
    """Stream the frozen rows of a figure in their order, as JSON values. Raises NotFound, DamagedObject."""
    wanted = frozenset(only)
    seen = 0
    with store.open(figure.rows_sha256) as packed, gzip.GzipFile(fileobj=packed, mode="rb") as lines:
        for line in lines:
            row = json.loads(line)
            if (wanted and row["part"] not in wanted) or (reason is not None and row.get("reason") != reason):
                continue
            seen += 1
            if seen <= skip:
                continue
            if limit is not None and seen > skip + limit:
                return
            yield row


def missing_parts(figure: Figure) -> tuple[str, ...]:
    """Return the parts of the denominator that are not in the numerator: the exceptions."""
    chosen = indicators.named(figure.share.indicator, terms_of(figure))
    return tuple(part for part in chosen.parts if part in chosen.denominator - chosen.numerator)


def changes(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> Iterator[Change]:
    """Yield each row whose part, reason or verdict differs, and those that came or went."""
    held = {row["key"]: (row["part"], row.get("reason"), row.get("verdict_id")) for row in before}
    for row in after:
        part, reason, verdict = row["part"], row.get("reason"), row.get("verdict_id")
        old = held.pop(row["key"], None)
        if old is None:
            yield Change(row["key"], None, part, None, reason, None, verdict)
        elif old[:2] != (part, reason):
            yield Change(row["key"], old[0], part, old[1], reason, old[2], verdict)
    for key, (part, reason, verdict) in held.items():
        yield Change(key, part, None, reason, None, verdict, None)


def since(registers: Registers, store: ObjectStore, figure: Figure) -> Iterator[Change]:
    """Yield what has changed since the figure was frozen: the same question, asked of the registers now."""
    chosen = indicators.named(figure.share.indicator, terms_of(figure))
    scope = Tree(registers.units()).scope(figure.selection)
    return changes(rows(store, figure), registers.rows(chosen.register, scope, chosen.parts))


def change_kind(change: Change) -> str:
    """Name a change: appeared, gone, verified, lost, checked, moved, reason (keys below `report.change`)."""
    if change.before is None:
        return "appeared"
    if change.after is None:
        return "gone"
    if change.before == change.after:
        return "reason"
    if change.after == indicators.SIGNED:
        return "verified"
    if change.before == indicators.SIGNED:
        return "lost"
    return "checked" if change.before == indicators.UNCHECKED else "moved"


def _id(indicator: Indicator, selection: Selection, rule: str, digest: str) -> str:
    period = selection.period
    asked = [indicator.name, period.first, period.last, period.label, selection.unit, selection.kind]
    told = json.dumps([*asked, selection.level, selection.below, rule, digest], default=plain, ensure_ascii=False)
    return "f" + hashlib.sha256(told.encode()).hexdigest()[:15]


def plain(value: Any) -> str:
    """Return days and moments as ISO 8601, anything else as text: what JSON does not know by itself."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)
