"""A corrected word is found in the searchable PDF too, and nothing else of the document changes."""

import json
import shutil
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest

from digitise.model.documents import ArtefactKind, Document
from digitise.model.people import SYSTEM
from digitise.scan.corrected import lay_anew, promised
from digitise.web.correction import correct_word
from storage.database import Database
from storage.tasks import SqlTasks
from tests import odd_files
from tests.unit.scan.house import House

pytestmark = pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract-ocr is not installed")


def sha_of(document: Document, kind: ArtefactKind) -> str | None:
    return next((one.sha256 for one in document.artefacts if one.kind is kind), None)


def correct(house: House, document: Document, old: str, new: str) -> Document:
    words = json.loads(house.artefact(document, ArtefactKind.WORDS))["pages"][0]["words"]
    index = [word["text"] for word in words].index(old)
    seen = sha_of(document, ArtefactKind.WORDS)
    assert seen
    services: Any = house
    return correct_word(services, document, 1, index, new, seen, SYSTEM)


def lay(house: House, document: Document) -> Document:
    words = sha_of(document, ArtefactKind.WORDS)
    assert words
    lay_anew(
        document.id,
        words,
        store=house.store,
        catalogue=house.catalogue,
        settings=house.settings,
        clock=house.clock,
    )
    return house.catalogue.get(document.id)


def searchable_text(house: House, document: Document) -> str:
    page = pdfium.PdfDocument(house.artefact(document, ArtefactKind.SEARCHABLE))[0].get_textpage()
    return " ".join(page.get_text_range().split())


def test_the_searchable_copy_follows_the_words(house: House, sqlite_database: Database) -> None:
    before = house.run_all(odd_files.jpeg(), "quét.jpg")
    assert "QUYẾT ĐỊNH số" in searchable_text(house, before)
    changed = correct(house, before, "số", "ngày hai")  # one word that was two
    changed = correct(house, changed, "QUYẾT", "")  # and one that was none
    tasks = SqlTasks(sqlite_database, house.clock).list(subject=before.id)
    due = [task for task in tasks if "words" in task.args]
    assert sha_of(changed, ArtefactKind.WORDS) in {task.args["words"] for task in due}
    assert len(due) == 2
    assert min(task.not_before for task in due) > house.clock(), "one copy for words corrected one after another"
    after = lay(house, changed)
    told = searchable_text(house, after)
    assert "ĐỊNH ngày hai" in told
    assert "QUYẾT" not in told
    kept = (ArtefactKind.WORDS, ArtefactKind.TEXT, ArtefactKind.ORIGINAL, ArtefactKind.PREVIEW)
    assert [sha_of(after, kind) for kind in kept] == [sha_of(changed, kind) for kind in kept]
    former = sha_of(before, ArtefactKind.SEARCHABLE)
    assert former
    assert house.store.exists(former), "superseded, not lost"


def test_an_older_correction_makes_way_for_a_newer_one(house: House) -> None:
    first = correct(house, house.run_all(odd_files.jpeg(), "quét.jpg"), "số", "sổ")
    second = correct(house, first, "sổ", "số")
    laid = lay(house, second)
    assert sha_of(lay(house, first), ArtefactKind.SEARCHABLE) == sha_of(laid, ArtefactKind.SEARCHABLE)


def test_a_signed_pdf_is_promised_no_copy(house: House, tmp_path: Path) -> None:
    data = (
        odd_files.scan_pdf(tmp_path / "s.pdf", [odd_files.jpeg()]).read_bytes() + b"\n% /ByteRange [0 1 2 3]\n%%EOF\n"
    )
    document = house.run_all(data, "ký.pdf")
    changed = correct(house, document, "số", "sổ")
    assert promised(changed, "0" * 64, house.clock) == []
    assert house.artefact(changed, ArtefactKind.ORIGINAL) == data
