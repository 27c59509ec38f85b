"""`digitise verify` and `digitise reverify`."""

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digitise.cli.terms import data_option, json_option, language, moment, out, progress, progressing, say, services
from digitise.errors import InvalidValue, NotFound

if TYPE_CHECKING:
    from digitise.model.verdicts import Examined, Verdict
    from digitise.verify.safely import Verifier

EXIT_CODES = {"valid": 0, "unsigned": 12, "indeterminate": 11, "invalid": 10, "error": 20}
WORST_FIRST = ("error", "invalid", "indeterminate", "unsigned", "valid")


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--trust", type=click.Path(path_type=Path), help="Folder of certificates; default: the installed trust set."
)
@click.option("--at", help="Judge as of this time (ISO 8601).")
@click.option(
    "--offline", is_flag=True, help="Ask nobody about revocation; use CRLs of the folder (DIGITISE_CRL_FOLDER)."
)
@click.option("--policy", help="default, numbering, claimed-time, numbering-claimed-time.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Write a report: OUT.pdf or OUT.json.")
@json_option
@data_option
def verify(
    files: tuple[Path, ...],
    trust: Path | None,
    at: str | None,
    offline: bool,
    policy: str | None,
    report: Path | None,
    as_json: bool,
    data: Path | None,
) -> int:
    """Check the digital signatures of PDF files and folders.

    \b
    Example:
      digitise verify decision.pdf --trust anchors/ --report decision-check.pdf

    Exit code: 0 valid, 10 invalid, 11 indeterminate, 12 unsigned, 20 unreadable; with several files the worst.
    """
    if report is not None and report.suffix.lower() not in (".pdf", ".json"):
        raise InvalidValue("report", name="--report", value=report.name)
    as_of = moment(at, "--at")
    checker = _verifier(trust, offline, policy, data)
    paths = list(_listed(files))
    now = datetime.now(UTC)
    verdicts: list[Verdict] = []
    examined: list[Examined] = []
    with progress(
        checker.many(paths, workers=os.cpu_count() or 1, now=now, at=as_of), say("verify.checking"), len(paths)
    ) as results:
        for path, one in zip(paths, results, strict=True):
            verdicts.append(one.verdict)
            if report is not None:
                examined.append(one)
            if not as_json:
                _tell(path, one.verdict)
    if as_json:
        out({"files": [one.to_json(language()) for one in verdicts]})
    if report is not None:
        _write_report(report, examined)
    return EXIT_CODES[worst(one.outcome.value for one in verdicts)]


def worst(outcomes: Iterable[str]) -> str:
    """Return the worst outcome: error, invalid, indeterminate, unsigned, valid."""
    return min(outcomes, key=WORST_FIRST.index)


def _listed(files: Iterable[Path]) -> Iterator[Path]:
    """Yield the files named, and the PDFs of the folders named."""
    for file in files:
        if file.is_dir():
            found = sorted(one for one in file.rglob("*") if one.suffix.lower() == ".pdf" and one.is_file())
            if not found:
                raise NotFound("file", what="*.pdf", id=str(file))
            yield from found
        elif file.is_file():
            yield file
        else:
            raise NotFound("file", what="file", id=str(file))


def _verifier(trust: Path | None, offline: bool, policy: str | None, data: Path | None) -> "Verifier":
    from dataclasses import replace

    from digitise.settings import load
    from digitise.verify.fetch import Fetcher, Rules
    from digitise.verify.policy import named
    from digitise.verify.safely import verifier_of
    from digitise.verify.trust import load_folder

    settings = load(data=data)
    if trust is not None:
        checker = verifier_of(settings, load_folder(trust), Fetcher(Rules.of(settings)), offline=offline or None)
    else:
        served = services(data)
        cache = served.trust.answers
        checker = verifier_of(
            settings, served.trust.current(), Fetcher(Rules.of(settings), cache), offline=offline or None
        )
    if policy is not None:
        named(policy)
        checker = replace(checker, policy=policy)
    return checker


def _tell(path: Path, verdict: "Verdict") -> None:
    from digitise.model.verdicts import when

    lang = language()
    click.echo(f"{path}: {say(f'reasons.outcome.{verdict.outcome.value}')}")
    for one in verdict.signatures:
        name = one.signer.common_name or one.signer.organisation or "?"
        at = one.proven_time or one.claimed_time
        how = "verify.proven" if one.proven_time else "verify.claimed"
        told = f"{when(at)} ({say(how)})" if at else say("verify.no_time")
        click.echo(
            f"  {say(f'reasons.outcome.{one.outcome.value}')} · {say(f'reasons.role.{one.role.value}')} · {name} · {told}"
        )
    for entry in verdict.to_json(lang)["reasons"]:
        click.echo(f"  - {entry['message']}")
        todo = say(f"reasons.{entry['code']}.todo")
        if todo != say("reasons.both_signatures.todo"):
            click.echo(f"    {todo}")


def _write_report(report: Path, examined: "list[Examined]") -> None:
    import json

    lang = language()
    if report.suffix.lower() == ".json":
        value = {"files": [one.verdict.to_json(lang) for one in examined]}
        report.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        return
    from digitise.verify.report import report_pdf

    report.write_bytes(report_pdf([(one.verdict, one.pictures) for one in examined], lang))


@click.command()
@click.option("--since", help="Only what was checked since this date.")
@click.option("--dry-run", is_flag=True, help="Tell what would change; keep nothing.")
@json_option
@data_option
def reverify(since: str | None, dry_run: bool, as_json: bool, data: Path | None) -> None:
    """Check everything held again, and list the verdicts that changed and why.

    \b
    Example:
      digitise reverify --since 2026-01-01 --json
    """
    from digitise.cli.trust import show_changes
    from digitise.verify.documents import reverify as again

    with progressing(say("verify.again")):
        changes = list(again(services(data), moment(since, "--since"), keep=not dry_run))
    if as_json:
        out({"changes": changes})
    else:
        show_changes(changes)
