"""PageText ⇄ JSON: as stored per page, and as the words file that people and programs read."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from digitise.model.recognition import FIELD_NAMES, Fields, PageText, Word


def to_json(page: PageText) -> dict[str, Any]:
    """Return everything known of a page; `from_json` gives it back."""
    data = {field.name: getattr(page, field.name) for field in dataclasses.fields(page) if field.name != "words"}
    data["words"] = [
        [word.text, word.box, word.upright, word.confidence, word.line, word.doubtful, word.read] for word in page.words
    ]
    return data


def from_json(data: Mapping[str, Any]) -> PageText:
    """Return the page that `to_json` described; keys of a newer version are ignored."""
    names = {field.name for field in dataclasses.fields(PageText)} - {"words"}
    plain = {name: _tupled(value) for name, value in data.items() if name in names}
    words = tuple(
        Word(text, tuple(box), tuple(upright), confidence, line, doubtful, read)
        for text, box, upright, confidence, line, doubtful, read in data["words"]
    )
    return PageText(words=words, **plain)


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def words_file(pages: Sequence[PageText], fields: Fields, numbers: Sequence[int] | None = None) -> dict[str, Any]:
    """Return the words file: engine, languages, pages with words and boxes, and the fields that were found."""
    engines = list(dict.fromkeys(page.engine for page in pages if page.engine))
    return {
        "engine": ", ".join(engines),
        "languages": next((page.languages for page in pages if page.languages), ""),
        "pages": [
            page_row(page, number) for page, number in zip(pages, numbers or range(1, len(pages) + 1), strict=True)
        ],
        "fields": {name: _field(fields, name) for name in dict.fromkeys((*FIELD_NAMES, *fields.found))},
    }


def page_row(page: PageText, number: int) -> dict[str, Any]:
    return {
        "page": number,
        "width": page.width,
        "height": page.height,
        "dpi": round(page.dpi, 1),
        "rotation": page.rotation,
        "skew": round(page.skew, 3),
        "warnings": list(page.warnings),
        "engine": page.engine,
        "seconds": round(page.seconds, 3),
        "steps": list(page.steps),
        "words": [_word(word) for word in page.words],
    }


def _word(word: Word) -> dict[str, Any]:
    told: dict[str, Any] = {
        "text": word.text,
        "box": [round(value, 1) for value in word.box],
        "confidence": round(word.confidence, 4),
        "line": word.line,
    }
    if word.doubtful:
        told["doubtful"] = True
    if word.read is not None:
        told["read"] = word.read
    return told


def _field(fields: Fields, name: str) -> dict[str, Any]:
    found = fields.found.get(name)
    if found is None:
        return {"value": None, "confidence": 0.0, "box": None, "page": None}
    box = [round(value, 1) for value in found.box] if found.box else None
    return {"value": found.value, "confidence": round(found.confidence, 4), "box": box, "page": found.page}
