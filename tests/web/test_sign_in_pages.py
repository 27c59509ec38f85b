"""Who gets in, stays in, and cannot be made to send what they did not mean."""

from tests.web import seeds
from tests.web.conftest import World


def test_a_foreign_page_cannot_make_a_browser_write(world: World) -> None:
    client = world.signed_in("dung")
    body = {"name": "evil", "roles": "operator"}
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
    ):
        answer = client.post("/admin/people", data=body, headers=headers)
        assert answer.status_code == 403
    assert client.post("/admin/people", data=body, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert "evil" in [person.name for person in world.services.people.all()]


def test_signing_in_and_out(world: World) -> None:
    client = world.client
    wrong = client.post("/login", data={"name": "lan", "password": "sai"})
    assert wrong.status_code == 422
    assert 'id="error-summary"' in wrong.text
    assert 'value="lan"' in wrong.text
    for _ in range(6):
        last = client.post("/login", data={"name": "lan", "password": "sai"})
    assert "5 phút" in last.text
    assert client.post("/login", data={"name": "lan", "password": seeds.PASSWORD}).status_code == 422
    other = world.signed_in("minh")
    assert other.get("/", follow_redirects=False).status_code == 200
    cookie = other.cookies["digitise_session"]
    other.post("/logout")
    assert other.get("/", follow_redirects=False).status_code == 303
    assert other.get("/", cookies={"digitise_session": cookie}, follow_redirects=False).status_code == 303


def test_signing_in_never_leads_to_another_site(world: World) -> None:
    for onward in ("//evil.example", "https://evil.example", "/\\evil.example"):
        client = world.client
        form = {"name": "lan", "password": seeds.PASSWORD, "next": onward}
        answer = client.post("/login", data=form, follow_redirects=False)
        assert answer.headers["location"] == "/"


def test_a_new_password_of_ones_own_ends_the_other_sessions(filled: World) -> None:
    here, elsewhere = filled.signed_in("lan"), filled.signed_in("lan")
    new = "con meo nam tren mai nha"
    assert "không đúng" in here.post("/account/password", data={"old": "x", "new": new, "again": new}).text
    told = here.post("/account/password", data={"old": seeds.PASSWORD, "new": "ngan", "again": "ngan"})
    assert told.status_code == 422
    assert here.post("/account/password", data={"old": seeds.PASSWORD, "new": new, "again": new}).status_code == 200
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account", follow_redirects=False).status_code == 303
    assert (
        filled.client.post("/login", data={"name": "lan", "password": new}, follow_redirects=False).status_code == 303
    )
