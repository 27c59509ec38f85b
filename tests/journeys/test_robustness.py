"""The corpus of odd, broken and hostile files through the upload door and the workers, and `digitise ocr` on the worst of
them: each as its manifest says.
"""

import csv
import io
import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import httpx
import pikepdf
import pytest

from tests.stack import running, until

CORPUS = Path(os.environ.get("DIGITISE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus")) / "robustness"
MANIFEST = CORPUS / "manifest.csv"
ROWS = list(csv.DictReader(MANIFEST.open(encoding="utf-8"))) if MANIFEST.is_file() else []
ODD = [row for row in ROWS if row["class"] != "ocr"]
# Pictures without any word that a reader of Vietnamese and English could find, or none at all.
WORDLESS = {"blank.pdf", "lichtenstein.pdf", "docinfo_latin1_key.pdf", "vector.pdf", "made_heic_named.jpg"}
STATUS = {"unreadable": 422, "password_needed": 422, "unsupported_type": 415, "limit_exceeded": 413}
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not ROWS, reason=f"no robustness corpus at {CORPUS}"),
]


class Answers(Protocol):
    """What came of each file, whichever door it went in by."""

    def error(self, name: str) -> dict[str, Any] | None:
        """Return `code` and `message` of a refusal."""

    def read(self, name: str, kind: str) -> bytes:
        """Return one of the files that were made: `pdf`, `text`, `words`."""

    def warnings(self, name: str) -> set[str]:
        """Return the warnings' keys."""


class Command:
    """One run of `digitise ocr` over all files."""

    def __init__(self, folder: Path) -> None:
        files = [str(CORPUS / row["file"]) for row in ODD]
        command = [sys.executable, "-c", "from digitise.cli import main; main()", "ocr", *files]
        targets = ["-o", str(folder), "--text", str(folder), "--words", str(folder), "--json"]
        self.done = subprocess.run([*command, *targets], capture_output=True, text=True, timeout=1200, check=False)
        self.files: dict[str, dict[str, Any]] = {
            Path(row["file"]).name: row for row in json.loads(self.done.stdout)["files"]
        }

    def error(self, name: str) -> dict[str, Any] | None:
        told = self.files[name]
        assert told["outcome"] in ("done", "error")
        return told["error"] if told["outcome"] == "error" else None

    def read(self, name: str, kind: str) -> bytes:
        suffix = {"pdf": ".pdf", "text": ".txt", "words": ".json"}[kind]
        return next(Path(path) for path in self.files[name]["made"] if path.endswith(suffix)).read_bytes()

    def warnings(self, name: str) -> set[str]:
        return {warning["code"] for warning in self.files[name]["warnings"]}


class Door:
    """Every file uploaded, and followed until the workers are through with it."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.answers: dict[str, httpx.Response] = {}
        for row in ROWS:
            with (CORPUS / row["file"]).open("rb") as stream:
                self.answers[row["file"]] = client.post(
                    "/documents", files={"file": (row["file"], stream)}, timeout=120
                )
        self.documents = {name: self._ended(a) for name, a in self.answers.items() if a.status_code < 300}

    def _ended(self, answer: httpx.Response) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            document: dict[str, Any] = self.client.get(f"/documents/{answer.json()['id']}").json()
            return document if document["state"] in ("stored", "failed") else None

        return until(look, 900, 0.5)

    def error(self, name: str) -> dict[str, Any] | None:
        answer = self.answers[name]
        if name in self.documents:
            assert self.documents[name]["state"] == "stored", self.documents[name]["error"]
            return None
        problem = answer.json()
        assert answer.status_code == STATUS[problem["code"]], problem
        assert problem["file"] == name
        return {"code": problem["code"], "message": problem["detail"]}

    def read(self, name: str, kind: str) -> bytes:
        document = self.documents[name]
        held = {artefact["kind"] for artefact in document["artefacts"]}
        wanted = {"pdf": "searchable" if "searchable" in held else "original"}.get(kind, kind)
        return self.client.get(f"/documents/{document['id']}/artefacts/{wanted}").raise_for_status().content

    def warnings(self, name: str) -> set[str]:
        return set(self.documents[name]["warnings"])


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Command:
    return Command(tmp_path_factory.mktemp("robustness"))


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with running(tmp_path_factory.mktemp("door") / "data") as stack, stack.client() as client:
        yield Door(client)


def test_every_file_is_answered_and_the_worst_is_the_exit_code(command: Command) -> None:
    assert set(command.files) == {row["file"] for row in ODD}
    assert command.done.returncode == 20


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_the_upload_door_and_the_workers_do_as_the_manifest_says(door: Door, row: dict[str, str]) -> None:
    _judged(door, row)


@pytest.mark.parametrize("row", ODD, ids=[row["file"] for row in ODD])
def test_the_command_does_as_the_manifest_says(command: Command, row: dict[str, str]) -> None:
    _judged(command, row)


def _judged(run: Answers, row: dict[str, str]) -> None:
    name, kind = row["file"], row["class"]
    error = run.error(name)
    if kind == "error" or (kind in ("error_or_limited", "ocr_or_error") and error):
        assert error
        assert error["code"] in STATUS
        assert error["message"].startswith(f"{name}: ")
        return
    assert error is None
    assert "page_failed" not in run.warnings(name)
    text = run.read(name, "text").decode()
    assert unicodedata.is_normalized("NFC", text)
    _CHECKS.get(kind, _read)(run, name, text)


def _pages(run: Answers, name: str) -> list[dict[str, Any]]:
    pages: list[dict[str, Any]] = json.loads(run.read(name, "words"))["pages"]
    return pages


def _made(run: Answers, name: str) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(run.read(name, "pdf")))


def _read(run: Answers, name: str, text: str) -> None:
    if name not in WORDLESS:
        assert text.strip(), "nothing was read"
    _same_geometry(run, name)


def _empty(run: Answers, name: str, text: str) -> None:
    assert not text.strip()
    assert "blank" in run.warnings(name)


def _warned(run: Answers, name: str, text: str) -> None:
    assert "active_content" in run.warnings(name)
    with _made(run, name) as pdf:
        assert "/OpenAction" not in pdf.Root
        assert "/JavaScript" not in pdf.Root.get("/Names", {})


def _kept(run: Answers, name: str, text: str) -> None:
    engines = {page["engine"] for page in _pages(run, name)}
    assert engines == {"pdf-text"} or "text_layer_replaced" in run.warnings(name)
    assert text.strip()
    with pikepdf.open(CORPUS / name) as before, _made(run, name) as after:
        assert ("/StructTreeRoot" in before.Root) == ("/StructTreeRoot" in after.Root)


def _signed(run: Answers, name: str, text: str) -> None:
    assert run.read(name, "pdf") == (CORPUS / name).read_bytes()
    assert "signed_kept" in run.warnings(name)
    assert text.strip()


def _mixed(run: Answers, name: str, text: str) -> None:
    engines = [page["engine"] == "pdf-text" for page in _pages(run, name)]
    assert True in engines
    assert False in engines


_CHECKS = {
    "ocr_empty": _empty,
    "ocr_warn": _warned,
    "skip": _kept,
    "skip_signed": _signed,
    "mixed": _mixed,
}


def _same_geometry(run: Answers, name: str) -> None:
    """The pages have the size and number that they had, and outlines are still there."""
    if not name.endswith(".pdf"):
        return
    with pikepdf.open(CORPUS / name) as before, _made(run, name) as after:
        assert len(before.pages) == len(after.pages)
        for one, other in zip(before.pages, after.pages, strict=True):
            assert [float(edge) for edge in one.mediabox] == [float(edge) for edge in other.mediabox]
        assert ("/Outlines" in before.Root) == ("/Outlines" in after.Root)
