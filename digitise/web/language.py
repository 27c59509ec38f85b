"""Which language a request is answered in: `?lang=`, the cookie, the Accept-Language of programs, the setting."""

from fastapi import Request

from digitise.messages import LANGUAGES

COOKIE = "digitise_lang"


def language(request: Request) -> str:
    """Return `vi` or `en`. Browsers are not asked: offices' PCs often run an English Windows under Vietnamese hands."""
    wanted = request.query_params.get("lang") or request.cookies.get(COOKIE)
    if not wanted and request.url.path.startswith("/api/"):
        wanted = request.headers.get("accept-language", "")[:2].lower()
    if wanted in LANGUAGES:
        return wanted
    default: str = request.app.state.services.settings.lang
    return default
