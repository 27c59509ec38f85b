"""Any PDF: however its cross-references, forms and annotations are kept, the signature is whole and nothing else moves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from digitise.errors import DigitiseError, RefusedInput, SigningRefused
from digitise.model.verdicts import Changes, Integrity
from digitise.sign.profiles import Level, Look
from digitise.sign.signature import Details, Tools, make_signature
from tests.papers import born_digital_pdf, paper
from tests.pki import PKI, blank_pdf
from tests.unit.sign.conftest import second_opinion

Change = Callable[[pikepdf.Pdf], None]


def nothing(pdf: pikepdf.Pdf) -> None:
    """The plain file."""


def indirect_annotations(pdf: pikepdf.Pdf) -> None:
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[9, 9, 20, 20], F=4)
    for page in pdf.pages:
        page.obj.Annots = pdf.make_indirect(pikepdf.Array([pdf.make_indirect(link)]))


def direct_form(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[], DA="/Helv 0 Tf 0 g")


def indirect_form_and_fields(pdf: pikepdf.Pdf) -> None:
    field = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="Ten", Rect=[9, 9, 90, 20], F=4
    )
    kept = pdf.make_indirect(field)
    pdf.pages[0].obj.Annots = pikepdf.Array([kept])
    form = pikepdf.Dictionary(Fields=pdf.make_indirect(pikepdf.Array([kept])))
    pdf.Root.AcroForm = pdf.make_indirect(form)


def direct_form_indirect_fields(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pdf.make_indirect(pikepdf.Array([])))


def turned(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Rotate = 90


def inherited_and_offset(pdf: pikepdf.Pdf) -> None:
    for page in pdf.pages:
        page.obj.MediaBox = pikepdf.Array([-100, 50, 495, 892])


SHAPES: list[Change] = [
    nothing,
    indirect_annotations,
    direct_form,
    indirect_form_and_fields,
    direct_form_indirect_fields,
    turned,
    inherited_and_offset,
]
STYLES: dict[str, dict[str, Any]] = {
    "table": {"object_stream_mode": pikepdf.ObjectStreamMode.disable},
    "streams": {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
    "linear": {"linearize": True, "object_stream_mode": pikepdf.ObjectStreamMode.disable},
    "linear_streams": {"linearize": True, "object_stream_mode": pikepdf.ObjectStreamMode.generate},
}


def shaped(file: Path, change: Change, style: str) -> Path:
    with pikepdf.open(BytesIO(blank_pdf(pages=2))) as pdf:
        change(pdf)
        pdf.save(file, **STYLES[style])
    return file


@pytest.mark.parametrize("style", list(STYLES))
@pytest.mark.parametrize("change", SHAPES, ids=lambda change: change.__name__)
def test_two_signatures_on_any_structure(
    change: Change, style: str, tmp_path: Path, tools: Tools, details: Details, nss: Path
) -> None:
    source = shaped(tmp_path / "source.pdf", change, style)
    plain = replace(tools.profiles["copy"], level=Level.B_B)
    first = make_signature(source, tmp_path / "first.pdf", plain, details, tools)
    second = make_signature(first.signed.path, tmp_path / "second.pdf", plain, details, tools)
    assert second.verdict is not None
    assert [one.integrity for one in second.verdict.signatures] == [Integrity.INTACT] * 2
    assert all(one.changes_after in (Changes.NONE, Changes.PERMITTED) for one in second.verdict.signatures)
    assert len({one.field for one in second.verdict.signatures}) == 2
    second_opinion(second.signed.path, nss, 2)
    assert second.signed.path.read_bytes().startswith(source.read_bytes())


def with_empty_field(pdf: pikepdf.Pdf, **more: Any) -> None:
    field = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Widget,
        FT=pikepdf.Name.Sig,
        T="Cho-ky",
        Rect=[100, 100, 250, 180],
        F=4,
        P=pdf.pages[0].obj,
        **more,
    )
    kept = pdf.make_indirect(field)
    pdf.pages[0].obj.Annots = pikepdf.Array([kept])
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[kept], SigFlags=1)


@pytest.mark.parametrize("locked", [False, True], ids=["free", "locked"])
def test_an_existing_empty_field_is_filled(
    locked: bool, tmp_path: Path, tools: Tools, details: Details, nss: Path
) -> None:
    lock = pikepdf.Dictionary(Type=pikepdf.Name.SigFieldLock, Action=pikepdf.Name.All)
    more = {"Lock": lock} if locked else {}
    source = shaped(tmp_path / "source.pdf", lambda pdf: with_empty_field(pdf, **more), "table")
    profile = replace(tools.profiles["copy"], signature_field="Cho-ky")
    made = make_signature(source, tmp_path / "signed.pdf", profile, details, tools)
    assert made.signed.field == "Cho-ky"
    with pikepdf.open(made.signed.path) as pdf:
        fields = list(pdf.Root.AcroForm.Fields)
        assert len(fields) == 1
        assert ("/Reference" in fields[0].V) == locked
        assert [float(side) for side in fields[0].Rect] == [100, 100, 250, 180]
        assert "/N" in fields[0].AP
    second_opinion(made.signed.path, nss, 1)


def test_a_pdf_a_stays_one(tmp_path: Path, tools: Tools, details: Details) -> None:
    """What our update adds obeys ISO 19005-2: embedded fonts, device-independent colour, printing annotations, metadata."""
    source = shaped(tmp_path / "source.pdf", nothing, "table")
    made = make_signature(
        source, tmp_path / "signed.pdf", replace(tools.profiles["approve"], level=Level.B_B), details, tools
    )
    copied = make_signature(
        made.signed.path, tmp_path / "copy.pdf", replace(tools.profiles["copy"], level=Level.B_B), details, tools
    )
    with pikepdf.open(copied.signed.path) as pdf:
        for field in pdf.Root.AcroForm.Fields:
            assert int(field.F) & 0b111_0110 == 4  # printed, not hidden, not without view
            form = field.AP.N
            for font in form.Resources.get("/Font", pikepdf.Dictionary()).values():
                descendant = font.DescendantFonts[0]
                assert "/FontFile2" in descendant.FontDescriptor
                assert "/ToUnicode" in font
                assert descendant.CIDToGIDMap == pikepdf.Name.Identity
            for image in form.Resources.get("/XObject", pikepdf.Dictionary()).values():
                assert image.ColorSpace[0] == pikepdf.Name.ICCBased
                assert "/SMask" in image
        assert "/NeedAppearances" not in pdf.Root.AcroForm
        assert len(pdf.trailer.ID) == 2


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "no_pdf": lambda data: b"PK\x03\x04" + data[4:],
    "cut": lambda data: data[: len(data) // 2],
    "tail": lambda data: data + b"9 0 obj\n<<>>\nendobj\nstartxref\n5\n",
    "wrong_startxref": lambda data: data[: data.rindex(b"startxref")] + b"startxref\n7\n%%EOF\n",
}


@pytest.mark.parametrize("damage", list(DAMAGES))
def test_damaged_files_are_refused_and_leave_nothing(
    damage: str, tmp_path: Path, tools: Tools, details: Details
) -> None:
    source = tmp_path / "source.pdf"
    source.write_bytes(DAMAGES[damage](blank_pdf()))
    with pytest.raises(DigitiseError) as caught:
        make_signature(source, tmp_path / "signed.pdf", tools.profiles["copy"], details, tools)
    assert isinstance(caught.value, RefusedInput | SigningRefused)
    assert list(tmp_path.iterdir()) == [source]


def test_a_certified_file_that_permits_nothing_is_refused(
    tmp_path: Path, tools: Tools, details: Details, pki: PKI
) -> None:
    from pyhanko.sign.fields import MDPPerm

    source = tmp_path / "source.pdf"
    source.write_bytes(pki.sign(blank_pdf(), pki.person_an, certify=MDPPerm.NO_CHANGES))
    with pytest.raises(SigningRefused, match="certified"):
        make_signature(source, tmp_path / "signed.pdf", tools.profiles["copy"], details, tools)


def test_a_certified_file_is_signed_as_far_as_it_permits(tmp_path: Path, tools: Tools, pki: PKI, nss: Path) -> None:
    from pyhanko.sign.fields import MDPPerm

    draft = born_digital_pdf(paper(2, "letter", pages=1, numbered=False, dated=False), tmp_path / "draft.pdf")
    source = tmp_path / "source.pdf"
    source.write_bytes(pki.sign(draft.read_bytes(), pki.person_an, certify=MDPPerm.FILL_FORMS))
    details = Details(datetime.now(UTC), number=7, symbol="UBND-VP")
    issue = replace(tools.profiles["issue"], level=Level.B_LT, writes=frozenset({"number"}))
    with pytest.raises(SigningRefused, match="certified"):  # forms and signatures are permitted, a number is neither
        make_signature(source, tmp_path / "numbered.pdf", issue, details, tools)
    signed = make_signature(source, tmp_path / "signed.pdf", replace(issue, writes=frozenset()), details, tools)
    assert signed.verdict is not None
    assert [one.changes_after for one in signed.verdict.signatures] == [Changes.PERMITTED, Changes.PERMITTED]
    second_opinion(signed.signed.path, nss, 2)


def test_a_large_timestamp_gets_its_room(
    tmp_path: Path, tools: Tools, details: Details, monkeypatch: pytest.MonkeyPatch, nss: Path
) -> None:
    from digitise.sign import levels, pdf_signer

    monkeypatch.setattr(pdf_signer, "TOKEN", 64)
    monkeypatch.setattr(levels, "RESERVED", 64)
    source = shaped(tmp_path / "source.pdf", nothing, "table")
    profile = replace(tools.profiles["copy"], look=Look.NONE, level=Level.B_LTA)
    made = make_signature(source, tmp_path / "signed.pdf", profile, details, tools)
    assert made.verdict is not None
    assert made.verdict.outcome == "valid"
    second_opinion(made.signed.path, nss, 1)
