"""The doors: `digitise report`, `evidence`, `dossiers import`, `audit` on a data directory."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from digitise.cli.audit import audit
from digitise.cli.evidence import evidence
from digitise.cli.registers import dossiers, units
from digitise.cli.report import report
from storage.register import SqlRegister
from tests.unit.report.registers import database_at, put_outgoing


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data directory whose register holds four documents."""
    database = database_at(tmp_path)
    verdicts = ("valid", "valid", "unsigned", None)
    rows = ({"id": f"o{n}", "issued_on": date(2022, 5, 4), "verdict": v} for n, v in enumerate(verdicts))
    put_outgoing(SqlRegister(database, lambda: None), rows)  # type: ignore[arg-type, return-value]
    database.close()
    (tmp_path / "register.sqlite").rename(tmp_path / "digitise.sqlite")
    for file in tmp_path.glob("register.sqlite-*"):
        file.rename(tmp_path / file.name.replace("register", "digitise"))
    return tmp_path


def run(command: object, *arguments: object, code: int = 0) -> Result:
    done = CliRunner().invoke(command, [str(each) for each in arguments])  # type: ignore[arg-type]
    assert done.exit_code == code, done.output
    return done


def test_a_figure_from_the_report_to_its_proof(data: Path) -> None:
    told = json.loads(run(report, "signed-share", "--period", "2022", "--data", data, "--json").stdout)
    assert told["shares"][0]["text"] == "2/4 = 50,00 %"
    (figure,) = told["figures"]
    bundle = data / "proof.zip"
    made = json.loads(run(evidence, figure, "-o", bundle, "--data", data, "--json").stdout)
    assert made["figure"] == figure
    assert json.loads(run(evidence, "--check", bundle, "--json").stdout)["sound"]
    assert json.loads(run(evidence, figure, "--since", "--data", data, "--json").stdout)["changes"] == []
    asked = ("signed-share", "--from", "2022-01-01", "--to", "2022-01-02", "--data", data, "--json")
    (nothing,) = json.loads(run(report, *asked).stdout)["figures"]
    told = json.loads(run(evidence, figure, "--compare", nothing, "--data", data, "--json").stdout)
    assert [each["kind"] for each in told["changes"]] == ["appeared"] * 4
    content = bytearray(bundle.read_bytes())
    content[200] ^= 1
    bundle.write_bytes(bytes(content))
    run(evidence, "--check", bundle, code=10)
    sound = json.loads(run(audit, "verify", "--data", data, "--json").stdout)
    assert sound["sound"]
    assert sound["entries"] >= 2
    exported = data / "log.jsonl"
    run(audit, "export", "-o", exported, "--data", data)
    actions = [json.loads(line)["action"] for line in exported.read_text(encoding="utf-8").splitlines()]
    assert {"figure.reported", "evidence.made"} <= set(actions)


def test_json_goes_beside_the_file_that_was_asked_for(data: Path) -> None:
    asked = ("signed-share", "--period", "2022", "--data", data, "--json", "--format", "pdf")
    told = json.loads(run(report, *asked, "-o", data / "share.pdf").stdout)
    assert told["shares"][0]["text"] == "2/4 = 50,00 %"
    assert (data / "share.pdf").read_bytes().startswith(b"%PDF-")
    assert "-o FILE" in run(report, *asked, code=2).output


@pytest.mark.parametrize("format_", ["table", "csv", "xlsx", "pdf", "svg", "json"])
def test_every_format_is_written_whole(data: Path, format_: str) -> None:
    target = data / f"out.{format_}"
    run(report, "exceptions", "--period", "2022", "--no-freeze", "--format", format_, "-o", target, "--data", data)
    assert target.stat().st_size > 200
    assert not list(data.glob(".report-*"))


def test_registers_come_in_and_bad_rows_are_told(data: Path) -> None:
    file = data / "hs.csv"
    file.write_text("Số HS,Đơn vị,Ngày nhận\nA,X,04/05/2022\nB,X,hôm qua\n", encoding="utf-8")
    told = json.loads(run(dossiers, "import", file, "--column", "code=Số HS", "--data", data, "--json").stdout)
    assert (told["added"], [bad["row"] for bad in told["bad"]]) == (1, [3])
    assert "Dòng 3" in run(dossiers, "import", file, "--column", "code=Số HS", "--data", data).output
    file.write_text("Mã,Tên,Cấp\nX,Xã X,xã\n", encoding="utf-8")
    assert json.loads(run(units, "import", file, "--data", data, "--json").stdout)["added"] == 1
    table = run(report, "dossiers", "--period", "2022", "--by", "unit", "--data", data).stdout
    assert "Xã X" in table
    assert "0/1 = 0,00 %" in table
