"""What the documentation names is there: files, commands with their options, settings; the examples can be used as they stand."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from digitise.cli.entry import cli
from digitise.settings import Settings
from digitise.sign.keys import load_keys
from digitise.sign.profiles import load_profiles
from tests.office import draw_seal, draw_signature

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
ROOMS = ("digitise", "storage", "workers", "tests", "docs", "scripts", ".ci")
FOR_TESTS = {"DIGITISE_SCREENSHOTS", "DIGITISE_API_EXAMPLES", "DIGITISE_TEST_MINIO"}


def spans(page: Path) -> Iterator[str]:
    """Yield what a page shows as code: `…`, and the lines of blocks."""
    text = page.read_text(encoding="utf-8")
    yield from re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from block.splitlines()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_is_named_exists(page: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        assert link.startswith("https://") or (page.parent / link).exists(), link
    for word in (word.strip(",;()") for span in spans(page) for word in span.split()):
        if re.fullmatch(r"[\w.]+(/[\w.-]+)+/?", word) and word.split("/")[0] in ROOMS:
            assert (ROOT / word).exists(), word
        if re.fullmatch(r"tests\.bench\.\w+", word):
            assert (ROOT / word.replace(".", "/")).with_suffix(".py").exists(), word


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_that_is_named_exists(page: Path) -> None:
    named = {name for span in spans(page) for name in re.findall(r"DIGITISE_[A-Z0-9_]*[A-Z0-9]\b(?!_)", span)}
    assert {
        name for name in named - FOR_TESTS if name.removeprefix("DIGITISE_").lower() not in Settings.model_fields
    } == set()


def commands() -> list[str]:
    """Return each `digitise …` that a page shows, without its comment."""
    shown = [span.removeprefix(".venv/bin/") for page in PAGES for span in spans(page)]
    return sorted({line.split(" #")[0].strip() for line in shown if line.startswith("digitise ")})


def test_there_are_commands_to_try() -> None:
    assert len(commands()) > 40


@pytest.mark.parametrize("line", commands())
def test_every_command_that_is_shown_is_understood(line: str) -> None:
    context, command = click.Context(cli), cli
    words = shlex.split(line.replace("…", ""))[1:]
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words.pop(0))
        assert found is not None, line
        context, command = click.Context(found, parent=context), found  # type: ignore[assignment]
    if not isinstance(command, click.Group):
        command.make_parser(context).parse_args(words)  # raises where it has no such option


def test_the_office_of_the_signing_page_can_sign(tmp_path: Path) -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```", (ROOT / "docs/signing.md").read_text(encoding="utf-8"), re.M | re.S)
    for name, content in zip(("signing.toml", "keys.toml"), blocks, strict=True):
        (tmp_path / name).write_text(content, encoding="utf-8")
        (tmp_path / name).chmod(0o600)
    draw_seal(tmp_path / "seal.png", "ỦY BAN NHÂN DÂN")
    draw_signature(tmp_path / "signature.png")
    profiles = load_profiles(tmp_path / "signing.toml").values()
    needed = {key for profile in profiles for key in (profile.key, *profile.units.values())}
    assert needed == {"person", "organisation", "hsm"}
    assert needed <= load_keys(tmp_path / "keys.toml").keys()
