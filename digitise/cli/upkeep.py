"""`digitise config|migrate|backup|restore`: what an operator does to keep it running."""

from pathlib import Path

import click
from pydantic import SecretStr

from digitise.cli.terms import data_option, json_option, out, progressing, say, services
from digitise.errors import DamagedObject


@click.command()
@data_option
@json_option
def config(data: Path | None, as_json: bool) -> None:
    """Show every setting in force, where it came from, and what it is for. Secrets are not shown.

    \b
    Example: DIGITISE_MAX_PAGES=500 digitise config
    """
    from digitise.settings import Settings, load, origin

    settings = load(data=data)
    rows = []
    for name, info in Settings.model_fields.items():
        value = getattr(settings, name)
        secret = isinstance(value, SecretStr) or any(part in name for part in ("password", "secret", "pin"))
        shown = value if not secret or value is None or isinstance(value, Path) else "••••" if _filled(value) else ""
        rows.append({"name": name, "value": shown, "from": origin(name), "description": info.description})
    if as_json:
        out({"settings": rows})
        return
    for row in rows:
        click.echo(f"{row['name']} = {row['value']}\t[{row['from']}]\n    {row['description'] or ''}")


def _filled(value: object) -> bool:
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


@click.command()
@data_option
@json_option
def migrate(data: Path | None, as_json: bool) -> None:
    """Bring the database to the newest schema; safe to repeat.

    \b
    Example: digitise migrate --data /srv/digitise
    """
    from storage.database import head
    from storage.database import migrate as bring_up

    served = services(data)
    bring_up(served.database)
    revision = head()
    if as_json:
        out({"revision": revision})
    else:
        click.echo(say("upkeep.migrated", revision=revision))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@data_option
@json_option
def backup(folder: Path, data: Path | None, as_json: bool) -> None:
    """Copy database and objects into FOLDER while the service runs; a further backup copies only what is new.

    \b
    Example: digitise backup /mnt/backup/digitise
    """
    from storage.backup import backup as copy

    served = services(data)
    with progressing(say("upkeep.backing_up")):
        told = copy(served.database, served.store, folder)
    if as_json:
        out({"backup": told})
    if told["damaged"]:
        raise DamagedObject("backup", id=told["damaged"][0], number=len(told["damaged"]))
    if not as_json:
        click.echo(say("upkeep.backed_up", folder=folder))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@data_option
@json_option
def restore(folder: Path, data: Path | None, as_json: bool) -> None:
    """Restore a backup into an empty data directory and prove it: every hash, every row, the audit chain.

    \b
    Example: digitise restore /mnt/backup/digitise --data /srv/digitise-new
    """
    from storage.backup import restore as bring_back

    served = services(data)
    with progressing(say("upkeep.restoring")):
        told = bring_back(folder, served.database, served.store)
    if as_json:
        out({"restored": told})
    if told["problems"] or told["damaged"]:
        raise DamagedObject("restore", id=str(folder), problem=(told["problems"] or told["damaged"])[0])
    if not as_json:
        click.echo(say("upkeep.restored", folder=folder))
