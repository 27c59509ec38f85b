"""Đăng nhập: sign in, sign out."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from digitise.errors import NotAuthenticated
from digitise.web.auth import Anybody, Using, session_secret, set_session_cookie, visitor_of
from digitise.web.forms import local_path, read_form, wrong, wrong_of
from digitise.web.pages.single_sign_on import way_out
from digitise.web.render import render

router = APIRouter(dependencies=[Anybody])


@router.get("/login")
def show(request: Request, services: Using, next: str = "/") -> Response:
    """Show the form; who is signed in goes on at once."""
    if visitor_of(request) is not None:
        return RedirectResponse(local_path(next), 303)
    return render(request, "login.html", next=local_path(next), name="", errors=[])


@router.post("/login")
def sign_in(request: Request, services: Using) -> Response:
    """Check name and password, start a session."""
    form = read_form(request)
    name, password = form["name"], form.secret("password")
    onward = local_path(form["next"])
    errors = [
        wrong(request, field, f"web.login.{field}_missing")
        for field, value in (("name", name), ("password", password))
        if not value
    ]
    if not errors:
        try:
            person = services.people.sign_in(name, password, request.client.host if request.client else "")
        except NotAuthenticated as error:
            errors = [wrong_of(request, error, "name")]
        else:
            answer = RedirectResponse(onward, 303)
            set_session_cookie(answer.headers, request, services.people.open_session(person))
            return answer
    return render(request, "login.html", status_code=422, next=onward, name=name, errors=errors)


@router.post("/logout")
def sign_out(request: Request, services: Using) -> Response:
    """End the session; one that began at the organisation's issuer is ended there too, as desks are shared."""
    secret = session_secret(request)
    session = services.people.session(secret) if secret else None
    if secret:
        services.people.close_session(secret)
    onward = way_out(request, session.data.get("id_token")) if session else None
    # A page that leads on, not a redirect: browsers hold form-action to where the redirects of a form lead, too.
    request.state.visitor = None
    answer = render(request, "signed_out.html", onward=onward) if onward else RedirectResponse("/login", 303)
    set_session_cookie(answer.headers, request, "")
    return answer
