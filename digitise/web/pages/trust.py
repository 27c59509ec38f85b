"""Nguồn tin cậy: installed certificates; adding or retiring one shows what it would change before it is saved."""

import base64
from dataclasses import dataclass
from itertools import islice
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from digitise.bootstrap import Services
from digitise.errors import DigitiseError, InvalidValue
from digitise.verify.trust import Trusted, TrustSet, entry_of, read_certificates
from digitise.web.auth import Operator, Using
from digitise.web.forms import Wrong, read_form, wrong_of
from digitise.web.multipart import Multipart
from digitise.web.render import render

router = APIRouter(prefix="/admin/trust")
MOST_CHANGES = 200  # verdicts listed
MAX_BYTES = 4 << 20  # a bundle of all national CAs is some 100 kB


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate for the screen."""

    sha256: str
    subject: str
    anchor: bool
    begins: object
    ends: object
    der: str = ""


def _shown(entry: Trusted) -> Shown:
    validity = entry.certificate["tbs_certificate"]["validity"]
    begins, ends = validity["not_before"].native, validity["not_after"].native
    return Shown(entry.sha256, entry.subject, entry.anchor, begins, ends, base64.b64encode(entry.der).decode("ascii"))


@router.get("")
def show(request: Request, services: Using, actor: Operator) -> Response:
    """List what is installed."""
    return _page(request, services)


def _page(
    request: Request,
    services: Services,
    *,
    errors: list[Wrong] | None = None,
    proposed: list[Shown] | None = None,
    retiring: Shown | None = None,
    changes: list[Any] | None = None,
    status: int = 200,
) -> Response:
    held = [_shown(entry) for entry in services.trust.current().entries]
    return render(
        request,
        "admin_trust.html",
        status_code=status,
        here="/admin/trust",
        held=held,
        known={one.sha256 for one in held},
        errors=errors or [],
        proposed=proposed or [],
        retiring=retiring,
        changes=changes,
    )


@router.post("/look")
def look(request: Request, services: Using, actor: Operator) -> Response:
    """Read a file of certificates and show what installing it would change; nothing is saved."""
    data, name = b"", ""
    try:
        for part in Multipart(request, MAX_BYTES).parts():
            if part.file_name:
                data, name = part.read(MAX_BYTES), part.file_name
        if not data:
            raise InvalidValue("certificate_needed", name="file", value="")
        proposed = [_shown(entry_of(certificate)) for certificate in read_certificates(data, name)]
    except DigitiseError as error:
        return _page(request, services, errors=[wrong_of(request, error, "file")], status=422)
    more = [entry_of(one) for one in read_certificates(data, name)]
    changes = _changes(services, services.trust.current().with_entries(more))
    return _page(request, services, proposed=proposed, changes=changes)


def _changes(services: Services, proposed: TrustSet) -> list[Any]:
    """Return the stored verdicts that another trust set would change, as many as can be told at once."""
    from digitise.verify.documents import compare

    return list(islice(compare(services, proposed), MOST_CHANGES))


@router.post("/add")
def add(request: Request, services: Using, actor: Operator) -> Response:
    """Install the certificates that were looked at."""
    form = read_form(request)
    chosen = [read_certificates(base64.b64decode(der))[0] for der in form.all("der")]
    services.trust.add([entry_of(certificate) for certificate in chosen], actor)
    return RedirectResponse("/admin/trust", 303)


@router.post("/retire")
def retire(request: Request, services: Using, actor: Operator) -> Response:
    """Ask, then retire a certificate."""
    form = read_form(request)
    if form["sure"] == "yes":
        services.trust.remove(form["sha256"], actor)
        return RedirectResponse("/admin/trust", 303)
    held = services.trust.current()
    found = next((one for one in held.entries if one.sha256 == form["sha256"]), None)
    if found is None:
        return RedirectResponse("/admin/trust", 303)
    return _page(request, services, retiring=_shown(found), changes=_changes(services, held.without(found.sha256)))
