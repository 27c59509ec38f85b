"""Tìm kiếm: one box, filters as chips, snippets, exact diacritics first."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from digitise.bootstrap import Services
from digitise.errors import InvalidValue
from digitise.model.documents import DocumentState
from digitise.model.documents import Query as Wanted
from digitise.model.people import Actor, Permission
from digitise.text import mask_in_text
from digitise.web.auth import Reader, Using, unit_scope, visitor_of
from digitise.web.filing_form import kinds
from digitise.web.forms import Wrong, read_form, wrong_of
from digitise.web.intake import parse_date
from digitise.web.language import language
from digitise.web.render import render
from digitise.web.words import holds_identifier

router = APIRouter(prefix="/search")
Text = Annotated[str, Query(max_length=500)]
FILTERS = ("q", "kind", "unit", "verdict", "state", "from", "to", "dossier", "number")
VERDICTS = ("valid", "invalid", "indeterminate", "unsigned")


@router.get("")
def show(
    request: Request, services: Using, actor: Reader, q: Text = "", cursor: Text = "", fragment: bool = False
) -> Response:
    """Show the hits; an identifier in the address is refused with a way out."""
    asked = {name: request.query_params.get(name, "").replace("\x00", "")[:500].strip() for name in FILTERS}
    errors: list[Wrong] = []
    page = None
    try:
        if holds_identifier(q):
            raise InvalidValue("identifier_in_address", name="q", value="…")
        page = services.search.find(_wanted(asked, actor, cursor))
    except InvalidValue as error:
        errors = [wrong_of(request, error, "q")]
    return render(
        request,
        "search_results.html" if fragment else "search.html",
        status_code=422 if errors else 200,
        asked=asked,
        page=page,
        cursor=cursor,
        kinds=kinds(language(request)),
        kind_names=dict(kinds(language(request))),
        verdicts=VERDICTS,
        states=[state.value for state in DocumentState],
        snippet=str if actor.may(Permission.READ_IDENTIFIERS) else mask_in_text,
        errors=errors,
        narrowed=[name for name in FILTERS if name != "q" and asked[name]],
    )


def _wanted(asked: dict[str, str], actor: Actor, cursor: str) -> Wanted:
    state = DocumentState(asked["state"]) if asked["state"] in list(DocumentState) else None
    return Wanted(
        text=asked["q"],
        dossier=asked["dossier"] or None,
        number=asked["number"] or None,
        kind=asked["kind"] or None,
        unit=unit_scope(actor, asked["unit"]),
        verdict=asked["verdict"] or None,
        state=state,
        from_=parse_date("from", asked["from"]) if asked["from"] else None,
        to=parse_date("to", asked["to"]) if asked["to"] else None,
        limit=20,
        cursor=cursor or None,
    )


@router.post("")
def search(request: Request, services: Using, actor: Reader) -> Response:
    """Turn the form into an address that can be shared; an identifier goes to the look-up that asks for a reason."""
    form = read_form(request)
    if holds_identifier(form["q"]) and actor.may(Permission.REUSE):
        return _to_look_up(request, services, form["q"])
    if holds_identifier(form["q"]):
        return RedirectResponse("/search?" + urlencode({"q": mask_in_text(form["q"])}), 303)
    query = {name: form[name] for name in FILTERS if form[name]}
    return RedirectResponse("/search" + (f"?{urlencode(query)}" if query else ""), 303)


def _to_look_up(request: Request, services: Services, identifier: str) -> Response:
    visitor = visitor_of(request)
    if visitor is not None and visitor.session is not None:
        draft = {"owner": identifier, "dossier": "", "kind": "", "reason": ""}
        services.people.keep(visitor.session, {**visitor.session.data, "draft": draft})
    return RedirectResponse("/reuse", 303)
