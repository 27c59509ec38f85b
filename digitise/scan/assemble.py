"""Page results → the document's artefacts, its full text and the filing that its fields suggest."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from digitise.child import Limits, run
from digitise.errors import DigitiseError, NotFound, UnreadableFile
from digitise.model.documents import Artefact, ArtefactKind, Document, Filing
from digitise.model.recognition import Fields
from digitise.model.tasks import NewTask
from digitise.pdf import Budget, facts
from digitise.ports import Catalogue, Clock, ObjectStore
from digitise.scan import output
from digitise.scan.kinds import FileKind
from digitise.scan.result import from_json
from digitise.settings import Settings
from digitise.text import identifier_kind, is_dossier_code

SURE = 0.9  # of fields at 0.9 and more at most 0.5 % are wrong: these may fill what the clerk left empty
PREVIEW_PIXELS = 600  # longest side of the first page's picture in lists


Stored = Callable[[int], str]  # index of a page, 0-based → its stored result, JSON in one line


@dataclass(frozen=True, slots=True)
class Made:
    """A file made in a temporary folder, about to be stored."""

    kind: ArtefactKind
    path: Path
    media_type: str


def assemble(
    document_id: str, *, store: ObjectStore, catalogue: Catalogue, settings: Settings, clock: Clock
) -> list[NewTask]:
    """Make and store searchable PDF, text, words and preview; index the text; state STORED.

    A signed PDF gets no searchable copy: its original is kept as it is, its text beside it.
    Raises UnreadableFile when no page could be read, and what store and catalogue raise.
    """
    document = catalogue.get(document_id)
    stored, count = page_results(document, store, catalogue)
    with opened(document, store) as (source, place):
        pages = output.PageTexts(count, lambda index: from_json(json.loads(stored(index))))
        fields = output.fields_of(pages, from_json(json.loads(stored(0))))
        made, warnings = _files(document, source, place, pages, fields, settings, clock, stored)
        artefacts = [keep(store, one, clock) for one in made]
        text = (place / "text").read_text(encoding="utf-8")
        catalogue.finish(document.id, artefacts, text, suggested(fields), pages=count, warnings=warnings)
    return []


def page_results(document: Document, store: ObjectStore, catalogue: Catalogue) -> tuple[Stored, int]:
    """Return what gives the stored result of each page, and how many there are; NotFound while one is missing."""
    recorded = catalogue.pages(document.id)
    count = document.pages or 0
    if any(number not in recorded for number in range(1, count + 1)):
        raise NotFound("pages", what="pages", id=document.id)

    def stored(index: int) -> str:
        with store.open(recorded[index + 1]) as file:
            return file.read().decode("utf-8")

    return stored, count


@contextmanager
def opened(document: Document, store: ObjectStore) -> Iterator[tuple[Path, Path]]:
    """Give the original as a file, and a folder to make others in."""
    with tempfile.TemporaryDirectory(prefix="digitise-assemble-") as folder, store.as_file(document.sha256) as source:
        yield source, Path(folder)


def _files(
    document: Document,
    source: Path,
    place: Path,
    pages: output.PageTexts,
    fields: Fields,
    settings: Settings,
    clock: Clock,
    stored: Stored,
) -> tuple[list[Made], tuple[str, ...]]:
    numbers = range(1, len(pages) + 1)
    signed = document.media_type == FileKind.PDF and facts(source, settings, file=document.file_name).signed
    copy = partial(searchable_copy, document, source, place, len(pages), stored, fields, settings, clock)
    write = partial(output.write_reading, place / "text", place / "words", pages, fields, numbers)
    summary, copied = output.beside_copy(None if signed else copy, write)
    if summary.failed == len(pages):
        raise UnreadableFile("page", file=document.file_name, page=1)
    warnings = dict.fromkeys((*document.warnings, *summary.warnings))
    made = [
        Made(ArtefactKind.TEXT, place / "text", "text/plain; charset=utf-8"),
        Made(ArtefactKind.WORDS, place / "words", "application/json"),
    ]
    if copied:
        searchable, told = copied.result()
        warnings.update(dict.fromkeys(told.warnings))
        made.append(searchable)
    if _preview(source if signed else place / "searchable", place / "preview", settings):
        made.append(Made(ArtefactKind.PREVIEW, place / "preview", "image/webp"))
    return made, tuple(warnings)


def searchable_copy(
    document: Document,
    source: Path,
    place: Path,
    count: int,
    stored: Stored,
    fields: Fields,
    settings: Settings,
    clock: Clock,
) -> tuple[Made, output.Searchable]:
    """Write the searchable PDF of `source` with these page results into `place`."""
    output.write_results(place / "results", ((index + 1, stored(index)) for index in range(count)))
    told = output.write_searchable(
        source, place / "searchable", place / "results", settings,
        title=output.title_of(fields, document.file_name), date=clock(), file=document.file_name,
    )  # fmt: skip
    return Made(ArtefactKind.SEARCHABLE, place / "searchable", "application/pdf"), told


def _preview(source: Path, target: Path, settings: Settings) -> bool:
    args = {
        "path": str(source),
        "target": str(target),
        "pixels": PREVIEW_PIXELS,
        "budget": Budget.of(settings).as_json(),
    }
    try:
        run("digitise.scan.preview:first_page", args, Limits.of(settings))
    except DigitiseError:
        return False  # a list without its thumbnail is no reason to fail a document
    return target.is_file()


def keep(store: ObjectStore, made: Made, clock: Clock) -> Artefact:
    """Store a made file; durable when it returns."""
    with made.path.open("rb") as source:
        sha256, size = store.put(source, media_type=made.media_type)
    return Artefact(made.kind, sha256, size, made.media_type, clock())


def suggested(fields: Fields) -> Filing:
    """Return what the fields say of the filing, as far as they are sure."""
    number, symbol = fields.value("number", SURE), fields.value("symbol", SURE)
    dossier, owner = fields.value("dossier", SURE), fields.value("owner_id", SURE)
    return Filing(
        dossier=dossier if dossier and is_dossier_code(dossier) else None,
        owner_id=owner if owner and identifier_kind(owner) else None,
        kind=_kind(fields),
        title=fields.value("abstract", SURE),
        number=f"{number}/{symbol}" if number and symbol else None,
        issued_on=_date(fields),
        issuer=fields.value("issuer", SURE),
        signer=fields.value("signer", SURE),
    )


def _kind(fields: Fields) -> str | None:
    from digitise.scan.fields import kind_code

    name = fields.value("kind", SURE)
    return (kind_code(name) or name) if name else None


def _date(fields: Fields) -> Any:
    try:
        return fields.issued_on(SURE)
    except ValueError:
        return None
