"""`digitise scan|find|reuse|show|get`: papers in, found, reused, and out again."""

import shutil
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digitise.cli.terms import data_option, json_option, out, say, services, tell_error
from digitise.cli.waiting import wait_for
from digitise.errors import DigitiseError, InvalidValue, NotFound, UnreadableFile, UsageError
from digitise.model.documents import ArtefactKind, Document, DocumentState, Filing, Query
from digitise.model.people import LOCAL_OPERATOR
from digitise.text import mask, mask_in_text

if TYPE_CHECKING:
    from digitise.bootstrap import Services


def worst(codes: list[int]) -> int:
    """Return the exit code of several files: the highest, as the codes grow with what a person must do."""
    return max(codes, default=0)


def day(value: str | None, name: str) -> date | None:
    """Read an ISO date option; raises InvalidValue."""
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as e:
        raise InvalidValue("date", name=name, value=value) from e


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
            if "--json" not in sys.argv:
                tell_error(error)
            rows.append({"file": str(file), "error": {"code": error.code, "reason": error.reason}})
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


@click.command()
@click.argument("text", nargs=-1)
@click.option("--unit", help="Unit code.")
@click.option("--kind", help="Kind of paper.")
@click.option("--dossier", help="Dossier code.")
@click.option("--from", "from_", help="Issued on or after, YYYY-MM-DD.")
@click.option("--to", help="Issued on or before, YYYY-MM-DD.")
@click.option("--limit", default=20, show_default=True, help="At most so many.")
@data_option
@json_option
def find(
    text: tuple[str, ...],
    unit: str | None,
    kind: str | None,
    dossier: str | None,
    from_: str | None,
    to: str | None,
    limit: int,
    data: Path | None,
    as_json: bool,
) -> None:
    """Find papers by their words, with or without diacritics.

    \b
    Example: digitise find "quyet dinh phe duyet" --from 2022-01-01
    """
    served = services(data)
    query = Query(
        text=" ".join(text),
        unit=unit,
        kind=kind,
        dossier=dossier,
        from_=day(from_, "--from"),
        to=day(to, "--to"),
        limit=limit,
    )
    page = served.search.find(query)
    served.audit.record(LOCAL_OPERATOR, "search", "documents", {"text": mask_in_text(query.text)})
    if as_json:
        out(
            {
                "documents": [
                    {**summary(hit.document), "snippet": _plain(hit.snippet), "exact": hit.exact} for hit in page.items
                ],
                "cursor": page.cursor,
            }
        )
        return
    if not page.items:
        click.echo(say("documents.nothing_found"), err=True)
    for hit in page.items:
        filing = hit.document.filing
        click.echo(f"{hit.document.id}\t{filing.number or '–'}\t{filing.issued_on or '–'}\t{_marked(hit.snippet)}")


def _plain(snippet: str) -> str:
    return mask_in_text(snippet.replace("\x02", "").replace("\x03", ""))


def _marked(snippet: str) -> str:
    on, off = ("\x1b[1m", "\x1b[0m") if sys.stdout.isatty() else ("", "")
    return mask_in_text(" ".join(snippet.split())).replace("\x02", on).replace("\x03", off)


def summary(document: Document) -> dict[str, Any]:
    """Return what lists show of a document; the owner's identifier masked."""
    filing = document.filing
    return {
        "id": document.id,
        "file": document.file_name,
        "sha256": document.sha256,
        "state": document.state,
        "pages": document.pages,
        "verdict": document.verdict,
        "created_at": document.created_at,
        **{
            name: getattr(filing, name)
            for name in ("dossier", "kind", "unit", "title", "number", "issued_on", "issuer", "signer", "valid_until")
        },
        "owner_id": mask(filing.owner_id) if filing.owner_id else None,
    }


@click.command()
@click.option("--dossier", help="Dossier code.")
@click.option("--owner", help="Owner's identifier.")
@click.option("--kind", help="Kind of paper.")
@click.option("--for", "for_", help="Dossier that the paper shall serve: records the reuse.")
@click.option("--reason", help="Why; needed with --owner and --for, and logged.")
@data_option
@json_option
def reuse(
    dossier: str | None,
    owner: str | None,
    kind: str | None,
    for_: str | None,
    reason: str | None,
    data: Path | None,
    as_json: bool,
) -> int:
    """See what is held for a dossier or an owner, and record that it is used again.

    \b
    Example: digitise reuse --dossier H53.12-220915-0007 --for H53.12-221001-0003 --reason "cấp đổi"
    """
    from digitise.scan.reuse import why_not

    if not dossier and not owner:
        raise UsageError(say("documents.reuse_needs"))
    if (owner or for_) and not reason:
        raise UsageError(say("documents.reuse_reason"))
    served = services(data)
    held = served.reuse.held(Query(dossier=dossier, owner_id=owner, kind=kind), LOCAL_OPERATOR, reason or "")
    rows = []
    for document in held:
        hindrances = why_not(document, served.clock().date())
        row = {**summary(document), "may_reuse": not hindrances, "why_not": list(hindrances)}
        if for_ and not hindrances:
            recorded = served.reuse.record(document.id, for_, reason or "", LOCAL_OPERATOR)
            row["reuse"] = {"id": recorded.id, "dossier": recorded.dossier, "at": recorded.at}
        rows.append(row)
    if as_json:
        out({"documents": rows})
    else:
        for row in rows:
            click.echo(f"{row['id']}\t{row['file']}\t{'✓' if row['may_reuse'] else ', '.join(row['why_not'])}")
        if not rows:
            click.echo(say("documents.nothing_held"), err=True)
    return 0


@click.command()
@click.argument("document_id", metavar="ID")
@data_option
@json_option
def show(document_id: str, data: Path | None, as_json: bool) -> None:
    """Show a document: state, fields, artefacts with their hashes, work under way.

    \b
    Example: digitise show 7f3a… --json
    """
    served = services(data)
    document = served.catalogue.get(document_id)
    tasks = served.tasks.list(subject=document.id)
    shown = {
        **summary(document),
        "warnings": document.warnings,
        "error": document.error,
        "artefacts": {a.kind: {"sha256": a.sha256, "size": a.size} for a in document.artefacts},
        "tasks": [
            {"id": t.id, "kind": t.kind, "state": t.state, "done": t.done, "total": t.total, "error": t.error}
            for t in tasks
        ],
    }
    if as_json:
        out(shown)
        return
    for name, value in shown.items():
        if value not in (None, (), [], {}):
            click.echo(f"{name:12} {value}")


@click.command()
@click.argument("document_id", metavar="ID")
@click.option("--artefact", type=click.Choice([kind.value for kind in ArtefactKind]), default="searchable")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="File to write.")
@data_option
@json_option
def get(document_id: str, artefact: str, output: Path, data: Path | None, as_json: bool) -> None:
    """Fetch one artefact of a document.

    \b
    Example: digitise get 7f3a… --artefact searchable -o ket-qua.pdf
    """
    served = services(data)
    document = served.catalogue.get(document_id)
    found = next((a for a in document.artefacts if a.kind == artefact), None)
    if found is None:
        raise NotFound("artefact", what=artefact, id=document_id)
    partial = replace_suffix(output)
    with served.store.as_file(found.sha256) as source:
        shutil.copyfile(source, partial)
    partial.replace(output)
    served.audit.record(LOCAL_OPERATOR, "read", document.id, {"artefact": artefact})
    if as_json:
        out({"file": str(output), "sha256": found.sha256, "size": found.size})
    else:
        click.echo(f"{output}\t{found.sha256}")


def replace_suffix(path: Path) -> Path:
    """Return the temporary name beside `path` under which it is written."""
    return path.with_name(f".{path.name}.part")
