"""Khóa và chứng thư: which keys sign, with which certificates, until when."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from digitise.errors import DigitiseError
from digitise.messages import error_text
from digitise.sign.keys import CertificateFacts, check_certificate, keys_file, known_certificate, load_keys
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
    """List keys and profiles; only certificates that can be read without a PIN are."""
    lang, settings = language(request), services.settings
    lines: list[KeyLine] = []
    problem = ""
    try:
        for name, entry in load_keys(keys_file(settings)).items():
            certificate = known_certificate(entry)
            if certificate is None:
                lines.append(KeyLine(name, None))
                continue
            try:
                lines.append(
                    KeyLine(name, check_certificate(name, certificate, services.clock(), settings.key_warn_days))
                )
            except DigitiseError as error:
                lines.append(KeyLine(name, None, error_text(error, lang)))
        profiles = list(usable_profiles(services).values())
    except DigitiseError as error:
        profiles, problem = [], error_text(error, lang)
    return render(request, "admin_keys.html", lines=lines, profiles=profiles, problem=problem)
