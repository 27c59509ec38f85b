"""Intake → pages → assembly on the real catalogue and a directory store, with the real recogniser on small pages."""

import dataclasses
import io
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from digitise.bootstrap import compose
from digitise.errors import (
    Conflict,
    DiskFull,
    InvalidValue,
    LeaseLost,
    LimitExceeded,
    PasswordNeeded,
    RefusedInput,
    UnreadableFile,
    UnsupportedType,
)
from digitise.model.documents import Accepted, ArtefactKind, Document, DocumentState, Filing
from digitise.model.people import SYSTEM
from digitise.model.tasks import NewTask, TaskKind
from digitise.scan import recognise, reuse
from digitise.scan.desk import Desk, Desks
from digitise.scan.intake import accept, clean_name
from digitise.settings import Settings, load
from storage.catalogue import SqlCatalogue
from storage.database import Database
from storage.local import LocalStore
from tests import odd_files
from workers import jobs

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
pytestmark = pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract-ocr is not installed")


class House:
    """Store, catalogue and settings of one test, and the journeys on them."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.settings: Settings = load(data=folder / "data", max_upload_bytes=20_000_000)
        self.store = LocalStore(folder / "objects")
        self.catalogue = SqlCatalogue(database, self.clock)
        self.desks = Desks(self.store, self.settings)
        self.database = database

    def clock(self) -> datetime:
        return NOW

    def take(self, data: bytes, name: str = "a.pdf", filing: Filing | None = None) -> Accepted:
        return accept(
            io.BytesIO(data), name, filing or Filing(), SYSTEM,
            store=self.store, catalogue=self.catalogue, settings=self.settings,
        )  # fmt: skip

    def plan(self, document_id: str, run: str = "1") -> list[NewTask]:
        return recognise.plan(
            document_id, store=self.store, catalogue=self.catalogue, settings=self.settings, clock=self.clock,
            desks=self.desks, run=run,
        )  # fmt: skip

    def read(self, task: NewTask, progress: list[tuple[int, int]] | None = None) -> list[NewTask]:
        told = progress if progress is not None else []
        return recognise.recognise_range(
            task.subject, int(task.args["first"]), int(task.args["last"]),
            store=self.store, catalogue=self.catalogue, desks=self.desks, run=str(task.args["run"]),
            progress=lambda done, total: told.append((done, total)),
        )  # fmt: skip

    def put_together(self, document_id: str) -> None:
        recognise.assemble(
            document_id, store=self.store, catalogue=self.catalogue, settings=self.settings, clock=self.clock
        )

    def run_all(self, data: bytes, name: str) -> Document:
        accepted = self.take(data, name)
        waiting = self.plan(accepted.document.id)
        while waiting:
            task = waiting.pop()
            if task.kind is TaskKind.PAGES:
                waiting += self.read(task)
            else:
                self.put_together(task.subject)
        return self.catalogue.get(accepted.document.id)

    def artefact(self, document: Document, kind: ArtefactKind) -> bytes:
        found = next(one for one in document.artefacts if one.kind is kind)
        with self.store.open(found.sha256) as source:
            return source.read()

    def objects(self) -> int:
        return len(list(self.store.keys()))


@pytest.fixture
def house(tmp_path: Path, sqlite_database: Database) -> Iterator[House]:
    house = House(tmp_path, sqlite_database)
    yield house
    house.desks.close()


@pytest.fixture
def volume(tmp_path: Path) -> bytes:
    """Three scanned pages, the first and the last of them the same picture."""
    pages = [
        odd_files.jpeg(odd_files.note(text)) for text in ("QUYẾT ĐỊNH số 15", "Điều 2 Hiệu lực", "QUYẾT ĐỊNH số 15")
    ]
    return odd_files.scan_pdf(tmp_path / "volume.pdf", pages).read_bytes()


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


def test_page_ranges_of_one_file_share_one_child(house: House, volume: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    init = Desk.__init__

    def noted(self: Desk, path: Path, settings: Settings, file: str) -> None:
        opened.append(file)
        init(self, path, settings, file)

    monkeypatch.setattr(Desk, "__init__", noted)
    first, other = house.take(volume, "a.pdf").document, house.take(odd_files.jpeg(), "b.jpg").document
    ranges = house.plan(first.id)
    assert len(ranges) > 1
    for one in ranges:
        house.read(one)
    house.plan(other.id)
    assert opened == ["a.pdf", "b.jpg"]
    with pytest.raises(LeaseLost), house.desks.of(other):
        raise LeaseLost(id="x")
    with house.desks.of(other):
        assert opened == ["a.pdf", "b.jpg", "b.jpg"], "a desk that an error left is not used again"


def test_one_job_does_all_that_is_due(house: House, volume: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    served = compose(house.settings, house.clock)
    served.store, served.catalogue, served.database = house.store, house.catalogue, house.database  # type: ignore[misc]
    monkeypatch.setattr(jobs, "services", lambda: served)
    document = house.take(volume).document
    jobs.ocr(served.tasks.due([TaskKind.RECOGNISE], 1)[0].id)
    assert house.catalogue.get(document.id).state is DocumentState.STORED


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
