"""What is seen on the page: rendered by poppler and measured (NĐ 30/2020, annex I)."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pytest
from PIL import Image

from digitise.child import Limits
from digitise.errors import InvalidValue, SigningRefused
from digitise.settings import Settings
from digitise.sign.appearance import picture
from digitise.sign.preview import Known, preview
from digitise.sign.profiles import Level, Look, Profile
from digitise.sign.signature import Details, Tools, make_signature
from tests.papers import born_digital_pdf, paper
from tests.papers.files import signature_gap
from tests.pki import blank_pdf
from tests.unit.sign.conftest import run

DPI = 200
MM = DPI / 25.4
AT = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)  # while the test certificates are valid
ISO = AT.astimezone(timezone(timedelta(hours=7))).isoformat()


def rendered(file: Path, page: int, dpi: float = DPI) -> Any:
    run("pdftoppm", "-cropbox", "-r", dpi, "-png", "-f", page, "-l", page, "-singlefile", file, file.with_suffix(""))
    return np.asarray(Image.open(file.with_suffix(".png")).convert("RGB")).astype(int)


def extent(mask: Any) -> tuple[int, int, int, int]:
    """Return x0, y0, x1, y1 in pixels of what is set."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def red(image: Any) -> Any:
    return (image[:, :, 0] > 150) & (image[:, :, 1] < 110) & (image[:, :, 2] < 110)


def blue(image: Any) -> Any:
    return (image[:, :, 2] > 120) & (image[:, :, 0] < 90) & (image[:, :, 1] < 110)


def quick(profile: Profile, **more: Any) -> Profile:
    return replace(profile, **{"level": Level.B_B, **more})


CASES = [(1, "decision", 2), (2, "letter", 1), (3, None, 1), (11, "report", 1), (21, "notice", 2), (34, None, 3)]


def case(number: int, folder: Path) -> tuple[Any, Path, date]:
    from tests.papers import KINDS

    seed, kind, pages = CASES[number]
    made = paper(seed, kind if kind in KINDS else None, pages=pages, numbered=False, dated=False)
    year = re.search(r"ngày\s+tháng\s+năm (\d{4})", made.text)
    return made, born_digital_pdf(made, folder / "draft.pdf"), date(int(year[1]) if year else 2023, 2, 5)


@pytest.mark.parametrize("number", range(len(CASES)))
@pytest.mark.parametrize("named", [True, False], ids=["signer_known", "signer_unknown"])
def test_person_then_organisation(number: int, named: bool, tmp_path: Path, tools: Tools) -> None:
    made, draft, day = case(number, tmp_path)
    page, gap = signature_gap(made)
    details = Details(
        datetime.now(UTC),
        signer=made.fields["signer"] if named else None,
        number=7,
        symbol=made.fields["symbol"],
        issued_on=day,
    )
    first = make_signature(draft, tmp_path / "approved.pdf", quick(tools.profiles["approve"]), details, tools)
    assert first.warnings == ()
    image = rendered(first.signed.path, page)
    x0, y0, x1, y1 = extent(blue(image))
    top, bottom = image.shape[0] - gap[3] / 72 * DPI, image.shape[0] - gap[1] / 72 * DPI
    assert top - 1.5 * MM < y0
    assert y1 < bottom + 1.5 * MM
    assert abs((x0 + x1) / 2 - (gap[0] + gap[2]) / 2 / 72 * DPI) < 3 * MM  # centred between title and name

    second = make_signature(first.signed.path, tmp_path / "issued.pdf", quick(tools.profiles["issue"]), details, tools)
    image = rendered(second.signed.path, page)
    left, upper, right, lower = extent(red(image))
    assert abs((right - left) / MM - 36) < 0.5  # its real size
    assert abs((lower - upper) / MM - 36) < 0.5
    assert abs((right - x0) / (x1 - x0) - 1 / 3) < 0.05  # over a third of the signature, from its left
    assert abs((upper + lower) / 2 - (y0 + y1) / 2) < 1.5 * MM
    text = run("pdftotext", "-layout", "-l", 1, second.signed.path, "-")
    assert re.search(rf"Số:\s*07\s*/\s*{re.escape(made.fields['symbol'])}", text), text[:600]
    assert re.search(rf"ngày\s+05\s+tháng\s+02\s+năm\s+{day.year}", text), text[:600]


def test_numbers_stand_in_their_blanks_and_touch_nothing(tmp_path: Path, tools: Tools) -> None:
    made, draft, day = case(0, tmp_path)
    details = Details(datetime.now(UTC), number=1234, symbol="QĐ-UBND", issued_on=day)
    profile = quick(tools.profiles["issue"], requires=frozenset(), look="none")
    before = rendered(draft, 1).min(axis=2) < 128
    after_file = make_signature(draft, tmp_path / "issued.pdf", profile, details, tools).signed.path
    after = rendered(after_file, 1).min(axis=2) < 128
    added = after & ~before
    assert added.sum() > 200
    assert not (before & ~after).any()
    assert extent(added)[3] < after.shape[0] * 0.25  # the heading
    assert made.fields["symbol"]


def test_a_draft_without_blanks_is_signed_with_a_warning(tmp_path: Path, tools: Tools) -> None:
    draft = tmp_path / "draft.pdf"
    draft.write_bytes(blank_pdf("Khong co cho ghi so"))
    profile = quick(tools.profiles["issue"], requires=frozenset(), look=Look.NONE)
    details = Details(datetime.now(UTC), number=12, symbol="QĐ-UBND", issued_on=date(2026, 3, 5))
    made = make_signature(draft, tmp_path / "issued.pdf", profile, details, tools)
    assert made.warnings == ("number_not_written", "date_not_written")
    known = Known(details.at, None, 12, "QĐ-UBND", details.issued_on)
    assert preview(draft, profile, known, Limits.of(Settings())).warnings == made.warnings  # told before confirming too


def test_a_number_that_differs_from_the_printed_one_is_refused(tmp_path: Path, tools: Tools) -> None:
    made = paper(5, "decision")
    draft = born_digital_pdf(made, tmp_path / "draft.pdf")
    printed = int(re.sub(r"\D", "", made.fields["number"]))
    profile = quick(tools.profiles["issue"], requires=frozenset())
    details = Details(datetime.now(UTC), number=printed + 1, symbol=made.fields["symbol"])
    with pytest.raises(SigningRefused, match="number_differs"):
        make_signature(draft, tmp_path / "issued.pdf", profile, details, tools)
    assert not (tmp_path / "issued.pdf").exists()


def test_a_blank_for_the_number_must_be_filled(tmp_path: Path, tools: Tools) -> None:
    _, draft, day = case(0, tmp_path)
    profile = quick(tools.profiles["issue"], requires=frozenset())
    with pytest.raises(SigningRefused, match="number_missing"):
        make_signature(draft, tmp_path / "issued.pdf", profile, Details(datetime.now(UTC), issued_on=day), tools)


def test_a_copy_says_so_at_the_top_right(tmp_path: Path, tools: Tools) -> None:
    _, draft, _ = case(1, tmp_path)
    before = rendered(draft, 1).min(axis=2) < 128
    made = make_signature(draft, tmp_path / "copy.pdf", quick(tools.profiles["copy"]), Details(AT), tools)
    after = rendered(made.signed.path, 1).min(axis=2) < 128
    added = after & ~before
    x0, y0, x1, _y1 = extent(added)
    assert x0 > after.shape[1] * 0.45
    assert x1 > after.shape[1] * 0.9
    assert y0 < 15 * MM
    assert (before & added).sum() == 0
    assert not (rendered(made.signed.path, 1).std(axis=2)[added] > 12).any()  # black, no picture
    text = run("pdftotext", "-layout", "-l", 1, made.signed.path, "-")
    first, second, third = [line.strip() for line in text.splitlines() if line.strip()][:3]
    assert first == "SAO Y"
    assert second == "Ủy ban nhân dân xã Bình Minh"
    assert third == ISO
    assert ISO.endswith("+07:00")
    fonts = run("pdffonts", made.signed.path)
    assert re.search(r"[A-Z]{6}\+Tinos\s+CID TrueType\s+Identity-H\s+yes yes yes", fonts), fonts
    with pikepdf.open(made.signed.path) as pdf:
        assert b"/F 10.00 Tf 0 g" in pdf.Root.AcroForm.Fields[0].AP.N.read_bytes()


def test_an_attachment_bears_number_and_time(tmp_path: Path, tools: Tools) -> None:
    _, draft, _ = case(1, tmp_path)
    details = Details(AT, number=5, symbol="QĐ-UBND")
    made = make_signature(draft, tmp_path / "phu-luc.pdf", quick(tools.profiles["attachment"]), details, tools)
    text = run("pdftotext", "-layout", "-l", 1, made.signed.path, "-")
    assert [line.strip() for line in text.splitlines() if line.strip()][:2] == [
        "05/QĐ-UBND",
        ISO,
    ]


def test_an_incoming_paper_may_bear_the_seal_beside_name_and_time(tmp_path: Path, tools: Tools, material: Path) -> None:
    """The older style of TT 01/2019/TT-BNV (DOMAIN 3e): the seal keeps its size, so that it must find its room or say so."""
    draft = tmp_path / "draft.pdf"
    draft.write_bytes(blank_pdf("Cong van den"))
    profile = quick(tools.profiles["incoming"], look=Look.STAMP, image=material / "seal.png", image_mm=36.0)
    made = make_signature(draft, tmp_path / "incoming.pdf", profile, Details(AT), tools)
    assert made.warnings == ()
    image = rendered(made.signed.path, 1)
    left, upper, right, lower = extent(red(image))
    assert abs((right - left) / MM - 36) < 0.5
    assert abs((lower - upper) / MM - 36) < 0.5
    assert right > image.shape[1] * 0.9
    assert upper < 15 * MM
    text = run("pdftotext", "-layout", made.signed.path, "-")
    assert "Ủy ban nhân dân xã Bình Minh" in text
    assert ISO in text
    dark = image.max(axis=2) < 128
    assert extent(dark[:, : left - 2])[2] > left - 5 * MM  # name and time end beside the seal
    told = preview(draft, profile, Known(AT, organisation="Ủy ban nhân dân xã Bình Minh"), Limits.of(Settings()))
    assert [mark.what for mark in told.marks] == ["stamp", "picture"]
    assert abs(told.marks[1].box[2] / 72 * 25.4 - 36) < 0.1
    assert abs(told.marks[1].box[0] / 72 * DPI - left) < 3
    _, heading, _ = case(1, tmp_path)
    assert make_signature(heading, tmp_path / "full.pdf", profile, Details(AT), tools).warnings == ("seal_over_text",)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_the_corner_is_the_corner_that_people_see(rotation: int, tmp_path: Path, tools: Tools) -> None:
    _, draft, _ = case(1, tmp_path)
    turned = tmp_path / "turned.pdf"
    with pikepdf.open(draft) as pdf:
        pdf.pages[0].obj.Rotate = rotation
        pdf.save(turned)
    before = rendered(turned, 1).min(axis=2) < 128
    made = make_signature(turned, tmp_path / "copy.pdf", quick(tools.profiles["copy"]), Details(AT), tools)
    added = (rendered(made.signed.path, 1).min(axis=2) < 128) & ~before
    x0, y0, x1, y1 = extent(added)
    assert y0 < 40 * MM
    assert x1 - x0 > 2 * (y1 - y0)  # upright, not on its side


def test_a_full_page_makes_the_copy_move_and_say_so(tmp_path: Path, tools: Tools) -> None:
    from reportlab.pdfgen.canvas import Canvas

    full = tmp_path / "full.pdf"
    canvas = Canvas(str(full), pagesize=(595, 842), invariant=1)
    canvas.setFont("Times-Roman", 11)
    for row in range(8):  # a heading that reaches into the corner, the left half of it free
        canvas.drawString(330, 832 - row * 12, "x" * 50)
    canvas.showPage()
    canvas.save()
    before = rendered(full, 1).min(axis=2) < 128
    made = make_signature(full, tmp_path / "copy.pdf", quick(tools.profiles["copy"]), Details(AT), tools)
    assert made.warnings == ("stamp_moved",)
    after = rendered(made.signed.path, 1).min(axis=2) < 128
    assert extent(after & ~before)[2] < 330 / 72 * DPI
    assert (before & ~after).sum() == 0


def test_a_place_given_is_the_place_taken(tmp_path: Path, tools: Tools) -> None:
    _, draft, _ = case(0, tmp_path)
    profile = quick(tools.profiles["approve"], page=1, at=(100.0, 200.0))
    made = make_signature(draft, tmp_path / "signed.pdf", profile, Details(AT), tools)
    x0, _y0, x1, y1 = extent(blue(rendered(made.signed.path, 1)))
    assert abs(x0 / DPI * 72 - 100) < 2
    assert abs((x1 - x0) / MM - 40) < 1
    assert abs(842 - y1 / DPI * 72 - 200) < 3


def test_a_picture_that_would_hide_the_page_is_refused(tmp_path: Path) -> None:
    opaque = tmp_path / "opaque.png"
    Image.new("RGB", (50, 50), (255, 255, 255)).save(opaque)
    with pytest.raises(InvalidValue, match="image_not_transparent"):
        picture(opaque, 36)
    empty = tmp_path / "empty.png"
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(empty)
    with pytest.raises(InvalidValue, match="image_empty"):
        picture(empty, 36)
