"""The short way to the paths of an old file leads pyHanko to the same answer as its own, and is not taken where it must not be."""

from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY

from digitise.sign import quick_paths
from digitise.sign.profiles import Level, Look
from digitise.sign.signature import Details, Tools, make_signature
from tests.pki import blank_pdf

SLOW = HistoricalResolver._load_reverse_xref_cache


def made(folder: Path, tools: Tools, details: Details, levels: tuple[Level, ...], source: bytes | None = None) -> Path:
    file = folder / "0.pdf"
    file.write_bytes(source or blank_pdf())
    for number, level in enumerate(levels, 1):
        profile = replace(tools.profiles["copy"], name="plain", look=Look.NONE, level=level)
        make_signature(file, folder / f"{number}.pdf", profile, details, tools)
        file = folder / f"{number}.pdf"
    return file


def judged(file: Path, monkeypatch: pytest.MonkeyPatch, *, quick: bool) -> list[tuple[str, int]]:
    """Return for each signature what pyHanko says of the changes after it, and how many paths were known for that."""
    monkeypatch.setattr(HistoricalResolver, "_load_reverse_xref_cache", SLOW)
    if quick:
        quick_paths.install()
    told = []
    with file.open("rb") as stream:
        reader = PdfFileReader(stream, strict=False)
        for one in reader.embedded_signatures:
            result = DEFAULT_DIFF_POLICY.review_file(reader, one.signed_revision)
            known = reader.get_historical_resolver(one.signed_revision)._indirect_object_access_cache
            told.append((str(result), len(known or {})))
    return told


@pytest.mark.parametrize("levels", [(Level.B_LT,), (Level.B_LT, Level.B_LT), (Level.B_B, Level.B_LTA)])
def test_the_same_answer(
    tmp_path: Path, tools: Tools, details: Details, levels: tuple[Level, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = made(tmp_path, tools, details, levels)
    slow, quick = judged(file, monkeypatch, quick=False), judged(file, monkeypatch, quick=True)
    assert [result for result, _ in slow] == [result for result, _ in quick]
    if levels == (Level.B_LT,):
        assert [known for _, known in quick] == [1]


def test_an_object_that_the_signed_file_already_asked_for_is_seen(
    tmp_path: Path, tools: Tools, details: Details, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = made(tmp_path, tools, details, (Level.B_LT,))
    with pikepdf.open(plain) as pdf:
        number = pdf.Root.DSS.objgen[0]
    asked = blank_pdf().replace(b"/Name /F1", b"/X %d 0 R" % number)
    tools.verify = None  # our own check refuses such a file; here it has to exist
    file = made(tmp_path, tools, details, (Level.B_LT,), asked)
    with pikepdf.open(file) as pdf:
        assert pdf.pages[0].Resources.Font["/F1"].X.objgen[0] == pdf.Root.DSS.objgen[0] == number
    slow, quick = judged(file, monkeypatch, quick=False), judged(file, monkeypatch, quick=True)
    assert slow == quick
    assert quick[0][1] > 1, "the short way was not taken"
