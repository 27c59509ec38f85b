"""Việc cần làm: what waits for me, as numbers that are links, and my own last ten documents."""

from fastapi import APIRouter, Request, Response

from digitise.model.documents import Query
from digitise.model.people import Permission
from digitise.web.auth import SignedIn, Using
from digitise.web.render import render

router = APIRouter()


@router.get("/")
def show(request: Request, services: Using, actor: SignedIn) -> Response:
    """Show the first page after signing in."""
    own = []
    if actor.may(Permission.READ_DOCUMENTS):
        page = services.search.find(Query(unit=actor.unit, limit=10))
        own = [found.document for found in page.items]
    return render(request, "todo.html", own=own, counts=[])
