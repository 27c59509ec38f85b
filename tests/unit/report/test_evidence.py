"""A bundle is checked without us, is the same twice, and tells of every change."""

import io
import re
import subprocess
import zipfile
from datetime import date
from pathlib import Path

import pytest

from digitise.model.reports import Figure
from digitise.report import ask, evidence, figures, signed_ranges
from storage.local import LocalStore
from storage.register import SqlRegister
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
    return figures.freeze(register, register.figures, store, report, CLERK, proofs=register.proofs)


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
    assert evidence.check_bundle(io.BytesIO(bundle)) == []


def test_any_change_of_any_member_is_found(bundle: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert {"README.txt", "figure.json", "manifest.json", "rows.csv", "rows.jsonl", "SHA256SUMS"} <= set(members)
    assert sum(name.startswith("verdicts/") for name in members) == 5
    for name, content in members.items():
        changed = content.replace(b"a", b"b", 1)
        assert changed != content
        assert evidence.check_bundle(io.BytesIO(rewritten(bundle, **{name: changed}))), f"{name} changed"
        assert evidence.check_bundle(io.BytesIO(rewritten(bundle, **{name: None}))), f"{name} left out"
    assert evidence.check_bundle(io.BytesIO(rewritten(bundle, **{"verdicts/more.json": b"{}"})))
    names = [name for name in members if name.startswith("verdicts/")]
    swapped = {names[0]: members[names[1]], names[1]: members[names[0]]}
    assert evidence.check_bundle(io.BytesIO(rewritten(bundle, **swapped)))
    assert evidence.check_bundle(io.BytesIO(b"not a zip"))


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
    assert evidence.check_bundle(io.BytesIO(bundle)) == []


def test_signatures_are_taken_out_as_they_are(tmp_path: Path) -> None:
    cms = bytes.fromhex("3003020101")
    gap = b"<" + (cms + b"\0" * 20).hex().encode() + b">"
    head, tail = b"%PDF-1.7 /ByteRange [0 0000 0000 0000] /Contents ", b" tail"
    ranges = b"[0 %04d %04d %04d]" % (len(head), len(head) + len(gap), len(tail))
    content = head.replace(b"[0 0000 0000 0000]", ranges) + gap + tail
    file = tmp_path / "signed.pdf"
    file.write_bytes(content)
    (found,) = signed_ranges.signatures(file)
    assert found.cms == cms
    command = signed_ranges.openssl_command(found, "signed.pdf", "x.p7s", None).split(" | openssl")[0]
    signed = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, check=True).stdout
    assert signed == content[: len(head)] + tail
