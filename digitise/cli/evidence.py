"""`digitise evidence FIGURE -o FILE.zip`: what an expert needs to check a figure without this system."""

import hashlib
from pathlib import Path

import click

from digitise.cli.report import sealing, written
from digitise.cli.terms import data_option, json_option, out, say, services
from digitise.model.people import LOCAL_OPERATOR


@click.command()
@click.argument("figure", required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="The ZIP to write.")
@click.option("--sign", "profile", metavar="PROFILE", help="Sign its list of hashes with the key of this profile.")
@click.option("--documents", is_flag=True, help="Add the documents and their signatures.")
@click.option("--check", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Check a bundle instead.")
@click.option("--since", is_flag=True, help="Say what has changed since the figure was frozen.")
@data_option
@json_option
def evidence(
    figure: str | None,
    output: Path | None,
    profile: str | None,
    documents: bool,
    check: Path | None,
    since: bool,
    data: Path | None,
    as_json: bool,
) -> None:
    """Write the evidence bundle of a figure, check one, or compare the figure with the registers of today.

    \b
    Example: digitise evidence f3a91c0de77b2441 -o chung-cu.zip --documents
             digitise evidence --check chung-cu.zip
    """
    if check is not None:
        _check(check, as_json)
    elif figure is None or (output is None and not since):
        raise click.UsageError("FIGURE and -o FILE.zip, FIGURE --since, or --check FILE.zip")
    elif since:
        _since(figure, data, as_json)
    else:
        assert output is not None
        _write(figure, output, documents, profile, data, as_json)


def _write(
    figure_id: str, output: Path, documents: bool, profile: str | None, data: Path | None, as_json: bool
) -> None:
    from digitise.report import evidence as bundles

    served = services(data)
    figure = served.register.figures.get(figure_id)
    with sealing(served, profile) as seal, written(output) as file:
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


def _check(file: Path, as_json: bool) -> None:
    from digitise.report.bundle_check import check_bundle

    with file.open("rb") as source:
        problems = check_bundle(source)
    if as_json:
        out({"file": str(file), "sound": not problems, "problems": problems})
    else:
        click.echo(say("report.freeze.sound" if not problems else "report.freeze.broken", file=file))
        for problem in problems:
            click.echo(f"  {problem}")
    if problems:
        raise click.exceptions.Exit(10)


def _since(figure_id: str, data: Path | None, as_json: bool) -> None:
    from digitise.report import figures

    served = services(data)
    figure = served.register.figures.get(figure_id)
    changes = list(figures.since(served.register, served.store, figure))
    if as_json:
        out({"figure": figure.id, "changes": [_change(each) for each in changes]})
        return
    click.echo(say("report.change.some" if changes else "report.change.none", id=figure.id, count=len(changes)))
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
