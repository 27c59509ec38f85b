"""One report in every format: the same tables and charts as XLSX, CSV, JSON, PDF and SVG."""

from typing import BinaryIO

from digitise.errors import InvalidValue
from digitise.model.reports import Report
from digitise.report.listing import Listing
from digitise.report.office import Office

FORMATS = ("json", "csv", "xlsx", "pdf", "svg")
MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
}


def write(
    report: Report,
    target: BinaryIO,
    format: str,
    *,
    lang: str = "vi",
    office: Office | None = None,
    listing: Listing | None = None,
    chart: str | None = None,
) -> None:
    """Write `report` to `target`; `listing` adds its rows, `chart` names the one drawn as SVG (default: the first).

    Rows are streamed: memory does not grow with them. Raises InvalidValue for an unknown format or chart.
    """
    if format == "json":
        from digitise.report.export_json import write_json

        write_json(report, target, lang, listing)
    elif format == "csv":
        from digitise.report.export_csv import write_csv

        write_csv(report, target, lang, listing)
    elif format == "xlsx":
        from digitise.report.export_xlsx import write_xlsx

        write_xlsx(report, target, lang, listing)
    elif format == "pdf":
        from digitise.report.export_pdf import write_pdf

        write_pdf(report, target, lang, office or Office(), listing)
    elif format == "svg":
        target.write(_svg(report, lang, chart).encode())
    else:
        raise InvalidValue("format", name="format", value=format)


def _svg(report: Report, lang: str, chart: str | None) -> str:
    from digitise.report import charts, svg

    drawn = charts.of(report, lang)
    found = next((each for each in drawn if chart in (None, each.name)), None)
    if found is None:
        raise InvalidValue("chart", name="chart", value=chart)
    return svg.render(found)
