"""What people corrected in the words file → the invisible text of the searchable PDF, which is found and copied too.

Text and words file are corrected at once, in the transaction that promises this. The picture is never touched; a signed
PDF has no searchable copy and keeps every byte. The former copy stays in the store as superseded.
"""

import dataclasses
import json
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from digitise.errors import Conflict
from digitise.model.documents import Artefact, ArtefactKind, Document
from digitise.model.recognition import Box, Word
from digitise.model.tasks import NewTask, TaskKind
from digitise.ports import Catalogue, Clock, ObjectStore
from digitise.scan import output
from digitise.scan.assemble import keep, opened, page_results, searchable_copy
from digitise.scan.result import PageResult, from_json
from digitise.settings import Settings

REST = timedelta(seconds=10)  # a reader goes from word to word: one copy is made when the last one is corrected


def promised(document: Document, words: str, clock: Clock) -> list[NewTask]:
    """Return the work that follows a correction which made the words file `words` (SHA-256)."""
    if _of_kind(document, ArtefactKind.SEARCHABLE) is None:
        return []
    key = f"{document.id}:assemble:corrected:{document.version}"
    return [NewTask(TaskKind.ASSEMBLE, document.id, key, {"words": words}, not_before=clock() + REST)]


def lay_anew(
    document_id: str, words: str, *, store: ObjectStore, catalogue: Catalogue, settings: Settings, clock: Clock
) -> list[NewTask]:
    """Make the searchable PDF again with the words of the words file `words`.

    Does nothing where a newer words file is in force: whoever made that one has promised its own copy.
    """
    document = catalogue.get(document_id)
    if not _in_force(document, words):
        return []
    results, count = page_results(document, store, catalogue)
    with store.open(words) as file:
        rows = {int(row["page"]): row for row in json.loads(file.read())["pages"]}

    def result(index: int) -> PageResult:
        read = from_json(json.loads(results(index)))
        row = rows.get(index + 1)
        return corrected(read, row) if row else read

    def stored(index: int) -> str:
        return json.dumps(result(index).to_json(), ensure_ascii=False)

    with opened(document, store) as (source, place):
        fields = output.fields_of(output.PageTexts(count, result), result(0))
        made, _ = searchable_copy(document, source, place, count, stored, fields, settings, clock)
        _record(document, words, keep(store, made, clock), catalogue)
    return []


def _record(document: Document, words: str, made: Artefact, catalogue: Catalogue) -> None:
    """Record the copy unless the words were corrected again meanwhile; other changes of the document do not matter."""
    while _in_force(document, words):
        try:
            catalogue.add_artefacts(document.id, [made], document.version)
            return
        except Conflict:
            document = catalogue.get(document.id)


def _in_force(document: Document, words: str) -> bool:
    return _of_kind(document, ArtefactKind.WORDS) == words and _of_kind(document, ArtefactKind.SEARCHABLE) is not None


def _of_kind(document: Document, kind: ArtefactKind) -> str | None:
    return next((artefact.sha256 for artefact in document.artefacts if artefact.kind is kind), None)


def corrected(result: PageResult, row: Mapping[str, Any]) -> PageResult:
    """Return `result` with the words that the page `row` of the words file says; what is not there is no word.

    Words are known again by their boxes. A born-digital page's own words are part of what it shows and stay.
    """
    if result.read is None:
        return result
    said: dict[tuple[float, ...], deque[str]] = defaultdict(deque)
    for word in row["words"]:
        said[tuple(word["box"])].append(str(word["text"]))
    words = [
        piece
        for word in result.read.words
        if (texts := said[tuple(round(edge, 1) for edge in word.box)])
        for piece in _pieces(word, texts.popleft())
    ]
    return dataclasses.replace(result, read=dataclasses.replace(result.read, words=tuple(words)))


def _pieces(word: Word, text: str) -> Iterator[Word]:
    """Give the word with its new text; where that is several words, each gets its part of the box."""
    parts = text.split()
    length, start = sum(map(len, parts)) + len(parts) - 1, 0
    for part in parts:
        span = (start / length, (start + len(part)) / length)
        yield dataclasses.replace(word, text=part, box=_part(word.box, *span), upright=_part(word.upright, *span))
        start += len(part) + 1


def _part(box: Box, start: float, end: float) -> Box:
    x0, y0, x1, y1 = box
    return (x0 + (x1 - x0) * start, y0, x0 + (x1 - x0) * end, y1)
