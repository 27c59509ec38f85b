"""Tiếp nhận bản quét: many files at once, each with its own answer."""

from typing import Any

from fastapi import APIRouter, Request, Response

from digitise.errors import DigitiseError
from digitise.messages import error_text
from digitise.model.people import Actor
from digitise.web.auth import Adder, Using
from digitise.web.filing_form import kinds
from digitise.web.forms import wrong, wrong_of
from digitise.web.intake import Form, Sent, receive
from digitise.web.language import language
from digitise.web.render import render
from digitise.web.scan_check import scan_check

router = APIRouter()


@router.get("/upload")
def show(request: Request, services: Using, actor: Adder) -> Response:
    """Show the form; `dossier` and `kind` may be prefilled by the look-up that found nothing."""
    asked = request.query_params
    values = {"dossier": asked.get("dossier", ""), "kind": asked.get("kind", ""), "unit": actor.unit or ""}
    return _page(request, actor, values=values, sent=[], errors=[])


@router.post("/upload")
def take_in(request: Request, services: Using, actor: Adder) -> Response:
    """Take the files in and list what became of each; nothing here needs JavaScript."""
    sent: list[Sent] = []
    errors = []
    form = Form()
    try:
        sent = list(receive(request, services, actor, form))
    except DigitiseError as error:
        errors = [wrong_of(request, error, "file")]
    if not sent and not errors:
        errors = [wrong(request, "file", "web_upload.none")]
    again = errors or any(one.error for one in sent)  # what was typed is still wanted
    return _page(
        request,
        actor,
        values=form.values if again else {},
        sent=sent,
        errors=errors,
        status_code=422 if errors else 200,
    )


def _page(request: Request, actor: Actor, *, status_code: int = 200, **context: Any) -> Response:
    lang = language(request)
    return render(
        request,
        "upload.html",
        check=lambda accepted: scan_check(accepted, actor, lang),
        status_code=status_code,
        kinds=kinds(lang),
        tell=lambda error: error_text(error, lang),
        **context,
    )
