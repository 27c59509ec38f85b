"""`digitise ocr` on the corpus of odd, broken and hostile files: each as its manifest says."""

import csv
import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pikepdf
import pytest

CORPUS = Path(os.environ.get("DIGITISE_CORPUS", Path(__file__).parents[3] / "shared" / "corpus")) / "robustness"
MANIFEST = CORPUS / "manifest.csv"
ROWS = list(csv.DictReader(MANIFEST.open(encoding="utf-8"))) if MANIFEST.is_file() else []
# Pictures without any word that a reader of Vietnamese and English could find, or none at all.
WORDLESS = {"blank.pdf", "lichtenstein.pdf", "docinfo_latin1_key.pdf", "vector.pdf", "made_heic_named.jpg"}
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not ROWS, reason=f"no robustness corpus at {CORPUS}")]


class Run:
    """One run of the command over all files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        files = [str(CORPUS / row["file"]) for row in ROWS]
        command = [sys.executable, "-c", "from digitise.cli import main; main()", "ocr", *files]
        targets = ["-o", str(folder), "--text", str(folder), "--words", str(folder), "--json"]
        self.done = subprocess.run([*command, *targets], capture_output=True, text=True, timeout=1200, check=False)
        self.files: dict[str, dict[str, Any]] = {
            Path(row["file"]).name: row for row in json.loads(self.done.stdout)["files"]
        }

    def made(self, name: str, suffix: str) -> Path:
        return next(Path(path) for path in self.files[name]["made"] if path.endswith(suffix))

    def text(self, name: str) -> str:
        return self.made(name, ".txt").read_text(encoding="utf-8")

    def words(self, name: str) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads(self.made(name, ".json").read_text(encoding="utf-8"))
        return loaded

    def warnings(self, name: str) -> set[str]:
        return {warning["code"] for warning in self.files[name]["warnings"]}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(tmp_path_factory.mktemp("robustness"))


def test_every_file_is_answered_and_the_worst_is_the_exit_code(run: Run) -> None:
    assert set(run.files) == {row["file"] for row in ROWS}
    assert run.done.returncode == 20


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_as_the_manifest_says(run: Run, row: dict[str, str]) -> None:
    name, kind = row["file"], row["class"]
    told = run.files[name]
    if kind == "error" or (kind in ("error_or_limited", "ocr_or_error") and told["outcome"] == "error"):
        assert told["outcome"] == "error"
        assert told["error"]["code"] in ("unreadable", "limit_exceeded", "password_needed", "unsupported_type")
        assert told["error"]["message"].startswith(f"{name}: ")
        assert not list(run.folder.glob(f"{Path(name).stem}.*")) or name.startswith("made_bomb")
        return
    assert told["outcome"] == "done"
    assert told["failed_pages"] == 0
    text = run.text(name)
    assert unicodedata.is_normalized("NFC", text)
    _CHECKS.get(kind, _read)(run, name, text)


def _read(run: Run, name: str, text: str) -> None:
    if name not in WORDLESS:
        assert text.strip(), "nothing was read"
    _same_geometry(run, name)


def _empty(run: Run, name: str, text: str) -> None:
    assert not text.strip()
    assert "blank" in run.warnings(name)


def _warned(run: Run, name: str, text: str) -> None:
    assert "active_content" in run.warnings(name)
    with pikepdf.open(run.made(name, ".pdf")) as pdf:
        assert "/OpenAction" not in pdf.Root
        assert "/JavaScript" not in pdf.Root.get("/Names", {})


def _kept(run: Run, name: str, text: str) -> None:
    engines = {page["engine"] for page in run.words(name)["pages"]}
    assert engines == {"pdf-text"} or "text_layer_replaced" in run.warnings(name)
    assert text.strip()
    with pikepdf.open(CORPUS / name) as before, pikepdf.open(run.made(name, ".pdf")) as after:
        assert ("/StructTreeRoot" in before.Root) == ("/StructTreeRoot" in after.Root)


def _signed(run: Run, name: str, text: str) -> None:
    assert run.made(name, ".pdf").read_bytes() == (CORPUS / name).read_bytes()
    assert run.files[name]["signed"]
    assert text.strip()


def _mixed(run: Run, name: str, text: str) -> None:
    engines = [page["engine"] == "pdf-text" for page in run.words(name)["pages"]]
    assert True in engines
    assert False in engines


_CHECKS = {
    "ocr_empty": _empty,
    "ocr_warn": _warned,
    "skip": _kept,
    "skip_signed": _signed,
    "mixed": _mixed,
}


def _same_geometry(run: Run, name: str) -> None:
    """The pages have the size and number that they had, and outlines are still there."""
    if not name.endswith(".pdf"):
        return
    with pikepdf.open(CORPUS / name) as before, pikepdf.open(run.made(name, ".pdf")) as after:
        assert len(before.pages) == len(after.pages)
        for one, other in zip(before.pages, after.pages, strict=True):
            assert [float(edge) for edge in one.mediabox] == [float(edge) for edge in other.mediabox]
        assert ("/Outlines" in before.Root) == ("/Outlines" in after.Root)
