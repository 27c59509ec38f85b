"""The doors `digitise find` and `digitise show` on a data directory: in words for people, as JSON for programs."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from digitise.bootstrap import compose
from digitise.cli.documents import find, show
from digitise.settings import load
from storage.database import migrate
from tests.contract.filed import file_text


@pytest.fixture
def filed(tmp_path: Path) -> str:
    """File one paper in a data directory; return its id."""
    served = compose(load(data=tmp_path))
    migrate(served.database)
    document = file_text(
        served.catalogue, "Giấy khai sinh", number="12/2022", issued_on=date(2022, 5, 4), owner_id="079123451234"
    )
    served.database.close()
    return document.id


def test_a_paper_is_shown_in_words_and_as_json(tmp_path: Path, filed: str) -> None:
    told = CliRunner().invoke(show, [filed, "--data", str(tmp_path)])
    assert told.exit_code == 0, told.output
    for line in ("Trạng thái: Đã lưu", "Số, ký hiệu: 12/2022", "Ngày ban hành: 04/05/2022", "Văn bản: text, "):
        assert line in told.output
    assert "Kind" not in told.output
    assert "079123451234" not in told.output
    as_json = json.loads(CliRunner().invoke(show, [filed, "--data", str(tmp_path), "--json"]).stdout)
    assert (as_json["state"], as_json["issued_on"]) == ("stored", "2022-05-04")


def test_a_paper_is_found_without_diacritics(tmp_path: Path, filed: str) -> None:
    told = json.loads(CliRunner().invoke(find, ["khai", "sinh", "--data", str(tmp_path), "--json"]).stdout)
    assert [each["id"] for each in told["documents"]] == [filed]
