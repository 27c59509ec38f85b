"""The HTTP API as programs use it, beside documents: look-ups, verification, reports, the register, the machine itself."""

import io
import json
import zipfile

from digitise.web.app import schema
from tests.web import seeds
from tests.web.conftest import World
from tests.web.seeds import scan

API = "/api/v1"


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
PATCH /documents/{document_id}/words
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
