"""Reported numbers, kept with what they were counted from."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, insert, select

from digitise.errors import NotFound
from digitise.model.people import Actor
from digitise.model.reports import Calendar, Figure, Period, Selection, Share
from digitise.ports import Clock
from storage import audit
from storage.database import Database
from storage.schema.register import figures


class SqlFigures:
    """Implements `digitise.report.register.Figures`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def save(self, figure: Figure, actor: Actor) -> Figure:
        """Keep a figure with an audit entry; one with the same id is kept as it is and returned."""
        with self._database.write() as connection:
            held = connection.execute(select(figures).where(figures.c.id == figure.id)).mappings().first()
            if held is None:
                connection.execute(insert(figures).values(**_row(figure)))
            told = {"indicator": figure.share.indicator, "numerator": figure.share.numerator}
            told |= {"denominator": figure.share.denominator, "rows_digest": figure.rows_digest}
            audit.append(connection, actor.name, "figure.reported", figure.id, told, self._clock())
        return _figure(held) if held is not None else figure

    def get(self, figure_id: str) -> Figure:
        """Return a kept figure. Raises NotFound."""
        with self._database.read() as connection:
            held = connection.execute(select(figures).where(figures.c.id == figure_id)).mappings().first()
        if held is None:
            raise NotFound("figure", what="figure", id=figure_id)
        return _figure(held)

    def list(self, indicator: str | None = None, limit: int = 50) -> "list[Figure]":
        """Return kept figures, newest first."""
        query = select(figures).order_by(figures.c.asked_at.desc(), figures.c.id).limit(limit)
        if indicator:
            query = query.where(figures.c.indicator == indicator)
        with self._database.read() as connection:
            return [_figure(row) for row in connection.execute(query).mappings()]


def _row(figure: Figure) -> dict[str, Any]:
    share, selection = figure.share, figure.selection
    detail = {
        "counts": dict(share.counts),
        "apart": dict(share.apart),
        "selection": asdict(selection)
        | {
            "period": asdict(selection.period)
            | {"first": selection.period.first.isoformat(), "last": selection.period.last.isoformat()}
        },
        "bases": [dict(basis) for basis in figure.bases],
        "as_of": figure.as_of.isoformat() if figure.as_of else None,
        "rule": figure.rule,
    }
    return {
        "id": figure.id,
        "indicator": share.indicator,
        "numerator": share.numerator,
        "denominator": share.denominator,
        "asked_at": figure.asked_at,
        "asked_by": figure.asked_by,
        "rows_count": figure.rows_count,
        "rows_digest": figure.rows_digest,
        "rows_sha256": figure.rows_sha256,
        "detail": detail,
    }


def _figure(row: RowMapping) -> Figure:
    detail: Mapping[str, Any] = row["detail"]
    told = dict(detail["selection"])
    period = told.pop("period")
    days = {"first": date.fromisoformat(period["first"]), "last": date.fromisoformat(period["last"])}
    calendar = Calendar(period["calendar"]) if period["calendar"] else None
    return Figure(
        id=row["id"],
        share=Share(row["indicator"], detail["counts"], row["numerator"], row["denominator"], detail["apart"]),
        selection=Selection(Period(**days, label=period["label"], calendar=calendar), **told),
        asked_at=row["asked_at"],
        asked_by=row["asked_by"],
        rows_count=row["rows_count"],
        rows_digest=row["rows_digest"],
        rows_sha256=row["rows_sha256"],
        bases=tuple(detail["bases"]),
        as_of=date.fromisoformat(detail["as_of"]) if detail["as_of"] else None,
        rule=detail["rule"],
    )
