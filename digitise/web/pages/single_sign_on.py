"""Đăng nhập một lần: to the organisation's issuer and back, see `digitise.web.issuer`."""

import base64
import json
from dataclasses import asdict
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import MutableHeaders

from digitise.bootstrap import Services
from digitise.errors import DigitiseError, NotAuthenticated, NotFound
from digitise.web.auth import Anybody, Using, cookie_name, is_secure, session_secret, set_session_cookie
from digitise.web.entitlement import entitlement
from digitise.web.forms import local_path, wrong_of
from digitise.web.issuer import Attempt, Identity, Issuer
from digitise.web.render import render

router = APIRouter(prefix="/login/sso", dependencies=[Anybody])
ATTEMPT = "digitise_attempt"
ATTEMPT_SECONDS = 900  # long enough for a second factor, short for a shared desk
MAX_NEXT = 1000  # characters of the way on; browsers drop cookies above 4 kB


def issuer_of(request: Request) -> Issuer:
    """Return the issuer of this app; NotFound where the settings name none."""
    issuer: Issuer | None = request.app.state.issuer
    if issuer is None:
        raise NotFound(what="page", id=request.url.path)
    return issuer


def own_address(request: Request, path: str) -> str:
    """Return `path` of this service as browsers and the issuer know it."""
    registered: str = request.app.state.services.settings.oidc_public_url
    if registered:
        return registered.rstrip("/") + path
    return f"{request.url.scheme}://{request.url.netloc}{path}"


@router.get("")
def leave(request: Request, services: Using, next: str = "/") -> Response:
    """Send the browser to the issuer, with the attempt in a cookie of its own."""
    issuer = issuer_of(request)
    onward = local_path(next)
    attempt = Attempt.new(onward if len(onward) <= MAX_NEXT else "/")
    try:
        services.people.refuse_throttled(_address(request))
        answer = RedirectResponse(issuer.address_of(attempt, own_address(request, "/login/sso/back")), 303)
    except DigitiseError as error:
        return _refused(request, error, attempt.next)
    _set_attempt(answer.headers, request, attempt)
    return answer


@router.get("/back")
def back(request: Request, services: Using) -> Response:
    """Take in who comes back, start a session; whatever is wrong leads to the sign-in page with a sentence."""
    issuer = issuer_of(request)
    attempt = _attempt(request)
    address = _address(request)
    try:
        services.people.refuse_throttled(address)
        identity = _identity(request, issuer, attempt)
        secret = _session(services, identity)
    except NotAuthenticated as error:
        if error.reason not in ("throttled", "oidc_state"):
            services.people.sign_in_refused("single sign-on: " + error.reason, address)
        return _refused(request, error, attempt.next if attempt else "/")
    except DigitiseError as error:
        return _refused(request, error, attempt.next if attempt else "/")
    before = session_secret(request)
    if before:
        services.people.close_session(before)
    answer = RedirectResponse(attempt.next if attempt else "/", 303)
    set_session_cookie(answer.headers, request, secret)
    _set_attempt(answer.headers, request, None)
    return answer


def _identity(request: Request, issuer: Issuer, attempt: Attempt | None) -> Identity:
    if attempt is None:
        raise NotAuthenticated("oidc_state")
    return issuer.identify(attempt, dict(request.query_params), own_address(request, "/login/sso/back"))


def _session(services: Services, identity: Identity) -> str:
    may = entitlement(identity.claims, services.settings)
    person = services.people.external(identity.subject, may.name, may.display_name, may.roles, may.unit)
    return services.people.open_session(person, {"id_token": identity.id_token})


def _refused(request: Request, error: DigitiseError, onward: str) -> Response:
    answer = render(
        request, "login.html", status_code=error.status, next=onward, name="", errors=[wrong_of(request, error)]
    )
    _set_attempt(answer.headers, request, None)
    return answer


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _attempt(request: Request) -> Attempt | None:
    """Return the attempt that this browser began; None where it began none, or its cookie is not ours."""
    try:
        found = json.loads(base64.urlsafe_b64decode(request.cookies.get(cookie_name(ATTEMPT, request), "")))
        attempt = Attempt(**{name: str(value) for name, value in found.items()})
    except (ValueError, TypeError, AttributeError):
        return None
    return Attempt(attempt.state, attempt.nonce, attempt.verifier, local_path(attempt.next)) if attempt.state else None


def _set_attempt(headers: MutableHeaders, request: Request, attempt: Attempt | None) -> None:
    """Keep the attempt with the browser: nobody else can end it, and nothing of it is kept here."""
    value = base64.urlsafe_b64encode(json.dumps(asdict(attempt)).encode()).decode() if attempt else ""
    flags = "; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if is_secure(request) else "")
    age = ATTEMPT_SECONDS if attempt else 0
    headers.append("set-cookie", f"{cookie_name(ATTEMPT, request)}={value}{flags}; Max-Age={age}")


def way_out(request: Request, id_token: object) -> str | None:
    """Return where a session that began at the issuer is ended there too; None where there is no such place."""
    issuer: Issuer | None = request.app.state.issuer
    if issuer is None or not isinstance(id_token, str):
        return None
    found = issuer.way_out(id_token, own_address(request, "/login"))
    return found if found and urlsplit(found).scheme in ("https", "http") else None
