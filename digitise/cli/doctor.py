"""`digitise doctor`: one command that says what is wrong and what to do."""

from pathlib import Path

import click

from digitise.cli.terms import data_option, json_option, language, out, services


@click.command()
@data_option
@json_option
def doctor(data: Path | None, as_json: bool) -> int:
    """Check store, database, queue, recogniser, fonts, keys, trust, disk; exit 30 where something is wrong.

    \b
    Example: digitise doctor --data /srv/digitise
    """
    from digitise.health import examine

    findings = examine(services(data), language())
    if as_json:
        out({"findings": findings})
    else:
        marks = {"ok": "✓", "warning": "!", "bad": "✗"}
        for finding in findings:
            click.echo(f"{marks[finding.state]} {finding.title}: {finding.told}")
            if finding.todo:
                click.echo(f"    → {finding.todo}")
    return 30 if any(finding.state == "bad" for finding in findings) else 0
