"""Nhật ký: the audit log with its filter, and the check of its chain."""

import json

from fastapi import APIRouter, Request, Response

from digitise.messages import area
from digitise.text import mask_in_text
from digitise.web.auth import AuditReader, Using
from digitise.web.language import language
from digitise.web.reading import note_reading
from digitise.web.render import render

router = APIRouter(prefix="/audit")
ENTRIES_A_PAGE = 100


@router.get("")
def show(request: Request, services: Using, actor: AuditReader) -> Response:
    """List entries, newest first."""
    from storage.audit import Wanted

    asked = {
        name: request.query_params.get(name, "").strip()[:100] for name in ("actor", "action", "subject", "before")
    }
    before = int(asked["before"]) if asked["before"].isascii() and asked["before"].isdigit() else None
    wanted = Wanted(
        actor=asked["actor"] or None,
        action=asked["action"] or None,
        subject=asked["subject"] or None,
        before=before,
        limit=ENTRIES_A_PAGE + 1,
    )
    found = services.audit.entries(wanted)
    flaws = None
    if "check" in request.query_params:
        from storage.audit_proof import published_heads, verify

        flaws = verify(services.audit, published_heads(services.store))
    note_reading(services, actor, "audit.read", "audit")
    return render(
        request,
        "audit.html",
        entries=found[:ENTRIES_A_PAGE],
        onward=found[ENTRIES_A_PAGE - 1].seq if len(found) > ENTRIES_A_PAGE else None,
        asked=asked,
        actions=_actions(language(request), asked["action"]),
        flaws=flaws,
        details=lambda entry: mask_in_text(json.dumps(entry.details, ensure_ascii=False)) if entry.details else "",
    )


def _actions(lang: str, asked: str) -> list[tuple[str, str]]:
    """Return what may be filtered by as (code, name and code); what the address asks for is among them."""
    found = {code: f"{name} ({code})" for code, name in area(lang, "web_history").items()}
    if asked:
        found.setdefault(asked, asked)
    return sorted(found.items(), key=lambda one: one[1].casefold())
