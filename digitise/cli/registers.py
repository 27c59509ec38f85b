"""`digitise dossiers import`, `digitise units import`, `digitise incoming import`: registers of other systems."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from digitise.cli.terms import data_option, json_option, out, progressing, say, services
from digitise.errors import InvalidValue
from digitise.model.people import LOCAL_OPERATOR
from digitise.model.reports import Imported

_FILE = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
_COLUMN = click.option("--column", "columns", multiple=True, metavar="FIELD=HEADING", help="Heading of one field.")


@click.group()
def dossiers() -> None:
    """The register of dossiers.

    \b
    Example: digitise dossiers import ho-so-2022.xlsx --column code="Số HS"
    """


@click.group()
def units() -> None:
    """The tree of units, with the dates between which each holds.

    \b
    Example: digitise units import don-vi.csv
    """


@click.group()
def incoming() -> None:
    """The register of incoming documents.

    \b
    Example: digitise incoming import van-ban-den.csv
    """


@dossiers.command("import")
@_FILE
@_COLUMN
@data_option
@json_option
def import_dossiers(file: Path, columns: tuple[str, ...], data: Path | None, as_json: bool) -> None:
    """Add or change dossiers from a CSV or XLSX file; the same file twice changes nothing."""
    from digitise.report import imports

    _import("dossiers", imports.import_dossiers, file, columns, data, as_json)


@units.command("import")
@_FILE
@_COLUMN
@data_option
@json_option
def import_units(file: Path, columns: tuple[str, ...], data: Path | None, as_json: bool) -> None:
    """Add or change units from a CSV or XLSX file; a unit has one row for each time of its life."""
    from digitise.report import imports

    _import("units", imports.import_units, file, columns, data, as_json)


@incoming.command("import")
@_FILE
@_COLUMN
@data_option
@json_option
def import_incoming(file: Path, columns: tuple[str, ...], data: Path | None, as_json: bool) -> None:
    """Add or change incoming documents from a CSV or XLSX file."""
    from digitise.report import imports

    _import("incoming", imports.import_incoming, file, columns, data, as_json)


def _import(
    register: str,
    read: Callable[..., Imported],
    file: Path,
    columns: tuple[str, ...],
    data: Path | None,
    as_json: bool,
) -> None:
    served = services(data)
    named = dict(served.settings.report_columns.get(register, {}))
    for each in columns:
        field, equals, heading = each.partition("=")
        if not equals:
            raise InvalidValue("column_form", name="--column", value=each)
        named[field] = heading
    with progressing(say("report.import.working", file=file.name)):
        done = read(served.register.imports, file, LOCAL_OPERATOR, served.clock(), named)
    if as_json:
        out(_told(done))
        return
    for bad in done.bad:
        reason = say(f"report.import.{bad.reason}")
        value = f"({bad.value})" if bad.value else ""
        click.echo(say("report.import.row", row=bad.row, column=bad.column, reason=reason, value=value), err=True)
    counts = {"added": done.added, "changed": done.changed, "same": done.same, "bad": len(done.bad)}
    click.echo(say("report.import.done", file=file.name, **counts))


def _told(done: Imported) -> dict[str, Any]:
    return {
        "import": done.id,
        "register": done.register,
        "added": done.added,
        "changed": done.changed,
        "same": done.same,
        "bad": [
            {
                "row": bad.row,
                "column": bad.column,
                "reason": bad.reason,
                "value": bad.value,
                "message": say(f"report.import.{bad.reason}"),
            }
            for bad in done.bad
        ],
    }
