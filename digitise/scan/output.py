"""What was read of all pages → the files that people take away: searchable PDF, text, words, and the fields."""

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar, overload

from digitise.child import Limits, run
from digitise.model.recognition import Fields, PageText
from digitise.pdf import Budget, PdfFacts
from digitise.scan import result, words
from digitise.scan.desk import About
from digitise.scan.result import PageResult
from digitise.settings import Settings

T = TypeVar("T")
PAGE_BREAK = "\f"
_COPIED_BYTES_PER_SECOND = 2_000_000  # on a slow office disk, compression of images included
_FIELD_PAGES = (8, 4)  # first and last pages that bear a document's fields: head, abstract; signer, recipients
_KEPT_PAGES = 4  # page texts kept in memory at a time
LANGUAGE = "vi"


class PageTexts(Sequence[PageText]):
    """The texts of all pages in order, read from where they lie when asked for: a volume never stands in memory."""

    def __init__(self, count: int, load: Callable[[int], PageResult]) -> None:
        self._count = count
        self._load = lru_cache(_KEPT_PAGES)(lambda index: load(index).text)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> PageText: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[PageText]: ...
    def __getitem__(self, index: int | slice) -> PageText | Sequence[PageText]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(self._count))]
        at = index + self._count if index < 0 else index
        if not 0 <= at < self._count:
            raise IndexError(index)
        return self._load(at)


@dataclass(frozen=True, slots=True)
class Summary:
    """What the pages say together."""

    warnings: tuple[str, ...]  # every page's, once, in order of appearance
    failed: int  # pages that could not be read


@dataclass(frozen=True, slots=True)
class Searchable:
    """What became of the searchable PDF."""

    pages: int
    pdfa: bool
    warnings: tuple[str, ...]


def beside_copy(copy: Callable[[], T] | None, write: Callable[[], Summary]) -> tuple[Summary, Future[T] | None]:
    """Return what `write` says of text and words, and what came of `copy`, run at the same time: the searchable PDF.

    A child makes the copy while this process writes: both cores have work. Both are over; raises what `write` raises.
    """
    with ThreadPoolExecutor(1) as other:
        copied = other.submit(copy) if copy else None
        return write(), copied


def write_searchable(
    source: Path,
    target: Path,
    results: Path,
    settings: Settings,
    *,
    title: str,
    date: datetime,
    file: str,
) -> Searchable:
    """Write the searchable copy in a limited child; raises RefusedInput. `results`: see `archive.searchable`."""
    about = {
        "title": title,
        "language": LANGUAGE,
        "date": date.isoformat(),
        "producer": f"digitise {version('digitise')}",
    }
    args = {
        "source": str(source.absolute()),
        "target": str(target.absolute()),
        "results": str(results.absolute()),
        "budget": Budget.of(settings).as_json(),
        "about": about,
    }
    told, _ = run("digitise.scan.archive:searchable", args, _limits(source, settings), file=file)
    return Searchable(int(told["pages"]), bool(told["pdfa"]), tuple(told["warnings"]))


def _limits(source: Path, settings: Settings) -> Limits:
    """Give a large volume the time that copying it takes; one page has the usual limits."""
    limits = Limits.of(settings)
    more = source.stat().st_size // _COPIED_BYTES_PER_SECOND
    return dataclasses.replace(
        limits,
        cpu_seconds=(limits.cpu_seconds or 0) + more,
        wall_seconds=(limits.wall_seconds or 0.0) + 2 * more,
    )


def write_results(target: Path, numbered: Iterator[tuple[int, str]]) -> None:
    """Write page numbers and results, each in JSON without line feeds, as the child reads them: one list per line."""
    with target.open("w", encoding="utf-8") as out:
        for number, result_json in numbered:
            out.write(f"[{number}, {result_json}]\n")


def load_result(path: Path) -> PageResult:
    """Return a stored page result."""
    return result.from_json(json.loads(path.read_text(encoding="utf-8")))


def write_reading(
    text: Path, words_file: Path, pages: Sequence[PageText], fields: Fields, numbers: Sequence[int]
) -> Summary:
    """Write the text, its pages parted by form feeds, and the words file, whose form is that of `words.words_file`.

    One pass: each page is loaded once, however many there are.
    """
    frame = words.words_file((), fields, ())
    engines: dict[str, None] = {}
    warnings: dict[str, None] = {}
    languages, failed = "", 0
    with (
        text.open("w", encoding="utf-8", newline="\n") as told,
        words_file.open("w", encoding="utf-8", newline="\n") as out,
    ):
        out.write('{"pages": [')
        for index, page in enumerate(pages):
            engines.update({page.engine: None} if page.engine else {})
            warnings.update(dict.fromkeys(page.warnings))
            failed += "page_failed" in page.warnings
            languages = languages or page.languages
            told.write((PAGE_BREAK if index else "") + page.text + "\n")
            out.write((",\n" if index else "\n") + json.dumps(words.page_row(page, numbers[index]), ensure_ascii=False))
        rest = {"engine": ", ".join(engines), "languages": languages, "fields": frame["fields"]}
        out.write("\n], " + json.dumps(rest, ensure_ascii=False)[1:] + "\n")
    return Summary(tuple(warnings), failed)


def warnings_of_file(about: About) -> tuple[str, ...]:
    """Return what the file as a whole is to be warned of, as keys of `warnings`."""
    return warnings_of_facts(about.facts) if about.facts else ()


def warnings_of_facts(facts: PdfFacts) -> tuple[str, ...]:
    """Return what a PDF as a whole is to be warned of."""
    found = ["signed_kept"] if facts.signed else []
    found += ["recovered"] if facts.damaged else []
    found += ["active_content"] if facts.active else []
    found += ["owner_password"] if facts.encrypted else []
    return tuple(found)


def fields_of(pages: Sequence[PageText], first: PageResult) -> Fields:
    """Return the document's fields: what its words say, and what the codes on its first page say for certain."""
    from digitise.scan.codes import fields_of_codes
    from digitise.scan.fields import find_fields

    count = len(pages)
    head = min(count, _FIELD_PAGES[0])
    looked = [*range(head), *range(max(head, count - _FIELD_PAGES[1]), count)]
    found = find_fields([pages[index] for index in looked]).found
    placed = {
        name: dataclasses.replace(one, page=looked[one.page - 1] + 1) if 1 <= one.page <= len(looked) else one
        for name, one in found.items()
    }
    return Fields({**placed, **fields_of_codes(first.codes)})


def title_of(fields: Fields, otherwise: str) -> str:
    """Return the document's title: kind, number and abstract as far as they are sure, else the file's name."""
    parts = [fields.value("kind", 0.8), fields.value("code", 0.8), fields.value("abstract", 0.8)]
    return " ".join(part for part in parts if part)[:300] or otherwise
