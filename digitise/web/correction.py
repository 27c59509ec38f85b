"""Put a corrected word into the words file and the text of a document, and promise a searchable PDF that has it too.

Image and original stay as they are.
"""

import io
import json
from typing import Any

from digitise.bootstrap import Services
from digitise.errors import Conflict, InvalidValue, NotFound
from digitise.model.documents import Artefact, ArtefactKind, Document
from digitise.model.people import Actor
from digitise.scan.corrected import promised
from digitise.text import squeeze
from digitise.web.words_of import load_words, words_artefact

MAX_WORD = 200  # characters typed for one word; a line's worth


def correct_word(
    services: Services, document: Document, page: int, index: int, text: str, seen: str, actor: Actor
) -> Document:
    """Replace word `index` of `page` by `text` (empty: it is no word), or confirm it as it stands.

    `seen` is the SHA-256 of the words file that the person looked at: Conflict `words_changed` where it is another now.
    """
    held = words_artefact(document)
    if held is None:
        raise Conflict("not_recognised", file=document.file_name)
    if held != seen:
        raise Conflict("words_changed")
    if len(text) > MAX_WORD:
        raise InvalidValue("too_long", name="word", value=text[:20] + "…", limit=MAX_WORD)
    data = json.loads(json.dumps(load_words(services, held)))  # the cached one is shared
    word = _word(data, page, index)
    typed = squeeze(text)
    if typed and typed != word["text"]:
        word.setdefault("read", word["text"])
        word["text"] = typed
    word.pop("doubtful", None)
    word["confirmed"] = True
    if not typed:
        del data["pages"][page - 1]["words"][index]
    told = text_of(data)
    made = [
        _kept(services, ArtefactKind.WORDS, json.dumps(data, ensure_ascii=False).encode(), "application/json"),
        _kept(services, ArtefactKind.TEXT, told.encode(), "text/plain; charset=utf-8"),
    ]
    follow = promised(document, made[0].sha256, services.clock)
    corrected: Document = services.catalogue.correct_text(document.id, made, told, document.version, actor, follow)
    return corrected


def _word(data: dict[str, Any], page: int, index: int) -> dict[str, Any]:
    try:
        word: dict[str, Any] = data["pages"][page - 1]["words"][index]
    except IndexError as error:
        raise NotFound(what="word", id=f"{page}.{index}") from error
    return word


def text_of(data: dict[str, Any]) -> str:
    """Return the text of a words file: words joined by blanks, lines by line feeds, pages by form feeds."""
    pages = []
    for page in data["pages"]:
        lines: dict[int, list[str]] = {}
        for word in page["words"]:
            lines.setdefault(word["line"], []).append(word["text"])
        pages.append("\n".join(" ".join(words) for words in lines.values()))
    return "\f".join(pages)


def _kept(services: Services, kind: ArtefactKind, body: bytes, media_type: str) -> Artefact:
    sha256, size = services.store.put(io.BytesIO(body), media_type=media_type)
    return Artefact(kind, sha256, size, media_type, services.clock())


def next_doubtful(data: dict[str, Any], page: int, index: int) -> tuple[int, int] | None:
    """Return (page, index) of the first doubtful word at or after a place; None at the end."""
    for number in range(page, len(data["pages"]) + 1):
        for position, word in enumerate(data["pages"][number - 1]["words"]):
            if word.get("doubtful") and (number > page or position >= index):
                return number, position
    return None
