"""Help and usage errors in the user's language, by gettext: click's own words and those of our commands.

The catalogue is `digitise/locale/vi/LC_MESSAGES/messages.po`; English is what stands in the code.
"""

import gettext
import inspect
import os
from pathlib import Path

import click

LOCALE = Path(__file__).parents[1] / "locale"


def speak(lang: str) -> None:
    """Make click and `translated` speak `lang` from now on, in this process."""
    os.environ["LANGUAGE"] = lang  # where gettext looks for it
    gettext.bindtextdomain("messages", str(LOCALE))


def translated(command: click.Command) -> click.Command:
    """Return `command` with its help, its options' and its subcommands' in the language spoken; safe to repeat."""
    command.help = paragraphs(command.help)
    command.short_help = gettext.gettext(command.short_help) if command.short_help else None
    for option in command.params:
        if isinstance(option, click.Option) and option.help:
            option.help = gettext.gettext(option.help)
    if isinstance(command, click.Group):
        for below in command.commands.values():
            translated(below)
    return command


def paragraphs(help_text: str | None) -> str | None:
    """Translate each paragraph; of an example only its heading, as commands are the same in every language."""
    if help_text is None:
        return None
    return "\n\n".join(_paragraph(each) for each in inspect.cleandoc(help_text).split("\n\n"))


def _paragraph(told: str) -> str:
    found = gettext.gettext(told)
    if found == told:
        for heading in ("Example:", "Examples:"):
            start = told.removeprefix("\b\n")
            if start.startswith(heading):
                return told.replace(heading, gettext.gettext(heading), 1)
    return found
