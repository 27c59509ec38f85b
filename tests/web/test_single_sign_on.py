"""Signing in through the organisation's issuer: what is believed, what is refused, who may do what afterwards."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect

from digitise.errors import InvalidValue
from digitise.model.people import LOCAL_OPERATOR, Role
from digitise.settings import load
from tests.web.chromium import CHROMIUM
from tests.web.conftest import Live, World, copied, open_world
from tests.web.provider import Claims, Provider

LAN = {
    "sub": "a1",
    "preferred_username": "lan.nt",
    "name": "Nguyễn Thị Lan",
    "realm_access": {"roles": ["can-bo-mot-cua"]},
}
PEOPLE: dict[str, Claims] = {
    "lan": LAN,
    "khach": {"sub": "a2", "preferred_username": "khach", "realm_access": {"roles": ["nguoi-dan"]}},
    "minh": {"sub": "a3", "preferred_username": "minh", "realm_access": {"roles": ["van-thu"]}},  # a local account, too
}


@pytest.fixture(scope="module")
def providing() -> Iterator[Provider]:
    with Provider(dict(PEOPLE)) as provider:
        yield provider


@pytest.fixture
def provider(providing: Provider) -> Provider:
    providing.people, providing.spoil, providing.header = dict(PEOPLE), lambda claims: None, {"alg": "RS256"}
    providing.signing_key, providing.away = providing.key, False
    return providing


@pytest.fixture
def world(provider: Provider, empty_data: Path, tmp_path: Path) -> Iterator[World]:
    found = open_world(copied(empty_data, tmp_path / "data"), **provider.settings())
    yield found
    found.services.database.close()


def come_back(client: TestClient, provider: Provider, name: str, **change: str) -> Any:
    """Go to the issuer as the browser would, sign in there as `name`, and bring its answer back."""
    left = client.get("/login/sso?next=/search", follow_redirects=False)
    assert left.status_code == 303, left.text
    asked = dict(parse_qsl(urlsplit(left.headers["location"]).query))
    assert asked["response_type"] == "code"
    there = httpx.post(f"{provider.issuer}/authorize", data={**asked, "name": name})
    answer = dict(parse_qsl(urlsplit(there.headers["location"]).query)) | change
    return client.get("/login/sso/back", params=answer, follow_redirects=False)


def test_somebody_known_and_mapped_gets_in(world: World, provider: Provider) -> None:
    client = world.client
    answer = come_back(client, provider, "lan")
    assert (answer.status_code, answer.headers["location"]) == (303, "/search")
    assert "Nguyễn Thị Lan" in client.get("/search").text
    person = world.services.people.get("lan.nt")
    assert person.external
    assert person.roles == {Role.CLERK}
    again = come_back(world.client, provider, "lan")
    assert again.status_code == 303
    assert len([one for one in world.services.people.all() if one.external]) == 1


def test_an_account_is_its_subject_whatever_its_name(world: World, provider: Provider) -> None:
    come_back(world.client, provider, "lan")
    provider.people["thief"] = LAN | {"sub": "a9", "realm_access": {"roles": ["van-thu"]}}
    assert come_back(world.client, provider, "thief").status_code == 409
    provider.people["lan"] = LAN | {"preferred_username": "lan.kh", "realm_access": {"roles": ["quan-tri"]}}
    come_back(world.client, provider, "lan")
    assert world.services.people.get("lan.nt").roles == {Role.OPERATOR}  # the issuer's roles win, the account stays


def test_no_role_is_given_that_is_not_mapped(world: World, provider: Provider) -> None:
    answer = come_back(world.client, provider, "khach")
    assert answer.status_code == 401
    assert "chưa được cấp vai trò" in answer.text
    assert not [one for one in world.services.people.all() if one.external]


def test_a_local_account_of_the_same_name_is_not_taken_over(world: World, provider: Provider) -> None:
    answer = come_back(world.client, provider, "minh")
    assert answer.status_code == 409
    assert not world.services.people.get("minh").external


def test_an_account_that_is_off_stays_off(world: World, provider: Provider) -> None:
    come_back(world.client, provider, "lan")
    people = world.services.people
    people.change(people.get("lan.nt").id, LOCAL_OPERATOR, active=False)
    assert come_back(world.client, provider, "lan").status_code == 401


def _without(name: str) -> Any:
    return lambda claims: claims.pop(name)


FORGED = {
    "another attempt": lambda claims: claims.update(nonce="khac"),
    "no nonce": _without("nonce"),
    "another client": lambda claims: claims.update(aud="khac"),
    "several clients, none authorised": lambda claims: claims.update(aud=["khac", "so-hoa"], azp="khac"),
    "another issuer": lambda claims: claims.update(iss="https://khac.example"),
    "expired": lambda claims: claims.update(exp=claims["iat"] - 3600),
    "no expiry": _without("exp"),
    "no subject": _without("sub"),
    "empty subject": lambda claims: claims.update(sub=""),
    "other access token": lambda claims: claims.update(at_hash="AAAAAAAAAAAAAAAAAAAAAA"),
}


@pytest.mark.parametrize("defect", FORGED)
def test_an_id_token_that_is_not_for_this_attempt_is_refused(world: World, provider: Provider, defect: str) -> None:
    provider.spoil = FORGED[defect]
    client = world.client
    assert come_back(client, provider, "lan").status_code == 401
    assert client.get("/search", follow_redirects=False).status_code == 303


def test_a_signature_of_somebody_else_is_refused(world: World, provider: Provider) -> None:
    provider.signing_key = Provider.new_key()
    assert come_back(world.client, provider, "lan").status_code == 401
    provider.header = {"alg": "HS256"}  # by the public key as a shared secret
    assert come_back(world.client, provider, "lan").status_code == 401
    provider.header = {"alg": "none"}
    assert come_back(world.client, provider, "lan").status_code == 401


def test_new_keys_of_the_issuer_are_fetched(world: World, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digitise.web.issuer.AGAIN_SECONDS", 0.0)
    assert come_back(world.client, provider, "lan").status_code == 303
    provider.rotate()
    assert come_back(world.client, provider, "lan").status_code == 303


@pytest.mark.parametrize("change", [{"state": "khac"}, {"iss": "https://khac.example"}, {"code": "khac"}])
def test_an_answer_that_was_not_asked_for_is_refused(world: World, provider: Provider, change: dict[str, str]) -> None:
    assert come_back(world.client, provider, "lan", **change).status_code == 401


def test_an_answer_in_another_browser_is_refused(world: World, provider: Provider) -> None:
    answer = come_back(world.client, provider, "lan")
    stolen = answer.request.url
    assert world.client.get(str(stolen), follow_redirects=False).status_code == 401


def test_an_issuer_that_is_away_is_told_and_nobody_gets_in(world: World, provider: Provider) -> None:
    provider.away = True
    answer = world.client.get("/login/sso", follow_redirects=False)
    assert answer.status_code == 503
    assert "không trả lời" in answer.text
    assert 'name="password"' in answer.text


def test_too_many_refusals_of_one_address_have_to_wait(world: World, provider: Provider) -> None:
    for _ in range(world.services.settings.login_failures * 10):
        world.services.people.sign_in_refused("single sign-on", "testclient")
    assert come_back_refused(world.client) == 401
    refused = world.client.get("/login/sso/back?code=a&state=b", follow_redirects=False)
    assert "nhiều lần" in refused.text


def come_back_refused(client: TestClient) -> int:
    return client.get("/login/sso", follow_redirects=False).status_code


def test_units_come_by_mapping_and_never_by_omission(provider: Provider, empty_data: Path, tmp_path: Path) -> None:
    units = {"oidc_unit_claim": "don_vi", "oidc_units": {"ubnd-hg": "P0", "tinh": "*"}}
    world = open_world(copied(empty_data, tmp_path / "data"), **provider.settings(**units))
    assert come_back(world.client, provider, "lan").status_code == 401
    for claim, unit in (("ubnd-hg", "P0"), ("tinh", None)):
        provider.people["lan"] = LAN | {"don_vi": claim}
        assert come_back(world.client, provider, "lan").status_code == 303
        assert world.services.people.get("lan.nt").unit == unit
    for claims in ("khac", ["ubnd-hg", "tinh"], "*"):
        provider.people["lan"] = LAN | {"don_vi": claims}
        assert come_back(world.client, provider, "lan").status_code == 401
    world.services.database.close()


def test_without_an_issuer_there_is_no_such_page(reading: World) -> None:
    assert reading.client.get("/login/sso").status_code == 404
    assert "/login/sso" not in reading.client.get("/login").text


@pytest.mark.parametrize(
    "given", [{"oidc_issuer": "http://tinh.example"}, {"oidc_scopes": "profile"}, {"oidc_roles": {"a": ["king"]}}]
)
def test_settings_that_would_let_the_wrong_people_in_are_refused(given: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(InvalidValue):
        load(data=tmp_path, **given)


@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Chromium is not installed")
def test_the_whole_way_in_and_out_in_a_browser(
    browser: Browser, provider: Provider, filled_data: Path, tmp_path: Path
) -> None:
    live = Live(open_world(copied(filled_data, tmp_path / "data"), **provider.settings())).start()
    opened = browser.new_context(base_url=live.url, locale="vi-VN", java_script_enabled=False)
    try:
        page = opened.new_page()
        page.goto("/outgoing?state=draft")
        page.get_by_role("link", name="Đăng nhập bằng tài khoản của cơ quan").click()
        page.get_by_role("button", name="lan").click()
        expect(page).to_have_url(f"{live.url}/outgoing?state=draft")
        expect(page.locator(".who")).to_contain_text("Nguyễn Thị Lan")
        before = provider.ended
        page.get_by_role("button", name="Đăng xuất").click()
        page.wait_for_url("**/login")
        assert provider.ended == before + 1
        page.goto("/outgoing")
        expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()
    finally:
        opened.close()
        live.stop()
        live.world.services.database.close()
