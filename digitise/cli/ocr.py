"""`digitise ocr`: the pipeline alone, on all cores; no store, no queue."""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digitise.child import start
from digitise.cli.terms import json_option, language, out, say
from digitise.errors import InvalidValue, UnreadableFile, UsageError
from digitise.messages import error_text, has, text

if TYPE_CHECKING:
    from digitise.scan.batch import Outcome, Wish

_SUFFIXES = (".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".png", ".webp", ".bmp", ".jp2", ".j2k", ".heic", ".heif")
_PAGES = re.compile(r"^(\d+)?(-)?(\d+)?$")


@click.command()
@click.argument("sources", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", "target", type=click.Path(path_type=Path), help="Searchable PDF; a folder for several files."
)
@click.option("--text", "text_target", type=click.Path(path_type=Path), help="Text file, pages parted by form feeds.")
@click.option("--words", "words_target", type=click.Path(path_type=Path), help="JSON of words, boxes and fields.")
@click.option("--pages", help="Only these pages, for example 1-3; the result holds no others.")
@click.option("--workers", type=click.IntRange(1, 256), help="Pages read at a time; default: one for each core.")
@json_option
def ocr(
    sources: tuple[Path, ...],
    target: Path | None,
    text_target: Path | None,
    words_target: Path | None,
    pages: str | None,
    workers: int | None,
    as_json: bool,
) -> int:
    """Recognise files or folders: FILE → searchable PDF/A, text, words. No store, no queue, all cores.

    \b
    Examples:
      digitise ocr scan.jpg -o scan.pdf --text scan.txt
      digitise ocr volume.pdf -o volume-searchable.pdf --pages 1-20
      digitise ocr inbox/ -o done/
    """
    start(("digitise.scan.reader", "digitise.scan.page"))  # imports half a second's worth while we do
    from digitise.scan.batch import Batch
    from digitise.settings import load

    if target is None and text_target is None and words_target is None:
        raise UsageError("nothing_wished")
    first, last = _range(pages)
    files = list(_files(sources))
    several = len(files) > 1 or any(source.is_dir() for source in sources)
    wishes, missing = _wishes(files, several, (target, text_target, words_target), (first, last))
    with _Bar(say("pages.progress")) as bar:
        outcomes = Batch(load(), workers or cores(), bar.show).run(wishes)
    outcomes = sorted([*missing, *outcomes], key=lambda one: files.index(one.wish.source))
    if as_json:
        out({"files": [_row(outcome) for outcome in outcomes]})
    for outcome in outcomes:
        _tell(outcome, as_json)
    return max((outcome.error.exit_code for outcome in outcomes if outcome.error), default=0)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def _range(pages: str | None) -> tuple[int, int | None]:
    if pages is None:
        return 1, None
    found = _PAGES.match(pages.strip())
    if not found or not (found[1] or found[3]):
        raise InvalidValue("pages", name="--pages", value=pages)
    first = int(found[1] or 1)
    last = int(found[3]) if found[3] else None if found[2] else first
    if first < 1 or (last is not None and last < first):
        raise InvalidValue("pages", name="--pages", value=pages)
    return first, last


def _files(sources: tuple[Path, ...]) -> Iterator[Path]:
    for source in sources:
        if source.is_dir():
            yield from sorted(file for file in source.rglob("*") if file.is_file() and file.suffix.lower() in _SUFFIXES)
        else:
            yield source


def _wishes(
    files: list[Path],
    several: bool,
    targets: tuple[Path | None, Path | None, Path | None],
    pages: tuple[int, int | None],
) -> tuple[list["Wish"], list["Outcome"]]:
    from digitise.scan.batch import Outcome, Wish

    wishes, missing = [], []
    taken: set[Path] = set()
    for file in files:
        stem = _free_name(file, taken) if several else ""
        paths = [
            (target / f"{stem}{suffix}" if several else target) if target is not None else None
            for target, suffix in zip(targets, (".pdf", ".txt", ".json"), strict=True)
        ]
        wish = Wish(file, paths[0], paths[1], paths[2], *pages)
        if any(path is not None and path.exists() and file.exists() and path.samefile(file) for path in paths):
            raise UsageError("same_file", source=file)
        if file.is_file():
            wishes.append(wish)
        else:
            missing.append(Outcome(wish, error=UnreadableFile("not_a_file", file=str(file))))
    return wishes, missing


def _free_name(file: Path, taken: set[Path]) -> str:
    """Return the file's stem, or its whole name where another file of the batch has the same stem."""
    name = file.stem if Path(file.stem) not in taken else file.name
    number = 2
    while Path(name) in taken:
        name, number = f"{file.name}-{number}", number + 1
    taken.add(Path(name))
    return name


def _row(outcome: "Outcome") -> dict[str, Any]:
    wish, error = outcome.wish, outcome.error
    row: dict[str, Any] = {"file": str(wish.source), "outcome": "error" if error else "done"}
    if error:
        message = error_text(error, language())
        return {**row, "error": {"code": error.code, "reason": error.reason, "message": message}}
    return {
        **row,
        "kind": outcome.kind,
        "pages": outcome.pages,
        "failed_pages": outcome.failed_pages,
        "pdfa": outcome.pdfa,
        "signed": outcome.signed,
        "warnings": [{"code": code, "message": warning_text(code)} for code in outcome.warnings],
        "made": [str(path) for path in outcome.made],
        "seconds": round(outcome.seconds, 3),
    }


def warning_text(code: str) -> str:
    """Return the sentence of a warning, or its code where a room has not said it yet."""
    key = f"warnings.{code}"
    return text(key, language()) if has(key) else code


def _tell(outcome: "Outcome", as_json: bool) -> None:
    if outcome.error:
        click.echo(error_text(outcome.error, language()), err=True)
        return
    if as_json:
        return
    made = ", ".join(str(path) for path in outcome.made)
    click.echo(say("pages.done", file=str(outcome.wish.source), pages=outcome.pages, made=made), err=True)
    for code in outcome.warnings:
        click.echo(f"  ! {warning_text(code)}", err=True)


class _Bar:
    """A progress bar on a terminal, nothing elsewhere; pages become known while it runs."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._bar: Any = None

    def __enter__(self) -> "_Bar":
        if sys.stderr.isatty():
            self._bar = click.progressbar(length=1, label=self._label, file=sys.stderr, show_pos=True)
            self._bar.__enter__()
        return self

    def show(self, done: int, known: int) -> None:
        """Draw `done` of `known` pages."""
        if self._bar is not None:
            self._bar.length = max(1, known)
            self._bar.update(done - self._bar.pos)

    def __exit__(self, *ended: object) -> None:
        if self._bar is not None:
            self._bar.__exit__(*ended)
