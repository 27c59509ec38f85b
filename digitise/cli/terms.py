"""What every command speaks: language, JSON on stdout, sentences on stderr, progress on terminals only."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from digitise.errors import DigitiseError, InvalidValue
from digitise.messages import error_text, text
from digitise.model.progress import listening
from digitise.text import day_of

if TYPE_CHECKING:
    from digitise.bootstrap import Services

F = TypeVar("F", bound=Callable[..., Any])


def language() -> str:
    """Return the language of messages: `DIGITISE_LANG`, else Vietnamese."""
    chosen = os.environ.get("DIGITISE_LANG", "vi").lower()[:2]
    return chosen if chosen in ("vi", "en") else "vi"


def say(key: str, /, **values: object) -> str:
    """Return the sentence of `key` in the user's language."""
    return text(key, language(), **values)


def wants_json() -> bool:
    """Say whether the running command was asked for JSON."""
    context = click.get_current_context(silent=True)
    return bool(context and context.params.get("as_json")) if context else "--json" in sys.argv


def json_option(command: F) -> F:
    """Add `--json`, given to the command as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")(command)


def data_option(command: F) -> F:
    """Add `--data DIR`, given to the command as `data`."""
    return click.option(
        "--data", type=click.Path(path_type=Path, file_okay=False), help="Data directory (DIGITISE_DATA)."
    )(command)


def out(value: Any) -> None:
    """Print one JSON document on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "__dataclass_fields__"):
        return {name: getattr(value, name) for name in value.__dataclass_fields__}
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return str(value)


def tell_error(error: DigitiseError) -> None:
    """Say what happened, to which file, and what to do: on stderr, and as JSON on stdout where that was asked for."""
    sentence = error_text(error, language())
    if "--json" in sys.argv:
        out({"error": {"code": error.code, "reason": error.reason, "message": sentence, "file": error.file}})
    click.echo(sentence, err=True)


def services(data: Path | None = None, **given: Any) -> "Services":
    """Compose the service from the settings in force."""
    from digitise.bootstrap import compose
    from digitise.settings import load

    return compose(load(data=data, **given))


@contextmanager
def progress(items: Iterable[Any], label: str, length: int | None = None) -> Iterator[Iterable[Any]]:
    """Show a progress bar on stderr where it is a terminal; elsewhere hand the items through."""
    if not sys.stderr.isatty():
        yield items
        return
    with click.progressbar(items, label=label, length=length, file=sys.stderr) as bar:
        yield bar


@contextmanager
def progressing(label: str) -> Iterator[None]:
    """Tell on stderr how far the work in this block is, a few times a second, where that is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    told = 0.0

    def tell(done: int, whole: int | None) -> None:
        nonlocal told
        if time.monotonic() - told > 0.25 or done == whole:
            told = time.monotonic()
            click.echo(f"\r{label}: {done}{f' / {whole}' if whole else ''}\x1b[K", nl=False, err=True)

    try:
        with listening(tell):
            yield
    finally:
        click.echo("\r\x1b[K", nl=False, err=True)


def worst(codes: list[int]) -> int:
    """Return the exit code of several files: the highest, as the codes grow with what a person must do."""
    return max(codes, default=0)


def day(value: str | None, name: str) -> date | None:
    """Read a day that an option names, `2023-02-05` or `05/02/2023`; raises InvalidValue."""
    if not value:
        return None
    try:
        return day_of(value)
    except ValueError as e:
        raise InvalidValue("date", name=name, value=value) from e


def moment(value: str | None, name: str) -> datetime | None:
    """Read a point in time that an option names: ISO 8601, or a day for its beginning; UTC unless it says otherwise.

    Raises InvalidValue.
    """
    if not value:
        return None
    try:
        found = datetime.combine(day_of(value), datetime.min.time()) if "/" in value else datetime.fromisoformat(value)
    except ValueError as e:
        raise InvalidValue("moment", name=name, value=value) from e
    return found if found.tzinfo else found.replace(tzinfo=UTC)
