"""Templates: one environment, the words of the visitor's language, the shell's navigation by role."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache, partial
from hashlib import sha256
from importlib import resources
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from digitise import messages
from digitise.model.people import Permission
from digitise.model.verdicts import told
from digitise.text import group_thousands, mask, percent
from digitise.web.auth import Visitor, visitor_of
from digitise.web.filing_form import units
from digitise.web.language import language

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")  # no daylight saving since 1975

NAVIGATION: tuple[tuple[str, str, Permission | None], ...] = (
    ("todo", "/", None),
    ("upload", "/upload", Permission.ADD_DOCUMENTS),
    ("reuse", "/reuse", Permission.REUSE),
    ("search", "/search", Permission.READ_DOCUMENTS),
    ("outgoing", "/outgoing", Permission.READ_OUTGOING),
    ("verify", "/verify", Permission.VERIFY),
    ("reports", "/reports", Permission.READ_REPORTS),
    ("admin", "/admin", Permission.OPERATE),
    ("audit", "/audit", Permission.READ_AUDIT),
)


@cache
def environment() -> Environment:
    """Return the template environment: autoescape always, an unknown name is an error."""
    env = Environment(
        loader=PackageLoader("digitise.web", "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.filters.update(
        thousands=group_thousands,
        mask=mask,
        day=day,
        moment=moment,
        size=size,
        hits=hits,
        short=short,
        iso=iso,
        told=told,
    )
    env.filters.update(
        verdict_pair=lambda name, t: (name, t(f"web.verdict.{name}")),
        state_pair=lambda name, t: (name, t(f"web.state.{name}")),
    )
    env.filters.update(profile_name=profile_name, profile_pair=lambda name, t: (name, profile_name(name, t)))
    env.globals.update(percent=percent, static=static_url)
    return env


def day(value: date | datetime | str | None) -> str:
    """Return `05/02/2023`, the day in Vietnam; empty for None."""
    if not value:
        return ""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if isinstance(value, datetime):
        value = value.astimezone(VIETNAM).date()
    return value.strftime("%d/%m/%Y")


def moment(value: datetime | str | None) -> str:
    """Return `05/02/2023 16:34` in Vietnam's time; empty for None."""
    if not value:
        return ""
    when = datetime.fromisoformat(value) if isinstance(value, str) else value
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return when.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")


def iso(value: datetime) -> str:
    """Return ISO 8601 with Vietnam's offset, for `<time datetime>`."""
    return value.astimezone(VIETNAM).isoformat(timespec="seconds")


def size(number: int) -> str:
    """Return `1,4 MB`: bytes for people, decimal comma."""
    for unit, step in (("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10)):
        if number >= step:
            return f"{number / step:.1f}".replace(".", ",") + f" {unit}"
    return f"{number} B"


def short(digest: str) -> str:
    """Return the first 12 digits of a SHA-256, in groups of four, enough to compare by eye."""
    return " ".join(digest[i : i + 4] for i in range(0, 12, 4))


def profile_name(name: str, t: Callable[..., str]) -> str:
    """Return what people call a signing profile; a profile of the office's own keeps its name."""
    told = t(f"web_sign.profile_name.{name}")
    return name if told.startswith("web_sign.") else told


def hits(snippet: str) -> Markup:
    """Return a snippet with its hits (U+0002 … U+0003) as `<mark>`, everything else escaped."""
    safe = str(escape(snippet))
    return Markup(safe.replace("\x02", "<mark>").replace("\x03", "</mark>"))  # noqa: S704 escaped above


@cache
def static_url(name: str) -> str:
    """Return the URL of a static file with its hash in it, so that it may be cached for ever."""
    content = (resources.files("digitise.web") / "static" / name).read_bytes()
    return f"/static/{name}?v={sha256(content).hexdigest()[:10]}"


def with_query(request: Request, **changes: object) -> str:
    """Return this page's address with some query parameters changed (None removes)."""
    query = [(k, v) for k, v in request.query_params.multi_items() if k not in changes and k != "fragment"]
    query += [(k, str(v)) for k, v in changes.items() if v is not None]
    return request.url.path + (f"?{urlencode(query)}" if query else "")


def in_language(request: Request, here: str, lang: str) -> str:
    """Return the address of this page, or of `here`, in another language."""
    return f"{here}{'&' if '?' in here else '?'}lang={lang}" if here else with_query(request, lang=lang)


def navigation(visitor: Visitor | None, path: str) -> list[dict[str, Any]]:
    """Return the entries that the visitor's roles may open."""
    if visitor is None:
        return []
    return [
        {"name": name, "href": href, "here": path == href or (href != "/" and path.startswith(href))}
        for name, href, permission in NAVIGATION
        if permission is None or visitor.actor.may(permission)
    ]


def translator(lang: str) -> Callable[..., str]:
    """Return `t(key, **values)` for one language."""
    return partial(_translate, lang)


def _translate(lang: str, key: str, **values: object) -> str:
    return messages.text(key, lang, **values)


def render(
    request: Request, template: str, /, *, status_code: int = 200, here: str = "", **context: Any
) -> HTMLResponse:
    """Return the page `template` in the visitor's language; `here`: where it is found again, if not at its own address."""
    lang = language(request)
    try:
        visitor = visitor_of(request)
    except Exception:  # an error page must not fail over the very thing it tells about
        visitor = None
    settings = request.app.state.services.settings
    body = (
        environment()
        .get_template(template)
        .render(
            request=request,
            path=request.url.path,
            lang=lang,
            t=translator(lang),
            has=partial(_has, lang),
            why=partial(messages.kept_error_text, lang=lang),
            visitor=visitor,
            may=lambda name: visitor is not None and visitor.actor.may(Permission(name)),
            nav=navigation(visitor, request.url.path),
            office=settings.report_organisation,
            superior=settings.report_superior,
            settings=settings,
            unit_names=partial(units, request.app.state.services),
            with_query=partial(with_query, request),
            in_language=partial(in_language, request, here),
            printed_at=datetime.now(UTC),
            **context,
        )
    )
    answer = HTMLResponse(body, status_code)
    answer.headers["Content-Language"] = lang
    if request.query_params.get("lang") == lang:
        answer.set_cookie("digitise_lang", lang, max_age=31_536_000, samesite="lax", httponly=True)
    return answer


def _has(lang: str, key: str) -> bool:
    return messages.has(key, lang)
