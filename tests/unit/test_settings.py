"""Settings: strongest source wins, wrong ones are told with their name and place."""

from pathlib import Path

import pytest

from digitise.errors import InvalidValue
from digitise.messages import error_text
from digitise.settings import load, origin


def test_environment_beats_file_beats_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "digitise.toml").write_text("max_pages = 7\nmax_upload_bytes = 9\n")
    monkeypatch.setenv("DIGITISE_MAX_PAGES", "5")
    settings = load(data=tmp_path)
    assert (settings.max_pages, settings.max_upload_bytes) == (5, 9)
    assert origin("max_pages") == "DIGITISE_MAX_PAGES"
    assert origin("max_upload_bytes") == str(tmp_path / "digitise.toml")
    assert origin("lang") == "default"


@pytest.mark.parametrize(
    ("line", "wrong"),
    [("max_pages = 'many'", "max_pages"), ("no_such_setting = 1", "no_such_setting"), ("max_pages = = 3", "TOML")],
)
def test_a_wrong_file_is_told_with_its_name(tmp_path: Path, line: str, wrong: str) -> None:
    file = tmp_path / "digitise.toml"
    file.write_text(line)
    with pytest.raises(InvalidValue) as told:
        load(data=tmp_path)
    sentence = error_text(told.value, "en")
    assert str(file) in sentence
    assert wrong in sentence


def test_every_setting_says_what_it_is_for() -> None:
    from digitise.settings import Settings

    assert [name for name, info in Settings.model_fields.items() if not info.description] == []
