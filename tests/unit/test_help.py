"""Help and usage errors speak the user's language; the compiled catalogue is the one that can be read."""

import ast
import gettext
import importlib
import inspect
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from digitise.cli.entry import COMMANDS, cli
from digitise.cli.spoken import LOCALE

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
    ("lang", "told"),
    [
        ("vi", ("Cách dùng: digitise scan", "Thiếu tham số", "digitise scan --help")),
        ("en", ("Usage: digitise scan", "Missing argument", "digitise scan --help")),
    ],
)
def test_wrong_usage_is_told_in_the_language(lang: str, told: tuple[str, ...]) -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("digitise"), "scan"],
        env={"DIGITISE_LANG": lang, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert all(each in done.stderr for each in told), done.stderr
