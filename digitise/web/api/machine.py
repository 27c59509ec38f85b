"""For machines that watch the service: alive, ready, counts; and the list of reasons."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from digitise.errors import DigitiseError, NotAuthenticated
from digitise.model.people import Permission
from digitise.web.auth import Anybody, Using, visitor_of
from digitise.web.metrics import Metrics

router = APIRouter(tags=["machine"], dependencies=[Anybody])


class Health(BaseModel):
    """Whether the process answers."""

    status: str


class Readiness(BaseModel):
    """Whether what it stands on answers."""

    status: str
    checks: dict[str, str]


@router.get("/healthz")
def healthz() -> Health:
    """Say that the process answers."""
    return Health(status="ok")


@router.get("/readyz", responses={503: {"model": Readiness}})
def readyz(services: Using) -> Readiness:
    """Say whether database and object store answer; 503 with the reason otherwise."""
    checks: dict[str, str] = {}
    for name, check in (("database", services.database.check), ("store", services.store.check)):
        try:
            check()
            checks[name] = "ok"
        except DigitiseError as error:
            checks[name] = error.code
    ready = all(state == "ok" for state in checks.values())
    told = Readiness(status="ok" if ready else "unavailable", checks=checks)
    return told if ready else JSONResponse(told.model_dump(), 503)  # type: ignore[return-value]


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(request: Request, services: Using) -> Response:
    """Give counts in Prometheus' text format; no name, path or identifier is among its labels."""
    if not services.settings.metrics_open:
        visitor = visitor_of(request)
        if visitor is None or not visitor.actor.may(Permission.OPERATE):
            raise NotAuthenticated()
    counts: Metrics = request.app.state.metrics
    return Response(counts.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
