"""`digitise outgoing add|list|confirm|sign|recall|import|copy|rules`: the register of outgoing documents."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digitise.cli.foreseen import foreseen, foreseen_of_draft, held_already
from digitise.cli.outgoing_rules import copy, rules
from digitise.cli.sign import ask_pin
from digitise.cli.terms import data_option, day, json_option, language, out, say, services, worst
from digitise.messages import error_text, kept_error_text
from digitise.model.outgoing import OutgoingState
from digitise.model.people import LOCAL_OPERATOR

if TYPE_CHECKING:
    from digitise.model.outgoing import Outgoing


@click.group()
def outgoing() -> None:
    """Register, confirm, sign, recall and import outgoing documents.

    \b
    digitise outgoing add quyet-dinh.pdf --unit H53.12 --kind QĐ --abstract "Về việc …" --symbol QĐ-UBND
    digitise outgoing sign --profile issue ID…
    """


outgoing.add_command(rules)
outgoing.add_command(copy)


def _show(document: "Outgoing") -> str:
    number = f"{document.number:02d}/{document.symbol or ''}" if document.number is not None else "–"
    state = say(f"sign.state.{document.state}")
    return f"{document.id}  {state:<22} {number:<18} {document.kind:<5} {document.abstract[:60]}"


@outgoing.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--unit", required=True, help="Unit code.")
@click.option("--kind", default="CV", show_default=True, help="Kind: QĐ, CV, TB …")
@click.option("--abstract", help="Abstract (trích yếu); default: the file's name.")
@click.option("--number", type=int, help="Number, where it has one already.")
@click.option("--symbol", help="Symbol, e.g. QĐ-UBND.")
@click.option("--date", "issued_on", help="Date of issue, e.g. 2023-02-05.")
@click.option("--signer", help="Authorised person's name.")
@click.option("--external-id", help="Id in the document-management system; the same id twice is one document.")
@data_option
@json_option
def add(
    files: tuple[Path, ...],
    unit: str,
    kind: str,
    abstract: str | None,
    number: int | None,
    symbol: str | None,
    issued_on: str | None,
    signer: str | None,
    external_id: str | None,
    data: Path | None,
    as_json: bool,
) -> int:
    """Register PDFs as outgoing documents that wait for their signature."""
    from digitise.model.outgoing import NewOutgoing
    from digitise.sign.register_file import register_file

    served = services(data)
    made, warned = [], []
    for file in files:
        new = NewOutgoing(
            unit,
            kind,
            abstract or file.stem,
            number,
            symbol,
            day(issued_on, "--date"),
            signer,
            external_id=external_id,
        )
        known = held_already(served, file)
        document = register_file(file, new, LOCAL_OPERATOR, served.outgoing, served.store)
        made.append(document)
        if not as_json:
            click.echo(say("sign.done.added", id=document.id))
        warned += foreseen_of_draft(served, document, known)
    if as_json:
        out({"outgoing": made, "warnings": warned})
    return 0


@outgoing.command("list")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([s.value for s in OutgoingState]),
    help="draft, confirmed, signed, delivered, failed, recalled …",
)
@click.option("--unit", help="Unit code.")
@click.option("--from", "from_", help="Issued on or after, YYYY-MM-DD.")
@click.option("--to", help="Issued on or before, YYYY-MM-DD.")
@click.option("--limit", default=50, show_default=True, help="At most so many.")
@click.argument("text", required=False, default="")
@data_option
@json_option
def list_(
    states: tuple[str, ...],
    unit: str | None,
    from_: str | None,
    to: str | None,
    limit: int,
    text: str,
    data: Path | None,
    as_json: bool,
) -> int:
    """List outgoing documents, newest first."""
    from digitise.sign.register import OutgoingQuery

    wanted = tuple(OutgoingState(state) for state in states)
    query = OutgoingQuery(unit, None, wanted, text, day(from_, "--from"), day(to, "--to"), limit)
    page = services(data).outgoing.list(query)
    if as_json:
        out({"outgoing": page.items, "cursor": page.cursor})
        return 0
    for document in page.items:
        click.echo(_show(document))
        if document.error:
            click.echo(f"    {kept_error_text(document.error, language())}")
    return 0


@outgoing.command()
@click.argument("ids", nargs=-1, required=True)
@click.option("--profile", default="issue", show_default=True, help="Signing profile: approve, issue, copy, …")
@click.option("--number", type=int, help="Number; the next documents count on. Default: the next of the unit's year.")
@click.option("--symbol", help="Symbol, e.g. QĐ-UBND.")
@click.option("--date", "issued_on", help="Date of issue, e.g. 2023-02-05.")
@data_option
@json_option
def confirm(
    ids: tuple[str, ...],
    profile: str,
    number: int | None,
    symbol: str | None,
    issued_on: str | None,
    data: Path | None,
    as_json: bool,
) -> int:
    """Authorise signing; the sign worker does the rest."""
    return _confirm(services(data), ids, profile, number, symbol, issued_on, as_json)[0]


def _confirm(
    served: Any,
    ids: tuple[str, ...],
    profile: str,
    number: int | None,
    symbol: str | None,
    issued_on: str | None,
    as_json: bool,
    *,
    quiet: bool = False,
) -> tuple[int, list[dict[str, Any]]]:
    from digitise.sign.authorise import confirm_batch
    from digitise.sign.register import Numbered
    from digitise.sign.tools import profiles

    given = number is not None or symbol or issued_on
    numbered = Numbered(number, symbol, day(issued_on, "--date")) if given else None
    done = confirm_batch(
        ids, profile, LOCAL_OPERATOR, served.outgoing, served.intents, profiles(served.settings), numbered
    )
    told, codes = [], [0]
    for one in done:
        entry: dict[str, Any] = {"id": one.outgoing_id, "intent": None, "error": None, "warnings": []}
        if one.error:
            sentence = error_text(one.error, language())
            entry["error"] = {"code": one.error.code, "reason": one.error.reason, "message": sentence}
            codes.append(one.error.exit_code)
            click.echo(f"{one.outgoing_id}: {sentence}", err=True)
        elif not as_json:
            click.echo(say("sign.done.confirmed", id=one.outgoing_id, profile=profile))
        if one.intent:
            entry["intent"] = one.intent.id
            entry["warnings"] = foreseen(served, served.outgoing.get(one.outgoing_id), profile, refusals=not quiet)
        told.append(entry)
    if as_json and not quiet:
        out({"confirmed": told})
    return worst(codes), told


@outgoing.command()
@click.argument("ids", nargs=-1)
@click.option("--profile", help="Confirm with this profile first; without it, sign what is confirmed.")
@click.option(
    "--wait", default=0.0, help="Minutes to wait for a time-stamping authority or another service that is away."
)
@click.option("--number", type=int, help="Number, where it has one already.")
@click.option("--symbol", help="Symbol, e.g. QĐ-UBND.")
@click.option("--date", "issued_on", help="Date of issue, e.g. 2023-02-05.")
@data_option
@json_option
def sign(
    ids: tuple[str, ...],
    profile: str | None,
    wait: float,
    number: int | None,
    symbol: str | None,
    issued_on: str | None,
    data: Path | None,
    as_json: bool,
) -> int:
    """Sign here and now, asking each PIN once; without IDS, everything that is confirmed."""
    from digitise.sign.batch import sign_batch

    served = services(data)
    code = 0
    if profile:
        code, _ = _confirm(served, ids, profile, number, symbol, issued_on, as_json, quiet=True)
    room = served.signing_room(ask_pin if sys.stdin.isatty() else None)
    try:
        done = sign_batch(ids, room, served.tasks, f"cli:{LOCAL_OPERATOR.name}", wait_seconds=wait * 60)
    finally:
        room.tools.close()
    failed = [one for one in done if one.error]
    for one in failed:
        click.echo(f"{one.outgoing_id}: {kept_error_text(one.error, language())}", err=True)
    if as_json:
        out({"signed": [{**asdict(one), "message": kept_error_text(one.error, language()) or None} for one in done]})
    elif not done:
        click.echo(say("sign.done.nothing"))
    else:
        click.echo(say("sign.done.batch", signed=len(done) - len(failed), failed=len(failed)))
    return worst([code, *(one.exit_code for one in failed)])


@outgoing.command()
@click.argument("outgoing_id", metavar="ID")
@click.option("--reason", required=True, help="Why it is recalled.")
@data_option
@json_option
def recall(outgoing_id: str, reason: str, data: Path | None, as_json: bool) -> int:
    """Recall a document (NĐ 30/2020, art. 18.4)."""
    from digitise.sign.authorise import recall as take_back

    document = take_back(outgoing_id, reason, LOCAL_OPERATOR, services(data).outgoing)
    if as_json:
        out(document)
    else:
        click.echo(say("sign.done.recalled", id=document.id))
    return 0


@outgoing.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--unit", help="Unit of all rows, where the register does not say.")
@click.option("--column", "columns", multiple=True, metavar="NAME=FIELD", help="Map a column; may be repeated.")
@data_option
@json_option
def import_(file: Path, unit: str | None, columns: tuple[str, ...], data: Path | None, as_json: bool) -> int:
    """Import a register (CSV, XLSX); the same file twice adds nothing."""
    from digitise.sign.imports import import_register

    served = services(data)
    mapped = {**served.settings.outgoing_columns, **dict(column.rsplit("=", 1) for column in columns if "=" in column)}
    done = import_register(file, served.outgoing, LOCAL_OPERATOR, unit=unit, columns=mapped)
    if as_json:
        out(done)
    else:
        click.echo(
            say("sign.done.imported", added=done.added, known=done.known, bad=len({bad.row for bad in done.errors}))
        )
        for bad in (*done.errors, *done.warnings):
            reason = say(f"sign.import.{bad.reason}")
            click.echo(say("sign.done.bad_row", row=bad.row, field=bad.field, reason=reason, value=bad.value), err=True)
    return 20 if done.errors else 0
