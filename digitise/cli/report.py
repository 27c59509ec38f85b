"""`digitise report …`: the figures, as a table or in every format."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from gettext import gettext
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import click

from digitise.cli.terms import data_option, day, json_option, language, progressing, say, services
from digitise.model.people import LOCAL_OPERATOR
from digitise.model.reports import Calendar, GroupBy, Report

if TYPE_CHECKING:
    from digitise.bootstrap import Services
    from digitise.report.ask import Question
    from digitise.sign.profiles import Profile
    from digitise.sign.signature import Tools

FORMATS = ("table", "json", "csv", "xlsx", "pdf", "svg")


@click.group()
def report() -> None:
    """Print the figures that inspectors ask for, from the registers and the verdicts.

    \b
    Example: digitise report signed-share --period 2022 --by unit
             digitise report exceptions --period 2022-Q3 --format xlsx -o ngoai-le.xlsx
    """


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        (
            click.option("--from", "first", metavar="DATE", help="First day (2022-01-31 or 31/01/2022)."),
            click.option("--to", "last", metavar="DATE", help="Last day."),
            click.option("--period", help="2022, 2022-Q3, 2022-6M, 2022-9M or 2022-09."),
            click.option("--calendar", type=click.Choice([each.value for each in Calendar]), help="Default: settings."),
            click.option("--unit", help="Code of a unit; those below it are included."),
            click.option("--kind", help="Kind of document, or procedure of dossiers."),
            click.option("--level", type=click.Choice(["province", "district", "commune"]), help="Only this level."),
            click.option("--by", type=click.Choice([each.value for each in GroupBy]), help="What the lines are."),
            click.option(
                "-f",
                "--format",
                "format_",
                type=click.Choice(FORMATS),
                default="table",
                show_default=True,
                help="What to write.",
            ),
            click.option("--chart", type=click.Choice(["months", "line", "units", "pareto"]), help="For svg."),
            click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write."),
            click.option("--sign", "profile", metavar="PROFILE", help="Sign the PDF by this signing profile."),
            click.option("--freeze/--no-freeze", default=None, help="Keep the figures with their rows."),
            click.option("--limit", default=50, show_default=True, help="Rows listed in a table."),
        )
    ):
        command = option(command)
    return json_option(data_option(command))


def _variant(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--variant",
        type=click.Choice(["A", "B", "C"]),
        default="A",
        show_default=True,
        help="Formula A, B or C (docs/reports.md).",
    )(command)


@report.command("signed-share")
@_variant
@_options
def signed_share(**given: Any) -> None:
    """Documents issued and how many of them are digitally signed, as verified."""
    _run("signed-share", **given)


@report.command()
@_variant
@_options
def exceptions(**given: Any) -> None:
    """Each document that is not counted as signed, with its reason."""
    _run("exceptions", **given)


@report.command()
@_options
def dossiers(**given: Any) -> None:
    """Dossiers resolved, on time, filed online, paid online."""
    _run("dossiers", **given)


@report.command()
@_options
def digitisation(**given: Any) -> None:
    """The digitisation group of the scheme in force, with its points."""
    _run("digitisation", **given)


@report.command()
@_options
def reuse(**given: Any) -> None:
    """Dossiers in which something was reused instead of asked for again."""
    _run("reuse", **given)


@report.command("certified-copies")
@_options
def certified_copies(**given: Any) -> None:
    """Certified copies made electronically."""
    _run("certified-copies", **given)


@report.command()
@_options
def incoming(**given: Any) -> None:
    """Documents that came in, and how many of them electronically."""
    _run("incoming", **given)


def _run(
    name: str,
    *,
    data: Path | None,
    as_json: bool,
    format_: str,
    output: Path | None,
    freeze: bool | None,
    limit: int,
    chart: str | None,
    profile: str | None,
    **asked: Any,
) -> None:
    from digitise.report import ask, exports
    from digitise.report.office import Office
    from digitise.report.table import as_table

    chosen = "json" if as_json and format_ == "table" else format_
    both = as_json and chosen != "json"  # the file as asked for, the figures on stdout
    if both and output is None:
        told = gettext(
            "With --json and --format {format} name the file to write: -o FILE. The figures go to stdout as JSON."
        )
        raise click.UsageError(told.format(format=chosen))
    if profile and chosen != "pdf":
        raise click.UsageError(gettext("Only a PDF can be signed: give --format pdf with --sign."))
    served = services(data)
    found = _counted(served, _question(name, **asked), freeze)
    listing = ask.missing(served.register, found, served.store, served.register.figures)
    wanted = listing if name == "exceptions" or chosen == "xlsx" else None
    export = partial(
        exports.write, found, lang=language(), office=Office.of(served.settings), listing=wanted, chart=chart
    )
    with written(output) as target, signed(served, profile, target) as sink, progressing(say("report.working")):
        if chosen == "table":
            sink.write(as_table(found, language(), wanted, limit).encode())
        else:
            export(sink, chosen)
    if both:
        export(cast(BinaryIO, sys.stdout.buffer), "json")


def _question(
    name: str, *, first: str | None, last: str | None, calendar: str | None, by: str | None, **asked: Any
) -> "Question":
    """Return what the options ask for."""
    from digitise.report.ask import Question

    return Question(
        name,
        first=day(first, "--from"),
        last=day(last, "--to"),
        calendar=Calendar(calendar) if calendar else None,
        by=GroupBy(by) if by else None,
        **asked,
    )


def _counted(served: "Services", question: "Question", freeze: bool | None) -> Report:
    """Answer the question; its figures are frozen where that was asked for, or is soon done, else the reading is logged."""
    from digitise.report import ask

    found = ask.answer(served.register, question, ask.Terms.of(served.settings), served.clock())
    rows = found.share.denominator + sum(found.share.apart.values())
    if freeze or (freeze is None and rows <= served.settings.report_freeze_rows):
        return ask.frozen(served.register, served.register.figures, served.store, found, LOCAL_OPERATOR)
    _log_reading(served, found)
    return found


@contextmanager
def signed(served: "Services", profile: str | None, target: BinaryIO) -> Iterator[BinaryIO]:
    """Give what to write a PDF into, which then reaches `target` signed and checked; `target` itself without a profile."""
    if profile is None:
        yield target
        return
    from digitise.sign.signature import Details, make_signature

    with signing(served, profile) as (chosen, made), tempfile.TemporaryDirectory(prefix="digitise-report-") as folder:
        plain, done = Path(folder) / "report.pdf", Path(folder) / "signed.pdf"
        with plain.open("wb") as file:
            yield file
        make_signature(plain, done, chosen, Details(served.clock()), made)
        with done.open("rb") as file:
            shutil.copyfileobj(file, target)


@contextmanager
def signing(served: "Services", profile: str) -> Iterator[tuple["Profile", "Tools"]]:
    """Open the keys for one command, asking for PINs on a terminal; raises NotFound for an unknown profile."""
    from digitise.cli.sign import ask_pin
    from digitise.sign.profiles import named

    tools = served.signing_room(ask_pin if sys.stdin.isatty() else None).tools
    try:
        yield named(tools.profiles, profile), tools
    finally:
        tools.close()


@contextmanager
def sealing(served: "Services", profile: str | None) -> Iterator[Callable[[bytes], bytes] | None]:
    """Give what signs an evidence bundle's list of hashes; None without a profile."""
    if profile is None:
        yield None
        return
    from digitise.sign.detached import detached_signature

    with signing(served, profile) as (chosen, tools):
        yield lambda content: detached_signature(content, chosen, served.clock(), tools)


def _log_reading(served: "Services", found: Report) -> None:
    period = found.selection.period
    told = {"from": period.first.isoformat(), "to": period.last.isoformat(), "unit": found.selection.unit}
    served.audit.record(LOCAL_OPERATOR, "report.read", found.name, told)


@contextmanager
def written(output: Path | None) -> Iterator[BinaryIO]:
    """Give the file to write, which appears whole or not at all, or stdout."""
    if output is None:
        yield cast(BinaryIO, sys.stdout.buffer)
        return
    with tempfile.NamedTemporaryFile(dir=output.absolute().parent, prefix=".report-", delete=False) as file:
        try:
            yield cast(BinaryIO, file)
            file.flush()
            Path(file.name).chmod(0o644)
            Path(file.name).replace(output)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
