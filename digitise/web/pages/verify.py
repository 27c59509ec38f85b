"""Kiểm tra chữ ký số: drop PDFs → outcome, who in what role, when; then the checks; then details.

The PDF is not kept. The verdict stays in the session of who asked, so that it can be printed, saved and read in the other
language; pictures of differences, and everything of a public check, stay in memory for some minutes (`recent`).
"""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from digitise.bootstrap import Services
from digitise.errors import DigitiseError, LimitExceeded, NotFound
from digitise.messages import error_text
from digitise.model.documents import Document
from digitise.model.people import Permission
from digitise.model.verdict_records import record_of, verdict_of
from digitise.model.verdicts import Examined
from digitise.web import verdict_view
from digitise.web.auth import Anybody, Using, Verifier, in_scope, services_of, visitor_of
from digitise.web.checking import Checked, Throttle, check_files
from digitise.web.forms import Wrong, wrong, wrong_of
from digitise.web.language import language
from digitise.web.recent import Recent
from digitise.web.render import render

router = APIRouter()
KEPT = 5  # results in a session


@router.get("/verify")
def show(request: Request, services: Using, actor: Verifier, result: str = "") -> Response:
    """Show the form, and the result of a check of this session."""
    kept = _kept(request).get(result) if result else None
    if result and kept is None:
        raise NotFound(what="result", id=result[:40])
    return _page(request, [_read(entry) for entry in kept or []], result=result, pictures=_held(request, result))


@router.post("/verify")
def check(request: Request, services: Using, actor: Verifier) -> Response:
    """Check the files."""
    try:
        checked = check_files(request, services)
    except DigitiseError as error:
        return _page(request, [], errors=[wrong_of(request, error, "file")], status=error.status)
    if not checked:
        return _page(request, [], errors=[wrong(request, "file", "web_upload.none")], status=422)
    visitor = visitor_of(request)
    lang = language(request)
    if visitor is None or visitor.session is None:
        return _page(request, [_read(_entry(one, lang)) for one in checked])
    name = _hold(request, checked)
    results = {**_kept(request), name: [_entry(one, lang) for one in checked]}
    results = dict(list(results.items())[-KEPT:])
    services.people.keep(visitor.session, {**visitor.session.data, "checks": results})
    return RedirectResponse(f"/verify?result={name}", 303)


@router.get("/verify/{result}.json")
def as_json(result: str, request: Request, actor: Verifier) -> Response:
    """Give the result as `digitise verify --json` would."""
    kept = _kept(request).get(result)
    if kept is None:
        raise NotFound(what="result", id=result[:40])
    lang = language(request)
    files = [verdict_of(entry["record"]).to_json(lang) for entry in kept if entry["record"]]
    return JSONResponse(
        {"files": files}, headers={"Content-Disposition": 'attachment; filename="ket-qua-kiem-tra.json"'}
    )


@router.get("/verify/{result}.pdf")
def as_pdf(result: str, request: Request, actor: Verifier) -> Response:
    """Give the result as a report on paper, one page for each file."""
    kept = _kept(request).get(result)
    if kept is None:
        raise NotFound(what="result", id=result[:40])
    pictures = {one.verdict.sha256: one.pictures for one in _held(request, result)}
    verdicts = [verdict_of(entry["record"]) for entry in kept if entry["record"]]
    return _report(request, [Examined(one, pictures.get(one.sha256, {})) for one in verdicts])


@router.get("/verify/{result}/{file}/{signature}.png")
def picture(result: str, file: int, signature: int, request: Request, actor: Verifier) -> Response:
    """Give the picture of what changed after a signature, while it is held."""
    if result not in _kept(request):
        raise NotFound(what="result", id=result[:40])
    return _picture(request, result, file, signature)


@router.get("/check/{result}.pdf", dependencies=[Anybody])
def public_pdf(result: str, request: Request, services: Using) -> Response:
    """Give the report of a public check to who knows its name, while it is held."""
    _allowed(services)
    return _report(request, list(_held(request, result)))


@router.get("/check/{result}/{file}/{signature}.png", dependencies=[Anybody])
def public_picture(result: str, file: int, signature: int, request: Request, services: Using) -> Response:
    """Give the picture of a public check to who knows its name, while it is held."""
    _allowed(services)
    return _picture(request, result, file, signature)


@router.get("/check", dependencies=[Anybody])
def public(request: Request, services: Using) -> Response:
    """Show the form without an account, where the office allows it."""
    _allowed(services)
    return _page(request, [], public=True)


@router.post("/check", dependencies=[Anybody])
def check_in_public(request: Request, services: Using) -> Response:
    """Check without an account: rate-limited, nothing kept."""
    _allowed(services)
    app = request.app
    if not hasattr(app.state, "throttle"):
        app.state.throttle = Throttle(services.settings.public_verification_per_minute)
    address = request.client.host if request.client else ""
    if not app.state.throttle.admit(address, services.clock().timestamp()):
        error = wrong_of(request, LimitExceeded("rate"), "file")
        return _page(request, [], public=True, errors=[error], status=429)
    try:
        checked = check_files(request, services)
    except DigitiseError as error:
        return _page(request, [], public=True, errors=[wrong_of(request, error, "file")], status=error.status)
    lang = language(request)
    errors = [] if checked else [wrong(request, "file", "web_upload.none")]
    shown = [_read(_entry(one, lang)) for one in checked]
    name = _hold(request, checked) if checked else ""
    held = _held(request, name)
    return _page(request, shown, result=name, public=True, errors=errors, status=200 if checked else 422, pictures=held)


def _allowed(services: Services) -> None:
    if not services.settings.public_verification:
        raise NotFound(what="page", id="/check")


def _recent(request: Request) -> Recent:
    state = request.app.state
    if not hasattr(state, "recent"):
        state.recent = Recent()
    found: Recent = state.recent
    return found


def _hold(request: Request, checked: list[Checked]) -> str:
    examined = tuple(one.examined for one in checked if one.examined)
    return _recent(request).keep(examined, services_of(request).clock().timestamp())


def _held(request: Request, name: str) -> tuple[Examined, ...]:
    return _recent(request).get(name, services_of(request).clock().timestamp()) or () if name else ()


def _report(request: Request, examined: list[Examined]) -> Response:
    from digitise.verify.report import report_pdf

    if not examined:
        raise NotFound(what="result", id="")
    body = report_pdf([(one.verdict, one.pictures) for one in examined], language(request))
    headers = {
        "Content-Disposition": 'attachment; filename="ket-qua-kiem-tra.pdf"',
        "Cache-Control": "private, no-store",
    }
    return Response(body, media_type="application/pdf", headers=headers)


def _picture(request: Request, result: str, file: int, signature: int) -> Response:
    examined = _held(request, result)
    found = examined[file].pictures.get(signature) if 0 <= file < len(examined) else None
    if found is None:
        raise NotFound(what="picture", id=result[:40])
    return Response(found, media_type="image/png", headers={"Cache-Control": "private, no-store"})


def _kept(request: Request) -> dict[str, list[dict[str, Any]]]:
    visitor = visitor_of(request)
    data = visitor.session.data.get("checks") if visitor and visitor.session else None
    return data if isinstance(data, dict) else {}


def _entry(one: Checked, lang: str) -> dict[str, Any]:
    return {
        "name": one.file_name,
        "record": record_of(one.examined.verdict) if one.examined else None,
        "error": error_text(one.error, lang) if one.error else "",
    }


def _read(entry: dict[str, Any]) -> dict[str, Any]:
    record = entry["record"]
    return {**entry, "verdict": verdict_of(record) if record else None}


def _page(
    request: Request,
    results: list[dict[str, Any]],
    *,
    result: str = "",
    public: bool = False,
    errors: list[Wrong] | None = None,
    status: int = 200,
    pictures: tuple[Examined, ...] = (),
) -> Response:
    door = "check" if public else "verify"
    addresses = {
        (one.verdict.file, one.verdict.sha256): {
            number: f"/{door}/{result}/{place}/{number}.png" for number in sorted(one.pictures)
        }
        for place, one in enumerate(pictures)
    }
    return render(
        request,
        "verify.html",
        status_code=status,
        results=results,
        result=result,
        public=public,
        errors=errors or [],
        view=verdict_view,
        door=door,
        pictures=addresses,
        held=lambda sha256: None if public else _held_document(request, sha256),
    )


def _held_document(request: Request, sha256: str) -> Document | None:
    """Return the document that holds these bytes, where the visitor may open it."""
    visitor, services = visitor_of(request), services_of(request)
    document = services.catalogue.by_sha256(sha256)
    if visitor is None or document is None or not visitor.actor.may(Permission.READ_DOCUMENTS):
        return None
    return document if in_scope(services, visitor.actor, document) else None
