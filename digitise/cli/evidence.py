"""`digitise evidence FIGURE -o FILE.zip`: what an expert needs to check a figure without this system."""

import hashlib
from gettext import gettext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digitise.cli.report import sealing, written
from digitise.cli.terms import data_option, json_option, out, progressing, say, services
from digitise.model.people import LOCAL_OPERATOR

if TYPE_CHECKING:
    from digitise.verify.detached import Seal


@click.command()
@click.argument("figure", required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The ZIP to write.")
@click.option("--sign", "profile", metavar="PROFILE", help="Sign its list of hashes with the key of this profile.")
@click.option("--documents", is_flag=True, help="Add the documents and their signatures.")
@click.option("--check", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Check a bundle instead.")
@click.option(
    "--trust", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Anchors for its signature."
)
@click.option("--since", is_flag=True, help="Say what has changed since the figure was frozen.")
@click.option("--compare", "other", metavar="FIGURE", help="Say which rows and verdicts differ from an earlier figure.")
@data_option
@json_option
def evidence(
    figure: str | None,
    output: Path | None,
    profile: str | None,
    documents: bool,
    check: Path | None,
    trust: Path | None,
    since: bool,
    other: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Write the evidence bundle of a figure, check one, or compare the figure with an earlier one or the registers of today.

    \b
    Example: digitise evidence f3a91c0de77b2441 -o chung-cu.zip --documents
             digitise evidence --check chung-cu.zip
    """
    if check is not None:
        _check(check, trust, as_json)
    elif figure is None or (output is None and not since and other is None):
        raise click.UsageError(
            gettext(
                "Say what to do: write the bundle of a FIGURE (-o FILE.zip), compare a FIGURE (--since or --compare FIGURE),"
                " or check a bundle (--check FILE.zip)."
            )
        )
    elif since or other is not None:
        _changes(figure, other, data, as_json)
    else:
        assert output is not None
        _write(figure, output, documents, profile, data, as_json)


def _write(
    figure_id: str, output: Path, documents: bool, profile: str | None, data: Path | None, as_json: bool
) -> None:
    from digitise.report import evidence as bundles

    served = services(data)
    figure = served.register.figures.get(figure_id)
    with sealing(served, profile) as seal, written(output) as file, progressing(say("report.freeze.working")):
        room = bundles.Room(served.register, served.store, served.register.proofs, seal)
        sums = bundles.write_bundle(figure, file, room, documents=documents)
    with output.open("rb") as bundle:
        sha256 = hashlib.file_digest(bundle, "sha256").hexdigest()
    served.audit.record(
        LOCAL_OPERATOR, "evidence.made", figure.id, {"sha256sums": sums, "documents": documents, "profile": profile}
    )
    if as_json:
        out({"figure": figure.id, "file": str(output), "sha256": sha256, "sha256sums": sums})
    else:
        click.echo(say("report.freeze.bundle", file=output, sums=sums))


def _check(file: Path, trust: Path | None, as_json: bool) -> None:
    from digitise.report.bundle_check import SEAL, check_bundle

    with file.open("rb") as source:
        problems = check_bundle(source)
    seal = _seal(file, trust)
    if seal is not None and not seal.intact:
        problems.append(f"{SEAL}: not a signature over these hashes")
    if as_json:
        told = {"file": str(file), "sound": not problems, "problems": problems}
        out(told | {"seal": seal.as_json() if seal else None})
    else:
        click.echo(say("report.freeze.sound" if not problems else "report.freeze.broken", file=file))
        for problem in problems:
            click.echo(f"  {problem}")
        if seal is not None and seal.intact:
            how = "sealed" if seal.sealed else "seal_untrusted"
            click.echo(say(f"report.freeze.{how}", signer=seal.signer, time=seal.proven_time or "–"))
    if problems:
        raise click.exceptions.Exit(10)


def _seal(file: Path, trust: Path | None) -> "Seal | None":
    from datetime import UTC, datetime

    from digitise.report.bundle_check import read_seal
    from digitise.verify.detached import check_seal
    from digitise.verify.trust import TrustSet, load_folder

    with file.open("rb") as source:
        found = read_seal(source)
    return check_seal(*found, load_folder(trust) if trust else TrustSet(), datetime.now(UTC)) if found else None


def _changes(figure_id: str, other: str | None, data: Path | None, as_json: bool) -> None:
    """Tell what differs between a figure and an earlier one, or, without one, the registers as they are now."""
    from digitise.report import figures

    served = services(data)
    figure = served.register.figures.get(figure_id)
    if other is None:
        changes = list(figures.since(served.register, served.store, figure))
    else:
        earlier = served.register.figures.get(other)
        changes = list(figures.changes(figures.rows(served.store, earlier), figures.rows(served.store, figure)))
    if as_json:
        out({"figure": figure.id, "compared_with": other, "changes": [_change(each) for each in changes]})
        return
    told = {"id": other or figure.id, "count": len(changes)}
    click.echo(say("report.change.some" if changes else "report.change.none", **told))
    for change in changes:
        kind = say(f"report.change.{figures.change_kind(change)}")
        click.echo(f"{change.id}\t{kind}\t{_part(change.before)} → {_part(change.after)}")


def _change(change: object) -> dict[str, object]:
    from digitise.model.reports import Change
    from digitise.report import figures

    assert isinstance(change, Change)
    return {"kind": figures.change_kind(change)} | {name: getattr(change, name) for name in change.__slots__}


def _part(part: str | None) -> str:
    return say(f"report.part_name.{part}") if part else "–"
