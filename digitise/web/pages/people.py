"""Người dùng: accounts, roles, units; tokens of programs. Secrets are shown once."""

import secrets
from datetime import timedelta

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from digitise.bootstrap import Services
from digitise.errors import DigitiseError, InvalidValue
from digitise.model.people import Role
from digitise.web.auth import Operator, Using
from digitise.web.forms import Form, Wrong, read_form, wrong_of
from digitise.web.render import render

router = APIRouter(prefix="/admin/people")


@router.get("")
def show(request: Request, services: Using, actor: Operator) -> Response:
    """List accounts and tokens."""
    return _page(request, services)


def _page(
    request: Request,
    services: Services,
    *,
    errors: list[Wrong] | None = None,
    secret: tuple[str, str] | None = None,
    typed: Form | None = None,
    status: int = 200,
) -> Response:
    return render(
        request,
        "admin_people.html",
        status_code=status,
        here="/admin/people",
        people=services.people.all(),
        tokens=services.people.tokens(),
        roles=[role.value for role in Role],
        errors=errors or [],
        secret=secret,
        typed=typed or Form({}),
    )


def _roles(form: Form) -> frozenset[Role]:
    return frozenset(Role(name) for name in form.all("roles") if name in list(Role))


@router.post("")
def add(request: Request, services: Using, actor: Operator) -> Response:
    """Make an account with a temporary password."""
    form = read_form(request)
    password = secrets.token_urlsafe(12)
    try:
        services.people.add(
            form["name"], password, _roles(form), actor, display_name=form["display_name"], unit=form["unit"] or None
        )
    except DigitiseError as error:
        field = str(error.details.get("name", "name"))
        fault = Wrong(field if field in ("roles", "name") else "name", wrong_of(request, error).sentence)
        return _page(request, services, errors=[fault], typed=form, status=422)
    return _page(request, services, secret=("password", password))


@router.post("/tokens")
def add_token(request: Request, services: Using, actor: Operator) -> Response:
    """Make a token."""
    form = read_form(request)
    days = form["days"]
    try:
        if days and not (days.isascii() and days.isdigit() and 0 < int(days) <= 3650):
            raise InvalidValue("days", name="days", value=days[:20])
        lifetime = timedelta(days=int(days)) if days else None
        _, secret = services.people.add_token(
            form["label"], _roles(form), form["unit"] or None, actor, lifetime=lifetime
        )
    except DigitiseError as error:
        fault = Wrong("token-" + str(error.details.get("name", "label")), wrong_of(request, error).sentence)
        return _page(request, services, errors=[fault], status=422)
    return _page(request, services, secret=("token", secret))


@router.post("/tokens/{token_id}/revoke")
def revoke(token_id: str, services: Using, actor: Operator) -> Response:
    """End a token."""
    services.people.revoke_token(token_id, actor)
    return RedirectResponse("/admin/people", 303)


@router.post("/{person_id}")
def change(person_id: str, request: Request, services: Using, actor: Operator) -> Response:
    """Change roles and unit, switch off or on, give a new password."""
    form = read_form(request)
    act = form["act"]
    password = secrets.token_urlsafe(12) if act == "password" else None
    try:
        services.people.change(
            person_id,
            actor,
            roles=_roles(form) if act == "roles" else None,
            unit=form["unit"] if act == "roles" else None,
            active={"off": False, "on": True}.get(act),
            password=password,
        )
    except DigitiseError as error:
        return _page(request, services, errors=[Wrong("", wrong_of(request, error).sentence)], status=error.status)
    if password is not None:
        return _page(request, services, secret=("password", password))
    return RedirectResponse("/admin/people", 303)
