"""Documents by the HTTP API: taken in, given out, found, corrected."""

import io
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import httpx
import pytest
import segno
from PIL import Image
from redis import Redis

from tests.papers import paper
from tests.web import seeds
from tests.web.conftest import Live, World
from tests.web.seeds import scan
from workers.queues import WAKE, connect
from workers.valkey import PrivateValkey

API = "/api/v1"
MULTIPART = {"content-type": "multipart/form-data; boundary=x1"}


def test_an_upload_is_created_once_and_answered_200_the_second_time(world: World) -> None:
    client = world.as_role("clerk")
    body = scan()
    first = client.post(f"{API}/documents", files={"file": ("a.pdf", body)}, data={"dossier": seeds.DOSSIER})
    assert first.status_code == 201, first.text
    made = first.json()
    assert first.headers["location"] == f"{API}/documents/{made['id']}"
    assert made["filing"]["dossier"] == seeds.DOSSIER
    assert made["state"] == "received"
    assert made["task_id"]
    second = client.post(f"{API}/documents", files={"file": ("b.pdf", body)})
    assert second.status_code == 200
    assert second.json()["id"] == made["id"]
    assert second.json()["existing"] is True
    original = client.get(f"{API}/documents/{made['id']}/artefacts/original")
    assert original.content == body
    assert original.headers["etag"] == f'"{made["sha256"]}"'


def coded_scan() -> bytes:
    """A drawn paper, upside down, with the office's code printed on it."""
    page = paper(2, "decision", dpi=120).sheets[0].image.convert("RGB").rotate(180)
    code = io.BytesIO()
    segno.make(f"{seeds.DOSSIER}|{seeds.OWNER}", micro=False).save(code, kind="png", scale=4, border=4)
    page.paste(Image.open(code).convert("RGB"), (60, 60))
    out = io.BytesIO()
    page.save(out, "PDF", resolution=120)
    return out.getvalue()


def test_flaws_and_the_printed_code_are_told_while_the_paper_is_there(world: World) -> None:
    client, body = world.as_role("clerk"), coded_scan()
    told = client.post(f"{API}/documents", files={"file": ("a.pdf", body)}).json()
    assert told["scan_check"] == ["rotated"]
    assert told["from_code"] == ["dossier", "owner_id"]
    assert (told["filing"]["dossier"], told["filing"]["owner_id"]) == (seeds.DOSSIER, seeds.OWNER)
    page = world.signed_in("lan").post(
        "/upload", files={"file": ("b.pdf", body + b" ")}, data={"dossier": "H53.12-220915-0008"}
    )
    assert "quét ngược" in page.text
    assert "có thể giấy này thuộc hồ sơ khác" in page.text
    assert f"Số định danh của chủ giấy tờ {seeds.OWNER}" in page.text


def test_fields_may_come_behind_the_file(world: World) -> None:
    boundary = "x1"
    parts = [
        b'--x1\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + scan(1) + b"\r\n",
        b'--x1\r\nContent-Disposition: form-data; name="dossier"\r\n\r\n' + seeds.DOSSIER.encode() + b"\r\n",
        b'--x1\r\nContent-Disposition: form-data; name="owner"\r\n\r\n' + seeds.OWNER.encode() + b"\r\n--x1--\r\n",
    ]
    answer = world.as_role("clerk").post(
        f"{API}/documents",
        content=b"".join(parts),
        headers={"content-type": f"multipart/form-data; boundary={boundary}"},
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["filing"]["dossier"] == seeds.DOSSIER
    assert answer.json()["filing"]["owner_id"] == seeds.OWNER


@pytest.mark.parametrize(
    ("name", "body", "status", "code"),
    [
        ("empty.pdf", b"", 422, "unreadable"),
        ("text.pdf", b"just some words", 415, "unsupported_type"),
        ("cut.pdf", scan(3)[:300], 422, "unreadable"),
    ],
)
def test_a_bad_file_is_refused_by_name_and_cause(world: World, name: str, body: bytes, status: int, code: str) -> None:
    answer = world.as_role("clerk").post(f"{API}/documents", files={"file": (name, body)})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["file"] == name
    assert name in problem["detail"]
    assert world.as_role("clerk").get(f"{API}/documents").json()["items"] == []


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "multipart/form-data; boundary=x", 400),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x", 400),
        (b"{}", "application/json", 415),
        (
            b"--x\r\nContent-Disposition: form-data; name=file; filename=a.pdf\r\n\r\nabc",
            "multipart/form-data; boundary=x",
            400,
        ),
    ],
)
def test_a_broken_body_is_a_problem_and_never_a_defect(world: World, content: bytes, kind: str, status: int) -> None:
    client = world.as_role("clerk")
    answer = client.post(f"{API}/documents", content=content, headers={"content-type": kind})
    assert answer.status_code == status, answer.text
    assert answer.json()["code"] in ("usage", "unsupported_type")


def test_the_same_idempotency_key_is_done_once(world: World) -> None:
    client = world.as_role("clerk")
    body = scan(7)
    key = {"Idempotency-Key": "k-1"}
    made = client.post(f"{API}/documents", content=form(body), headers=key | MULTIPART)
    again = client.post(f"{API}/documents", content=form(body), headers=key | MULTIPART)
    assert made.status_code == again.status_code == 201
    assert made.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    other = client.post(f"{API}/documents", content=form(body + b"%"), headers=key | MULTIPART)
    assert other.status_code == 422


def form(body: bytes) -> bytes:
    return b'--x1\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + body + b"\r\n--x1--\r\n"


def test_ranges_and_conditions(filled: World) -> None:
    client = filled.as_role("clerk")
    address = f"{API}/documents/{filled.documents[0]}/artefacts/original"
    whole = client.get(address)
    part = client.get(address, headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, whole.content[5:10])
    assert part.headers["content-range"] == f"bytes 5-9/{len(whole.content)}"
    tail = client.get(address, headers={"Range": "bytes=-4"})
    assert tail.content == whole.content[-4:]
    assert client.get(address, headers={"Range": "bytes=99999999-"}).status_code == 416
    assert client.get(address, headers={"If-None-Match": whole.headers["etag"]}).status_code == 304
    stale = client.get(address, headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    assert stale.status_code == 200
    head = client.head(address)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(whole.content)))


def test_text_search_and_paging(filled: World) -> None:
    client = filled.as_role("clerk")
    first = client.get(f"{API}/documents", params={"limit": 3}).json()
    second = client.get(f"{API}/documents", params={"limit": 3, "cursor": first["next"]}).json()
    ids = [item["id"] for item in first["items"] + second["items"]]
    assert len(ids) == len(set(ids)) == 6
    document = filled.documents[0]
    page = client.get(f"{API}/documents/{document}/text", params={"page": 1}).text
    word = max(page.split(), key=len)
    found = client.get(f"{API}/documents", params={"q": word}).json()["items"]
    assert document in [item["id"] for item in found]
    assert client.get(f"{API}/documents/{document}/text", params={"page": 99}).status_code == 404


def test_a_correction_needs_the_newest_version(filled: World) -> None:
    client = filled.as_role("clerk")
    address = f"{API}/documents/{filled.documents[0]}"
    seen = client.get(address)
    changed = client.patch(address, json={"title": "Tên mới"}, headers={"If-Match": seen.headers["etag"]})
    assert changed.status_code == 200, changed.text
    assert changed.json()["filing"]["title"] == "Tên mới"
    stale = client.patch(address, json={"title": "Khác", "version": seen.json()["version"]})
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")
    assert client.get(address).json()["filing"]["title"] == "Tên mới"
    assert client.patch(address, json={"title": "Khác"}).status_code == 422
    assert client.patch(address, json={"nothing": 1, "version": 1}).status_code == 422


def test_progress_is_streamed_until_the_end(filled: World) -> None:
    client = filled.as_role("clerk")
    with client.stream("GET", f"{API}/documents/{filled.documents[0]}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = "".join(answer.iter_text())
    assert "event: progress" in told
    assert told.rstrip().splitlines()[-2] == "event: end"
    assert '"step": "stored"' in told


def test_a_word_is_corrected_where_it_was_looked_at(filled: World) -> None:
    client = filled.as_role("clerk")
    address = f"{API}/documents/{filled.documents[0]}"
    seen = client.get(f"{address}/artefacts/words")
    change = {"page": 1, "index": 0, "text": "Sửaquaapi"}
    assert client.patch(f"{address}/words", json=change).json()["code"] == "invalid_value"
    done = client.patch(f"{address}/words", json=change, headers={"If-Match": seen.headers["etag"]})
    assert done.status_code == 200, done.text
    now = client.get(f"{address}/artefacts/words")
    assert done.headers["etag"] == now.headers["etag"] != seen.headers["etag"]
    assert now.json()["pages"][0]["words"][0]["text"] == "Sửaquaapi"
    assert "Sửaquaapi" in client.get(f"{address}/text").text
    stale = client.patch(f"{address}/words", json={**change, "seen": seen.headers["etag"].strip('"')})
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")
    newest = {"seen": now.headers["etag"].strip('"')}
    assert client.patch(f"{address}/words", json={**newest, **change, "index": 99_999}).status_code == 404
    assert filled.as_role("auditor").patch(f"{address}/words", json={**newest, **change}).status_code == 403


@pytest.fixture
def dispatcher(world: World) -> Iterator[Redis]:
    """A connection to a Valkey of the service's own, as the dispatcher has one."""
    server = PrivateValkey(world.services.settings.data)
    server.start()
    yield connect(world.services.settings)
    server.stop()


def test_an_accepted_write_wakes_the_dispatcher_and_nothing_else_does(world: World, dispatcher: Redis) -> None:
    live = Live(world).start()
    with httpx.Client(base_url=live.url + API, headers={"Authorization": f"Bearer {world.tokens['clerk']}"}) as client:
        assert client.get("/documents").status_code == 200
        assert client.post("/documents", files={"file": ("a.txt", b"no scan")}).status_code >= 400
        assert dispatcher.brpop([WAKE], timeout=1) is None
        assert client.post("/documents", files={"file": ("a.pdf", scan())}).status_code == 201
        assert dispatcher.brpop([WAKE], timeout=10)
    live.stop()


def test_an_upload_is_answered_while_nobody_can_be_woken(world: World) -> None:
    hang = threading.Event()
    world.app.state.services.hints = SimpleNamespace(wake=lambda: hang.wait(60))
    live = Live(world).start()
    with httpx.Client(base_url=live.url + API, headers={"Authorization": f"Bearer {world.tokens['clerk']}"}) as client:
        codes = [client.post("/documents", files={"file": ("a.pdf", scan(n))}).status_code for n in (0, 90, 180)]
    assert codes == [201, 201, 201]
    hang.set()
    live.stop()
