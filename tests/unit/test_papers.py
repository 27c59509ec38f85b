"""The sample papers are what the other tests stand on: same seed, same paper; true boxes; every damage."""

from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from tests.papers import DAMAGES, KINDS, born_digital_pdf, degrade, paper, scan_pdf


def test_same_seed_same_paper() -> None:
    a, b = paper(11), paper(11)
    assert a.fields == b.fields
    assert a.text == b.text
    assert a.images[0].tobytes() == b.images[0].tobytes()
    assert paper(12).fields != a.fields


@pytest.mark.parametrize("kind", KINDS)
def test_kind_shows_its_fields_in_its_text(kind: str) -> None:
    made = paper(5, kind)
    flat = " ".join(made.text.split())
    assert made.fields["signer"] in flat
    assert made.fields["symbol"] in flat
    assert made.fields["abstract"] in flat


def test_boxes_hold_ink_and_nothing_beside() -> None:
    sheet = paper(3, "notice", seal=None, signature=False).sheets[0]
    grey = np.asarray(sheet.image.convert("L"))
    assert len(sheet.lines) > 20
    for line in sheet.lines:
        x0, y0, x1, y1 = line.box
        assert grey[y0:y1, x0:x1].min() < 120, line
        assert grey[y0:y1, x0 - 3 : x0 - 1].min() > 200, line


@pytest.fixture(scope="module")
def image() -> Image.Image:
    return paper(8, "letter", dpi=72).images[0]


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_repeatable_and_does_something(damage: str, image: Image.Image) -> None:
    once, twice = degrade(image, damage, 4), degrade(image, damage, 4)
    assert once.tobytes() == twice.tobytes()
    assert damage == "clean" or once.size != image.size or once.tobytes() != image.tobytes()


def test_two_columns_have_several_reading_orders() -> None:
    assert len(paper(3, "notice").sheets[0].orders) >= 4


def test_scan_pdf_holds_one_image_per_page(tmp_path: Path) -> None:
    path = scan_pdf([paper(2, pages=2)], tmp_path / "scan.pdf")
    with pikepdf.open(path) as pdf:
        assert len(pdf.pages) >= 2
        assert all(len(page.images) == 1 for page in pdf.pages)
        assert abs(float(pdf.pages[0].mediabox[2]) - 595) < 2


def test_born_digital_pdf_has_real_text_in_embedded_fonts(tmp_path: Path) -> None:
    made = paper(4, "decision", numbered=False, dated=False)
    path = born_digital_pdf(made, tmp_path / "born.pdf")
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    text = " ".join(" ".join(page.get_textpage().get_text_bounded() for page in document).split())
    assert made.fields["signer"] in text
    assert "number" not in made.fields
    with pikepdf.open(path) as pdf:
        fonts = {name for page in pdf.pages for font in page.Resources.Font.values() for name in [str(font.BaseFont)]}
    assert fonts
    assert all("+Tinos" in name for name in fonts)
