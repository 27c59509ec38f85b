"""Kiểm tra chữ ký số: drop PDFs → outcome, who in what role, when; then the checks; then details.

The PDF is not kept. The result stays in the session of who asked, so that it can be printed, saved and read in the other
language; without a session (public check) it is shown once.
"""

import secrets
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from digitise.errors import DigitiseError, LimitExceeded, NotFound
from digitise.messages import error_text
from digitise.model.verdicts import Verdict
from digitise.web import verdict_view
from digitise.web.auth import Anybody, Using, Verifier, visitor_of
from digitise.web.checking import Checked, Throttle, check_files
from digitise.web.forms import Wrong, wrong, wrong_of
from digitise.web.language import language
from digitise.web.render import render
from digitise.web.services import Services

router = APIRouter()
KEPT = 5  # results in a session


@router.get("/verify")
def show(request: Request, services: Using, actor: Verifier, result: str = "") -> Response:
    """Show the form, and the result of a check of this session."""
    kept = _kept(request).get(result) if result else None
    if result and kept is None:
        raise NotFound(what="result", id=result[:40])
    return _page(request, [_read(entry) for entry in kept or []], result=result)


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
    name = secrets.token_hex(8)
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
    files = [Verdict.from_record(entry["record"]).to_json(lang) for entry in kept if entry["record"]]
    return JSONResponse(
        {"files": files}, headers={"Content-Disposition": 'attachment; filename="ket-qua-kiem-tra.json"'}
    )


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
    return _page(request, shown, public=True, errors=errors, status=200 if checked else 422)


def _allowed(services: Services) -> None:
    if not services.settings.public_verification:
        raise NotFound(what="page", id="/check")


def _kept(request: Request) -> dict[str, list[dict[str, Any]]]:
    visitor = visitor_of(request)
    data = visitor.session.data.get("checks") if visitor and visitor.session else None
    return data if isinstance(data, dict) else {}


def _entry(one: Checked, lang: str) -> dict[str, Any]:
    return {
        "name": one.file_name,
        "record": one.examined.verdict.to_record() if one.examined else None,
        "error": error_text(one.error, lang) if one.error else "",
    }


def _read(entry: dict[str, Any]) -> dict[str, Any]:
    record = entry["record"]
    return {**entry, "verdict": Verdict.from_record(record) if record else None}


def _page(
    request: Request,
    results: list[dict[str, Any]],
    *,
    result: str = "",
    public: bool = False,
    errors: list[Wrong] | None = None,
    status: int = 200,
) -> Response:
    return render(
        request,
        "verify.html",
        status_code=status,
        results=results,
        result=result,
        public=public,
        errors=errors or [],
        view=verdict_view,
    )
