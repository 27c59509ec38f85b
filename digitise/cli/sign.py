"""`digitise sign FILE… --profile NAME -o DIR`: sign files at once, without register or queue."""

import shutil
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digitise.cli.terms import data_option, day, json_option, language, out, say, services, tell_error, worst
from digitise.errors import DigitiseError, InvalidValue, UnreadableFile
from digitise.messages import error_text

if TYPE_CHECKING:
    from digitise.sign.profiles import Profile
    from digitise.sign.signature import Details, Made, Tools


def ask_pin(name: str) -> str:
    """Ask for a PIN on the terminal; it is neither shown nor kept beyond the batch."""
    pin: str = click.prompt(say("sign.done.pin", name=name), hide_input=True, err=True)
    return pin


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--profile", "profile_name", required=True, help="Signing profile: approve, issue, copy, …")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for results."
)
@click.option("--number", type=int, help="Number, written into its blank; several files count on from it.")
@click.option("--symbol", help="Symbol, e.g. QĐ-UBND.")
@click.option("--date", "issued_on", help="Date of issue, e.g. 2023-02-05.")
@click.option("--signer", help="Name under the signature, to find its place.")
@click.option("--unit", help="Unit code, where units have keys of their own.")
@click.option("--level", type=click.Choice(["B-B", "B-T", "B-LT", "B-LTA"]), help="Instead of the profile's level.")
@click.option(
    "--trust", type=click.Path(path_type=Path), help="Folder of trusted certificates (default: the installed set)."
)
@data_option
@json_option
def sign(
    files: tuple[Path, ...],
    profile_name: str,
    output: Path,
    number: int | None,
    symbol: str | None,
    issued_on: str | None,
    signer: str | None,
    unit: str | None,
    level: str | None,
    trust: Path | None,
    data: Path | None,
    as_json: bool,
) -> int:
    """Sign files by a profile; each result is checked by our own verifier.

    \b
    digitise sign quyet-dinh.pdf --profile issue --number 12 --symbol QĐ-UBND --date 2023-02-05 -o da-ky/
    """
    from digitise.sign.tools import tools as make_tools

    served = services(data)
    made = make_tools(served.settings, served.own_check(trust), ask_pin if sys.stdin.isatty() else None)
    profile = _profile(made, profile_name, level)
    wanted = _wanted(served.clock(), number, symbol, day(issued_on, "--date"), signer, unit)
    told, codes = list[dict[str, Any]](), list[int]()
    try:
        for position, file in enumerate(files):
            details = replace(wanted, number=number + position if number is not None else None, at=served.clock())
            try:
                told.append(_sign_one(file, output, profile, details, made, as_json))
                codes.append(0)
            except DigitiseError as error:
                codes.append(_tell(error, file, told, as_json))
    finally:
        made.close()
    if as_json:
        out({"files": told})
    return worst(codes)


def _profile(made: "Tools", name: str, level: str | None) -> "Profile":
    """Return the signing profile of this name, at `level` where one was asked for."""
    from digitise.sign.profiles import Level, named

    found = named(made.profiles, name)
    return replace(found, level=Level(level)) if level else found


def _wanted(
    at: Any, number: int | None, symbol: str | None, issued_on: date | None, signer: str | None, unit: str | None
) -> "Details":
    from digitise.sign.signature import Details

    return Details(at, unit, signer, number, symbol, issued_on)


def _sign_one(
    file: Path, output: Path, profile: "Profile", details: "Details", made: "Tools", as_json: bool
) -> dict[str, Any]:
    from digitise.sign.signature import make_signature

    if not file.is_file():
        raise UnreadableFile("not_a_file", file=str(file))
    target = output / file.name
    if target.resolve() == file.resolve():
        raise InvalidValue("output_is_input", name="-o", value=str(output))
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".sign-", dir=output) as folder:
        done = make_signature(file, Path(folder) / file.name, profile, details, made)
        shutil.move(done.signed.path, target)
    if not as_json:
        click.echo(say("sign.done.signed", file=file, level=done.signed.level.value, target=target))
    for warning in done.warnings:
        click.echo(f"  {say(f'sign.warnings.{warning}')}", err=True)
    return _record(file, target, done)


def _record(file: Path, target: Path, done: "Made") -> dict[str, Any]:
    facts = done.certificate
    return {
        "file": str(file),
        "signed": str(target),
        "sha256": done.signed.sha256,
        "input_sha256": done.signed.input_sha256,
        "level": done.signed.level.value,
        "field": done.signed.field,
        "certificate": {"subject": facts.subject, "not_after": facts.not_after, "days_left": facts.days_left},
        "outcome": done.verdict.outcome.value if done.verdict else None,
        "warnings": [{"code": code, "message": say(f"sign.warnings.{code}")} for code in done.warnings],
        "promised": done.promised.value if done.promised else None,
        "error": None,
    }


def _tell(error: DigitiseError, file: Path, told: list[dict[str, Any]], as_json: bool) -> int:
    error.file = error.file or str(file)
    sentence = error_text(error, language())
    if as_json:
        told.append(
            {
                "file": str(file),
                "signed": None,
                "error": {"code": error.code, "reason": error.reason, "message": sentence},
            }
        )
        click.echo(sentence, err=True)
    else:
        tell_error(error)
    return error.exit_code
