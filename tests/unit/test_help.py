"""Help and usage errors speak the user's language; the compiled catalogue is the one that can be read."""

import ast
import gettext
import importlib
import inspect
import json
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import click
import pytest

from digitise.cli.entry import COMMANDS, cli
from digitise.cli.spoken import LOCALE
from digitise.cli.terms import day, moment
from digitise.errors import InvalidValue

WORDS = gettext.translation("messages", LOCALE, ["vi"])


def commands() -> Iterator[click.Command]:
    """Yield every command and subcommand as it stands in the code."""
    waiting: list[click.Command] = [cli]
    for target in COMMANDS.values():
        module, _, attribute = target.partition(":")
        waiting.append(getattr(importlib.import_module(module), attribute))
    while waiting:
        command = waiting.pop()
        yield command
        waiting += command.commands.values() if isinstance(command, click.Group) and command is not cli else ()


def test_every_help_has_a_vietnamese_sentence() -> None:
    told = set()
    for command in commands():
        assert command.help, command.name
        told |= {each for each in inspect.cleandoc(command.help).split("\n\n") if _is_sentence(each)}
        options = [each for each in command.params if isinstance(each, click.Option)]
        assert all(each.help for each in options), command.name
        told |= {str(each.help) for each in options}
    spoken_as_is = {"2022, 2022-Q3", "default, numbering"}
    missing = {each for each in told if WORDS.gettext(each) == each and not each.startswith(tuple(spoken_as_is))}
    assert not missing


def names(template: str) -> set[str]:
    """Return the placeholders of a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _is_sentence(paragraph: str) -> bool:
    """Say whether a paragraph tells something; examples are commands."""
    return not re.match(r"(\x08\n)?(Examples?:|digitise )", paragraph)


def test_the_compiled_catalogue_is_the_readable_one() -> None:
    source = (LOCALE / "vi/LC_MESSAGES/messages.po").read_text(encoding="utf-8")
    found = re.findall(r'^msgid (".+")\n(?:msgid_plural (".*")\n)?msgstr(?:\[0\])? (".+")$', source, re.MULTILINE)
    assert len(found) > 150
    for told in found:
        message, plural, expected = (ast.literal_eval(each or '""') for each in told)
        assert names(expected) <= names(message) | names(plural), message
        assert expected in (WORDS.gettext(message), WORDS.ngettext(message, message, 2)), message


@pytest.mark.parametrize(
    ("asked", "vi", "en"),
    [
        ("scan", "Thiếu tham số", "Missing argument"),
        ("evidence", "Hãy nêu việc cần làm: ghi gói chứng cứ", "Say what to do: write the bundle"),
        ("report signed-share --sign issue", "Chỉ ký được tệp PDF: hãy dùng", "Only a PDF can be signed: give"),
        ("report signed-share --json -f csv", "cùng --format csv, hãy nêu tệp", "and --format csv name the file"),
    ],
)
def test_wrong_usage_is_told_in_the_language(asked: str, vi: str, en: str) -> None:
    heads = {"vi": "Cách dùng: digitise ", "en": "Usage: digitise "}
    for lang, told in (("vi", vi), ("en", en)):
        done = typed(lang, *asked.split())
        assert done.returncode == 2
        assert done.stderr.startswith(heads[lang])
        assert told in done.stderr
        assert f"digitise {' '.join(each for each in asked.split()[:2] if each[0] != '-')} --help" in done.stderr


@pytest.mark.parametrize(
    ("asked", "reason", "vi", "en"),
    [
        ("ocr a.pdf", "nothing_wished", "Hãy nêu ít nhất một kết quả", "Name at least one result"),
        ("verify a.pdf --at hôm-qua", "moment", "Nhập dạng 2023-02-05T17:00", "Type it as 2023-02-05T17:00"),
    ],
)
def test_a_wrong_value_is_told_in_the_language_and_to_programs_by_its_reason(
    asked: str, reason: str, vi: str, en: str
) -> None:
    for lang, told in (("vi", vi), ("en", en)):
        done = typed(lang, *asked.split(), "--json")
        assert done.returncode == 2
        assert told in done.stderr
        assert json.loads(done.stdout)["error"]["reason"] == reason


def typed(lang: str, *asked: str) -> subprocess.CompletedProcess[str]:
    """Run `digitise` as a person with this language does."""
    return subprocess.run(
        [Path(sys.executable).with_name("digitise"), *asked],
        env={"DIGITISE_LANG": lang, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
    )


def test_days_are_typed_as_people_or_programs_write_them() -> None:
    assert day("05/02/2023", "--from") == day("2023-02-05", "--from") == date(2023, 2, 5)
    assert moment("05/02/2023", "--at") == moment("2023-02-05T00:00", "--at") == datetime(2023, 2, 5, tzinfo=UTC)
    assert moment("2023-02-05T07:00+07:00", "--at") == datetime(2023, 2, 5, tzinfo=UTC)
    for wrong in ("31/02/2023", "5/2", "2023-13-01", "hôm qua"):
        with pytest.raises(InvalidValue):
            day(wrong, "--from")
        with pytest.raises(InvalidValue):
            moment(wrong, "--at")
