"""Xác nhận ký số: what will be signed, with which profile, what to mind; then the batch and how far it is.

Nothing here reaches a key: confirming writes intents, the sign worker obeys them. Sending the form twice answers the
same intents.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from digitise.bootstrap import Services
from digitise.errors import DigitiseError, InvalidValue, LimitExceeded, NotFound
from digitise.messages import error_text
from digitise.model.outgoing import Outgoing
from digitise.model.people import Actor
from digitise.sign.authorise import confirm_batch, in_turn
from digitise.sign.preview import picture_png
from digitise.sign.profiles import Mode, named
from digitise.sign.register import Numbered
from digitise.web.auth import OutgoingReader, Signer, Using
from digitise.web.checking import verifier
from digitise.web.forms import Form, Wrong, read_form, wrong, wrong_of
from digitise.web.language import language
from digitise.web.render import day, render
from digitise.web.sign_preview import certificate_of, facing
from digitise.web.signing import MOST_IN_BATCH, numbered_of, outgoing_for, ready, usable_profiles

router = APIRouter(prefix="/sign")
MOST_A_DAY = 200  # documents listed for each day of the week on the page of rules; the register has them all
PREVIEWED = 5  # first pages drawn on the confirmation page; the others open by their link


@router.get("/check")
def check(request: Request, services: Using, actor: Signer) -> Response:
    """Show what was selected, before anything is authorised."""
    asked = request.query_params
    form = Form({name: asked.getlist(name) for name in asked})
    return _confirmation(request, services, actor, form, [])


def _confirmation(
    request: Request, services: Services, actor: Actor, form: Form, errors: list[Wrong], status: int = 200
) -> Response:
    ids = [one for one in dict.fromkeys(form.all("id")) if one]
    if len(ids) > MOST_IN_BATCH:
        raise LimitExceeded("batch", limit=MOST_IN_BATCH, found=len(ids))
    if not ids:
        errors = [*errors, wrong(request, "", "web_sign.none_selected")]
    profiles = usable_profiles(services)
    profile = named(profiles, form["profile"] or "issue")
    check = verifier(services)
    documents = [ready(services, outgoing_for(services, actor, one), profile, check) for one in ids]
    numbers = in_turn(_numbered(form))  # as confirming will give them
    facings = [facing(services, one.document, profile, next(numbers)) for one in documents[:PREVIEWED]]
    unit = documents[0].document.unit if documents else None
    key = profile.key_for(unit)
    certificate = certificate_of(services, key, profile, unit)
    lang = language(request)
    return render(
        request,
        "sign_check.html",
        status_code=status if ids else 422,
        here="/sign/check?" + urlencode([("profile", profile.name), *(("id", one) for one in ids)]),
        ready=documents,
        profile=profile,
        profiles=list(profiles),
        numbers=profile.mode is Mode.ISSUE,
        form=form,
        errors=errors,
        facings=facings,
        tell=lambda error: error_text(error, lang),
        authorities=services.settings.tsa_urls,
        key=key,
        certificate=certificate,
        problem=error_text(certificate.problem, lang) if certificate and certificate.problem else "",
        warn_days=services.settings.key_warn_days,
    )


def _numbered(form: Form) -> Numbered | None:
    with suppress(InvalidValue):
        return numbered_of({name: form[name] for name in ("number", "symbol", "issued_on")})
    return None  # the form says what is wrong with it


@router.get("/look/{name}.png")
def look(name: str, services: Using, actor: OutgoingReader) -> Response:
    """Give a profile's picture as it will be drawn."""
    png = picture_png(named(usable_profiles(services), name[:100]))
    if png is None:
        raise NotFound(what="picture", id=name[:100])
    return Response(png, media_type="image/png", headers={"Cache-Control": "private, no-cache"})


@router.post("/confirm")
def confirm(request: Request, services: Using, actor: Signer) -> Response:
    """Authorise the batch; each document succeeds or fails by itself."""
    form = read_form(request)
    ids = [one for one in dict.fromkeys(form.all("id")) if one][:MOST_IN_BATCH]
    if form["seen"] != "yes":
        error = wrong(request, "seen", "web_sign.look_first")
        return _confirmation(request, services, actor, form, [error], 422)
    try:
        numbered = numbered_of({name: form[name] for name in ("number", "symbol", "issued_on")})
    except InvalidValue as bad:
        return _confirmation(request, services, actor, form, [wrong_of(request, bad)], 422)
    done = confirm_batch(
        ids, form["profile"], actor, services.outgoing, services.intents, usable_profiles(services), numbered
    )
    lang = language(request)
    failed = [(one.outgoing_id, error_text(one.error, lang)) for one in done if one.error is not None]
    intents = [one.intent.id for one in done if one.intent is not None]
    address = "/sign/batch?intents=" + ",".join(intents)
    if failed:
        documents = {one: services.outgoing.get(one) for one, _ in failed}
        return render(
            request,
            "sign_batch.html",
            status_code=409 if not intents else 200,
            here=address,
            rows=_rows(services, actor, intents),
            failed=[(documents[one], sentence) for one, sentence in failed],
            address=address,
        )
    return RedirectResponse(address, 303)


@router.get("/batch")
def batch(request: Request, services: Using, actor: OutgoingReader, intents: str = "") -> Response:
    """Show how far a batch is: i of N, what is done, what failed and why."""
    ids = [one for one in intents.split(",") if one.isalnum()][:MOST_IN_BATCH]
    if not ids:
        raise NotFound(what="batch", id="")
    address = "/sign/batch?intents=" + ",".join(ids)
    return render(request, "sign_batch.html", rows=_rows(services, actor, ids), failed=[], address=address)


def _rows(services: Services, actor: Actor, intents: list[str]) -> list[Outgoing]:
    rows = []
    for intent in intents:
        try:
            said = services.intents.get(intent)
            rows.append(outgoing_for(services, actor, said.outgoing.id))
        except DigitiseError:
            continue  # of another unit, or gone: not this person's business
    return rows


@router.get("/rules")
def rules(request: Request, services: Using, actor: OutgoingReader) -> Response:
    """Show the rules for unattended signing, and what was signed by them each day of the last week (V8)."""
    now = services.clock()
    done = services.signing_rules.signed_by_rules(now - timedelta(days=7), now + timedelta(seconds=1))
    days: dict[str, list[dict[str, Any]]] = {}
    for one in reversed(done):
        if actor.unit in (None, one["unit"]):
            days.setdefault(day(one["done_at"]), []).append(one)
    return render(request, "sign_rules.html", rules=services.signing_rules.rules(), days=days, most=MOST_A_DAY)


@router.post("/rules/stop")
def stop(request: Request, services: Using, actor: Signer) -> Response:
    """Stop a rule at once; what it authorised and is not signed yet is withdrawn."""
    services.signing_rules.stop(read_form(request)["name"], actor)
    return RedirectResponse("/sign/rules", 303)
