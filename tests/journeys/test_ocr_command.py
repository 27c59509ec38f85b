"""`digitise ocr` as a person calls it: one file, several, a folder, a range; results, exit codes, sentences."""

import json
import os
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from tests import odd_files

pytestmark = pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract-ocr is not installed")


def digitise(*arguments: object, lang: str = "vi") -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", "from digitise.cli import main; main()", "ocr", *map(str, arguments)]
    environment = {**os.environ, "DIGITISE_LANG": lang}
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environment)


def told(done: "subprocess.CompletedProcess[str]") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(done.stdout)["files"]
    return rows


def test_one_scan_becomes_pdf_text_and_words(tmp_path: Path) -> None:
    source = odd_files.save(odd_files.note(), tmp_path / "quét.jpg", dpi=(200, 200))
    pdf, text, words = tmp_path / "out.pdf", tmp_path / "out.txt", tmp_path / "out.json"
    done = digitise(source, "-o", pdf, "--text", text, "--words", words)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    read = text.read_text(encoding="utf-8")
    assert "QUYẾT ĐỊNH" in read
    assert unicodedata.is_normalized("NFC", read)
    file = json.loads(words.read_text(encoding="utf-8"))
    assert set(file) == {"engine", "languages", "pages", "fields"}
    page = file["pages"][0]
    assert {"width", "height", "dpi", "rotation", "skew", "warnings", "words"} <= set(page)
    assert (page["width"], page["height"], page["dpi"]) == (1000, 300, 200)
    assert {"text", "box", "confidence", "line"} <= set(page["words"][0])
    assert {"value", "confidence", "box", "page"} == set(file["fields"]["number"])
    with pikepdf.open(pdf) as made, made.open_metadata() as xmp:
        assert xmp["pdfaid:part"] == "2"
        assert str(made.Root.Lang) == "vi"


def test_several_files_the_worst_decides_and_each_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    odd_files.save(odd_files.note(), folder / "a.png", dpi=(200, 200))
    odd_files.save(odd_files.note(), folder / "a.jpg", dpi=(200, 200))
    (folder / "empty.pdf").write_bytes(b"")
    odd_files.png_bomb(folder / "bomb.png")
    done = digitise(folder, "-o", tmp_path / "out", "--json")
    assert done.returncode == 20
    rows = {Path(row["file"]).name: row for row in told(done)}
    assert {name: row["outcome"] for name, row in rows.items()} == {
        "a.png": "done", "a.jpg": "done", "empty.pdf": "error", "bomb.png": "error",
    }  # fmt: skip
    assert rows["empty.pdf"]["error"]["code"] == "unreadable"
    assert rows["bomb.png"]["error"]["code"] == "limit_exceeded"
    assert len({rows["a.png"]["made"][0], rows["a.jpg"]["made"][0]}) == 2, "two files of one stem overwrite each other"
    assert "empty.pdf: Tệp rỗng" in done.stderr


def test_a_range_of_pages(tmp_path: Path) -> None:
    source = odd_files.text_pdf(tmp_path / "ten.pdf", pages=10, text="Trang so")
    target, text = tmp_path / "out.pdf", tmp_path / "out.txt"
    assert digitise(source, "-o", target, "--text", text, "--pages", "3-4").returncode == 0
    with pikepdf.open(target) as made:
        assert [page.label for page in made.pages] == ["3", "4"]
    assert text.read_text(encoding="utf-8").split("\f")[0].strip() == "Trang so 3"
    assert digitise(source, "-o", target, "--pages", "20-30").returncode == 2
    assert digitise(source, "-o", target, "--pages", "x").returncode == 2


def test_a_signed_file_keeps_every_byte_and_its_text_lies_beside(tmp_path: Path) -> None:
    source = odd_files.scan_pdf(tmp_path / "signed.pdf", [odd_files.jpeg()])
    source.write_bytes(source.read_bytes() + b"\n% /ByteRange [0 1 2 3]\n%%EOF\n")
    done = digitise(source, "-o", tmp_path / "out.pdf", "--json")
    assert done.returncode == 0
    assert (tmp_path / "out.pdf").read_bytes() == source.read_bytes()
    assert "QUYẾT ĐỊNH" in (tmp_path / "out.txt").read_text(encoding="utf-8")
    assert told(done)[0]["signed"] is True


def test_what_cannot_be_done_is_said(tmp_path: Path) -> None:
    source = odd_files.save(odd_files.note(), tmp_path / "a.jpg")
    missing = digitise(tmp_path / "none.pdf", "-o", tmp_path / "o.pdf", lang="en")
    assert missing.returncode == 20
    assert "none.pdf: There is no such file" in missing.stderr
    same = digitise(source, "-o", source)
    assert same.returncode == 2
    assert digitise(source).returncode == 2, "no result was wished for"
    nowhere = digitise(source, "-o", "/proc/nowhere/out.pdf", lang="en")
    assert nowhere.returncode == 2
    assert "cannot be written" in nowhere.stderr
    locked = odd_files.encrypted_pdf(tmp_path / "l.pdf", odd_files.text_pdf(tmp_path / "t.pdf"), user="x")
    done = digitise(locked, "-o", tmp_path / "o.pdf")
    assert done.returncode == 20
    assert "mật khẩu" in done.stderr


def test_missing_language_data_names_the_package(tmp_path: Path) -> None:
    source = odd_files.save(odd_files.note(), tmp_path / "a.jpg")
    command = [
        sys.executable,
        "-c",
        "from digitise.cli import main; main()",
        "ocr",
        str(source),
        "-o",
        str(tmp_path / "o.pdf"),
    ]
    environment = {**os.environ, "DIGITISE_OCR_LANGUAGES": "xyz", "DIGITISE_LANG": "en"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert done.returncode == 30
    assert "tesseract-ocr-xyz" in done.stderr
