"""A file stays open from one page range to the next, and one job goes on with what is due."""

import shutil
from pathlib import Path

import pytest

from digitise.bootstrap import compose
from digitise.errors import LeaseLost
from digitise.model.documents import DocumentState
from digitise.model.tasks import TaskKind
from digitise.scan.desk import Desk
from digitise.settings import Settings
from tests import odd_files
from tests.unit.scan.house import House
from workers import jobs

pytestmark = pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract-ocr is not installed")


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
