"""The clerk's pages: look-up before asking, upload, correction, and what is recorded of reading."""

import re

from tests.web import seeds
from tests.web.conftest import World
from tests.web.seeds import scan


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
    assert "nay là “Sửađúng”" in stale.text
    assert "“Khác” chưa được lưu" in stale.text
    assert 'value="Khác"' not in stale.text  # it belongs to another word than the one that is shown now
    assert "Khác" not in client.get(f"/api/v1/documents/{document}/text").text


def test_upload_without_javascript_lists_what_became_of_each_file(world: World) -> None:
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


def test_auditors_reading_is_recorded(filled: World) -> None:
    client = filled.signed_in("thanh")
    client.get(f"/documents/{filled.documents[0]}")
    entry = filled.services.audit.entries()[0]
    assert (entry.actor, entry.action, entry.subject) == ("thanh", "document.read", filled.documents[0])


def test_what_was_typed_for_a_word_stays_where_another_word_was_changed(filled: World) -> None:
    document = filled.documents[0]
    client = filled.signed_in("lan")
    fields = r'type="hidden" name="(\w+)" value="([^"]*)"'
    first = dict(re.findall(fields, client.get(f"/documents/{document}/review").text))
    after = f"/documents/{document}/review?word={int(first['index']) + 1}"
    second = dict(re.findall(fields, client.get(after).text))
    client.post(f"/documents/{document}/review", data={**first, "word": "", "act": "save"})  # takes the word out
    stale = client.post(f"/documents/{document}/review", data={**second, "word": "Khác", "act": "save"})
    assert stale.status_code == 409
    assert 'value="Khác"' in stale.text
    moved = dict(re.findall(fields, stale.text))
    assert (int(moved["index"]), moved["was"]) == (int(second["index"]) - 1, second["was"])


def test_a_reuse_recorded_by_mistake_is_taken_back_with_a_reason(filled: World) -> None:
    document = filled.documents[0]
    client = filled.signed_in("lan")
    sent = {"document": document, "dossier": "H53.12-230101-0002", "reason": "Dùng lại"}
    page = client.post("/reuse/record", data=sent).text
    undo = re.search(r'action="(/documents/\w+/reuse/\w+/undo)"', page)
    assert undo is not None
    assert client.post(undo[1], data={"reason": ""}).status_code == 422
    assert "H53.12-230101-0002" not in client.post(undo[1], data={"reason": "Ghi nhầm hồ sơ"}).text
    assert client.post(undo[1], data={"reason": "Ghi nhầm hồ sơ"}).status_code == 404


def test_typed_values_stay_where_a_form_is_refused(world: World) -> None:
    client = world.signed_in("minh")
    html = client.post("/outgoing/new", files={"abstract": (None, "Về việc A"), "number": (None, "mười")}).text
    assert 'value="Về việc A"' in html
    told = {"dossier": (None, seeds.DOSSIER), "owner_name": (None, "Trần Bình")}
    again = world.signed_in("lan").post("/upload", files=told).text
    assert f'value="{seeds.DOSSIER}"' in again
    assert 'value="Trần Bình"' in again


def test_the_language_switch_of_an_answer_leads_to_a_page(filled: World) -> None:
    client = filled.signed_in("minh")
    sent: list[tuple[str, dict[str, str]]] = [
        ("/outgoing/import", {}),
        ("/sign/confirm", {"id": "x"}),
        (f"/documents/{filled.documents[0]}/copy", {"unit": ""}),
        ("/documents/x/again/verify", {}),
    ]
    for address, form in sent:
        html = client.post(address, data=form).text
        link = re.search(r'<a href="([^"]+)" lang="(?:en|vi)"', html)
        assert link is not None, address
        assert client.get(link[1].replace("&amp;", "&")).status_code in (200, 422), link[1]
