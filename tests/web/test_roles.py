"""Every role on every route: the permission that a route declares is the one that it enforces, and none is forgotten."""

import pytest

from digitise.model.people import LOCAL_OPERATOR, PERMISSIONS, Permission, Role
from digitise.web.app import PREFIX, Way, ways
from digitise.web.auth import Needs, Open
from tests.web.conftest import World

# What each route is for, said once more and independently of the code: a changed permission must be changed here too.
ANYBODY = {
    *(
        "/login",
        "/login/sso",
        "/login/sso/back",
        "/logout",
        "/healthz",
        "/readyz",
        "/metrics",
        "/api/docs",
        f"{PREFIX}/openapi.json",
    ),
    *("/check", "/check/{result}.pdf", "/check/{result}/{file}/{signature}.png"),
}
CHANGES_NOTHING = frozenset({"GET", "HEAD"})


def routes(world: World) -> list[tuple[str, Way]]:
    return [(method, way) for way in ways(world.app) for method in sorted(way.methods) if method != "HEAD"]


def path_of(way: Way) -> str:
    filled_in = (
        way.path.replace("{number}", "1")
        .replace("{file}/{signature}", "0/0")
        .replace("/reports/{name}", "/reports/reuse")
        .replace("{name}", "original")
    )
    return filled_in.replace("{", "").replace("}", "").replace("_", "")


def permission_of(way: Way) -> Permission | None:
    needs = [one for one in way.needs if isinstance(one, Needs)]
    assert len(needs) == 1, f"{way.path} declares {len(needs)} permissions"
    return needs[0].permission


def test_there_are_routes_to_try(reading: World) -> None:
    assert len(routes(reading)) > 60


def test_routes_open_to_anybody_are_the_listed_ones(reading: World) -> None:
    found = {
        route.path
        for _, route in routes(reading)
        if any(isinstance(one, Open) for one in route.needs) and not any(isinstance(one, Needs) for one in route.needs)
    }
    assert found == ANYBODY


def test_nobody_gets_in_without_signing_in(reading: World) -> None:
    client = reading.client
    for method, route in routes(reading):
        if route.path in ANYBODY:
            continue
        answer = client.request(method, path_of(route), follow_redirects=False)
        wanted = {401} if route.path.startswith("/api/") or method != "GET" else {303}
        assert answer.status_code in wanted, f"{method} {route.path}: {answer.status_code}"


@pytest.mark.parametrize("role", list(Role))
def test_a_role_gets_exactly_what_its_permissions_give(filled: World, role: Role) -> None:
    client = filled.as_role(role.value)
    for method, route in routes(filled):
        if route.path in ANYBODY or route.path.endswith("/events"):
            continue
        permission = permission_of(route)
        allowed = permission is None or permission in PERMISSIONS[role]
        answer = client.request(method, path_of(route), follow_redirects=False)
        assert answer.status_code != 500, f"{role} {method} {route.path}: {answer.text[:300]}"
        assert (answer.status_code != 403) == allowed, f"{role} {method} {route.path}: {answer.status_code}"


def test_auditors_cannot_change_anything(reading: World) -> None:
    """Writes that an auditor may send keep a figure, check a file, or search; none changes a document or a register."""
    harmless = {"/account/password", "/verify", "/search", "/reports/{name}/keep", f"{PREFIX}/verifications"}
    for method, route in routes(reading):
        if method in CHANGES_NOTHING or route.path in ANYBODY | harmless:
            continue
        permission = permission_of(route)
        assert permission is not None, route.path
        assert permission not in PERMISSIONS[Role.AUDITOR], route.path


def test_a_clerk_sees_only_the_own_unit(filled: World) -> None:
    services = filled.services
    _, secret = services.people.add_token("unit", frozenset({Role.CLERK}), "P9", LOCAL_OPERATOR)
    client = filled.client
    client.headers["Authorization"] = f"Bearer {secret}"
    assert client.get(f"{PREFIX}/documents").json()["items"] == []
    assert client.get(f"{PREFIX}/documents/{filled.documents[0]}").status_code == 404
    assert client.get(f"{PREFIX}/documents", params={"unit": "P1"}).status_code == 403
    assert client.get(f"/documents/{filled.documents[0]}").status_code == 404
