"""Tỷ lệ ký số and the other reports: figures, charts with their tables, every mark a link."""

import tempfile

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from markupsafe import Markup

from digitise.bootstrap import Services
from digitise.errors import InvalidValue, NotFound
from digitise.model.reports import GroupBy, Selection
from digitise.report import charts, svg, words
from digitise.report.exports import MEDIA_TYPES, write
from digitise.web.api.reports import sent
from digitise.web.auth import ReportReader, Using
from digitise.web.filing_form import kinds
from digitise.web.forms import read_form, wrong_of
from digitise.web.language import language
from digitise.web.reading import note_reading
from digitise.web.render import render
from digitise.web.reporting import (
    NAMES,
    VARIANTS,
    Asked,
    asked_of,
    compile_report,
    freeze,
    office,
    rows_behind,
)

router = APIRouter(prefix="/reports")
FORMATS = ("xlsx", "pdf", "csv", "json")


@router.get("")
def index(actor: ReportReader) -> Response:
    """Go to the report that is asked for most."""
    return RedirectResponse("/reports/signed-share", 303)


@router.get("/rows")
def rows(request: Request, services: Using, actor: ReportReader) -> Response:
    """List the rows behind a number, as the registers stand now."""
    given = dict(request.query_params)
    asked = asked_of(given, actor, services)
    chosen, found, cursor = rows_behind(given, asked, services)
    note_reading(services, actor, "report.rows.read", chosen.name)
    lang = language(request)
    return render(
        request,
        "report_rows.html",
        indicator=chosen,
        rows=found,
        cursor=cursor,
        asked=asked,
        part=given.get("part", ""),
        reason=given.get("reason", ""),
        words=words,
        period=words.period(asked.selection, lang),
    )


@router.get("/{name}")
def show(name: str, request: Request, services: Using, actor: ReportReader) -> Response:
    """Show one report."""
    if name not in NAMES:
        raise NotFound(what="report", id=name[:40])
    by = GroupBy.UNIT if name == "exceptions" else GroupBy.MONTH
    errors = []
    try:
        asked = asked_of(request.query_params, actor, services, by)
    except InvalidValue as error:
        asked, errors = asked_of({}, actor, services, by), [wrong_of(request, error)]
    report = compile_report(name, asked, services)
    note_reading(services, actor, "report.read", name)
    lang = language(request)
    drawn = charts.of(report, lang) if report.share.denominator else []
    return render(
        request,
        "report.html",
        status_code=422 if errors else 200,
        name=name,
        names=NAMES,
        report=report,
        asked=asked,
        errors=errors,
        variants=VARIANTS,
        units=_units(services, report.selection),
        kinds=kinds(lang),
        groups=[group.value for group in GroupBy],
        charts=[(chart, Markup(svg.render(chart, ident="page-"))) for chart in drawn],  # noqa: S704 our own, escaped
        words=words,
        formats=FORMATS,
        given=dict(request.query_params),
        rows_address=charts.rows_address,
    )


def _units(services: Services, selection: Selection) -> list[tuple[str, str]]:
    """Return the units of the period as (code, name), indented by level."""
    last = selection.period.last
    standing = [
        unit
        for unit in services.register.units()
        if (unit.valid_from is None or unit.valid_from <= last) and (unit.valid_to is None or unit.valid_to >= last)
    ]
    depth = {"province": "", "district": "– ", "commune": "– – "}
    return [(unit.code, depth.get(unit.level, "") + unit.name) for unit in sorted(standing, key=lambda one: one.code)]


@router.get("/{name}/export")
def export(name: str, request: Request, services: Using, actor: ReportReader, format: str = "xlsx") -> Response:
    """Give the report as a file."""
    if format not in MEDIA_TYPES:
        raise InvalidValue("format", name="format", value=format[:10])
    report = compile_report(name, asked_of(request.query_params, actor, services), services)
    note_reading(services, actor, "report.exported", f"{name}.{format}")
    target = tempfile.SpooledTemporaryFile(max_size=8 << 20)  # noqa: SIM115 closed when it is sent
    write(report, target, format, lang=language(request), office=office(services))  # type: ignore[arg-type]
    target.seek(0)
    label = report.selection.period.label.replace("/", "_")
    headers = {"Content-Disposition": f'attachment; filename="{name}-{label}.{format}"'}
    return StreamingResponse(sent(target), media_type=MEDIA_TYPES[format], headers=headers)


@router.post("/{name}/keep")
def keep(name: str, request: Request, services: Using, actor: ReportReader) -> Response:
    """Keep the leading figure with its rows, and open it."""
    form = read_form(request)
    given = {key: form[key] for key in form.fields if form[key]}
    asked: Asked = asked_of(given, actor, services)
    _, kept = freeze(compile_report(name, asked, services), actor, services)
    return RedirectResponse(f"/figures/{kept[0].id}", 303)
