"""`digitise audit verify|export`: is the log as it was written, and a copy for the inspector."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digitise.cli.terms import data_option, json_option, out, say, services

if TYPE_CHECKING:
    from digitise.bootstrap import Services
    from digitise.verify.detached import Seal
    from storage.audit_proof import Flaw, Head, Published


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
    """Find any entry that was changed, removed, added or moved, and say where; exit 10 where there is one.

    Published heads are compared, and the signatures over them checked under the installed trust set.
    """
    from storage.audit_proof import Flaw, published
    from storage.audit_proof import verify as check

    served = services(data)
    heads = list(published(served.store))
    seals = [(one.head, seal) for one, seal in _seals(served, heads)]
    broken = [Flaw(head.seq, "seal", "the signature is not over this head") for head, seal in seals if not seal.intact]
    flaws = sorted([*check(served.audit, (one.head for one in heads)), *broken], key=lambda flaw: flaw.seq)
    count, head = served.audit.head()
    if as_json:
        told = [{"seq": flaw.seq, "kind": flaw.kind, "detail": flaw.detail} for flaw in flaws]
        signed = [{"seq": head.seq} | seal.as_json() for head, seal in seals]
        out({"sound": not flaws, "entries": count, "head": head, "heads": len(heads), "seals": signed, "flaws": told})
    else:
        _say(flaws, count, head, seals)
    if flaws:
        raise click.exceptions.Exit(10)


def _seals(served: "Services", heads: "list[Published]") -> "Iterator[tuple[Published, Seal]]":
    from digitise.verify.detached import check_seal

    sealed = [(one, one.seal) for one in heads if one.seal is not None]
    trust = served.trust.current() if sealed else None
    for one, seal in sealed:
        assert trust is not None
        yield one, check_seal(one.content, seal, trust, served.clock())


def _say(flaws: "list[Flaw]", count: int, head: str, seals: "list[tuple[Head, Seal]]") -> None:
    if not flaws:
        click.echo(say("report.freeze.audit_sound", count=count, head=head))
    for flaw in flaws:
        reason = say(f"report.flaw.{flaw.kind}")
        click.echo(say("report.freeze.audit_broken", seq=flaw.seq, reason=f"{reason} ({flaw.detail})"))
    if seals:
        from storage.rows import VIETNAM

        newest, seal = max(seals, key=lambda one: one[0].seq)
        how = "audit_sealed" if seal.sealed else "audit_untrusted"
        told = seal.proven_time.astimezone(VIETNAM).isoformat() if seal.proven_time else newest.at
        click.echo(say(f"report.freeze.{how}", number=len(seals), seq=newest.seq, signer=seal.signer, time=told))


@audit.command()
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write; else stdout.")
@data_option
def export(output: Path | None, data: Path | None) -> None:
    """Write the whole log as JSON lines: each holds what its seal covers, so that an inspector can seal it again."""
    served = services(data)
    with click.open_file(str(output) if output else "-", "w", encoding="utf-8", atomic=output is not None) as file:
        for line in served.audit.export():
            file.write(line if line.endswith("\n") else f"{line}\n")
