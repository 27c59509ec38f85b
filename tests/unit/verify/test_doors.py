"""`digitise verify`, `trust`, `reverify` as people call them; the JSON of PEOPLE §3."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from digitise.cli.trust import trust
from digitise.cli.verify import reverify, verify, worst
from tests import forgeries
from tests.pki import PKI, blank_pdf

SIGNATURE_KEYS = {
    *("field", "role", "signer", "issuer", "certificate", "claimed_time", "proven_time", "integrity", "coverage"),
    *(
        "changes_after",
        "chain",
        "revocation",
        "level",
        "algorithms",
        "outcome",
        "indication",
        "sub_indication",
        "reasons",
    ),
}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PKI, Path]]:
    """A PKI of today with its responders, and a folder with signed files."""
    folder = tmp_path_factory.mktemp("doors")
    with PKI() as pki:
        pki.trust_folder(folder / "trust")
        signed = pki.sign(blank_pdf(), pki.person_an, level="B-T")
        (folder / "good.pdf").write_bytes(signed)
        (folder / "complete.pdf").write_bytes(pki.sign(blank_pdf(), pki.person_an, level="B-LT"))
        (folder / "forged.pdf").write_bytes(forgeries.isa(signed))
        (folder / "plain.pdf").write_bytes(blank_pdf())
        (folder / "noise.pdf").write_bytes(b"no PDF at all")
        yield pki, folder


def run(folder: Path, *arguments: object, command: object = verify, **environment: str) -> Result:
    environment = {"DIGITISE_DATA": str(folder / "data"), "DIGITISE_LANG": "vi", **environment}
    return CliRunner().invoke(command, [str(a) for a in arguments], env=environment, standalone_mode=False)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "code"), [("complete", 0), ("forged", 10), ("good", 11), ("plain", 12), ("noise", 20)]
)
def test_exit_codes_tell_the_outcome(room: tuple[PKI, Path], name: str, code: int) -> None:
    _, folder = room
    result = run(folder, folder / f"{name}.pdf", "--trust", folder / "trust", "--offline")
    assert result.return_value == code, result.output


def test_the_worst_of_several_files_counts() -> None:
    assert worst(["valid", "unsigned"]) == "unsigned"
    assert worst(["unsigned", "indeterminate", "valid"]) == "indeterminate"
    assert worst(["indeterminate", "invalid"]) == "invalid"
    assert worst(["invalid", "error"]) == "error"


def test_revocation_is_asked_for_where_the_operator_allows_it(room: tuple[PKI, Path]) -> None:
    pki, folder = room
    arguments = (folder / "good.pdf", "--trust", folder / "trust")
    refused = run(folder, *arguments)
    assert refused.return_value == 11  # the responders have a private address
    allowed = run(folder, *arguments, DIGITISE_REVOCATION_PRIVATE_HOSTS='["127.0.0.1"]')
    assert allowed.return_value == 0
    assert any(path.startswith("/ocsp/sub") for path in pki.responders.requests)


def test_the_json_is_that_of_the_contract(room: tuple[PKI, Path]) -> None:
    _, folder = room
    result = run(
        folder, folder / "complete.pdf", folder / "plain.pdf", "--trust", folder / "trust", "--offline", "--json"
    )
    files = json.loads(result.output)["files"]
    assert [one["outcome"] for one in files] == ["valid", "unsigned"]
    first = files[0]
    assert set(first) == {
        *("file", "sha256", "outcome", "indication", "sub_indication", "reasons", "signatures", "policy"),
        *("trust_snapshot", "checked_at"),
    }
    signature = first["signatures"][0]
    assert set(signature) == SIGNATURE_KEYS
    assert set(signature["signer"]) == {"common_name", "organisation", "identifiers"}
    assert set(signature["certificate"]) == {"serial", "sha256", "not_before", "not_after"}
    assert set(signature["algorithms"]) == {"digest", "signature"}
    assert signature["signer"]["identifiers"] == ["CCCD:079083001234"]
    assert (signature["role"], signature["level"], signature["revocation"]) == ("person", "B-LT", "good")
    reasons = [*first["reasons"], *signature["reasons"]]
    assert reasons
    assert all(set(reason) == {"code", "message"} for reason in reasons)


def test_a_folder_is_checked_whole(room: tuple[PKI, Path]) -> None:
    _, folder = room
    result = run(folder, folder, "--trust", folder / "trust", "--offline", "--json")
    assert len(json.loads(result.output)["files"]) == 5
    assert result.return_value == 20


def test_reports_are_written(room: tuple[PKI, Path]) -> None:
    import pypdfium2

    _, folder = room
    report = folder / "report.PDF"
    run(
        folder,
        folder / "complete.pdf",
        folder / "forged.pdf",
        "--trust",
        folder / "trust",
        "--offline",
        "--report",
        report,
    )
    document = pypdfium2.PdfDocument(report)
    assert len(document) == 2
    pages = [page.get_textpage().get_text_range() for page in document]
    assert "HỢP LỆ" in pages[0]
    for word in ("Test Issuing CA 01", "Nguyễn Văn An", "Dấu thời gian", "Tính toàn vẹn", "Thời hạn của chứng thư"):
        assert word in pages[0]
    assert "KHÔNG HỢP LỆ" in pages[1]
    assert list(document[1].get_objects(filter=[3]))  # the picture of what changed
    as_json = folder / "report.json"
    run(folder, folder / "complete.pdf", "--trust", folder / "trust", "--offline", "--report", as_json)
    assert json.loads(as_json.read_text())["files"][0]["outcome"] == "valid"


def test_trust_is_installed_listed_and_retired(room: tuple[PKI, Path]) -> None:
    from digitise.bootstrap import compose
    from digitise.settings import load

    _, folder = room
    data = folder / "installed"
    served = compose(load(data=data))
    from storage.database import migrate

    migrate(served.database)
    environment = {"DIGITISE_DATA": str(data)}
    assert run(folder, "list", command=trust, **environment).exception is None
    added = run(folder, "add", folder / "trust", "--json", command=trust, **environment)
    assert len(json.loads(added.output)["added"]) == 2
    assert run(folder, folder / "complete.pdf", "--offline", **environment).return_value == 0
    checked = json.loads(run(folder, folder / "complete.pdf", "--offline", "--json", **environment).output)["files"][0]
    listed = json.loads(run(folder, "list", "--json", command=trust, **environment).output)["certificates"]
    anchor = next(one["sha256"] for one in listed if one["anchor"])
    gone = run(folder, "remove", anchor[:12], "--json", command=trust, **environment)
    assert json.loads(gone.output)["removed"] == [anchor]
    after = json.loads(run(folder, folder / "complete.pdf", "--offline", "--json", **environment).output)["files"][0]
    assert after["outcome"] == "indeterminate"
    assert after["trust_snapshot"] != checked["trust_snapshot"]


def test_stored_verdicts_are_judged_again(room: tuple[PKI, Path]) -> None:
    from io import BytesIO

    from digitise.bootstrap import compose
    from digitise.model.documents import Filing, NewDocument
    from digitise.model.people import SYSTEM
    from digitise.settings import load
    from digitise.verify.documents import verify_document
    from storage.database import migrate

    _, folder = room
    data = folder / "kept"
    served = compose(load(data=data, verify_offline=True))
    migrate(served.database)
    sha256, size = served.store.put(BytesIO((folder / "complete.pdf").read_bytes()), media_type="application/pdf")
    new = NewDocument(sha256, "complete.pdf", "application/pdf", size, Filing())
    document = served.catalogue.accept(new, [], SYSTEM).document
    assert verify_document(served, document.id).outcome == "indeterminate"
    assert served.catalogue.get(document.id).verdict == "indeterminate"
    environment = {"DIGITISE_DATA": str(data), "DIGITISE_VERIFY_OFFLINE": "true"}
    shown = run(folder, "diff", "--add", folder / "trust", "--json", command=trust, **environment)
    change = json.loads(shown.output)["changes"][0]
    assert (change["before"], change["after"], change["why_before"]) == ("indeterminate", "valid", "issuer_not_trusted")
    assert len(served.verdicts.of(document.id)) == 1  # diff saves nothing
    run(folder, "add", folder / "trust", command=trust, **environment)
    again = run(folder, "--json", command=reverify, **environment)
    assert [one["after"] for one in json.loads(again.output)["changes"]] == ["valid"]
    assert served.catalogue.get(document.id).verdict == "valid"
    newest = served.verdicts.of(document.id)[0]
    assert newest.person_valid
    assert not newest.organisation_valid
    assert served.trust.snapshot(newest.trust_snapshot).snapshot(newest.policy) == newest.trust_snapshot
