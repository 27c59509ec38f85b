"""The words of a document for the screen: by page, with boxes, doubtful ones marked."""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from digitise.bootstrap import Services
from digitise.model.documents import ArtefactKind, Document

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
    """One page as it is shown, upright: its frame (pixels), words, and degrees clockwise that its picture is turned."""

    number: int
    width: int
    height: int
    words: tuple[ShownWord, ...]
    warnings: tuple[str, ...]
    turn: int = 0

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
    width, height, turn = page["width"], page["height"], int(page.get("rotation") or 0) % 360
    words = tuple(
        _shown(index, word, upright(word["box"], width, height, turn)) for index, word in enumerate(page["words"])
    )
    if turn in (90, 270):
        width, height = height, width
    return ShownPage(number, width, height, words, tuple(page.get("warnings", ())), turn)


def upright(box: Sequence[float], width: float, height: float, turn: int) -> tuple[float, float, float, float]:
    """Return where `box` lies when its page of `width` x `height` is turned clockwise by `turn` degrees."""
    x0, y0, x1, y1 = box
    if turn == 90:
        return height - y1, x0, height - y0, x1
    if turn == 180:
        return width - x1, height - y1, width - x0, height - y0
    if turn == 270:
        return y0, width - x1, y1, width - x0
    return x0, y0, x1, y1


def _shown(index: int, word: dict[str, Any], box: tuple[float, float, float, float]) -> ShownWord:
    x0, y0, x1, y1 = box
    doubtful = bool(word.get("doubtful"))
    return ShownWord(index, word["text"], x0, y0, x1 - x0, y1 - y0, doubtful, word["confidence"], word["line"])
