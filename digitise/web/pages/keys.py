"""Khóa và chứng thư: which keys sign, with which certificates, until when."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from digitise.bootstrap import Services
from digitise.errors import DigitiseError
from digitise.messages import error_text, kept_error_text
from digitise.sign.certificates import CertificateFacts, check_certificate
from digitise.sign.known_keys import KnownKey
from digitise.web.auth import Operator, Using
from digitise.web.language import language
from digitise.web.render import render
from digitise.web.signing import usable_profiles

router = APIRouter(prefix="/admin/keys")


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key: the facts of its certificate, or why they are not known."""

    name: str
    facts: CertificateFacts | None
    told: str = ""


@router.get("")
def show(request: Request, services: Using, actor: Operator) -> Response:
    """List what the sign worker told of its keys, and the profiles; the key settings themselves are out of reach here."""
    lang = language(request)
    lines = [_line(key, services, lang) for key in services.known_keys.all()]
    problem = ""
    try:
        profiles = list(usable_profiles(services).values())
    except DigitiseError as error:
        profiles, problem = [], error_text(error, lang)
    archive = services.intents.archive()
    return render(request, "admin_keys.html", lines=lines, profiles=profiles, problem=problem, archive=archive)


def _line(key: KnownKey, services: Services, lang: str) -> KeyLine:
    certificate = key.x509
    if key.problem:
        return KeyLine(key.name, None, kept_error_text(key.problem, lang))
    if certificate is None:
        return KeyLine(key.name, None)
    try:
        facts = check_certificate(key.name, certificate, services.clock(), services.settings.key_warn_days)
    except DigitiseError as error:
        return KeyLine(key.name, None, error_text(error, lang))
    return KeyLine(key.name, facts)
