"""Errors as answers: RFC 9457 problem documents for the API, pages for people."""

import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from digitise.errors import DefectInOurselves, DigitiseError, NotAuthenticated, ServiceUnavailable
from digitise.messages import error_text, text
from digitise.web.language import language

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
API = "/api/"


class ValueProblem(BaseModel):
    """One value that is wrong."""

    pointer: str = Field(description="Where: body, query, path or header, and the name", examples=["query.from"])
    detail: str


class Problem(BaseModel):
    """RFC 9457 problem details with our stable `code`."""

    type: str = Field("about:blank", description="Always about:blank; programs switch on `code`")
    title: str
    status: int
    detail: str = Field(description="What happened, to which file, and what to do next")
    code: str = Field(examples=["not_found"])
    instance: str = Field("", description="Id of this request, as in the log")
    file: str | None = None
    errors: list[ValueProblem] = []


def problem_response(request: Request, status: int, code: str, detail: str, **more: Any) -> Response:
    """Build the problem document."""
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        instance=getattr(request.state, "request_id", ""),
        **more,
    )
    headers = dict(getattr(request.state, "error_headers", {}))
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
        headers["Retry-After"] = "5"
    return JSONResponse(problem.model_dump(), status, headers, media_type=MEDIA_TYPE)


def is_api(request: Request) -> bool:
    """Say whether the caller is a program: the API and the machine's own endpoints."""
    return request.url.path.startswith((API, "/healthz", "/readyz", "/metrics"))


def on_digitise_error(request: Request, error: Exception) -> Response:
    """Answer any error of our tree."""
    assert isinstance(error, DigitiseError)
    lang = language(request)
    if isinstance(error, DefectInOurselves):
        log.error("defect %s", getattr(request.state, "request_id", ""), exc_info=error)
    elif isinstance(error, ServiceUnavailable):
        log.warning("%s: %s", error.code, error.reason)
    detail = error_text(error, lang)
    if is_api(request):
        return problem_response(request, error.status, error.code, detail, file=error.file)
    if isinstance(error, NotAuthenticated) and request.method in ("GET", "HEAD"):
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(here, safe='')}", 303)
    return _page(request, error.status, detail)


def _page(request: Request, status: int, detail: str) -> Response:
    from digitise.web.render import render

    here = "" if request.method in ("GET", "HEAD") else "/"  # what was sent is not sent again for another language
    title = f"web.error.{status}"
    return render(request, "error.html", status_code=status, here=here, detail=detail, title_key=title)


def on_invalid(request: Request, error: Exception) -> Response:
    """Answer values that FastAPI refused; the values themselves are not echoed (they may be identifiers)."""
    assert isinstance(error, RequestValidationError)
    lang = language(request)
    errors = [
        {"pointer": ".".join(str(part) for part in found["loc"]), "detail": str(found["msg"])}
        for found in error.errors()
    ]
    names = ", ".join(e["pointer"] for e in errors)
    detail = text("web.error.invalid", lang, names=names)
    if is_api(request):
        return problem_response(request, 422, "invalid_value", detail, errors=errors)
    return _page(request, 422, detail)


def on_http(request: Request, error: Exception) -> Response:
    """Answer what the router itself refuses: no such path, wrong method."""
    assert isinstance(error, HTTPException)
    lang = language(request)
    request.state.error_headers = error.headers or {}
    codes = {404: "not_found", 405: "method_not_allowed"}
    key = f"web.error.http_{error.status_code}"
    detail = text(key, lang, path=request.url.path, method=request.method)
    detail = str(error.detail) if detail == key else detail
    if is_api(request):
        return problem_response(request, error.status_code, codes.get(error.status_code, "usage"), detail)
    answer = _page(request, error.status_code, detail)
    answer.headers.update(request.state.error_headers)
    return answer


def on_defect(request: Request, error: Exception) -> Response:
    """Answer a bug: logged with the request's id, which the person is shown."""
    log.error("defect in request %s", getattr(request.state, "request_id", ""), exc_info=error)
    detail = error_text(DefectInOurselves(), language(request))
    if is_api(request):
        return problem_response(request, 500, "defect", detail)
    return _page(request, 500, detail)


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(DigitiseError, on_digitise_error)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)


def _documented(status: int) -> dict[str, Any]:
    return {
        "description": HTTPStatus(status).phrase,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: _documented(status) for status in (400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503, 507)
}
