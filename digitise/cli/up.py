"""`digitise up`: everything on this machine, embedded."""

import os
from pathlib import Path

import click

from digitise.cli.terms import data_option, say


@click.command()
@data_option
@click.option("--port", default=8000, show_default=True, help="Port of the page and the API.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for the office.")
@click.option("--workers", type=int, help="Recognition processes; default: one per core.")
@click.option("--watch", type=click.Path(path_type=Path, file_okay=False), help="Drop folder of the scanner.")
def up(data: Path | None, port: int, host: str, workers: int | None, watch: Path | None) -> None:
    """Run Valkey, dispatcher, workers, API and pages on a data directory until Ctrl-C.

    \b
    Example: digitise up --data /srv/digitise --port 8000 --watch /srv/scanner
    """
    from digitise.bootstrap import compose, first_account
    from digitise.logs import start_log
    from digitise.settings import load
    from storage.database import migrate
    from workers.embedded import Plan, lock, run

    settings = load(data=data)
    start_log(settings.log_level)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = lock(settings.data)
    served = compose(settings)
    migrate(served.database)
    account = first_account(served)
    served.database.close()

    def ready() -> None:
        click.echo(say("upkeep.up_ready", url=f"http://{host}:{port}/"), err=True)
        if account:
            click.echo(say("upkeep.up_first", file=account), err=True)
        click.echo(say("upkeep.up_stop"), err=True)

    cores = len(os.sched_getaffinity(0))
    run(settings, Plan(port=port, host=host, ocr_workers=workers or cores, watch=watch), ready, held)
