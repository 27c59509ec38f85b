"""`digitise scan`: papers in."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digitise.cli.terms import data_option, json_option, language, out, say, services, tell_error, wants_json, worst
from digitise.cli.waiting import wait_for
from digitise.errors import DigitiseError, UnreadableFile
from digitise.messages import error_text
from digitise.model.documents import ArtefactKind, Document, DocumentState, Filing
from digitise.model.people import LOCAL_OPERATOR

if TYPE_CHECKING:
    from digitise.bootstrap import Services


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--dossier", help="Dossier code, e.g. H53.12-220915-0007.")
@click.option("--owner", help="Owner's identifier: CCCD, CMND, tax code, passport.")
@click.option("--kind", help="Kind of paper, e.g. QĐ.")
@click.option("--unit", help="Unit code.")
@click.option("--wait", "waits", is_flag=True, help="Wait until everything is stored.")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="Copy results here (waits).")
@data_option
@json_option
def scan(
    files: tuple[Path, ...],
    dossier: str | None,
    owner: str | None,
    kind: str | None,
    unit: str | None,
    waits: bool,
    output: Path | None,
    data: Path | None,
    as_json: bool,
) -> int:
    """Take scans in; the workers digitise them.

    \b
    Example: digitise scan ket-qua.pdf --dossier H53.12-220915-0007 --wait
    """
    served = services(data)
    filing = Filing(dossier=dossier, owner_id=owner, kind=kind, unit=unit)
    rows, codes = _take_in(served, files, filing)
    if waits or output:
        accepted = [row["id"] for row in rows if row.get("id")]
        for document in wait_for(served, accepted):
            row = next(row for row in rows if row.get("id") == document.id)
            row.update(state=document.state, pages=document.pages, error=document.error)
            codes.append(20 if document.state is DocumentState.FAILED else 0)
            if output:
                row["files"] = [str(path) for path in _copy_out(served, document, output)]
    if as_json:
        out({"documents": rows})
    else:
        for row in rows:
            if row.get("id"):
                known = say("documents.already_held") if row["existing"] else ""
                click.echo(f"{row['file']}\t{row['id']}\t{row['state']}\t{known}")
    return worst(codes)


def _take_in(served: "Services", files: tuple[Path, ...], filing: Filing) -> tuple[list[dict[str, Any]], list[int]]:
    from digitise.scan.intake import accept

    rows: list[dict[str, Any]] = []
    codes: list[int] = []
    for file in files:
        try:
            if not file.is_file():
                raise UnreadableFile("not_a_file", file=str(file))
            with file.open("rb") as stream:
                accepted = accept(
                    stream,
                    file.name,
                    filing,
                    LOCAL_OPERATOR,
                    store=served.store,
                    catalogue=served.catalogue,
                    settings=served.settings,
                )
            served.hints.wake()
            rows.append(
                {
                    "file": str(file),
                    "id": accepted.document.id,
                    "sha256": accepted.document.sha256,
                    "existing": accepted.existing,
                    "state": accepted.document.state,
                    "warnings": accepted.document.warnings,
                }
            )
        except DigitiseError as error:
            error.file = error.file or str(file)
            if not wants_json():
                tell_error(error)
            told = error_text(error, language())
            rows.append({"file": str(file), "error": {"code": error.code, "reason": error.reason, "message": told}})
            codes.append(error.exit_code)
    return rows, codes


def _copy_out(served: "Services", document: Document, folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    names = {ArtefactKind.SEARCHABLE: ".pdf", ArtefactKind.TEXT: ".txt", ArtefactKind.WORDS: ".json"}
    for artefact in document.artefacts:
        if artefact.kind in names:
            target = folder / (Path(document.file_name).stem + names[artefact.kind])
            with served.store.as_file(artefact.sha256) as source:
                shutil.copyfile(source, target)
            written.append(target)
    return written
