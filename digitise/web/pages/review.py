"""Soát lỗi nhận dạng: the next doubtful word, its strip of the image over the input, by keyboard."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from digitise.bootstrap import Services
from digitise.errors import Conflict, DigitiseError
from digitise.model.documents import Document
from digitise.web.auth import Corrector, Using, document_for
from digitise.web.correction import correct_word, next_doubtful
from digitise.web.forms import Wrong, read_form, wrong_of
from digitise.web.render import render
from digitise.web.words_of import ShownPage, ShownWord, load_words, shown_page, words_artefact

router = APIRouter(prefix="/documents/{document_id}/review")
DocumentId = Annotated[str, Path(max_length=64, pattern="^[0-9a-z]+$")]


@router.get("")
def show(
    document_id: DocumentId,
    request: Request,
    services: Using,
    actor: Corrector,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    word: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """Show the first doubtful word at or after a place."""
    return _page(request, services, document_for(services, actor, document_id), page, word)


@dataclass(frozen=True, slots=True)
class Unsaved:
    """What somebody typed for the word that they saw as `was`, and why it was not saved."""

    fault: Wrong
    was: str
    typed: str
    status: int


def _page(
    request: Request, services: Services, document: Document, page: int, index: int, unsaved: Unsaved | None = None
) -> Response:
    held = words_artefact(document)
    if held is None:
        raise Conflict("not_recognised", file=document.file_name)
    data = load_words(services, held)
    left = sum(1 for one in data["pages"] for found in one["words"] if found.get("doubtful"))
    same = _still_there(data, page, index, unsaved.was) if unsaved else None
    place = same or next_doubtful(data, page, index) or next_doubtful(data, 1, 0)
    shown = shown_page(services, document, place[0]) if place else None
    current = shown.words[place[1]] if shown and place else None
    line = [one for one in shown.words if current and one.line == current.line] if shown else []
    return render(
        request,
        "review.html",
        status_code=unsaved.status if unsaved else 200,
        document=document,
        left=left,
        place=place,
        shown=shown,
        word=current,
        line=line,
        strip=_strip(shown, current) if shown and current else None,
        seen=held,
        errors=[unsaved.fault] if unsaved else [],
        typed=unsaved.typed if unsaved and same else None,
        elsewhere=unsaved if unsaved and not same else None,
        now=_now(data, page, index, unsaved.was) if unsaved else None,
    )


def _still_there(data: dict[str, Any], page: int, index: int, was: str) -> tuple[int, int] | None:
    """Return where the doubtful word `was` stands now: words before it may have been taken out meanwhile."""
    places = [at for at, word in _words(data, page) if word.get("doubtful") and word["text"] == was]
    return (page, min(places, key=lambda at: abs(at - index))) if places else None


def _now(data: dict[str, Any], page: int, index: int, was: str) -> str | None:
    """Return what somebody else made of the word `was`; None where it is no word any more."""
    made = [
        (abs(at - index), word["text"])
        for at, word in _words(data, page)
        if word.get("confirmed") and word.get("read", word["text"]) == was
    ]
    return min(made)[1] if made else None


def _words(data: dict[str, Any], page: int) -> Iterator[tuple[int, dict[str, Any]]]:
    return enumerate(data["pages"][page - 1]["words"] if page <= len(data["pages"]) else [])


def _strip(shown: ShownPage, word: ShownWord) -> tuple[float, float, float, float]:
    """Return the part of the page (x, y, width, height) that shows the word in its line."""
    height = max(word.height, 8.0)
    width = min(shown.width, max(word.width * 3, height * 16))
    x = min(max(0.0, word.x + word.width / 2 - width / 2), max(0.0, shown.width - width))
    return x, max(0.0, word.y - height), width, height * 3


@router.post("")
def save(document_id: DocumentId, request: Request, services: Using, actor: Corrector) -> Response:
    """Save the word and go to the next one; what somebody else changed meanwhile is shown, not overwritten."""
    form = read_form(request)
    page, index = _number(form["page"], 1), _number(form["index"], 0)
    if form["act"] != "skip":
        document = document_for(services, actor, document_id)
        try:
            correct_word(services, document, page, index, form["word"], form["seen"], actor)
        except DigitiseError as error:
            unsaved = Unsaved(wrong_of(request, error, "word"), form["was"], form["word"], error.status)
            return _page(request, services, document_for(services, actor, document_id), page, index, unsaved)
    after = index if form["act"] != "skip" and not form["word"] else index + 1
    return RedirectResponse(f"/documents/{document_id}/review?page={page}&word={after}", 303)


def _number(text: str, least: int) -> int:
    return max(least, int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else least
