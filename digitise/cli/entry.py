"""The command group, loaded lazily, and the one place where errors become exit codes."""

import importlib
import os
import sys
from gettext import gettext

import click

from digitise.cli.spoken import speak, translated
from digitise.cli.terms import language, tell_error
from digitise.errors import DefectInOurselves, DigitiseError
from digitise.messages import text

# name → module:attribute; the one-line help is `cli.<name>` of the message catalogue.
COMMANDS: dict[str, str] = {
    "up": "digitise.cli.up:up",
    "scan": "digitise.cli.scan:scan",
    "ocr": "digitise.cli.ocr:ocr",
    "find": "digitise.cli.documents:find",
    "reuse": "digitise.cli.reuse:reuse",
    "show": "digitise.cli.documents:show",
    "get": "digitise.cli.documents:get",
    "verify": "digitise.cli.verify:verify",
    "reverify": "digitise.cli.verify:reverify",
    "sign": "digitise.cli.sign:sign",
    "outgoing": "digitise.cli.outgoing:outgoing",
    "report": "digitise.cli.report:report",
    "evidence": "digitise.cli.evidence:evidence",
    "dossiers": "digitise.cli.registers:dossiers",
    "units": "digitise.cli.registers:units",
    "incoming": "digitise.cli.registers:incoming",
    "keys": "digitise.cli.keys:keys",
    "trust": "digitise.cli.trust:trust",
    "jobs": "digitise.cli.jobs:jobs",
    "users": "digitise.cli.users:users",
    "audit": "digitise.cli.audit:audit",
    "backup": "digitise.cli.upkeep:backup",
    "restore": "digitise.cli.upkeep:restore",
    "doctor": "digitise.cli.doctor:doctor",
    "config": "digitise.cli.upkeep:config",
    "migrate": "digitise.cli.upkeep:migrate",
}


class LazyGroup(click.Group):
    """Knows its commands by name and imports one only to run it or to show its own help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of `cmd_name` and return its command."""
        target = COMMANDS.get(cmd_name)
        if target is None:
            return None
        module, _, attribute = target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return translated(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section(gettext("Commands")):
            formatter.write_dl([(name, text(f"cli.{name}", language())) for name in COMMANDS])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="digitise")
def cli() -> None:
    """Digitise papers, sign and verify PDFs, prove the share of documents signed.

    \b
    Example:
      digitise up --data /srv/digitise          everything on this machine
      digitise ocr scan.jpg -o scan.pdf         one file, no store, no queue
      digitise verify report.pdf --json
    """


def main() -> None:
    """Run the command line; exit codes are those of `digitise.errors` and 130 for an interrupt."""
    speak(language())
    translated(cli)
    try:
        code = cli.main(standalone_mode=False)
        _leave(code if isinstance(code, int) else 0)
    except click.exceptions.Exit as stop:
        _leave(stop.exit_code)
    except click.ClickException as wrong:
        wrong.show()
        _leave(2)
    except (click.Abort, KeyboardInterrupt):
        _leave(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _leave(0)
    except DigitiseError as error:
        tell_error(error)
        _leave(error.exit_code)
    except Exception as defect:
        if os.environ.get("DIGITISE_DEBUG"):
            raise
        tell_error(DefectInOurselves(f"{type(defect).__name__}: {defect}"))
        _leave(1)


def _leave(code: int) -> None:
    sys.stdout.flush()
    sys.exit(code)
