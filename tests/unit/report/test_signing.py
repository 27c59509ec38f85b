"""Reports and evidence that leave the office signed: `--sign PROFILE`, with a live test authority."""

import json
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from digitise.bootstrap import Services, compose
from digitise.cli.audit import audit
from digitise.cli.evidence import evidence
from digitise.cli.report import report
from digitise.errors import Conflict
from digitise.model.people import LOCAL_OPERATOR
from digitise.model.tasks import TaskKind, TaskState
from digitise.model.verdicts import Outcome
from digitise.settings import load
from digitise.verify.trust import load_folder
from storage.audit_proof import seal_head
from tests.office import furnish
from tests.pki import PKI
from tests.unit.report.test_commands import data, run
from workers.jobs import perform
from workers.upkeep import publish_audit_head

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
    told = json.loads(run(evidence, "--check", bundle, "--json").stdout)
    assert (told["sound"], told["seal"]["intact"], told["seal"]["chain"]) == (True, True, "incomplete")
    told = json.loads(run(evidence, "--check", bundle, "--trust", office.trust, "--json").stdout)
    assert told["seal"]["chain"] == "trusted"
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(opened)
    check = "openssl cms -verify -purpose any -binary -inform DER -in SHA256SUMS.p7s -content SHA256SUMS -CAfile"
    command = [*check.split(), str(anchors), "-out", "told"]
    assert subprocess.run(command, cwd=opened, capture_output=True, check=False).returncode == 0
    (opened / "SHA256SUMS").write_bytes((opened / "SHA256SUMS").read_bytes().replace(b"0", b"1", 1))
    assert subprocess.run(command, cwd=opened, capture_output=True, check=False).returncode != 0


def test_a_head_of_the_audit_log_is_signed_each_day_and_checked(data: Path, pki: PKI, tmp_path: Path) -> None:
    office = furnish(data, pki)
    with (data / "digitise.toml").open("a", encoding="utf-8") as file:
        file.write('audit_seal_profile = "issue"\n')
    served = compose(load(data=data))
    served.trust.add(load_folder(office.trust).entries, LOCAL_OPERATOR)
    assert seal_due(served) == 1
    assert seal_due(served) == 0, "one signature a day"
    told = json.loads(run(audit, "verify", "--data", data, "--json").stdout)
    (seal,) = told["seals"]
    assert told["sound"]
    assert seal["intact"]
    assert seal["chain"] == "trusted"
    assert seal["proven_time"]
    record, signature = sorted((data / "objects" / "published" / "audit" / "heads").iterdir())
    check = ["openssl", "cms", "-verify", "-purpose", "any", "-binary", "-inform", "DER", "-in"]
    anchors = tmp_path / "anchors.pem"
    anchors.write_bytes(b"".join(one.read_bytes() for one in office.trust.iterdir()))
    command = [*check, str(signature), "-content", str(record), "-CAfile", str(anchors)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    signature.chmod(0o600)
    signature.write_bytes(signature.read_bytes()[:-1] + b"\0")
    told = json.loads(run(audit, "verify", "--data", data, "--json", code=10).stdout)
    assert [flaw["kind"] for flaw in told["flaws"]] == ["seal"]


def test_only_a_head_that_the_log_confirms_is_signed(data: Path) -> None:
    served = compose(load(data=data))
    served.audit.record(LOCAL_OPERATOR, "report.read", "signed-share")
    seq, digest = served.audit.head()
    for number, record in enumerate(
        (
            {"seq": seq, "hash": "0" * 64, "at": "2026-11-22T02:00:00+00:00"},
            {"seq": seq, "hash": digest, "at": "2026-11-22 02:00:00.000000+00:00"},
        )
    ):
        name = f"audit/heads/2026-11-22-{number}.json"
        served.store.publish(name, json.dumps(record, separators=(",", ":"), sort_keys=True).encode())
        with pytest.raises(Conflict):
            seal_head(served.audit, served.store, name, lambda content: content)


def seal_due(served: Services) -> int:
    """Do the dispatcher's hourly work and what the sign worker is then promised; return how many tasks that were."""
    publish_audit_head(served)
    claims = served.tasks.claim_some([TaskKind.SEAL], "test", 60.0, 10)
    for claim in claims:
        perform(served, claim)
        assert served.tasks.get(claim.task.id).state == TaskState.DONE, served.tasks.get(claim.task.id).error
    return len(claims)


def test_only_a_pdf_is_signed(data: Path) -> None:
    asked = ("signed-share", "--period", "2022", "--data", data, "--format", "csv", "--sign", "approve")
    assert "--format pdf" in run(report, *asked, code=2).output
