"""Pages stored turned, cropped, enlarged, with their origin elsewhere: people see every mark in its place, at its actual size.

Through the door that people use, `digitise sign`; rendered by poppler, which like many viewers passes over /UserUnit.
"""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from click.testing import CliRunner

from digitise.cli.sign import sign
from tests.office import Office, furnish
from tests.papers import born_digital_pdf, paper
from tests.papers.files import signature_gap
from tests.pki import PKI
from tests.unit.sign.conftest import run
from tests.unit.sign.test_appearance import DPI, MM, blue, extent, red, rendered

Change = Callable[[pikepdf.Pdf], None]


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory, pki: PKI) -> Office:
    return furnish(tmp_path_factory.mktemp("bureau"), pki)


def drawn_by(pdf: pikepdf.Pdf, matrix: str) -> None:
    """Let every page be drawn through a matrix."""
    for page in pdf.pages:
        page.contents_add(pdf.make_stream(f"q {matrix} cm\n".encode()), prepend=True)
        page.contents_add(pdf.make_stream(b"\nQ"))


def sides(page: Any) -> tuple[float, float]:
    width, height = (float(side) for side in page.MediaBox[2:])
    return width, height


def stored_turned(pdf: pikepdf.Pdf) -> None:
    """On their side, shown upright: as many scanners and spreadsheets do."""
    width, height = sides(pdf.pages[0])
    drawn_by(pdf, f"0 -1 1 0 0 {width}")
    for page in pdf.pages:
        page.obj.MediaBox, page.obj.Rotate = pikepdf.Array([0, 0, height, width]), 270


def cropped_beyond_the_sheet(pdf: pikepdf.Pdf) -> None:
    """With an origin below the sheet, and a crop box that reaches beyond it: what is shown is where both overlap."""
    width, height = sides(pdf.pages[0])
    drawn_by(pdf, "1 0 0 1 -50 -70")
    for page in pdf.pages:
        page.obj.MediaBox = pikepdf.Array([-50, -70, width - 50, height - 70])
        page.obj.CropBox = pikepdf.Array([-300, -400, width + 300, height + 400])


def enlarged(pdf: pikepdf.Pdf) -> None:
    """In units of two and a half points: as plotters and drawings of plans have it."""
    width, height = sides(pdf.pages[0])
    drawn_by(pdf, "0.4 0 0 0.4 0 0")
    for page in pdf.pages:
        page.obj.MediaBox, page.obj.UserUnit = pikepdf.Array([0, 0, width * 0.4, height * 0.4]), 2.5


def everything_at_once(pdf: pikepdf.Pdf) -> None:
    """Stored upside down, cropped, with a negative origin, in half points."""
    width, height = sides(pdf.pages[0])
    drawn_by(pdf, f"-2 0 0 -2 {width * 2 - 100} {height * 2 - 200}")
    for page in pdf.pages:
        page.obj.MediaBox = pikepdf.Array([-300, -300, width * 2 + 100, height * 2])
        page.obj.CropBox = pikepdf.Array([-100, -200, width * 2 - 100, height * 2 - 200])
        page.obj.Rotate, page.obj.UserUnit = 180, 0.5


def seen(file: Path, page: int) -> Any:
    """Render at 200 dots per inch of paper, whatever the page's unit is."""
    with pikepdf.open(file) as pdf:
        unit = float(pdf.pages[page - 1].obj.get("/UserUnit", 1))
    return rendered(file, page, DPI * unit)


CHANGES: list[Change] = [stored_turned, cropped_beyond_the_sheet, enlarged, everything_at_once]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_every_mark_stands_in_its_place_at_its_size(change: Change, bureau: Office, tmp_path: Path) -> None:
    made = paper(2, "letter", pages=1, numbered=False, dated=False)
    plain = born_digital_pdf(made, tmp_path / "plain.pdf")
    draft = tmp_path / "draft.pdf"
    with pikepdf.open(plain) as pdf:
        change(pdf)
        pdf.save(draft)
    before = seen(draft, 1)
    assert abs(before.shape[1] - 210 * MM) < 2  # A4, as it was

    file = draft
    year = re.search(r"năm (\d{4})", made.text)
    issued = date(int(year[1]) if year else 2023, 2, 5)
    given = ("--signer", made.fields["signer"], "--number", 7, "--symbol", made.fields["symbol"], "--date", issued)
    for name in ("approve", "issue", "copy"):
        asked = (file, "--profile", name, "--level", "B-B", "-o", tmp_path / name)
        arguments = [str(one) for one in (*asked, *given, "--trust", bureau.trust, "--data", bureau.data)]
        told = CliRunner().invoke(sign, arguments, standalone_mode=False)
        assert told.return_value == 0, told.output
        file = tmp_path / name / file.name

    image = seen(file, 1)
    _, gap = signature_gap(made)
    x0, y0, x1, y1 = extent(blue(image))
    assert abs((x0 + x1) / 2 - (gap[0] + gap[2]) / 2 / 72 * DPI) < 3 * MM  # centred between title and name
    assert image.shape[0] - gap[3] / 72 * DPI - 1.5 * MM < y0
    assert y1 < image.shape[0] - gap[1] / 72 * DPI + 1.5 * MM
    left, upper, right, lower = extent(red(image))
    assert abs((right - left) / MM - 36) < 0.5
    assert abs((lower - upper) / MM - 36) < 0.5
    assert abs((right - x0) / (x1 - x0) - 1 / 3) < 0.05
    added = (image.max(axis=2) < 128) & ~(before.max(axis=2) < 128)
    heading = added[: added.shape[0] // 4]
    stamp_left, stamp_top, stamp_right, stamp_bottom = extent(heading[: int(22 * MM)])
    assert stamp_right > image.shape[1] * 0.9
    assert stamp_top < 15 * MM
    assert 8 * MM < stamp_bottom - stamp_top < 16 * MM  # three lines of 10 pt
    assert stamp_left > image.shape[1] * 0.4
    text = run("pdftotext", "-layout", "-l", 1, file, "-")
    assert re.search(rf"Số:\s*07\s*/\s*{re.escape(made.fields['symbol'])}", text), text[:600]
