"""The HTTP API as programs use it."""

import io
import json
import zipfile

import pytest
import segno
from PIL import Image

from digitise.web.app import schema
from tests.papers import paper
from tests.web import seeds
from tests.web.conftest import World

API = "/api/v1"


def scan(shade: int = 255, pages: int = 1) -> bytes:
    """A small scan of A4 at 100 dpi."""
    image = Image.new("RGB", (827, 1169), (shade, 255, 255))
    out = io.BytesIO()
    image.save(out, "PDF", resolution=100, save_all=True, append_images=[image] * (pages - 1))
    return out.getvalue()


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


MULTIPART = {"content-type": "multipart/form-data; boundary=x1"}


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


def test_identifiers_are_masked_for_those_who_may_not_read_them_and_never_in_an_address(filled: World) -> None:
    document = filled.documents[0]
    assert filled.as_role("clerk").get(f"{API}/documents/{document}").json()["filing"]["owner_id"] == seeds.OWNER
    for role in ("auditor", "operator", "signer"):
        answer = filled.as_role(role).get(f"{API}/documents/{document}")
        assert seeds.OWNER not in answer.text
        assert answer.json()["filing"]["owner_id"] == "079•••••1234"
    refused = filled.as_role("clerk").get(f"{API}/documents", params={"q": seeds.OWNER})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_value")


def test_a_look_up_needs_a_reason_and_is_logged_with_it(filled: World) -> None:
    client = filled.as_role("clerk")
    assert client.post(f"{API}/reuse/search", json={"owner": seeds.OWNER}).status_code == 422
    held = client.post(f"{API}/reuse/search", json={"owner": seeds.OWNER, "reason": "Tiếp nhận hồ sơ"})
    assert held.status_code == 200, held.text
    assert len(held.json()["items"]) >= 3
    entries = filled.services.audit.entries()
    logged = next(entry for entry in entries if "Tiếp nhận hồ sơ" in json.dumps(entry.details, ensure_ascii=False))
    assert logged.actor == "token:clerk"
    assert seeds.OWNER not in json.dumps(logged.details) + logged.subject
    reuse = {"document_id": filled.documents[0], "dossier": "H53.12-230101-0001", "reason": "Dùng lại kết quả"}
    made = client.post(f"{API}/reuse", json=reuse)
    assert made.status_code == 201, made.text


def test_progress_is_streamed_until_the_end(filled: World) -> None:
    client = filled.as_role("clerk")
    with client.stream("GET", f"{API}/documents/{filled.documents[0]}/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        told = "".join(answer.iter_text())
    assert "event: progress" in told
    assert told.rstrip().splitlines()[-2] == "event: end"
    assert '"step": "stored"' in told


def test_an_unsigned_pdf_is_told_so_and_not_kept(world: World) -> None:
    answer = world.as_role("auditor").post(f"{API}/verifications", files={"file": ("a.pdf", scan(9))})
    assert answer.status_code == 200, answer.text
    assert answer.json()["files"][0]["outcome"] == "unsigned"
    assert world.as_role("clerk").get(f"{API}/documents").json()["items"] == []
    reasons = world.as_role("clerk").get(f"{API}/reasons", headers={"Accept-Language": "en"}).json()["items"]
    assert {"code", "message", "todo"} == set(reasons[0])


def test_reports_in_every_format_and_the_rows_behind_a_figure(filled: World) -> None:
    client = filled.as_role("auditor")
    year = filled.services.clock().year
    report = client.get(f"{API}/reports/signed-share", params={"period": str(year), "calendar": "civil"})
    assert report.status_code == 200, report.text
    share = report.json()["shares"][0]
    assert share["denominator"] == 40
    figure = client.get(f"{API}/figures/{report.json()['figures'][0]}", params={"limit": 1000}).json()
    assert sum(1 for row in figure["rows"] if row["part"] == "signed") == share["numerator"]
    for accept, start in (("text/csv", b"\xef\xbb\xbf"), ("application/pdf", b"%PDF"), ("image/svg+xml", b"<svg")):
        answer = client.get(f"{API}/reports/signed-share", params={"keep": "false"}, headers={"Accept": accept})
        assert answer.headers["content-type"].startswith(accept)
        assert answer.content.startswith(start)
    bundle = client.get(f"{API}/figures/{report.json()['figures'][0]}/evidence.zip")
    assert "SHA256SUMS" in zipfile.ZipFile(io.BytesIO(bundle.content)).namelist()


def test_outgoing_is_registered_confirmed_once_and_recalled(filled: World) -> None:
    client = filled.as_role("signer")
    waiting = client.get(f"{API}/outgoing", params={"state": "draft", "q": ""}).json()["items"]
    document = next(item for item in waiting if item["sha256"])
    first = client.post(f"{API}/outgoing/{document['id']}/sign", json={"profile": "issue"})
    assert first.status_code == 202, first.text
    again = client.post(f"{API}/outgoing/{document['id']}/sign", json={"profile": "issue"})
    assert again.json()["id"] == first.json()["id"]
    new = client.post(f"{API}/outgoing", json={"unit": "P1", "abstract": "Về việc kiểm tra", "kind": "CV"})
    assert new.status_code == 201, new.text
    assert client.post(f"{API}/outgoing", json={"abstract": "x", "number": -1}).status_code == 422
    recalled = client.post(f"{API}/outgoing/{new.json()['id']}/recall", json={"reason": "Ban hành nhầm"})
    assert recalled.json()["state"] == "recalled"
    register = "Mã văn bản;Số ký hiệu;Ngày ban hành;Trích yếu\nA1;15/QĐ-UBND;05/02/2023;Về việc A\nA2;x;32/13/2023;B\n"
    done = client.post(f"{API}/outgoing/import", files={"file": ("so.csv", register.encode())}, data={"unit": "P1"})
    assert (done.json()["added"], len(done.json()["errors"]) > 0) == (1, True), done.text


def test_machines_are_answered(world: World) -> None:
    client = world.client
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json()["checks"] == {"database": "ok", "store": "ok"}
    client.get(f"{API}/documents/0123456789abc")
    counts = client.get("/metrics").text
    assert "digitise_http_requests_total" in counts
    assert "0123456789abc" not in counts
    assert f'route="{API}/documents/{{document_id}}"' in counts
    schema = client.get(f"{API}/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    assert f"{API}/figures/{{figure_id}}/evidence.zip" in schema["paths"]


def test_errors_of_the_router_are_problems_too(world: World) -> None:
    client = world.as_role("clerk")
    missing = client.get(f"{API}/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    wrong = client.delete(f"{API}/documents")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"]
    bad = world.client.get(f"{API}/documents", headers={"Authorization": "Bearer nonsense"})
    assert (bad.status_code, bad.headers["www-authenticate"]) == (401, "Bearer")


CONTRACT = """
POST /documents · GET /documents · GET /documents/{document_id} · PATCH /documents/{document_id}
GET /documents/{document_id}/artefacts/{name} · GET /documents/{document_id}/text · GET /documents/{document_id}/events
POST /documents/{document_id}/verify · POST /documents/{document_id}/recognise · GET /documents/{document_id}/verdicts
POST /reuse/search · POST /reuse · POST /verifications · GET /tasks/{task_id} · POST /tasks/{task_id}/retry · POST /tasks/{task_id}/drop
POST /outgoing · GET /outgoing · GET /outgoing/{outgoing_id} · POST /outgoing/{outgoing_id}/confirm · POST /outgoing/{outgoing_id}/sign
POST /outgoing/{outgoing_id}/recall · POST /outgoing/import · GET /reports/{name} · GET /figures/{figure_id}
GET /figures/{figure_id}/evidence.zip · GET /reasons
"""


def test_every_endpoint_of_the_contract_is_there(reading: World) -> None:
    found = {f"{method.upper()} {path}" for path, ways in schema(reading.app)["paths"].items() for method in ways}
    wanted = [one.strip().replace(" /", f" {API}/") for one in CONTRACT.replace("\n", "·").split("·") if one.strip()]
    assert [one for one in wanted if one not in found] == []


def test_every_answer_of_the_schema_names_its_problem_shape(reading: World) -> None:
    document = schema(reading.app)
    for path, methods in document["paths"].items():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if path.startswith(API) and status[0] in "45" and "content" in answer:
                    assert "application/problem+json" in answer["content"] or status == "416", (path, status)
    assert "Problem" in document["components"]["schemas"]
