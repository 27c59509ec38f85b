"""The words of a document for the screen: by page, with boxes, doubtful ones marked."""

import json
import threading
from dataclasses import dataclass
from typing import Any

from digitise.model.documents import ArtefactKind, Document
from digitise.web.services import Services

KEPT = 4  # parsed words files: one of a 500-page volume takes about 60 MB
_kept: dict[str, dict[str, Any]] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class ShownWord:
    """One word over the page image; `index` is its place on the page."""

    index: int
    text: str
    x: float
    y: float
    width: float
    height: float
    doubtful: bool
    confidence: float
    line: int


@dataclass(frozen=True, slots=True)
class ShownPage:
    """One page's frame (pixels) and words."""

    number: int
    width: int
    height: int
    words: tuple[ShownWord, ...]
    warnings: tuple[str, ...]

    @property
    def lines(self) -> list[list[ShownWord]]:
        """The words by line."""
        found: dict[int, list[ShownWord]] = {}
        for word in self.words:
            found.setdefault(word.line, []).append(word)
        return list(found.values())


def words_artefact(document: Document) -> str | None:
    """Return the SHA-256 of the words file."""
    return next((a.sha256 for a in document.artefacts if a.kind is ArtefactKind.WORDS), None)


def load_words(services: Services, sha256: str) -> dict[str, Any]:
    """Return the words file; its bytes never change, so the last few are kept in memory."""
    with _lock:
        data = _kept.pop(sha256, None)
    if data is None:
        with services.store.open(sha256) as source:
            data = json.loads(source.read())
    with _lock:
        _kept[sha256] = data  # newest last
        while len(_kept) > KEPT:
            _kept.pop(next(iter(_kept)))
    return data


def shown_page(services: Services, document: Document, number: int) -> ShownPage | None:
    """Return page `number` with its words; None before recognition or beyond the end."""
    sha256 = words_artefact(document)
    if sha256 is None:
        return None
    pages = load_words(services, sha256)["pages"]
    if not 1 <= number <= len(pages):
        return None
    page = pages[number - 1]
    words = tuple(_shown(index, word) for index, word in enumerate(page["words"]))
    return ShownPage(number, page["width"], page["height"], words, tuple(page.get("warnings", ())))


def _shown(index: int, word: dict[str, Any]) -> ShownWord:
    x0, y0, x1, y1 = word["box"]
    doubtful = bool(word.get("doubtful"))
    return ShownWord(index, word["text"], x0, y0, x1 - x0, y1 - y0, doubtful, word["confidence"], word["line"])
