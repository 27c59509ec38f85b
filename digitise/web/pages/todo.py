"""Việc cần làm: what waits for me, as numbers that are links, and my own last ten documents."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from digitise.bootstrap import Services
from digitise.model.people import Actor, Permission
from digitise.model.tasks import TaskState
from digitise.web.auth import SignedIn, Using
from digitise.web.render import render
from digitise.web.signing import WAITING
from storage.overview import SqlOverview

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Count:
    """A number that is a link to what it counts."""

    name: str
    number: int
    href: str
    tone: str = ""


@router.get("/")
def show(request: Request, services: Using, actor: SignedIn) -> Response:
    """Show the first page after signing in."""
    overview = SqlOverview(services.database)
    own = overview.latest_of(actor.name) if actor.may(Permission.READ_DOCUMENTS) else []
    return render(request, "todo.html", own=own, counts=_counts(services, overview, actor))


def _counts(services: Services, overview: SqlOverview, actor: Actor) -> list[Count]:
    counts: list[Count] = []
    if actor.may(Permission.READ_DOCUMENTS):
        found = overview.counts(actor.unit)
        counts += [
            Count("attention", found["failed"], "/search?state=failed", "attention"),
            Count("reading", found["reading"], "/search?state=recognising"),
            Count("invalid", found["invalid"], "/search?verdict=invalid", "attention"),
            Count("indeterminate", found["indeterminate"], "/search?verdict=indeterminate"),
        ]
    if actor.may(Permission.SIGN):
        waiting = services.outgoing.counts(actor.unit, WAITING)
        counts.append(Count("to_sign", sum(waiting.values()), "/outgoing?state=waiting", "attention"))
    if actor.may(Permission.OPERATE):
        failed = sum(services.tasks.counts([TaskState.QUARANTINED]).values())
        counts.append(Count("failed", failed, "/admin/jobs", "attention"))
    return counts
