"""Intake → pages → assembly on the real catalogue and a directory store, with the real recogniser on small pages."""

import dataclasses
import io
import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from digitise.errors import (
    Conflict,
    DiskFull,
    InvalidValue,
    LimitExceeded,
    PasswordNeeded,
    RefusedInput,
    UnreadableFile,
    UnsupportedType,
)
from digitise.model.documents import ArtefactKind, DocumentState, Filing
from digitise.model.people import SYSTEM
from digitise.model.tasks import TaskKind
from digitise.scan import reuse
from digitise.scan.intake import accept, clean_name
from digitise.settings import load
from tests import odd_files
from tests.unit.scan.house import House

pytestmark = pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract-ocr is not installed")


def test_one_scan_ends_stored_with_all_its_artefacts(house: House) -> None:
    document = house.run_all(odd_files.jpeg(), "quét.jpg")
    assert (document.state, document.pages) == (DocumentState.STORED, 1)
    kinds = {artefact.kind for artefact in document.artefacts}
    wanted = {
        ArtefactKind.ORIGINAL,
        ArtefactKind.SEARCHABLE,
        ArtefactKind.TEXT,
        ArtefactKind.WORDS,
        ArtefactKind.PREVIEW,
    }
    assert wanted <= kinds
    assert "QUYẾT ĐỊNH" in house.artefact(document, ArtefactKind.TEXT).decode()
    words = json.loads(house.artefact(document, ArtefactKind.WORDS))
    assert words["pages"][0]["words"][0]["box"][0] == pytest.approx(60, abs=12)
    assert set(words["fields"]) >= {"number", "symbol", "issued_on", "issuer", "signer"}
    assert house.artefact(document, ArtefactKind.SEARCHABLE).startswith(b"%PDF-1.7")
    assert house.artefact(document, ArtefactKind.ORIGINAL) == odd_files.jpeg()
    assert "dpi_estimated" in document.warnings


def test_a_volume_is_split_and_the_same_picture_is_read_once(
    house: House, volume: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = house.take(volume).document
    tasks = house.plan(document.id)
    assert {task.kind for task in tasks} == {TaskKind.PAGES}
    assert [task.key for task in tasks] == [task.key for task in house.plan(document.id)], (
        "planning twice promises once"
    )
    reads: list[int] = []
    from digitise.child import Child

    calls = Child.call

    def counted(self: Child, method: str, *args: object, **options: object) -> object:
        reads.append(1) if method == "read" else None
        return calls(self, method, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Child, "call", counted)
    progress: list[tuple[int, int]] = []
    follow = [task for one in tasks for task in house.read(one, progress)]
    assert len(reads) == 2, "page 3 is page 1's picture"
    assert [task.kind for task in follow] == [TaskKind.ASSEMBLE]
    assert progress[-1][0] == progress[-1][1]
    assert house.read(tasks[-1])[0].key == follow[0].key, "a range that runs again promises the same assembly"
    assert len(reads) == 2
    house.put_together(document.id)
    text = house.artefact(house.catalogue.get(document.id), ArtefactKind.TEXT).decode()
    assert text.count("\f") == 2


def test_the_same_bytes_are_the_same_document(house: House) -> None:
    first = house.take(odd_files.jpeg(), "một.jpg")
    again = house.take(odd_files.jpeg(), "hai.jpg")
    assert (first.existing, again.existing) == (False, True)
    assert again.document.id == first.document.id


def test_a_signed_pdf_keeps_its_bytes_and_gets_no_searchable_copy(house: House, tmp_path: Path) -> None:
    data = (
        odd_files.scan_pdf(tmp_path / "s.pdf", [odd_files.jpeg()]).read_bytes() + b"\n% /ByteRange [0 1 2 3]\n%%EOF\n"
    )
    document = house.run_all(data, "ký.pdf")
    assert document.state is DocumentState.STORED
    assert house.artefact(document, ArtefactKind.ORIGINAL) == data
    assert "QUYẾT ĐỊNH" in house.artefact(document, ArtefactKind.TEXT).decode()
    assert ArtefactKind.SEARCHABLE not in {artefact.kind for artefact in document.artefacts}
    assert "signed_kept" in document.warnings


def test_one_bad_page_does_not_lose_the_document(house: House, tmp_path: Path) -> None:
    good = odd_files.jpeg()
    path = odd_files.scan_pdf(tmp_path / "half.pdf", [good, good[:700]])
    document = house.run_all(path.read_bytes(), "half.pdf")
    assert document.state is DocumentState.STORED
    assert document.pages == 2
    assert "QUYẾT ĐỊNH" in house.artefact(document, ArtefactKind.TEXT).decode()


REFUSED = {
    "empty": (b"", UnreadableFile),
    "text": ("chỉ là chữ".encode() * 20, UnsupportedType),
    "pdf_header": (b"%PDF-1.4\n%%EOF", UnreadableFile),
    "cut_png": (b"\x89PNG\r\n\x1a\n\x00\x00", UnreadableFile),
    "cut_jpeg": (b"\xff\xd8\xff\xe0\x00\x10JFIF", UnreadableFile),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_file_is_named_and_leaves_nothing(house: House, name: str) -> None:
    data, kind = REFUSED[name]
    with pytest.raises(kind) as caught:
        house.take(data, f"{name}.pdf")
    assert caught.value.file == f"{name}.pdf"
    _nothing_kept(house)


@pytest.mark.parametrize("name", ["bomb.pdf", "bomb.png", "bomb.tif", "many.pdf", "locked.pdf", "none.pdf"])
def test_hostile_files_are_refused_at_the_door(house: House, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "locked.pdf":
        odd_files.encrypted_pdf(path, odd_files.text_pdf(tmp_path / "t.pdf"), user="x")
    else:
        {
            "bomb.pdf": odd_files.image_bomb_pdf, "bomb.png": odd_files.png_bomb, "bomb.tif": odd_files.tiff_bomb,
            "many.pdf": lambda to: odd_files.text_pdf(to, pages=10_000), "none.pdf": odd_files.no_pages_pdf,
        }[name](path)  # fmt: skip
    with pytest.raises(RefusedInput) as caught:
        house.take(path.read_bytes(), name)
    assert caught.value.file == name
    if name == "locked.pdf":
        assert isinstance(caught.value, PasswordNeeded)
    _nothing_kept(house)


def _nothing_kept(house: House) -> None:
    assert house.objects() == 0
    assert not list((house.settings.data / "incoming").iterdir())


def test_too_large_an_upload_stops_while_it_streams(house: House) -> None:
    class Endless(io.RawIOBase):
        sent = 0

        def read(self, size: int = -1) -> bytes:
            Endless.sent += size
            return (b"%PDF-1.7\n" + bytes(size))[:size]

    with pytest.raises(LimitExceeded):
        accept(
            Endless(),
            "big.pdf",
            Filing(),
            SYSTEM,
            store=house.store,
            catalogue=house.catalogue,
            settings=house.settings,
        )  # type: ignore[arg-type]
    assert Endless.sent <= house.settings.max_upload_bytes + (2 << 20)
    _nothing_kept(house)


def test_no_room_is_said_before_anything_is_read(house: House) -> None:
    house.settings = load(data=house.settings.data, min_free_bytes=1 << 60)
    with pytest.raises(DiskFull):
        house.take(odd_files.jpeg(), "a.jpg")


def test_codes_are_checked_and_identifiers_stay_out_of_messages(house: House) -> None:
    with pytest.raises(InvalidValue):
        house.take(odd_files.jpeg(), "a.jpg", Filing(dossier="not a code"))
    with pytest.raises(InvalidValue) as caught:
        house.take(odd_files.jpeg(), "a.jpg", Filing(owner_id="07912345678"))
    assert "0791" not in repr(caught.value.details)


def test_every_document_is_promised_its_work(house: House, volume: bytes) -> None:
    from digitise.scan.intake import promised
    from digitise.scan.kinds import FileKind

    assert [task.kind for task in promised(FileKind.PDF)] == [TaskKind.RECOGNISE, TaskKind.VERIFY]
    assert [task.kind for task in promised(FileKind.JPEG)] == [TaskKind.RECOGNISE]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("C:\\Scan\\tờ khai.pdf", "tờ khai.pdf"), ("../../etc/passwd", "passwd"), ("a\x00b\n.pdf", "ab.pdf"), ("", "tệp")],
)
def test_file_names_are_for_showing_only(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_what_may_not_be_used_again_says_why(house: House) -> None:
    today = date(2026, 3, 4)
    document = house.take(odd_files.jpeg(), "a.jpg").document
    assert reuse.why_not(document, today) == ("not_stored",)
    stored = dataclasses.replace(document, state=DocumentState.STORED)
    assert reuse.why_not(stored, today) == ()
    old = dataclasses.replace(stored, filing=Filing(valid_until=date(2026, 3, 3)), verdict="invalid")
    assert reuse.why_not(old, today) == ("expired", "invalid_signature")
    with pytest.raises(Conflict) as caught:
        reuse.use_again(
            document.id, "H53.12-220915-0007", "cấp đổi", SYSTEM, today, catalogue=house.catalogue, reuse=None
        )  # type: ignore[arg-type]
    assert caught.value.reason == "reuse_not_stored"
