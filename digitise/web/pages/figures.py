"""Con số này từ đâu: a kept figure, its rows, policy and snapshot, the evidence bundle, and what changed since."""

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from digitise.model.reports import Change, Figure
from digitise.report import figures, words
from digitise.web.auth import ReportReader, Using
from digitise.web.language import language
from digitise.web.reading import note_reading
from digitise.web.render import render

router = APIRouter(prefix="/figures")
ROWS_A_PAGE = 50
MOST_CHANGES = 200  # listed on the page; the bundle holds them all
FigureId = Annotated[str, Path(max_length=64, pattern=r"^[0-9a-z]+$")]


@router.get("")
def index(request: Request, services: Using, actor: ReportReader) -> Response:
    """List kept figures."""
    return render(request, "figures.html", figures=services.register.figures.list(), words=words)


@router.get("/{figure_id}")
def show(
    figure_id: FigureId,
    request: Request,
    services: Using,
    actor: ReportReader,
    part: Annotated[str, Query(max_length=60)] = "",
    skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    other: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Show one kept figure."""
    register = services.register
    figure: Figure = register.figures.get(figure_id)
    note_reading(services, actor, "figure.read", figure_id)
    only = (part,) if part in figure.share.counts or part in figure.share.apart else ()
    rows = list(figures.rows(services.store, figure, only=only, skip=skip, limit=ROWS_A_PAGE + 1))
    changes: list[Change] | None = None
    if other == "now":
        changes = list(figures.since(register, services.store, figure))
    elif other:
        earlier = register.figures.get(other)
        changes = list(figures.changes(figures.rows(services.store, earlier), figures.rows(services.store, figure)))
    alike = [one for one in register.figures.list(figure.share.indicator) if one.id != figure.id]
    return render(
        request,
        "figure.html",
        figure=figure,
        rows=rows[:ROWS_A_PAGE],
        skip=skip,
        onward=skip + ROWS_A_PAGE if len(rows) > ROWS_A_PAGE else None,
        part=part,
        other=other,
        alike=alike,
        changes=changes[:MOST_CHANGES] if changes is not None else None,
        change_counts=Counter(figures.change_kind(change) for change in changes or []),
        change_kind=figures.change_kind,
        words=words,
        period=words.period(figure.selection, language(request)),
    )
