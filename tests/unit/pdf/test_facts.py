"""Facts about PDFs, and hostile ones refused by their headers in under a second."""

import time
from pathlib import Path

import pytest

from digitise.errors import LimitExceeded, PasswordNeeded, RefusedInput, UnreadableFile
from digitise.pdf import facts, reading
from digitise.settings import Settings, load
from tests import odd_files

QUICK_SECONDS = 1.0
CROWDED = 6  # times slower when all tests run at once on two cores


@pytest.fixture(scope="module")
def settings() -> Settings:
    from digitise.child import start

    start()
    return load()


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return odd_files.scan_pdf(tmp_path / "scan.pdf", [odd_files.jpeg()])


def _refused(path: Path, settings: Settings) -> RefusedInput:
    facts_warm_up(settings, path.parent)
    started = time.monotonic()
    with pytest.raises(RefusedInput) as caught:
        facts(path, settings, file=path.name)
    assert time.monotonic() - started < QUICK_SECONDS * CROWDED
    assert caught.value.file == path.name
    return caught.value


def facts_warm_up(settings: Settings, folder: Path) -> None:
    facts(odd_files.text_pdf(folder / "warm.pdf"), settings)


def test_plain_scan(scan: Path, settings: Settings) -> None:
    found = facts(scan, settings)
    assert (found.pages, found.sizes) == (1, ((360.0, 108.0),))
    assert not any((found.encrypted, found.signed, found.damaged, found.tagged, found.active))


def test_image_bomb(tmp_path: Path, settings: Settings) -> None:
    error = _refused(odd_files.image_bomb_pdf(tmp_path / "bomb.pdf"), settings)
    assert (type(error), error.reason) == (LimitExceeded, "page_pixels")


def test_ten_thousand_pages(tmp_path: Path, settings: Settings) -> None:
    error = _refused(odd_files.text_pdf(tmp_path / "many.pdf", pages=10_000), settings)
    assert (error.reason, error.details["found"]) == ("pages", 10_000)


def test_page_of_twenty_metres(tmp_path: Path, settings: Settings) -> None:
    error = _refused(odd_files.text_pdf(tmp_path / "huge.pdf", size=(56_693, 56_693)), settings)
    assert (error.reason, error.details["page"]) == ("page_size", 1)


def test_content_that_unpacks_to_gigabytes(tmp_path: Path, settings: Settings) -> None:
    error = _refused(odd_files.content_bomb_pdf(tmp_path / "content.pdf"), settings)
    assert (type(error), error.reason, error.details["page"]) == (LimitExceeded, "page_content", 1)


def test_a_cut_file_gives_the_pages_that_are_whole(tmp_path: Path, settings: Settings) -> None:
    path = odd_files.cut_pdf(tmp_path / "cut.pdf", [odd_files.jpeg()] * 5, 0.7)
    found = facts(path, settings)
    assert (found.pages, found.damaged, found.sizes[0]) == (3, True, (360.0, 108.0))
    assert isinstance(
        _refused(odd_files.cut_pdf(tmp_path / "one.pdf", [odd_files.jpeg()], 0.7), settings), UnreadableFile
    )


def test_page_tree_that_bites_its_tail(tmp_path: Path, settings: Settings) -> None:
    error = _refused(odd_files.page_tree_that_bites_its_tail_pdf(tmp_path / "loop.pdf"), settings)
    assert isinstance(error, UnreadableFile | LimitExceeded)


def test_no_pages(tmp_path: Path, settings: Settings) -> None:
    assert _refused(odd_files.no_pages_pdf(tmp_path / "none.pdf"), settings).reason == "no_pages"


def test_truncated_to_its_header(tmp_path: Path, settings: Settings) -> None:
    path = tmp_path / "header.pdf"
    path.write_bytes(b"%PDF-1.4\n%%EOF\n")
    assert isinstance(_refused(path, settings), UnreadableFile)


def test_dynamic_xfa(tmp_path: Path, settings: Settings) -> None:
    objects = [b"<< /Type /Catalog /Pages 2 0 R /NeedsRendering true >>", b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
               b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] >>"]  # fmt: skip
    assert _refused(odd_files.raw_pdf(tmp_path / "xfa.pdf", objects), settings).reason == "xfa"


def test_user_password_is_asked_for_and_owner_password_opens(tmp_path: Path, scan: Path, settings: Settings) -> None:
    locked = odd_files.encrypted_pdf(tmp_path / "user.pdf", scan, user="secret")
    assert isinstance(_refused(locked, settings), PasswordNeeded)
    restricted = odd_files.encrypted_pdf(tmp_path / "owner.pdf", scan)
    assert facts(restricted, settings).encrypted


def test_corrupt_xref_is_rebuilt_and_said(tmp_path: Path, settings: Settings) -> None:
    whole = odd_files.text_pdf(tmp_path / "whole.pdf", pages=3)
    found = facts(odd_files.corrupt_xref_pdf(tmp_path / "broken.pdf", whole), settings)
    assert (found.pages, found.damaged) == (3, True)


def test_active_content_is_named(tmp_path: Path, scan: Path, settings: Settings) -> None:
    found = facts(odd_files.active_pdf(tmp_path / "active.pdf", scan), settings)
    assert {"javascript", "launch", "embedded_files"} <= set(found.active)


def test_a_byte_range_anywhere_means_signed(tmp_path: Path, scan: Path, settings: Settings) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(scan.read_bytes() + b"\n% /ByteRange [0 1 2 3]\n")
    assert facts(path, settings).signed


@pytest.mark.parametrize("start", [0, (1 << 20) - 10, (1 << 20) - 5, (1 << 20) - 1, 1 << 20])
def test_a_byte_range_is_seen_wherever_a_piece_of_the_file_ends(tmp_path: Path, start: int) -> None:
    path = tmp_path / "long.pdf"
    path.write_bytes(b" " * start + b"/ByteRange" + b" " * 99)
    assert reading.signed(path)
    path.write_bytes(b" " * start + b"/ByteRang" + b" " * 99)
    assert not reading.signed(path)
