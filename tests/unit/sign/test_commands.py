"""The doors of the signing office: `digitise outgoing`, `get`, `keys` on a data directory; every refusal a sentence."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from digitise.bootstrap import compose
from digitise.cli.documents import get
from digitise.cli.keys import keys
from digitise.cli.outgoing import outgoing
from digitise.cli.sign import sign
from digitise.model.people import LOCAL_OPERATOR
from digitise.settings import load
from digitise.verify.trust import load_folder
from storage.database import migrate
from tests.office import Office, furnish
from tests.papers import born_digital_pdf, paper
from tests.pki import PKI, blank_pdf


@pytest.fixture
def bureau(tmp_path: Path, pki: PKI) -> Office:
    made = furnish(tmp_path / "data", pki)
    served = compose(load(data=made.data))
    migrate(served.database)
    served.trust.add(load_folder(made.trust).entries, LOCAL_OPERATOR)
    served.database.close()
    return made


def run(bureau: Office, command: Any, *arguments: object) -> Result:
    asked = [*map(str, arguments), "--data", str(bureau.data)]
    told = CliRunner().invoke(command, asked, standalone_mode=False)
    if told.exception:
        raise told.exception
    return told


def test_from_the_register_to_the_signed_file_and_back(bureau: Office, tmp_path: Path) -> None:
    made = paper(2, "letter", pages=1, numbered=False, dated=False)
    draft = born_digital_pdf(made, tmp_path / "draft.pdf")
    names = ("--unit", "H53.12", "--symbol", made.fields["symbol"], "--signer", made.fields["signer"], "--json")
    (added,) = json.loads(run(bureau, outgoing, "add", draft, *names).stdout)["outgoing"]
    early = run(bureau, outgoing, "sign", "--profile", "issue", "--number", 7, "--date", "2021-02-05", added["id"])
    assert early.return_value == 20
    assert "chưa có chữ ký số của người có thẩm quyền" in early.stderr
    assert "person_signature_missing" not in early.output  # a sentence, as on the page
    assert "chưa có chữ ký số của người có thẩm quyền" in run(bureau, outgoing, "list").stdout

    assert run(bureau, outgoing, "sign", "--profile", "approve", added["id"]).return_value == 0
    told = run(bureau, get, added["id"], "--artefact", "signed", "-o", tmp_path / "signed.pdf", "--json")
    assert (tmp_path / "signed.pdf").read_bytes().startswith(draft.read_bytes())
    kept = json.loads(run(bureau, outgoing, "list", "--json").stdout)["outgoing"]
    assert [one["signed_sha256"] for one in kept] == [json.loads(told.stdout)["sha256"]]

    (bureau.data / "person.pin").write_text("nope")
    wrong = run(bureau, keys, "check", "person")
    assert wrong.return_value == 40
    assert "Mã PIN của khóa person không đúng" in wrong.stderr
    run(bureau, outgoing, "recall", added["id"], "--reason", "Ban hành nhầm")
    again = run(bureau, outgoing, "confirm", "--profile", "approve", added["id"])
    assert again.return_value == 40
    assert "đã thu hồi" in again.stderr


def test_what_a_draft_lacks_is_told_when_it_is_added_and_confirmed(bureau: Office, tmp_path: Path) -> None:
    (tmp_path / "bare.pdf").write_bytes(blank_pdf("Quyết định không có chỗ ghi số"))
    born_digital_pdf(paper(2, "letter", pages=1, numbered=False, dated=False), tmp_path / "blanks.pdf")
    born_digital_pdf(paper(3, "letter", pages=1), tmp_path / "printed.pdf")
    files = [tmp_path / f"{name}.pdf" for name in ("bare", "blanks", "printed")]
    told = run(bureau, outgoing, "add", *files, "--unit", "H53.12", "--symbol", "UBND-VP", "--json")
    added = json.loads(told.stdout)
    bare, _, printed = (one["id"] for one in added["outgoing"])
    lacks = [(bare, "number_not_written"), (bare, "date_not_written")]
    assert [(one["id"], one["code"]) for one in added["warnings"]] == lacks
    assert "chỗ trống để ghi ngày" in told.stderr

    again = json.loads(run(bureau, outgoing, "add", files[1], "--unit", "H53.12", "--json").stdout)["warnings"]
    assert [one["code"] for one in again] == ["same_file"]
    assert added["outgoing"][1]["id"] in again[0]["message"]

    confirmed = json.loads(run(bureau, outgoing, "confirm", bare, "--number", 7, "--json").stdout)["confirmed"]
    assert {one["code"] for one in confirmed[0]["warnings"]} >= {"number_not_written", "date_not_written"}
    differs = json.loads(run(bureau, outgoing, "confirm", printed, "--number", 9999, "--json").stdout)["confirmed"]
    assert "number_differs" in {one["code"] for one in differs[0]["warnings"]}


def test_an_empty_list_of_rules_and_a_folder_that_holds_the_original_are_said_in_words(
    bureau: Office, tmp_path: Path
) -> None:
    assert "Chưa có quy tắc" in run(bureau, outgoing, "rules", "list").stdout
    draft = tmp_path / "draft.pdf"
    draft.write_bytes(blank_pdf("Phụ lục"))
    told = run(bureau, sign, draft, "--profile", "incoming", "-o", tmp_path)
    assert told.return_value == 2
    assert "tệp gốc không bao giờ bị ghi đè" in told.stderr
    assert draft.read_bytes() == blank_pdf("Phụ lục")
