"""What happens to every request, as plain ASGI: nothing here buffers a body, so uploads and progress streams flow through."""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digitise.messages import text
from digitise.web.language import language
from digitise.web.metrics import Metrics
from digitise.web.problems import on_defect, problem_response

log = logging.getLogger("digitise.web.access")

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Outermost:
    """Gives each request an id, security headers, a line in the log and a count; never logs query strings or bodies."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.perf_counter()
        status = 0

        async def reply(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _finish_headers(scope, MutableHeaders(scope=message), request_id)
            await send(message)

        try:
            await self.app(scope, receive, reply)
        except Exception as defect:
            if status != 0:  # the answer has begun: all that is left is to break it off
                raise
            await on_defect(Request(scope), defect)(scope, receive, reply)
        finally:
            seconds = time.perf_counter() - began
            route = _template(scope)
            self.metrics.served(scope["method"], route, status, seconds)
            log.info("%s %s %s %.0f ms %s", scope["method"], route, status, seconds * 1000, request_id)


def _template(scope: Scope) -> str:
    """Return the path template that was matched, with its prefixes; `-` where nothing was."""
    matched = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    return str(getattr(matched, "path", None) or "-")


def _finish_headers(scope: Scope, headers: MutableHeaders, request_id: str) -> None:
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers["X-Request-Id"] = request_id
    if not scope["path"].startswith("/static/"):
        headers.setdefault("Cache-Control", "no-store")  # shared desks: nothing personal stays in the browser
    if scope.get("scheme") == "https":
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")


class Awake:
    """Wakes the dispatcher after each write that was accepted, so that promised work begins at once and not at its next look.

    Nobody waits for it, and it is one at a time: where Valkey is away, the answer is as quick and the work as sure.
    """

    def __init__(self, app: ASGIApp, wake: Callable[[], None]) -> None:
        self.app = app
        self.wake = wake
        self.waking: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        status = 0

        async def reply(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        await self.app(scope, receive, reply)
        accepted = scope["type"] == "http" and scope["method"] not in SAFE and 200 <= status < 400
        if accepted and (self.waking is None or self.waking.done()):
            self.waking = asyncio.create_task(asyncio.to_thread(self.wake))


class SameOriginOnly:
    """Refuses writes that a foreign page makes a browser send, by what browsers say of themselves (no tokens in forms).

    Sec-Fetch-Site decides where present; else Origin must be this host. Neither present: not a browser, or one without a
    reason to attach cookies cross-site (they are SameSite=Lax), so it passes; bearer tokens are never attached by browsers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["method"] not in SAFE and not _same_origin(scope):
            request = Request(scope)
            detail = text("web.error.cross_site", language(request))
            response = problem_response(request, 403, "cross_site", detail)
            await response(scope, receive, send)
            return
        await self.app(scope, receive, send)


def _same_origin(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    if "authorization" in headers:
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


class Compressed:
    """Gzip for pages, styles and JSON; artefacts and streams go out as they are, so that ranges and ETags stay true."""

    def __init__(self, app: ASGIApp) -> None:
        self.plain = app
        self.gzip = GZipMiddleware(app, minimum_size=1000, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope.get("path", "")
        raw = "/artefacts/" in path or path.endswith("/events") or "/pages/" in path
        await (self.plain if raw else self.gzip)(scope, receive, send)
