"""`digitise outgoing rules …`, `digitise outgoing copy`: unattended signing, certified copies."""

from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import click

from digitise.cli.terms import data_option, day, json_option, out, say, services
from digitise.errors import InvalidValue
from digitise.model.people import LOCAL_OPERATOR


@click.group()
def rules() -> None:
    """Enable, stop and list rules for unattended signing.

    \b
    digitise outgoing rules enable thong-bao --profile issue --unit H53.12 --kind TB --hours 8-17 --per-day 50
    """


@rules.command()
@click.argument("name")
@click.option("--profile", required=True, help="Signing profile: approve, issue, copy, …")
@click.option("--unit", help="Only documents of this unit.")
@click.option("--kind", help="Only documents of this kind.")
@click.option("--hours", default="0-24", show_default=True, help="Hours of the day, Việt Nam's time.")
@click.option("--per-day", default=100, show_default=True, help="Documents a day, at most.")
@data_option
@json_option
def enable(
    name: str,
    profile: str,
    unit: str | None,
    kind: str | None,
    hours: str,
    per_day: int,
    data: Path | None,
    as_json: bool,
) -> int:
    """Enable a rule: what it names is signed without anybody asking."""
    from digitise.sign.register import Rule
    from digitise.sign.rules import enable as put_in_force
    from digitise.sign.tools import profiles

    begins, _, ends = hours.partition("-")
    if not (begins.isdecimal() and ends.isdecimal()):
        raise InvalidValue("hours", name="--hours", value=hours)
    served = services(data)
    wanted = Rule(name, profile, unit, kind, int(begins), int(ends), per_day)
    made = put_in_force(wanted, LOCAL_OPERATOR, served.signing_rules, profiles(served.settings))
    _tell(made, say("sign.done.rule_enabled", name=name, profile=profile, per_day=per_day), as_json)
    return 0


@rules.command()
@click.argument("name")
@data_option
@json_option
def stop(name: str, data: Path | None, as_json: bool) -> int:
    """Stop a rule at once; what it authorised and is not signed yet is withdrawn."""
    from digitise.sign.rules import stop as end

    made = end(name, LOCAL_OPERATOR, services(data).signing_rules)
    _tell(made, say("sign.done.rule_stopped", name=name), as_json)
    return 0


@rules.command("list")
@click.option("--on", "on", help="Also what was signed unattended on this day (default: today).")
@data_option
@json_option
def list_(on: str | None, data: Path | None, as_json: bool) -> int:
    """List the rules, and each document signed unattended that day."""
    from digitise.sign.order import VIETNAM
    from digitise.sign.rules import day_of

    served = services(data)
    wanted = day(on, "--on")
    moment = datetime.combine(wanted, time(5), UTC) if wanted else served.clock()
    signed = served.signing_rules.signed_by_rules(*day_of(moment))
    known = served.signing_rules.rules()
    if as_json:
        out({"rules": known, "signed": signed})
        return 0
    if not known:
        click.echo(say("sign.done.no_rules"))
    for rule in known:
        state = "–" if rule.stopped_at else "✓"
        scope = f"{rule.unit or '*'} {rule.kind or '*'} {rule.from_hour}-{rule.to_hour}"
        click.echo(f"{state} {rule.name}: {rule.profile} {scope} ≤ {rule.per_day}")
    for one in signed:
        at = one["done_at"].astimezone(VIETNAM)
        click.echo(f"  {at:%H:%M} {one['authorised_by']} {one['id']} {one['kind']} {one['abstract'][:60]}")
    return 0


@click.command()
@click.argument("document_ids", metavar="DOCUMENT…", nargs=-1, required=True)
@click.option("--unit", required=True, help="Unit that certifies.")
@data_option
@json_option
def copy(document_ids: tuple[str, ...], unit: str, data: Path | None, as_json: bool) -> int:
    """Register certified copies of digitised papers; sign them with `outgoing sign --profile copy`."""
    from digitise.sign.copies import certified_copy

    served = services(data)
    made: list[Any] = []
    for document_id in document_ids:
        made.append(certified_copy(document_id, unit, LOCAL_OPERATOR, served.catalogue, served.outgoing))
        if not as_json:
            click.echo(say("sign.done.added", id=made[-1].id))
    if as_json:
        out({"outgoing": made})
    return 0


def _tell(made: Any, sentence: str, as_json: bool) -> None:
    if as_json:
        out(made)
    else:
        click.echo(sentence)
