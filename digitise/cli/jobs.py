"""`digitise jobs list|retry|drop`: work that waits, runs or failed."""

from pathlib import Path

import click

from digitise.cli.terms import data_option, json_option, language, out, say, services
from digitise.messages import kept_error_text
from digitise.model.people import LOCAL_OPERATOR
from digitise.model.tasks import Task, TaskState


@click.group()
def jobs() -> None:
    """Look after promised work.

    \b
    Example: digitise jobs list --state quarantined
    """


def _row(task: Task) -> dict[str, object]:
    return {
        "id": task.id,
        "kind": task.kind,
        "subject": task.subject,
        "state": task.state,
        "attempts": task.attempts,
        "done": task.done,
        "total": task.total,
        "error": task.error,
        "created_at": task.created_at,
        "not_before": task.not_before,
    }


@jobs.command("list")
@click.option("--state", "states", multiple=True, type=click.Choice([s.value for s in TaskState]), help="Only these.")
@click.option("--limit", default=100, show_default=True, help="At most so many.")
@data_option
@json_option
def list_jobs(states: tuple[str, ...], limit: int, data: Path | None, as_json: bool) -> None:
    """List work, newest first; without --state all that is not done."""
    wanted = [TaskState(state) for state in states] or [TaskState.WAITING, TaskState.RUNNING, TaskState.QUARANTINED]
    tasks = services(data).tasks.list(states=wanted, limit=limit)
    if as_json:
        out({"tasks": [_row(task) for task in tasks]})
        return
    for task in tasks:
        why = kept_error_text(task.error, language())
        click.echo(f"{task.id}\t{task.kind}\t{task.state}\t{task.done}/{task.total}\t{task.attempts}\t{why}")
    if not tasks:
        click.echo(say("documents.no_jobs"), err=True)


@jobs.command()
@click.argument("ids", nargs=-1, required=True)
@data_option
@json_option
def retry(ids: tuple[str, ...], data: Path | None, as_json: bool) -> None:
    """Try quarantined work again, with its attempts counted from nought."""
    served = services(data)
    tasks = [served.tasks.retry(task_id, LOCAL_OPERATOR) for task_id in ids]
    served.hints.wake()
    _tell(tasks, as_json)


@jobs.command()
@click.argument("ids", nargs=-1, required=True)
@data_option
@json_option
def drop(ids: tuple[str, ...], data: Path | None, as_json: bool) -> None:
    """Give work up for good; the document and its original stay."""
    _tell([services(data).tasks.drop(task_id, LOCAL_OPERATOR) for task_id in ids], as_json)


def _tell(tasks: list[Task], as_json: bool) -> None:
    if as_json:
        out({"tasks": [_row(task) for task in tasks]})
    else:
        for task in tasks:
            click.echo(f"{task.id}\t{task.state}")
