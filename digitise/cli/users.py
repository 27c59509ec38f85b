"""`digitise users add|role|token|list|off`: people, roles, tokens (O3)."""

import secrets
from datetime import timedelta
from pathlib import Path

import click

from digitise.cli.terms import data_option, json_option, out, say, services
from digitise.errors import InvalidValue
from digitise.model.people import LOCAL_OPERATOR, Role

ROLE = click.Choice([role.value for role in Role])


@click.group()
def users() -> None:
    """People, their roles, and tokens of programs.

    \b
    Example: digitise users add lan --name "Nguyễn Thị Lan" --role clerk --unit PHG
    """


def _roles(names: tuple[str, ...]) -> frozenset[Role]:
    return frozenset(Role(name) for name in names)


@users.command()
@click.argument("login")
@click.option("--name", default="", help="Name as shown on screens.")
@click.option("--role", "roles", type=ROLE, multiple=True, required=True, help="May be given several times.")
@click.option("--unit", help="Code of the only unit that the person works for; default: every unit.")
@click.option("--password-file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Default: made up.")
@data_option
@json_option
def add(
    login: str,
    name: str,
    roles: tuple[str, ...],
    unit: str | None,
    password_file: Path | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Make an account; a made-up password is printed once.

    \b
    Example: digitise users add minh --name "Trần Văn Minh" --role signer
    """
    password = password_file.read_text(encoding="utf-8").rstrip("\r\n") if password_file else None
    made_up = secrets.token_urlsafe(12) if password is None else None
    person = services(data).people.add(
        login, password or made_up, _roles(roles), LOCAL_OPERATOR, display_name=name, unit=unit
    )
    if as_json:
        out({"id": person.id, "name": person.name, "roles": sorted(person.roles), "password": made_up})
        return
    click.echo(say("web_users.added", name=person.name), err=True)
    if made_up:
        click.echo(made_up)


@users.command()
@click.argument("login")
@click.argument("roles", nargs=-1, type=ROLE, required=True)
@click.option("--unit", help="Bind to a unit; an empty text frees from it.")
@data_option
@json_option
def role(login: str, roles: tuple[str, ...], unit: str | None, data: Path | None, as_json: bool) -> None:
    """Give an account exactly these roles; its sessions end.

    \b
    Example: digitise users role lan clerk signer
    """
    people = services(data).people
    person = people.change(people.get(login).id, LOCAL_OPERATOR, roles=_roles(roles), unit=unit)
    if as_json:
        out({"id": person.id, "name": person.name, "roles": sorted(person.roles), "unit": person.unit})
    else:
        click.echo(f"{person.name}\t{' '.join(sorted(person.roles))}\t{person.unit or '*'}")


@users.command()
@click.argument("label")
@click.option("--role", "roles", type=ROLE, multiple=True, required=True, help="May be given several times.")
@click.option("--unit", help="Code of the only unit that the program works for.")
@click.option("--days", type=int, help="Days until it expires; default: until revoked.")
@data_option
@json_option
def token(
    label: str, roles: tuple[str, ...], unit: str | None, days: int | None, data: Path | None, as_json: bool
) -> None:
    """Make a bearer token for a program; it is printed once and only its hash is kept.

    \b
    Example: digitise users token igate --role clerk --days 365
    """
    if days is not None and days < 1:
        raise InvalidValue("days", name="--days", value=days)
    lifetime = timedelta(days=days) if days else None
    made, secret = services(data).people.add_token(label, _roles(roles), unit, LOCAL_OPERATOR, lifetime=lifetime)
    if as_json:
        out({"id": made.id, "label": made.label, "token": secret, "expires_at": made.expires_at})
    else:
        click.echo(secret)


@users.command(name="list")
@data_option
@json_option
def list_(data: Path | None, as_json: bool) -> None:
    """List accounts and tokens.

    \b
    Example: digitise users list --json
    """
    people = services(data).people
    if as_json:
        out({"people": people.all(), "tokens": people.tokens()})
        return
    for person in people.all():
        state = "" if person.active else say("web_users.is_off")
        click.echo(f"{person.name}\t{' '.join(sorted(person.roles))}\t{person.unit or '*'}\t{state}")
    for one in people.tokens():
        state = say("web_users.revoked") if one.revoked_at else ""
        click.echo(f"token:{one.label}\t{' '.join(sorted(one.roles))}\t{one.unit or '*'}\t{state}\t{one.id}")


@users.command()
@click.argument("login")
@data_option
def off(login: str, data: Path | None) -> None:
    """Switch an account off and end its sessions.

    \b
    Example: digitise users off lan
    """
    people = services(data).people
    people.change(people.get(login).id, LOCAL_OPERATOR, active=False)


@users.command()
@click.argument("token_id")
@data_option
def revoke(token_id: str, data: Path | None) -> None:
    """Revoke a token.

    \b
    Example: digitise users revoke 01m818e8325qgga4py5bx7ny63
    """
    services(data).people.revoke_token(token_id, LOCAL_OPERATOR)


@users.command()
@click.argument("login")
@data_option
def password(login: str, data: Path | None) -> None:
    """Give an account a new made-up password, printed once; its sessions end.

    \b
    Example: digitise users password lan
    """
    people = services(data).people
    made_up = secrets.token_urlsafe(12)
    people.change(people.get(login).id, LOCAL_OPERATOR, password=made_up)
    click.echo(made_up)
