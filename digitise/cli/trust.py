"""`digitise trust`: the certificates that the operator trusts."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digitise.cli.terms import data_option, json_option, moment, out, say, services
from digitise.model.people import LOCAL_OPERATOR

if TYPE_CHECKING:
    from digitise.verify.trust import Trusted, TrustSet


_PURPOSE = click.option(
    "--purpose",
    type=click.Choice(["signing", "timestamping", "both"]),
    default="both",
    show_default=True,
    help="What it is trusted for.",
)


@click.group()
def trust() -> None:
    """List, add, remove trust anchors and sub-CAs; see what a change would do before it is made.

    \b
    Example:
      digitise trust diff --add new-root.pem
      digitise trust add new-root.pem --purpose signing
    """


@trust.command("list")
@json_option
@data_option
def list_(as_json: bool, data: Path | None) -> None:
    """List what is trusted, for what, and since when.

    Example: digitise trust list --json
    """
    entries = services(data).trust.current().entries
    if as_json:
        out({"certificates": [_shown(one) for one in entries]})
        return
    if not entries:
        click.echo(say("trust.none"))
    for one in entries:
        kind = say("trust.anchor" if one.anchor else "trust.intermediate")
        purposes = ", ".join(say(f"trust.{purpose.value}") for purpose in sorted(one.purposes))
        click.echo(f"{one.sha256[:16]}  {kind} · {purposes}\n    {one.subject}")


@trust.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@_PURPOSE
@click.option("--anchor/--intermediate", "anchor", default=None, help="Default: self-signed ones are anchors.")
@click.option("--from", "begins", help="Trusted from this date on.")
@click.option("--until", "ends", help="Trusted until this date.")
@json_option
@data_option
def add(
    files: tuple[Path, ...],
    purpose: str,
    anchor: bool | None,
    begins: str | None,
    ends: str | None,
    as_json: bool,
    data: Path | None,
) -> None:
    """Install certificates: PEM, DER, P7B files or folders of them.

    Example: digitise trust add root-g2.crt sub-ca.p7b
    """
    entries = _read(files, purpose, anchor, begins, ends)
    added = services(data).trust.add(entries, LOCAL_OPERATOR)
    if as_json:
        out({"added": added})
        return
    click.echo(say("trust.added", count=len(added), held=len(entries) - len(added)))


@trust.command()
@click.argument("sha256", nargs=-1, required=True)
@json_option
@data_option
def remove(sha256: tuple[str, ...], as_json: bool, data: Path | None) -> None:
    """Retire certificates by (the beginning of) their SHA-256; old verdicts can still be replayed.

    Example: digitise trust remove 3f9a0c
    """
    held = services(data).trust
    removed = [held.remove(one, LOCAL_OPERATOR) for one in sha256]
    if as_json:
        out({"removed": removed})
        return
    click.echo(say("trust.removed", count=len(removed)))


@trust.command()
@click.option(
    "--add", "added", multiple=True, type=click.Path(path_type=Path), help="As if these files were installed."
)
@click.option("--remove", "removed", multiple=True, help="As if this certificate (SHA-256) were retired.")
@_PURPOSE
@json_option
@data_option
def diff(added: tuple[Path, ...], removed: tuple[str, ...], purpose: str, as_json: bool, data: Path | None) -> None:
    """Say which stored verdicts a change of the trust set would change; nothing is saved.

    Example: digitise trust diff --remove 3f9a0c --json
    """
    from digitise.verify.documents import compare

    served = services(data)
    proposed: TrustSet = served.trust.current()
    if added:
        proposed = proposed.with_entries(_read(added, purpose, None, None, None))
    for one in removed:
        proposed = proposed.without(one)
    changes = list(compare(served, proposed))
    if as_json:
        out({"changes": changes})
        return
    show_changes(changes)


def show_changes(changes: list[Any]) -> None:
    """Print verdicts that changed, and why."""
    if not changes:
        click.echo(say("trust.no_change"))
    for one in changes:
        before, after = say(f"reasons.outcome.{one.before}"), say(f"reasons.outcome.{one.after}")
        click.echo(f"{one.file}: {before} → {after}")
        if one.why_after:
            click.echo(f"    {one.why_after}")


def _read(
    files: tuple[Path, ...], purpose: str, anchor: bool | None, begins: str | None, ends: str | None
) -> "list[Trusted]":
    from digitise.verify.trust import BOTH, Purpose, load_folder

    purposes = BOTH if purpose == "both" else frozenset({Purpose(purpose)})
    found: list[Trusted] = []
    for file in files:
        for entry in load_folder(file).entries:
            found.append(
                replace(
                    entry,
                    anchor=entry.anchor if anchor is None else anchor,
                    purposes=purposes,
                    trusted_from=moment(begins, "--from"),
                    trusted_until=moment(ends, "--until"),
                )
            )
    return found


def _shown(one: "Trusted") -> dict[str, Any]:
    certificate = one.certificate
    return {
        "sha256": one.sha256,
        "subject": one.subject,
        "anchor": one.anchor,
        "purposes": sorted(purpose.value for purpose in one.purposes),
        "not_before": certificate.not_valid_before,
        "not_after": certificate.not_valid_after,
        "trusted_from": one.trusted_from,
        "trusted_until": one.trusted_until,
    }
