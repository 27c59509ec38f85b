"""Door 2: the pages and the HTTP API as one FastAPI app."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from digitise.bootstrap import Services, read_secret
from digitise.errors import DefectInOurselves, InvalidValue
from digitise.settings import Settings
from digitise.web import problems
from digitise.web.api import artefacts, documents, machine, outgoing, reports, reuse, tasks, verifications
from digitise.web.auth import Anybody, Needs, Open
from digitise.web.issuer import Issuer
from digitise.web.metrics import Metrics
from digitise.web.middleware import Awake, Compressed, Outermost, SameOriginOnly
from digitise.web.pages import routers as page_routers
from digitise.web.render import render

PREFIX = "/api/v1"
API_ROUTERS: tuple[APIRouter, ...] = (
    documents.router,
    artefacts.router,
    verifications.router,
    tasks.router,
    reuse.router,
    outgoing.router,
    reports.router,
)


class HashedFiles(StaticFiles):
    """Static files; an address that bears the content's hash may be kept for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file."""
        answer = await super().get_response(path, scope)
        kept = b"v=" in scope["query_string"]
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        return answer


def create_app(services: Services) -> FastAPI:
    """Build the app on composed services; nothing is connected to before the first request."""
    app = FastAPI(
        title="digitise", version="1", openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False
    )
    app.state.services = services
    app.state.issuer = _issuer(services.settings)
    app.state.metrics = Metrics()
    app.state.metrics.watch(services.tasks)
    problems.install(app)
    api = APIRouter(prefix=PREFIX, responses=problems.PROBLEMS)
    for router in API_ROUTERS:
        api.include_router(router)
    app.include_router(api)
    app.include_router(machine.router, responses={503: problems.PROBLEMS[503]})
    for router in page_routers():
        app.include_router(router, include_in_schema=False)
    _add_documentation(app)
    app.mount("/static", HashedFiles(directory=str(resources.files("digitise.web") / "static")), name="static")
    _refuse_undeclared(app)
    app.add_middleware(Awake, wake=lambda: services.hints.wake())
    app.add_middleware(SameOriginOnly)
    app.add_middleware(Compressed)
    app.add_middleware(Outermost, metrics=app.state.metrics)
    return app


def _issuer(settings: Settings) -> Issuer | None:
    """Return the issuer of the settings, None where they name none; an unreadable secret is told at the start."""
    if not settings.oidc_issuer:
        return None
    try:
        secret = read_secret(settings.oidc_client_secret_file) or settings.oidc_client_secret.get_secret_value()
    except OSError as error:
        name = "oidc_client_secret_file"
        raise InvalidValue("setting", name=name, value=str(settings.oidc_client_secret_file)) from error
    return Issuer(settings, secret)


def _add_documentation(app: FastAPI) -> None:
    @app.get(f"{PREFIX}/openapi.json", include_in_schema=False, dependencies=[Anybody])
    def openapi_json() -> JSONResponse:
        return JSONResponse(schema(app))

    @app.get("/api/docs", include_in_schema=False, dependencies=[Anybody])
    def docs(request: Request) -> HTMLResponse:
        return render(request, "api_docs.html", schema=schema(app))


def schema(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document, built once; errors are problem documents throughout."""
    if app.openapi_schema is None:
        built = get_openapi(
            title="digitise",
            version="1",
            openapi_version="3.1.0",
            description="Digitise papers, sign and verify PDFs, prove the share of documents signed.",
            routes=app.routes,
        )
        shapes = built.setdefault("components", {}).setdefault("schemas", {})
        shapes["Problem"] = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        shapes.update(shapes["Problem"].pop("$defs", {}))
        for name in ("HTTPValidationError", "ValidationError"):
            shapes.pop(name, None)
        built["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        built["security"] = [{"token": []}]
        for path, methods in built["paths"].items():
            for operation in methods.values():
                if not path.startswith(PREFIX):
                    operation["security"] = []
        app.openapi_schema = built
    return app.openapi_schema


@dataclass(frozen=True, slots=True)
class Way:
    """One route with its whole path, and what it says it needs (see `digitise.web.auth`)."""

    path: str
    methods: frozenset[str]
    needs: tuple[Needs | Open, ...]


def ways(app: FastAPI) -> list[Way]:
    """Return every route that runs our code; static files are none."""
    found = []
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            needs = tuple(call for call in _calls(context.dependant) if isinstance(call, Needs | Open))
            found.append(Way(str(context.path), frozenset(context.methods or ()), needs))
    return found


def _calls(dependant: Dependant) -> Iterator[object]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)


def _refuse_undeclared(app: FastAPI) -> None:
    silent = [way.path for way in ways(app) if not way.needs]
    if silent:
        raise DefectInOurselves(f"routes without a declared permission: {silent}")
