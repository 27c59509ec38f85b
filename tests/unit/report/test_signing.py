"""Reports and evidence that leave the office signed: `--sign PROFILE`, with a live test authority."""

import json
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from digitise.bootstrap import compose
from digitise.cli.evidence import evidence
from digitise.cli.report import report
from digitise.model.verdicts import Outcome
from digitise.settings import load
from tests.office import furnish
from tests.pki import PKI
from tests.unit.report.test_commands import data, run

__all__ = ["data"]


@pytest.fixture
def pki() -> Iterator[PKI]:
    """A certificate authority with revocation and time stamps on loopback."""
    with PKI() as live:
        yield live


def test_a_report_and_its_evidence_are_signed_on_request(data: Path, pki: PKI, tmp_path: Path) -> None:
    office = furnish(data, pki)
    anchors = next(office.trust.rglob("*.pem"), None) or next(
        file for file in office.trust.rglob("*") if file.is_file()
    )
    pdf, bundle, opened = tmp_path / "report.pdf", tmp_path / "proof.zip", tmp_path / "opened"
    asked = ("signed-share", "--period", "2022", "--data", data)
    run(report, *asked, "--format", "pdf", "--sign", "approve", "-o", pdf)
    verdict = compose(load(data=data)).own_check(office.trust)(pdf, "default")
    assert verdict.outcome == Outcome.VALID, verdict.first_reason
    assert [one.signer.common_name for one in verdict.signatures]

    (figure,) = json.loads(run(report, *asked, "--json").stdout)["figures"]
    run(evidence, figure, "-o", bundle, "--sign", "approve", "--data", data)
    assert json.loads(run(evidence, "--check", bundle, "--json").stdout)["sound"]
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(opened)
    check = "openssl cms -verify -purpose any -binary -inform DER -in SHA256SUMS.p7s -content SHA256SUMS -CAfile"
    command = [*check.split(), str(anchors), "-out", "told"]
    assert subprocess.run(command, cwd=opened, capture_output=True, check=False).returncode == 0
    (opened / "SHA256SUMS").write_bytes((opened / "SHA256SUMS").read_bytes().replace(b"0", b"1", 1))
    assert subprocess.run(command, cwd=opened, capture_output=True, check=False).returncode != 0


def test_only_a_pdf_is_signed(data: Path) -> None:
    run(report, "signed-share", "--period", "2022", "--data", data, "--format", "csv", "--sign", "approve", code=2)
