"""Soát lỗi nhận dạng: the next doubtful word, its strip of the image over the input, by keyboard."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from digitise.bootstrap import Services
from digitise.errors import Conflict, DigitiseError
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
    return _page(document_id, request, services, actor, page, word, [], "")


def _page(
    document_id: str,
    request: Request,
    services: Services,
    actor: Corrector,
    page: int,
    word: int,
    errors: list[Wrong],
    typed: str,
    status: int = 200,
) -> Response:
    document = document_for(services, actor, document_id)
    held = words_artefact(document)
    if held is None:
        raise Conflict("not_recognised", file=document.file_name)
    data = load_words(services, held)
    left = sum(1 for one in data["pages"] for found in one["words"] if found.get("doubtful"))
    place = next_doubtful(data, page, word) or next_doubtful(data, 1, 0)
    shown = shown_page(services, document, place[0]) if place else None
    current = shown.words[place[1]] if shown and place else None
    line = [one for one in shown.words if current and one.line == current.line] if shown else []
    return render(
        request,
        "review.html",
        status_code=status,
        document=document,
        left=left,
        place=place,
        shown=shown,
        word=current,
        line=line,
        strip=_strip(shown, current) if shown and current else None,
        seen=held,
        errors=errors,
        typed=typed,
    )


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
            faults = [wrong_of(request, error, "word")]
            return _page(document_id, request, services, actor, page, index, faults, form["word"], error.status)
    after = index if form["act"] != "skip" and not form["word"] else index + 1
    return RedirectResponse(f"/documents/{document_id}/review?page={page}&word={after}", 303)


def _number(text: str, least: int) -> int:
    return max(least, int(text)) if text.isascii() and text.isdigit() and len(text) < 8 else least
