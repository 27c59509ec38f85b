"""What several tests of scanning share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.database import Database
from tests import odd_files
from tests.unit.scan.house import House


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
