"""`digitise audit verify|export`: is the log as it was written, and a copy for the inspector."""

from pathlib import Path

import click

from digitise.cli.terms import data_option, json_option, out, say, services


@click.group()
def audit() -> None:
    """The audit log: append-only, each entry sealed by the one before it.

    \b
    Example: digitise audit verify
             digitise audit export -o nhat-ky.jsonl
    """


@audit.command()
@data_option
@json_option
def verify(data: Path | None, as_json: bool) -> None:
    """Find any entry that was changed, removed, added or moved, and say where; exit 10 where there is one."""
    from storage.audit_proof import published_heads
    from storage.audit_proof import verify as check

    served = services(data)
    flaws = check(served.audit, published_heads(served.store))
    count, head = served.audit.head()
    if as_json:
        told = [{"seq": flaw.seq, "kind": flaw.kind, "detail": flaw.detail} for flaw in flaws]
        out({"sound": not flaws, "entries": count, "head": head, "flaws": told})
    elif not flaws:
        click.echo(say("report.freeze.audit_sound", count=count, head=head))
    for flaw in () if as_json else flaws:
        reason = say(f"report.flaw.{flaw.kind}")
        click.echo(say("report.freeze.audit_broken", seq=flaw.seq, reason=f"{reason} ({flaw.detail})"))
    if flaws:
        raise click.exceptions.Exit(10)


@audit.command()
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write; else stdout.")
@data_option
def export(output: Path | None, data: Path | None) -> None:
    """Write the whole log as JSON lines: each holds what its seal covers, so that an inspector can seal it again."""
    served = services(data)
    with click.open_file(str(output) if output else "-", "w", encoding="utf-8", atomic=output is not None) as file:
        for line in served.audit.export():
            file.write(line if line.endswith("\n") else f"{line}\n")
