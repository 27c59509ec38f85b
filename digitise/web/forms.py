"""Small forms: url-encoded fields read from a synchronous route, and errors that go back into the page."""

from dataclasses import dataclass
from urllib.parse import parse_qs

from fastapi import Request

from digitise.errors import DigitiseError, UsageError
from digitise.messages import error_text, has, text
from digitise.web.body import chunks
from digitise.web.language import language

MAX_BYTES = 256 << 10  # the longest form lists a few hundred ids


class Form:
    """The fields of a posted form; missing ones are empty."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        self.fields = fields

    def __getitem__(self, name: str) -> str:
        """Return the (first) value, trimmed, without control characters."""
        value = self.fields.get(name, [""])[0]
        return value.replace("\x00", "").strip()

    def secret(self, name: str) -> str:
        """Return the value as typed: blanks count in passwords and PINs."""
        return self.fields.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        """Return every value of a field."""
        return self.fields.get(name, [])


def read_form(request: Request) -> Form:
    """Read the form of `request` (from a route that runs in a thread)."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise UsageError("not_a_form")
    body = b"".join(chunks(request, MAX_BYTES, "form"))
    return Form(parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=5000))


@dataclass(frozen=True, slots=True)
class Wrong:
    """One line of the error summary; `field` is the id it links to."""

    field: str
    sentence: str


def wrong(request: Request, field: str, key: str, **values: object) -> Wrong:
    """Return an error line from the catalogue."""
    return Wrong(field, text(key, language(request), **values))


def wrong_of(request: Request, error: DigitiseError, field: str = "") -> Wrong:
    """Return an error line of one of our errors; it links to the field that the error names, by its label."""
    name, lang = str(error.details.get("name", "")) or field, language(request)
    label = f"web.field.{name}"
    shown = {"name": f"“{text(label, lang)}”"} if has(label, lang) else {}
    return Wrong(name, error_text(error, lang, **shown))


def local_path(wanted: str, default: str = "/") -> str:
    """Return `wanted` where it is a path of this site; never an address elsewhere (open redirect)."""
    good = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and "\\" not in wanted
    return wanted if good and wanted.isprintable() else default
