"""`digitise find|show|get`: papers found, and out again."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digitise.cli.terms import data_option, day, json_option, language, out, say, services
from digitise.errors import NotFound
from digitise.messages import kept_error_text
from digitise.model.documents import ArtefactKind, Document, Found, Page, Query
from digitise.model.people import LOCAL_OPERATOR
from digitise.model.verdicts import when
from digitise.text import mask, mask_in_text

if TYPE_CHECKING:
    from digitise.bootstrap import Services


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
    _tell_hits(page, as_json)


def _tell_hits(page: Page[Found], as_json: bool) -> None:
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
    _tell_document(document, shown)
    for artefact in document.artefacts:
        click.echo(
            f"  {say(f'web_document.artefact.{artefact.kind}')}: {artefact.kind}, {artefact.size} B, {artefact.sha256}"
        )
    for task in tasks:
        pages = f" {task.done}/{task.total}" if task.total else ""
        error = f": {kept_error_text(task.error, language())}" if task.error else ""
        click.echo(f"  {say(f'web_admin.task.{task.kind}')}: {say(f'web_admin.task_state.{task.state}')}{pages}{error}")


def _tell_document(document: Document, shown: Mapping[str, Any]) -> None:
    """Print what is known of the paper, a line for each field, in words and local time."""
    worded = {
        "state": say(f"web.state.{document.state}"),
        "verdict": say(f"web.verdict.{document.verdict or 'none'}"),
        "created_at": when(document.created_at),
        "issued_on": document.filing.issued_on.strftime("%d/%m/%Y") if document.filing.issued_on else None,
        "valid_until": document.filing.valid_until.strftime("%d/%m/%Y") if document.filing.valid_until else None,
        "error": kept_error_text(document.error, language()) if document.error else None,
        "warnings": " ".join(say(f"warnings.{key}") for key in document.warnings),
    }
    for name, value in shown.items():
        told = worded.get(name, value)
        if name not in ("artefacts", "tasks") and told not in (None, ""):
            click.echo(f"{say(f'documents.shown.{name}')}: {told}")


@click.command()
@click.argument("document_id", metavar="ID")
@click.option(
    "--artefact",
    type=click.Choice([kind.value for kind in ArtefactKind]),
    default="searchable",
    show_default=True,
    help="Which of its files.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="File to write.")
@data_option
@json_option
def get(document_id: str, artefact: str, output: Path, data: Path | None, as_json: bool) -> None:
    """Fetch one artefact of a document.

    \b
    Example: digitise get 7f3a… --artefact searchable -o ket-qua.pdf
    """
    served = services(data)
    sha256 = _files(served, document_id).get(artefact)
    if sha256 is None:
        raise NotFound("artefact", what=artefact, id=document_id)
    partial = _partial(output)
    with served.store.as_file(sha256) as source:
        shutil.copyfile(source, partial)
    partial.replace(output)
    served.audit.record(LOCAL_OPERATOR, "read", document_id, {"artefact": artefact})
    if as_json:
        out({"file": str(output), "sha256": sha256, "size": output.stat().st_size})
    else:
        click.echo(f"{output}\t{sha256}")


def _files(served: "Services", document_id: str) -> dict[str, str | None]:
    """Return the SHA-256 of each file of a document, or of an outgoing document: as it was registered, and signed."""
    try:
        return {one.kind.value: one.sha256 for one in served.catalogue.get(document_id).artefacts}
    except NotFound as neither:
        try:
            outgoing = served.outgoing.get(document_id)
        except NotFound:
            raise neither from None
    return {ArtefactKind.ORIGINAL.value: outgoing.sha256, ArtefactKind.SIGNED.value: outgoing.signed_sha256}


def _partial(path: Path) -> Path:
    """Return the temporary name beside `path` under which it is written."""
    return path.with_name(f".{path.name}.part")
