"""Who is asking, and may they: the one place where roles meet routes.

Every route names what it needs by one of the annotations below (`Reader`, `Signer` …); `app.create_app` refuses to start
with a route that names nothing, and `tests/web/test_roles.py` tries every role on every route.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import MutableHeaders

from digitise.bootstrap import Services
from digitise.errors import NotAllowed, NotAuthenticated, NotFound
from digitise.model.accounts import Session
from digitise.model.documents import Document
from digitise.model.people import Actor, Permission

COOKIE = "digitise_session"
HOST_PREFIX = "__Host-"  # bound to host and https by the browser


@dataclass(frozen=True, slots=True)
class Visitor:
    """An authenticated request: by session cookie or by bearer token."""

    actor: Actor
    session: Session | None = None
    display_name: str = ""


def services_of(request: Request) -> Services:
    """Return the composed services of this app."""
    services: Services = request.app.state.services
    return services


Using = Annotated[Services, Depends(services_of)]


def visitor_of(request: Request) -> Visitor | None:
    """Return who is asking, looked up once per request; None for nobody. A bad token is an error, never nobody."""
    if not hasattr(request.state, "visitor"):
        request.state.visitor = _look_up(request)
    found: Visitor | None = request.state.visitor
    return found


def _look_up(request: Request) -> Visitor | None:
    people = services_of(request).people
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, secret = header.partition(" ")
        token = people.token(secret.strip()) if scheme.lower() == "bearer" else None
        if token is None:
            raise NotAuthenticated("token")
        return Visitor(token.actor)
    cookie = session_secret(request)
    session = people.session(cookie) if cookie else None
    return Visitor(session.person.actor, session, session.person.display_name) if session else None


def session_secret(request: Request) -> str | None:
    """Return the secret of the session cookie."""
    return request.cookies.get(HOST_PREFIX + COOKIE) or request.cookies.get(COOKIE)


def cookie_name(name: str, request: Request) -> str:
    """Return the name of a cookie, with the `__Host-` prefix where it is sent by https alone."""
    return HOST_PREFIX + name if is_secure(request) else name


def is_secure(request: Request) -> bool:
    """Say whether cookies get the Secure flag."""
    wanted = services_of(request).settings.web_secure_cookies
    return request.url.scheme == "https" if wanted == "auto" else wanted == "always"


def set_session_cookie(headers: MutableHeaders, request: Request, secret: str) -> None:
    """Add the session cookie: HttpOnly, SameSite=Lax, with the `__Host-` prefix under https."""
    name = cookie_name(COOKIE, request)
    flags = "; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if is_secure(request) else "")
    headers.append("set-cookie", f"{name}={secret}{flags}" if secret else f"{name}={flags}; Max-Age=0")


class Needs:
    """Dependency: somebody known, with `permission` (None: any role will do)."""

    def __init__(self, permission: Permission | None) -> None:
        self.permission = permission

    def __call__(self, request: Request) -> Actor:
        """Return the actor or raise NotAuthenticated, NotAllowed."""
        visitor = visitor_of(request)
        if visitor is None:
            raise NotAuthenticated()
        if self.permission is not None and not visitor.actor.may(self.permission):
            services_of(request).audit.record(visitor.actor, "access.refused", request.url.path)
            raise NotAllowed(permission=self.permission.value)
        return visitor.actor


class Open:
    """Dependency: a route that needs nobody (sign-in, health, static lists); says so on purpose."""

    permission = None

    def __call__(self) -> None:
        """Let everybody in."""


Anybody = Depends(Open())
SignedIn = Annotated[Actor, Depends(Needs(None))]
Reader = Annotated[Actor, Depends(Needs(Permission.READ_DOCUMENTS))]
Adder = Annotated[Actor, Depends(Needs(Permission.ADD_DOCUMENTS))]
Corrector = Annotated[Actor, Depends(Needs(Permission.CORRECT_DOCUMENTS))]
Reuser = Annotated[Actor, Depends(Needs(Permission.REUSE))]
Verifier = Annotated[Actor, Depends(Needs(Permission.VERIFY))]
OutgoingReader = Annotated[Actor, Depends(Needs(Permission.READ_OUTGOING))]
OutgoingEditor = Annotated[Actor, Depends(Needs(Permission.EDIT_OUTGOING))]
Signer = Annotated[Actor, Depends(Needs(Permission.SIGN))]
ReportReader = Annotated[Actor, Depends(Needs(Permission.READ_REPORTS))]
AuditReader = Annotated[Actor, Depends(Needs(Permission.READ_AUDIT))]
Operator = Annotated[Actor, Depends(Needs(Permission.OPERATE))]


def in_scope(services: Services, actor: Actor, document: Document) -> bool:
    """Say whether `actor` may see `document`: their unit's, filed by themselves, or taken over by a reuse of theirs."""
    if actor.unit is None or document.filing.unit == actor.unit or document.created_by == actor.name:
        return True
    return any(reuse.actor == actor.name for reuse in services.reuse.of(document.id))


def document_for(services: Services, actor: Actor, document_id: str) -> Document:
    """Return the document, or NotFound also where it belongs to another unit: its existence is not told."""
    document = services.catalogue.get(document_id)
    if not in_scope(services, actor, document):
        raise NotFound(what="document", id=document_id)
    return document


def unit_scope(actor: Actor, wanted: str | None) -> str | None:
    """Return the unit to filter by: the actor's own where they are bound to one; NotAllowed for another."""
    if actor.unit is None:
        return wanted or None
    if wanted and wanted != actor.unit:
        raise NotAllowed("unit", unit=wanted)
    return actor.unit
