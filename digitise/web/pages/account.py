"""Tài khoản của tôi: who I am here, and a new password of my own choice."""

from fastapi import APIRouter, Request, Response

from digitise.bootstrap import Services
from digitise.errors import DigitiseError, NotAuthenticated
from digitise.web.auth import SignedIn, Using, Visitor, visitor_of
from digitise.web.forms import Wrong, read_form, wrong, wrong_of
from digitise.web.render import render

router = APIRouter(prefix="/account")


@router.get("")
def show(request: Request, services: Using, actor: SignedIn) -> Response:
    """Show roles, unit, and the form for a new password."""
    return _page(request, services, _signed_in(request), [])


@router.post("/password")
def change(request: Request, services: Using, actor: SignedIn) -> Response:
    """Change the own password; every other session of the account ends."""
    visitor, form = _signed_in(request), read_form(request)
    old, new = form.secret("old"), form.secret("new")
    errors = [wrong(request, name, f"web_account.{name}_missing") for name in ("old", "new") if not form.secret(name)]
    if new and new != form.secret("again"):
        errors.append(wrong(request, "again", "web_account.not_the_same"))
    if not errors:
        assert visitor.session is not None
        address = request.client.host if request.client else ""
        try:
            services.people.change_own_password(visitor.session, old, new, address)
        except NotAuthenticated as error:
            errors = [wrong_of(request, error, "old")]
            if error.reason == "wrong":
                errors = [wrong(request, "old", "web_account.old_wrong")]
        except DigitiseError as error:
            errors = [Wrong("new", wrong_of(request, error).sentence)]
    return _page(request, services, visitor, errors, changed=not errors)


def _signed_in(request: Request) -> Visitor:
    visitor = visitor_of(request)
    if visitor is None or visitor.session is None:
        raise NotAuthenticated()  # a token has no password to change
    return visitor


def _page(
    request: Request, services: Services, visitor: Visitor, errors: list[Wrong], *, changed: bool = False
) -> Response:
    return render(
        request,
        "account.html",
        status_code=422 if errors else 200,
        person=visitor.session.person if visitor.session else None,
        errors=errors,
        changed=changed,
        least=services.settings.password_min_length,
    )
