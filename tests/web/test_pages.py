"""The pages without a browser: every screen in both languages, and what must never be in one."""

import gzip
import io
import re
from datetime import date
from hashlib import sha256

import pikepdf
import pytest
from PIL import Image, ImageDraw

from digitise.model.outgoing import NewOutgoing
from digitise.model.people import LOCAL_OPERATOR
from digitise.sign.key_ring import KeyRing
from digitise.sign.keys import KeyEntry
from digitise.sign.known_keys import tell_keys
from digitise.web.recent import SECONDS, Recent
from tests.pki import PKI
from tests.pki.responders import pem
from tests.web import seeds
from tests.web.conftest import World
from tests.web.screens import screens

EXPECTED = {"search-error": 422, "signed-share-error": 422, "not-found": 404, "not-allowed": 403}
UNTRANSLATED = re.compile(r"[>\"' ](?:web_?\w*|reasons|sign|warnings)\.[a-z_][\w.]+[<\"' ]")
OUTSIDE = re.compile(r"""(?:src|href|action|poster)\s*=\s*["'](?:https?:)?//""", re.I)
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle\s*=|\son\w+\s*=|javascript:", re.I)
NAMES = [  # the names alone: the addresses need a filled service
    "account",
    "api-docs",
    "audit",
    "check",
    "digitisation",
    "document",
    "document-auditor",
    "document-edit",
    "document-failed",
    "document-page-2",
    "dossiers",
    "exceptions",
    "figures",
    "health",
    "jobs",
    "keys",
    "login",
    "not-allowed",
    "not-found",
    "outgoing",
    "outgoing-document",
    "outgoing-new",
    "outgoing-none",
    "outgoing-waiting",
    "people",
    "report-rows",
    "reuse",
    "review",
    "search",
    "search-error",
    "search-hits",
    "search-nothing",
    "sign-rules",
    "signed-share",
    "signed-share-error",
    "signed-share-nothing",
    "todo-clerk",
    "todo-operator",
    "trust",
    "upload",
    "verify",
]


def test_the_list_of_screens_is_complete(reading: World) -> None:
    assert sorted(screens(reading)) == NAMES


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_every_screen_in_both_languages(reading: World, name: str, lang: str) -> None:
    person, address = screens(reading)[name]
    client = reading.signed_in(person) if person else reading.client
    answer = client.get(f"{address}{'&' if '?' in address else '?'}lang={lang}")
    html = answer.text
    assert answer.status_code == EXPECTED.get(name, 200), html[:500]
    assert f'<html lang="{lang}">' in html
    assert UNTRANSLATED.findall(html) == []
    assert OUTSIDE.findall(html) == []
    assert INLINE.findall(html) == []
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert len(re.findall(r"<h1[ >]", html)) == 1


def test_the_language_switch_keeps_the_page(reading: World) -> None:
    client = reading.signed_in("lan")
    html = client.get("/search?q=quyet&kind=CV").text
    link = re.search(r'<a href="(/search\?[^"]*lang=en)"', html)
    assert link is not None
    english = client.get(link[1].replace("&amp;", "&"))
    assert "Narrow down" in english.text
    assert 'value="quyet"' in english.text
    assert "Search" in client.get("/search").text  # the choice is remembered


def test_the_first_page_is_light(reading: World) -> None:
    client = reading.signed_in("lan")
    html = client.get("/").text
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', html)
    weight = len(gzip.compress(html.encode())) + sum(len(gzip.compress(client.get(file).content)) for file in files)
    assert weight < 60_000
    assert "immutable" in client.get(files[0]).headers["cache-control"]


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


def test_an_identifier_in_the_search_box_goes_to_the_look_up(filled: World) -> None:
    client = filled.signed_in("lan")
    answer = client.post("/search", data={"q": seeds.OWNER}, follow_redirects=False)
    assert answer.headers["location"] == "/reuse"
    page = client.get("/reuse")
    assert f'value="{seeds.OWNER}"' in page.text
    refused = client.post("/reuse", data={"owner": seeds.OWNER})
    assert refused.status_code == 422
    found = client.post("/reuse", data={"owner": seeds.OWNER, "reason": "Tiếp nhận hồ sơ"}, follow_redirects=False)
    assert seeds.OWNER not in found.headers["location"]
    cards = client.get(found.headers["location"]).text
    assert cards.count("/reuse/record") >= 2
    assert "Không dùng lại được" in cards
    recorded = client.post(
        "/reuse/record",
        data={"document": filled.documents[0], "dossier": "H53.12-230101-0002", "reason": "Dùng lại"},
        follow_redirects=False,
    )
    assert recorded.status_code == 303
    assert "H53.12-230101-0002" in client.get(recorded.headers["location"]).text


def test_nothing_held_offers_the_upload_prefilled(filled: World) -> None:
    client = filled.signed_in("lan")
    asked = {"dossier": "H53.12-990101-0009", "kind": "QĐ", "reason": "Tiếp nhận hồ sơ"}
    html = client.post("/reuse", data=asked).text
    assert "Chưa có. Cần thu giấy tờ này." in html
    assert "/upload?dossier=H53.12-990101-0009" in html


def test_somebody_elses_change_is_shown_and_not_overwritten(filled: World) -> None:
    document = filled.documents[0]
    first, second = filled.signed_in("lan"), filled.signed_in("lan")
    version = re.search(r'name="version" value="(\d+)"', first.get(f"/documents/{document}/edit").text)
    assert version is not None
    form = {"version": version[1], "title": "Một", "kind": "QĐ"}
    assert second.post(f"/documents/{document}/edit", data=form, follow_redirects=False).status_code == 303
    late = first.post(f"/documents/{document}/edit", data={**form, "title": "Hai"})
    assert late.status_code == 409
    assert 'value="Hai"' in late.text  # what was typed is kept
    assert filled.services.catalogue.get(document).filing.title == "Một"


def test_words_are_corrected_and_a_conflict_is_shown(filled: World) -> None:
    document = filled.documents[0]
    client = filled.signed_in("lan")
    page = client.get(f"/documents/{document}/review").text
    form = {name: value for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)}
    saved = client.post(f"/documents/{document}/review", data={**form, "word": "Sửađúng", "act": "save"})
    assert saved.status_code == 200
    assert "Sửađúng" in client.get(f"/api/v1/documents/{document}/text").text
    assert client.get("/api/v1/documents", params={"q": "Sửađúng"}).json()["items"]
    stale = client.post(f"/documents/{document}/review", data={**form, "word": "Khác", "act": "save"})
    assert stale.status_code == 409
    assert "Khác" not in client.get(f"/api/v1/documents/{document}/text").text


def test_upload_without_javascript_lists_what_became_of_each_file(world: World) -> None:
    from tests.web.test_api import scan

    client = world.signed_in("lan")
    files = [
        ("file", ("tot.pdf", scan(11))),
        ("file", ("hong.pdf", b"%PDF-1.7 nothing")),
        ("file", ("chu.txt", b"abc")),
    ]
    html = client.post("/upload", files=files, data={"dossier": seeds.DOSSIER}).text
    assert html.count('class="bad"') == 2
    assert "tot.pdf" in html
    assert "hong.pdf" in html
    again = client.post("/upload", files=[("file", ("lai.pdf", scan(11)))]).text
    assert "Đã có trong kho" in again


def test_public_checks_are_limited_and_keep_nothing(world: World) -> None:
    from tests.web.test_api import scan

    client = world.client
    assert "Không có chữ ký số" in client.post("/check", files={"file": ("a.pdf", scan(12))}).text
    codes = [client.post("/check", files={}).status_code for _ in range(8)]
    assert 429 in codes
    assert world.services.catalogue.by_sha256(sha256(scan(12)).hexdigest()) is None


def test_a_batch_is_confirmed_after_looking(filled: World) -> None:
    client = filled.signed_in("minh")
    page = client.get("/outgoing?state=waiting").text
    ids = re.findall(r'name="id" value="(\w+)"', page)
    check = client.post("/sign/check", data={"id": ids, "profile": "issue"}).text
    assert "Chưa có chữ ký của người có thẩm quyền" in check
    refused = client.post("/sign/confirm", data={"id": ids, "profile": "issue"})
    assert refused.status_code == 422
    sent = {"id": ids, "profile": "issue", "seen": "yes"}
    first = client.post("/sign/confirm", data=sent, follow_redirects=False).headers["location"]
    assert client.post("/sign/confirm", data=sent, follow_redirects=False).headers["location"] == first
    assert f"Xong 0 trên {len(ids)}" in client.get(first).text


def test_auditors_reading_is_recorded(filled: World) -> None:
    client = filled.signed_in("thanh")
    client.get(f"/documents/{filled.documents[0]}")
    entry = filled.services.audit.entries()[0]
    assert (entry.actor, entry.action, entry.subject) == ("thanh", "document.read", filled.documents[0])


def test_the_confirmation_shows_where_the_signature_will_be(filled: World) -> None:
    data = filled.services.settings.data
    seal = Image.new("RGBA", (300, 300))
    ImageDraw.Draw(seal).ellipse((10, 10, 290, 290), outline=(190, 0, 0, 255), width=12)
    seal.save(data / "seal.png")
    (data / "signing.toml").write_text('[profile.issue]\nkey = "ubnd"\nimage = "seal.png"\n')
    client = filled.signed_in("minh")
    waiting = re.findall(r'name="id" value="(\w+)"', client.get("/outgoing?state=waiting").text)
    html = client.post("/sign/check", data={"id": waiting, "profile": "issue", "number": "7"}).text
    picture = re.search(r'<image href="(/sign/look/issue\.png)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"', html)
    assert picture is not None
    assert float(picture[2]) > 595 * 0.3  # the signer stands in the right half, the seal over the left third of it
    assert abs(float(picture[4]) - 36 * 72 / 25.4) < 0.1  # at its real size
    assert client.get(picture[1]).content.startswith(b"\x89PNG")
    assert re.search(r"<text [^>]*>07</text>", html)
    assert "ubnd" in html
    other = {"id": waiting, "profile": "issue", "issued_on": "01/02/1999"}
    refused = re.search(r'<div class="notice bad"><p>([^<]+)', client.post("/sign/check", data=other).text)
    assert refused is not None  # said before anybody confirms, in the words of the page
    assert "năm 2018" in refused[1]
    assert "01/02/1999" in refused[1]


def test_the_confirmation_tells_that_a_number_is_used(filled: World) -> None:
    client = filled.signed_in("minh")
    (ident, *_) = re.findall(r'name="id" value="(\w+)"', client.get("/outgoing?state=waiting").text)
    draft = filled.services.outgoing.get(ident)
    day = date(2026, 3, 5)
    taken = NewOutgoing(draft.unit, draft.kind, "đã ban hành", number=41, symbol="QĐ-UBND", issued_on=day)
    holder = filled.services.outgoing.add(taken, LOCAL_OPERATOR).id
    form = {"id": ident, "profile": "issue", "symbol": "QĐ-UBND", "issued_on": "05/03/2026"}
    assert holder in client.post("/sign/check", data={**form, "number": "41"}).text
    assert holder not in client.post("/sign/check", data={**form, "number": "42"}).text


def test_the_confirmation_tells_the_certificate_and_when_it_ends(filled: World) -> None:
    data = filled.services.settings.data
    with PKI() as pki:
        seal = pki.organisation("Ủy ban nhân dân phường Hồng Gai", "5700100002")
    (data / "ubnd.pem").write_bytes(pem(seal))
    keys = KeyRing({"ubnd": KeyEntry("ubnd", "pkcs12", {"pin": "prompt", "certificate": str(data / "ubnd.pem")})})
    tell_keys(keys, filled.services.known_keys, filled.services.clock)  # as the sign worker does
    (data / "signing.toml").write_text('[profile.issue]\nkey = "ubnd"\n')
    client = filled.signed_in("minh")
    waiting = re.findall(r'name="id" value="(\w+)"', client.get("/outgoing?state=waiting").text)
    html = client.post("/sign/check", data={"id": waiting, "profile": "issue"}).text
    assert "Ủy ban nhân dân phường Hồng Gai" in html
    assert seal.certificate.not_valid_after_utc.strftime("%d/%m/%Y") in html


def test_what_changed_is_shown_and_goes_on_the_report(world: World, forged: bytes) -> None:
    client = world.signed_in("thanh")
    html = client.post("/verify", files={"file": ("sua.pdf", forged)}).text
    assert "&lt;" not in html
    picture = re.search(r'src="(/verify/\w+/0/0\.png)"', html)
    assert picture is not None
    assert client.get(picture[1]).content.startswith(b"\x89PNG")
    address = re.search(r'href="(/verify/\w+\.pdf)"', html)
    assert address is not None
    report = client.get(address[1])
    assert report.headers["content-type"] == "application/pdf"
    with pikepdf.open(io.BytesIO(report.content)) as pdf:
        assert len(pdf.pages) == 1
        assert len(pdf.pages[0].images) == 1
    assert world.signed_in("minh").get(address[1]).status_code == 404  # another's result
    assert world.signed_in("minh").get(picture[1]).status_code == 404


def test_a_public_check_is_saved_from_memory_alone(world: World, forged: bytes) -> None:
    client = world.client
    before = sorted(path for path in world.services.settings.data.rglob("*") if "sqlite" not in path.name)
    html = client.post("/check", files={"file": ("sua.pdf", forged)}).text
    address = re.search(r'href="(/check/\w+\.pdf)"', html)
    assert address is not None
    assert client.get(address[1]).content.startswith(b"%PDF")
    assert re.search(r'src="/check/\w+/0/0\.png"', html)
    assert ".json" not in html
    assert sorted(path for path in world.services.settings.data.rglob("*") if "sqlite" not in path.name) == before
    world.app.state.recent = Recent()  # as after a restart
    assert client.get(address[1]).status_code == 404


def test_results_are_forgotten_after_a_while() -> None:
    recent = Recent()
    name = recent.keep((), 0.0)
    assert recent.get(name, SECONDS - 1) == ()
    assert recent.get(name, SECONDS) is None


def test_the_register_is_searched_without_diacritics_and_by_number(filled: World) -> None:
    client = filled.signed_in("minh")
    page = client.get("/outgoing", params={"q": "cai cach hanh chinh dot 7"}).text
    assert "Về việc triển khai nhiệm vụ cải cách hành chính đợt 7" in page
    assert "đợt 8<" not in page
    assert "Không có văn bản nào" in client.get("/outgoing", params={"q": "khongcogi"}).text


def test_a_certified_copy_of_a_digitised_paper_goes_into_the_register(filled: World) -> None:
    client = filled.signed_in("minh")
    address = f"/documents/{filled.documents[0]}/copy"
    assert "Hãy nhập mã đơn vị" in client.post(address, data={"unit": ""}).text
    made = client.post(address, data={"unit": "P0"}, follow_redirects=False)
    assert made.status_code == 303
    assert "Xem và ký văn bản này" in client.get(made.headers["location"]).text
    again = client.post(address, data={"unit": "P0"}, follow_redirects=False)
    assert again.headers["location"] == made.headers["location"]


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
