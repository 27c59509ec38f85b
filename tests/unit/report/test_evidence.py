"""A bundle is checked without us, is the same twice, and tells of every change."""

import hashlib
import io
import json
import re
import subprocess
import zipfile
import zlib
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update

from digitise.model.reports import Figure
from digitise.report import ask, evidence, figures, signed_ranges
from digitise.report.bundle_check import check_bundle
from storage.local import LocalStore
from storage.register import SqlRegister
from storage.schema.verdicts import revocation_evidence, verdicts
from tests.unit.report.registers import CLERK, NOW, put_outgoing


@pytest.fixture
def figure(register: SqlRegister, store: LocalStore) -> Figure:
    """Freeze the share of six documents; one abstract tries to be a formula and to fool a count."""
    verdicts = ("valid", "valid", "valid", "unsigned", "invalid", None)
    tricky = '=1+1 "part":"signed"'
    put_outgoing(
        register,
        (
            {"id": f"o{n}", "issued_on": date(2022, 5, n + 1), "verdict": v, "abstract": tricky}
            for n, v in enumerate(verdicts)
        ),
    )
    report = ask.answer(register, ask.Question(period="2022"), ask.Terms(), NOW)
    return figures.freeze(register, register.figures, store, report, CLERK)


@pytest.fixture
def bundle(register: SqlRegister, store: LocalStore, figure: Figure) -> bytes:
    """Return the bundle of the figure."""
    return made(figure, evidence.Room(register, store, register.proofs))


def made(figure: Figure, room: evidence.Room) -> bytes:
    target = io.BytesIO()
    evidence.write_bundle(figure, target, room)
    return target.getvalue()


def rewritten(bundle: bytes, **changed: bytes | None) -> bytes:
    """Return the bundle with members replaced, added, or (None) left out."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(bundle)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if changed.get(name, b"") is not None:
                new.writestr(name, changed.get(name) or old.read(name))
        for name in set(changed) - set(old.namelist()):
            new.writestr(name, changed[name] or b"")
    return target.getvalue()


def test_the_same_figure_gives_the_same_bytes(
    register: SqlRegister, store: LocalStore, figure: Figure, bundle: bytes
) -> None:
    assert made(figure, evidence.Room(register, store, register.proofs)) == bundle
    assert made(register.figures.get(figure.id), evidence.Room(register, store, register.proofs)) == bundle


def test_an_untouched_bundle_is_sound(bundle: bytes) -> None:
    assert check_bundle(io.BytesIO(bundle)) == []


def test_any_change_of_any_member_is_found(bundle: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert {"README.txt", "figure.json", "manifest.json", "rows.csv", "rows.jsonl", "SHA256SUMS"} <= set(members)
    assert sum(name.startswith("verdicts/") for name in members) == 5
    for name, content in members.items():
        changed = content.replace(b"a", b"b", 1)
        assert changed != content
        assert check_bundle(io.BytesIO(rewritten(bundle, **{name: changed}))), f"{name} changed"
        assert check_bundle(io.BytesIO(rewritten(bundle, **{name: None}))), f"{name} left out"
    assert check_bundle(io.BytesIO(rewritten(bundle, **{"verdicts/more.json": b"{}"})))
    names = [name for name in members if name.startswith("verdicts/")]
    swapped = {names[0]: members[names[1]], names[1]: members[names[0]]}
    assert check_bundle(io.BytesIO(rewritten(bundle, **swapped)))
    assert check_bundle(io.BytesIO(b"not a zip"))


def test_a_bundle_damaged_anywhere_is_told_and_never_breaks_the_check(bundle: bytes) -> None:
    found = sum(bool(check_bundle(io.BytesIO(damaged(bundle, place)))) for place in range(0, len(bundle), 7))
    assert found > len(range(0, len(bundle), 7)) * 0.8  # the rest: dates and modes of members, which say nothing
    assert all(check_bundle(io.BytesIO(bundle[:end])) for end in range(0, len(bundle), 997))


def damaged(bundle: bytes, place: int) -> bytes:
    return bundle[:place] + bytes([bundle[place] ^ 0x5A]) + bundle[place + 1 :]


def test_an_expert_needs_sha256sum_and_grep_alone(bundle: bytes, figure: Figure, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        archive.extractall(folder)
        count = len(archive.namelist())
    subprocess.run(["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
    readme = (folder / "README.txt").read_text(encoding="utf-8")
    commands = re.findall(r"grep -cE '.*' rows\.jsonl", readme)
    counts = [
        int(subprocess.run(["sh", "-c", c], cwd=folder, capture_output=True, check=True).stdout) for c in commands[:2]
    ]
    assert counts == [figure.share.denominator, figure.share.numerator] == [6, 3]
    assert f"{count} tệp" in readme
    assert (folder / "rows.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "'=1+1" in (folder / "rows.csv").read_text(encoding="utf-8-sig")


def test_a_seal_is_added_where_asked(register: SqlRegister, store: LocalStore, figure: Figure) -> None:
    sealed: list[bytes] = []

    def seal(content: bytes) -> bytes:
        sealed.append(content)
        return b"seal"

    bundle = made(figure, evidence.Room(register, store, None, seal))
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        assert archive.read("SHA256SUMS.p7s") == b"seal"
        assert archive.read("SHA256SUMS") == sealed[0]
    assert check_bundle(io.BytesIO(bundle)) == []


def der(content: bytes) -> bytes:
    """Return a DER sequence with this content."""
    return b"\x30\x82" + len(content).to_bytes(2, "big") + content


IN_STREAM, DEFLATED, IN_SIGNATURE, KEPT, LOST = (der(bytes([n]) * 300) for n in range(1, 6))


def put_answers(register: SqlRegister, store: LocalStore) -> None:
    """Keep a document that holds three answers, and a verdict about it that relied on these and two more."""
    stream = b"1 0 obj <<>> stream\r\n%b\r\nendstream 2 0 obj <<>> stream\n%b\nendstream"
    document = signed_pdf(der(b"\x02\x01\x01" + IN_SIGNATURE), stream % (IN_STREAM, zlib.compress(DEFLATED)))
    sha256, _ = store.put(io.BytesIO(document))
    answers = [
        {"kind": "ocsp", "sha256": hashlib.sha256(one).hexdigest(), "origin": "file", "url": None}
        for one in (IN_STREAM, DEFLATED, IN_SIGNATURE, KEPT, LOST)
    ]
    put_outgoing(register, [{"id": "o9", "issued_on": date(2022, 6, 1), "verdict": "valid"}])
    with register._database.write() as connection:
        detail = {"outcome": "valid", "signatures": [], "revocation_answers": answers}
        connection.execute(update(verdicts).where(verdicts.c.id == "v-o9").values(sha256=sha256, detail=detail))
        kept = {"sha256": answers[3]["sha256"], "kind": "ocsp", "data": KEPT}
        connection.execute(revocation_evidence.insert().values(kept))


def test_the_answers_that_verdicts_relied_on_are_in_the_bundle(register: SqlRegister, store: LocalStore) -> None:
    put_answers(register, store)
    report = ask.answer(register, ask.Question(period="2022"), ask.Terms(), NOW)
    bundle = made(
        figures.freeze(register, register.figures, store, report, CLERK),
        evidence.Room(register, store, register.proofs),
    )
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        members = {archive.read(name) for name in archive.namelist() if name.endswith(".ocsp")}
        told = json.loads(archive.read("revocation/index.json"))
    assert members == {IN_STREAM, DEFLATED, IN_SIGNATURE, KEPT}
    assert [one["sha256"] for one in told if one["file"] is None] == [hashlib.sha256(LOST).hexdigest()]
    assert check_bundle(io.BytesIO(bundle)) == []


def test_signatures_are_taken_out_as_they_are(tmp_path: Path) -> None:
    cms = bytes.fromhex("3003020101")
    file = tmp_path / "signed.pdf"
    file.write_bytes(signed_pdf(cms, b" tail"))
    (found,) = signed_ranges.signatures(file)
    assert found.cms == cms
    command = signed_ranges.openssl_command(found, "signed.pdf", "x.p7s", None).split(" | openssl")[0]
    signed = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, check=True).stdout
    whole = file.read_bytes()
    assert signed == whole[: found.first] + whole[found.resume :]
    assert whole[found.first : found.first + 1] + whole[found.resume - 1 : found.resume] == b"<>"


def signed_pdf(cms: bytes, tail: bytes) -> bytes:
    """Return what our tools see of a signed PDF: a byte range, its gap, and something behind it."""
    gap = b"<" + (cms + b"\0" * 20).hex().encode() + b">"
    head = b"%PDF-1.7 /ByteRange [0 0000 0000 0000] /Contents "
    ranges = b"[0 %04d %04d %04d]" % (len(head), len(head) + len(gap), len(tail))
    return head.replace(b"[0 0000 0000 0000]", ranges) + gap + tail
