"""Reports and figures: counted from the registers, given as JSON, XLSX, CSV, PDF or SVG of the same tables."""

import tempfile
from collections.abc import Iterator
from typing import IO, Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, StreamingResponse

from digitise.report import figures
from digitise.report.evidence import Room, write_bundle
from digitise.report.exports import MEDIA_TYPES, write
from digitise.web.auth import ReportReader, Using
from digitise.web.language import language
from digitise.web.reading import note_reading
from digitise.web.reporting import asked_of, compile_report, freeze, office

router = APIRouter(tags=["reports"])

ReportName = Literal["signed-share", "digitisation", "reuse", "exceptions", "dossiers", "certified-copies", "incoming"]
FigureId = Annotated[str, Path(max_length=64, pattern=r"^[0-9a-z]+$")]
FILES: dict[str, Any] = {media_type.partition(";")[0]: {} for media_type in MEDIA_TYPES.values()}
ACCEPTED = {media_type.partition(";")[0]: name for name, media_type in MEDIA_TYPES.items()}
ACCEPTED |= {"application/vnd.ms-excel": "xlsx"}
Format = Literal["json", "csv", "xlsx", "pdf", "svg"]


def wanted_format(request: Request, given: str | None) -> str:
    """Return the format by `?format=`, else by Accept, else JSON."""
    if given:
        return given
    for part in request.headers.get("accept", "").split(","):
        name = ACCEPTED.get(part.partition(";")[0].strip())
        if name:
            return name
    return "json"


@router.get("/reports/{name}", response_class=Response, responses={200: {"content": FILES}})
def report(
    name: ReportName,
    request: Request,
    services: Using,
    actor: ReportReader,
    period: Annotated[str, Query(max_length=10, description="2022, 2022-Q3, 2022-6M, 2022-9M, 2022-09")] = "",
    from_: Annotated[str, Query(alias="from", max_length=10, description="YYYY-MM-DD")] = "",
    to: Annotated[str, Query(max_length=10, description="YYYY-MM-DD")] = "",
    calendar: Annotated[str, Query(max_length=5, description="nd09 or civil")] = "",
    unit: Annotated[str, Query(max_length=64)] = "",
    kind: Annotated[str, Query(max_length=64)] = "",
    variant: Annotated[str, Query(max_length=1, description="A, B or C")] = "",
    by: Annotated[str, Query(max_length=5, description="month, unit, kind or level")] = "",
    chart: Annotated[str | None, Query(max_length=20, description="Which chart, for SVG")] = None,
    keep: Annotated[bool, Query(description="Keep the figures with their rows, and name them in the answer")] = True,
    format: Annotated[Format | None, Query()] = None,
) -> Response:
    """Count a report; its figures are kept, so that each can be opened and proven later."""
    asked = asked_of(request.query_params, actor, services)
    counted = compile_report(name, asked, services)
    if keep:
        counted, _ = freeze(counted, actor, services)
    note_reading(services, actor, "report.read", name)
    chosen = wanted_format(request, format)
    target = tempfile.SpooledTemporaryFile(max_size=8 << 20)  # noqa: SIM115 closed when it is sent
    write(counted, target, chosen, lang=language(request), office=office(services), chart=chart)  # type: ignore[arg-type]
    target.seek(0)
    label = asked.selection.period.label.replace("/", "_")
    headers = (
        {} if chosen in ("json", "svg") else {"Content-Disposition": f'attachment; filename="{name}-{label}.{chosen}"'}
    )
    return StreamingResponse(sent(target), media_type=MEDIA_TYPES[chosen], headers=headers)


def sent(target: IO[bytes]) -> Iterator[bytes]:
    """Give a temporary file in pieces and close it."""
    with target:
        while piece := target.read(256 << 10):
            yield piece


@router.get("/figures/{figure_id}")
def figure(
    figure_id: FigureId,
    services: Using,
    actor: ReportReader,
    part: Annotated[str | None, Query(max_length=60, description="Only rows of this part")] = None,
    reason: Annotated[str | None, Query(max_length=100, description="Only rows with this reason")] = None,
    skip: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=0, le=1000)] = 100,
) -> dict[str, Any]:
    """Show a kept figure with the rows it was counted from."""
    kept = services.register.figures.get(figure_id)
    note_reading(services, actor, "figure.read", figure_id)
    rows = list(
        figures.rows(services.store, kept, only=(part,) if part else (), reason=reason, skip=skip, limit=limit + 1)
    )
    return {**figure_values(kept), "rows": rows[:limit], "next": skip + limit if len(rows) > limit else None}


def figure_values(kept: Any) -> dict[str, Any]:
    """Return a kept figure as JSON values."""
    chosen = kept.selection
    return {
        "id": kept.id,
        "indicator": kept.share.indicator,
        "counts": dict(kept.share.counts),
        "apart": dict(kept.share.apart),
        "numerator": kept.share.numerator,
        "denominator": kept.share.denominator,
        "period": {"from": chosen.period.first, "to": chosen.period.last, "label": chosen.period.label},
        "unit": chosen.unit,
        "kind": chosen.kind,
        "asked_at": kept.asked_at,
        "asked_by": kept.asked_by,
        "rows_count": kept.rows_count,
        "rows_digest": kept.rows_digest,
        "bases": [dict(base) for base in kept.bases],
        "rule": kept.rule,
    }


@router.get(
    "/figures/{figure_id}/evidence.zip", response_class=Response, responses={200: {"content": {"application/zip": {}}}}
)
def evidence(
    figure_id: FigureId,
    services: Using,
    actor: ReportReader,
    documents: Annotated[bool, Query(description="Put the PDFs in too")] = False,
) -> Response:
    """Give the bundle that another expert can verify again without this system."""
    kept = services.register.figures.get(figure_id)
    services.audit.record(actor, "evidence.taken", figure_id)
    target = tempfile.SpooledTemporaryFile(max_size=8 << 20)  # noqa: SIM115 closed when it is sent
    write_bundle(kept, target, Room(services.register, services.store, services.register.proofs), documents=documents)  # type: ignore[arg-type]
    target.seek(0)
    headers = {"Content-Disposition": f'attachment; filename="{figure_id}.zip"'}
    return StreamingResponse(sent(target), media_type="application/zip", headers=headers)


@router.get("/figures")
def list_figures(
    services: Using, actor: ReportReader, indicator: Annotated[str | None, Query(max_length=60)] = None
) -> JSONResponse:
    """List kept figures, newest first."""
    found = services.register.figures.list(indicator)
    return JSONResponse({"items": jsonable_encoder([figure_values(kept) for kept in found])})
