"""`digitise keys list|check`: which keys there are, and whether their certificates may sign today."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digitise.cli.sign import ask_pin
from digitise.cli.terms import data_option, json_option, language, out, say, services, worst
from digitise.errors import DatabaseUnavailable, DigitiseError
from digitise.messages import error_text

if TYPE_CHECKING:
    from digitise.bootstrap import Services
    from digitise.sign.register import Archive


@click.group()
def keys() -> None:
    """Show and check the signing keys.

    \b
    digitise keys check
    """


@keys.command("list")
@data_option
@json_option
def list_(data: Path | None, as_json: bool) -> int:
    """List the keys of the keys file; no PIN is asked."""
    from digitise.sign.certificates import check_certificate
    from digitise.sign.keys import keys_file, known_certificate, load_keys

    served = services(data)
    told: list[dict[str, Any]] = []
    for name, entry in load_keys(keys_file(served.settings)).items():
        certificate = known_certificate(entry)
        told.append(
            {"key": name, "kind": entry.kind, "not_after": certificate.not_valid_after if certificate else None}
        )
        if as_json:
            continue
        if certificate is None:
            click.echo(say("sign.done.key_unknown", name=name, kind=entry.kind))
            continue
        try:
            click.echo(_line(check_certificate(name, certificate, served.clock(), served.settings.key_warn_days)))
        except DigitiseError as error:
            click.echo(error_text(error, language()))
    if as_json:
        out({"keys": told})
    return 0


@keys.command()
@click.argument("names", nargs=-1)
@data_option
@json_option
def check(names: tuple[str, ...], data: Path | None, as_json: bool) -> int:
    """Open each key with its PIN and check its certificate: dates, usage, revocation, days left."""
    from digitise.sign.certificates import check_certificate
    from digitise.sign.tools import tools

    served = services(data)
    made = tools(served.settings, None, ask_pin if sys.stdin.isatty() else None)
    told, codes = [], []
    try:
        for name in names or tuple(made.ring.entries):
            entry: dict[str, Any] = {"key": name}
            try:
                key = made.ring.key(name)
                facts = check_certificate(name, key.certificate, served.clock(), served.settings.key_warn_days)
                made.gatherer.gather(key.certificate.dump(), [one.dump() for one in key.chain])
                entry |= {"certificate": facts, "warnings": list(facts.warnings), "error": None}
                codes.append(0)
                if not as_json:
                    click.echo(_line(facts))
                    for warning in facts.warnings:
                        click.echo(f"  {say(f'sign.warnings.{warning}')}")
            except DigitiseError as error:
                sentence = error_text(error, language())
                entry["error"] = {"code": error.code, "reason": error.reason, "message": sentence}
                codes.append(error.exit_code)
                click.echo(f"{name}: {sentence}", err=True)
            told.append(entry)
    finally:
        made.close()
    archive = _archive(served)
    if as_json:
        out({"keys": told, "archive": archive})
    elif archive:
        ends, due = (moment.strftime("%d/%m/%Y") for moment in (archive.ends, archive.due))
        click.echo(say("sign.done.archive", documents=archive.documents, ends=ends, due=due))
    return worst(codes)


def _archive(served: "Services") -> "Archive | None":
    try:
        return served.intents.archive()
    except DatabaseUnavailable:  # keys are checked before there is a database, too
        return None


def _line(facts: Any) -> str:
    return say(
        "sign.done.key",
        name=facts.key,
        subject=facts.subject,
        issuer=facts.issuer,
        ends=facts.not_after.strftime("%d/%m/%Y"),
        days=facts.days_left,
    )
