"""Tra cứu trước khi yêu cầu nộp: what we hold for a dossier or an owner, and what may be used again.

The look-up goes by POST and is kept in the server-side session, so that the identifier never stands in an address, while
reload, the language switch and the way back work.
"""

from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from digitise.bootstrap import Services
from digitise.errors import InvalidValue
from digitise.model.documents import Document, DocumentState, Query
from digitise.model.people import Actor
from digitise.text import identifier_kind, mask
from digitise.web.auth import Reuser, Using, in_scope, visitor_of
from digitise.web.filing_form import kinds
from digitise.web.forms import Form, Wrong, read_form, wrong, wrong_of
from digitise.web.language import language
from digitise.web.render import VIETNAM, render

router = APIRouter(prefix="/reuse")
FIELDS = ("dossier", "owner", "kind", "reason")
LookUp = dict[str, str]


@dataclass(frozen=True, slots=True)
class Card:
    """A held document and why it may not be used again (keys below `web_reuse.not`), if so."""

    document: Document
    hindrances: tuple[str, ...]
    opens: bool  # the actor may open the document's page


@router.get("")
def show(request: Request, services: Using, actor: Reuser) -> Response:
    """Show the form, and the answer of the last look-up of this session while it is asked for."""
    data = _session_data(request)
    asked = data.get("look_up") if "found" in request.query_params else data.get("draft")
    look_up = {name: str(asked.get(name, "")) for name in FIELDS} if isinstance(asked, dict) else {}
    found = _held(services, actor, look_up) if look_up and "found" in request.query_params else None
    return _page(request, look_up, found, [])


@router.post("")
def look(request: Request, services: Using, actor: Reuser) -> Response:
    """Look up, and remember the question in the session."""
    form = read_form(request)
    look_up = {name: form[name][:200] for name in FIELDS}
    errors = _errors(request, form)
    if errors:
        return _page(request, look_up, None, errors, 422)
    visitor = visitor_of(request)
    if visitor is None or visitor.session is None:
        return _page(request, look_up, _held(services, actor, look_up), [])
    data = {name: value for name, value in visitor.session.data.items() if name != "draft"}
    services.people.keep(visitor.session, {**data, "look_up": look_up})
    return RedirectResponse("/reuse?found", 303)


@router.post("/record")
def record(request: Request, services: Using, actor: Reuser) -> Response:
    """Record a reuse from a card."""
    form = read_form(request)
    if len(form["dossier"]) < 3 or len(form["reason"]) < 3:
        error = InvalidValue("reuse_dossier" if len(form["dossier"]) < 3 else "reuse_reason", name="dossier")
        data = _session_data(request).get("look_up")
        look_up = {name: str(data.get(name, "")) for name in FIELDS} if isinstance(data, dict) else {}
        found = _held(services, actor, look_up) if look_up else None
        return _page(request, look_up, found, [wrong_of(request, error, "for-" + form["document"])], 422)
    services.reuse.record(form["document"], form["dossier"], form["reason"], actor)
    return RedirectResponse(f"/documents/{form['document']}#reuse", 303)


def _session_data(request: Request) -> dict[str, object]:
    visitor = visitor_of(request)
    return visitor.session.data if visitor is not None and visitor.session is not None else {}


def _errors(request: Request, form: Form) -> list[Wrong]:
    errors = []
    if not form["dossier"] and not form["owner"]:
        errors.append(wrong(request, "dossier", "web_reuse.need_one"))
    if form["owner"] and identifier_kind(form["owner"]) is None:
        errors.append(wrong(request, "owner", "web_reuse.bad_owner"))
    if len(form["reason"]) < 3:
        errors.append(wrong(request, "reason", "web_reuse.need_reason"))
    return errors


def _held(services: Services, actor: Actor, look_up: LookUp) -> list[Card]:
    query = Query(
        dossier=look_up["dossier"] or None, owner_id=look_up["owner"] or None, kind=look_up["kind"] or None, limit=200
    )
    today = services.clock().astimezone(VIETNAM).date()
    held = services.reuse.held(query, actor, look_up["reason"])
    return [Card(document, hindrances(document, today), in_scope(services, actor, document)) for document in held]


def hindrances(document: Document, today: date) -> tuple[str, ...]:
    """Say why a document may not be used again; empty where it may."""
    found = []
    if document.state is not DocumentState.STORED:
        found.append("not_stored")
    if document.verdict == "invalid":
        found.append("invalid")
    if document.filing.valid_until is not None and document.filing.valid_until < today:
        found.append("expired")
    return tuple(found)


def _page(
    request: Request, look_up: LookUp, found: list[Card] | None, errors: list[Wrong], status: int = 200
) -> Response:
    lang = language(request)
    return render(
        request,
        "reuse.html",
        status_code=status,
        here="/reuse?found" if found is not None else "/reuse",
        look_up={name: look_up.get(name, "") for name in FIELDS},
        found=found,
        errors=errors,
        kinds=kinds(lang),
        kind_names=dict(kinds(lang)),
        masked_owner=mask(look_up.get("owner", "")),
    )
