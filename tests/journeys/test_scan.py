"""A scan goes in at a door and comes back searchable, stored, and found again."""

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.papers import degrade, paper, scan_pdf
from tests.stack import Stack, running, until


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    with running(folder / "data", "--watch", str(folder / "scanner")) as stack:
        yield stack


@pytest.fixture(scope="module")
def decision(tmp_path_factory: pytest.TempPathFactory) -> Path:
    drawn = paper(1, kind="decision")
    pages = [degrade(sheet.image, "skew", 1) for sheet in drawn.sheets]
    return scan_pdf(pages, tmp_path_factory.mktemp("scans") / "quyet-dinh.pdf", dpi=200)


def upload(client: httpx.Client, file: Path, **fields: str) -> httpx.Response:
    with file.open("rb") as stream:
        return client.post("/documents", files={"file": (file.name, stream)}, data=fields)


def stored(client: httpx.Client, document_id: str) -> dict:
    def look() -> dict | None:
        found = client.get(f"/documents/{document_id}").json()
        assert found["state"] != "failed", found
        return found if found["state"] == "stored" else None

    return until(look, 120)


@pytest.fixture(scope="module")
def uploaded(stack: Stack, decision: Path) -> dict:
    """The decision, uploaded and recognised; each test may run alone."""
    with stack.client() as client:
        sent = upload(client, decision, dossier="H53.12-220915-0007", owner="079123451234")
        assert sent.status_code == 201
        return stored(client, sent.json()["id"])


def test_an_uploaded_scan_is_stored_searchable_and_found(stack: Stack, decision: Path, uploaded: dict) -> None:
    truth = paper(1, kind="decision")
    document = uploaded
    with stack.client() as client:
        artefacts = {a["kind"]: a for a in document["artefacts"]}
        assert {"original", "searchable", "text", "words", "preview"} <= artefacts.keys()
        original = client.get(f"/documents/{document['id']}/artefacts/original")
        assert hashlib.sha256(original.content).hexdigest() == hashlib.sha256(decision.read_bytes()).hexdigest()
        number = f"{truth.fields['number']}/{truth.fields['symbol']}"
        found = client.get("/documents", params={"q": number}).json()["items"]
        assert [item["id"] for item in found] == [document["id"]]
        searchable = client.get(f"/documents/{document['id']}/artefacts/searchable").content
        text = subprocess.run(
            ["pdftotext", "-", "-"], input=searchable, capture_output=True, check=True
        ).stdout.decode()
        assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT" in text


def test_the_same_bytes_twice_are_one_document(stack: Stack, decision: Path, uploaded: dict) -> None:
    with stack.client() as client:
        again = upload(client, decision)
    assert again.status_code == 200
    assert again.json()["id"] == uploaded["id"]
    assert again.json()["existing"] is True


def test_the_command_line_sees_the_same_store(stack: Stack, decision: Path, uploaded: dict, tmp_path: Path) -> None:
    shown = stack.run("scan", str(decision), "--wait", "-o", str(tmp_path))
    row = shown["documents"][0]
    assert row["existing"]
    assert row["state"] == "stored"
    found = stack.run("find", "cong hoa xa hoi chu nghia viet nam")
    assert row["id"] in [document["id"] for document in found["documents"]]
    assert (tmp_path / "quyet-dinh.pdf").read_bytes()[:5] == b"%PDF-"


def test_reuse_is_found_and_recorded(stack: Stack, uploaded: dict) -> None:
    held = stack.run(
        "reuse", "--owner", "079123451234", "--for", "H53.12-221001-0003", "--reason", "cấp đổi giấy chứng nhận"
    )["documents"]
    assert len(held) == 1
    assert held[0]["owner_id"] == "079•••••1234"
    assert held[0]["reuse"]["dossier"] == "H53.12-221001-0003"


def test_a_file_in_the_drop_folder_is_taken_in(stack: Stack) -> None:
    folder = Path(stack.options[1])
    image = degrade(paper(2, kind="letter").sheets[0].image, "clean", 2)
    image.convert("RGB").save(folder / "scan0001.part", format="JPEG", quality=80)
    (folder / "scan0001.part").rename(folder / "scan0001.jpg")
    (folder / "thu.pdf").write_text("this is no PDF")
    note = until(lambda: (folder / "done" / "scan0001.jpg.txt").exists() and folder / "done" / "scan0001.jpg.txt", 30)
    refused = until(lambda: (folder / "refused" / "thu.pdf.txt").exists() and folder / "refused" / "thu.pdf.txt", 30)
    assert "thu.pdf" in refused.read_text()
    with stack.client() as client:
        assert stored(client, note.read_text().strip())["file_name"] == "scan0001.jpg"


def test_bad_files_are_told_and_the_workers_live_on(
    stack: Stack, tmp_path: Path, decision: Path, uploaded: dict
) -> None:
    bad = {"empty.pdf": b"", "text.pdf": b"just text\n", "cut.pdf": b"%PDF-1.7\n%%EOF\n"}
    with stack.client() as client:
        for name, content in bad.items():
            file = tmp_path / name
            file.write_bytes(content)
            answer = upload(client, file)
            assert 400 <= answer.status_code < 500, (name, answer.text)
            assert answer.headers["content-type"].startswith("application/problem+json")
            assert name in answer.text
        assert upload(client, decision).status_code == 200


def test_ctrl_c_ends_cleanly(tmp_path: Path) -> None:
    with running(tmp_path / "data") as stack:
        assert stack.process
        assert stack.stop() == 0
        assert not (tmp_path / "data" / "run" / "valkey" / "valkey.sock").exists()
