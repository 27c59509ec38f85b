"""Coloured ink: seals and pen strokes turn light for recognition, coloured print stays dark."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from digitise.scan.ink import coloured_rows, without_colour
from tests.unit.scan.test_page import FONT, paper

DPI = 200
RED, BLUE = (200, 30, 40), (40, 60, 190)


@pytest.fixture
def page() -> Image.Image:
    return paper(DPI).convert("RGB")


def dark(grey: np.ndarray, box: tuple[int, int, int, int]) -> int:
    x0, y0, x1, y1 = box
    return int((grey[y0:y1, x0:x1] < 128).sum())


@pytest.mark.parametrize("colour", [RED, BLUE])
def test_a_title_printed_in_colour_stays_dark(page: Image.Image, colour: tuple[int, int, int]) -> None:
    font = ImageFont.truetype(FONT, round(18 / 72 * DPI))
    ImageDraw.Draw(page).text((400, 60), "GIẤY CHỨNG NHẬN QUYỀN SỬ DỤNG", font=font, fill=colour)
    grey = without_colour(np.asarray(page), DPI)
    assert dark(grey, (380, 40, 1400, 140)) > 3000


def test_a_seal_and_a_signature_turn_light_and_the_print_below_them_stays(page: Image.Image) -> None:
    before = np.asarray(page.convert("L"))
    draw = ImageDraw.Draw(page)
    box = (900, 1450, 1190, 1740)
    draw.ellipse(box, outline=RED, width=8)
    draw.text((960, 1580), "VĂN PHÒNG", font=ImageFont.truetype(FONT, 30), fill=RED)
    draw.line([(300, 1600), (340, 1500), (420, 1650), (520, 1520), (640, 1620)], fill=BLUE, width=5)
    grey = without_colour(np.asarray(page), DPI)
    assert coloured_rows(np.asarray(page), DPI) == []
    for spot in (box, (280, 1480, 660, 1670)):
        assert dark(grey, spot) <= dark(before, spot) * 1.02 + 20


def test_print_under_a_coloured_line_of_writing_is_not_lost(page: Image.Image) -> None:
    plain = np.asarray(page)
    draw = ImageDraw.Draw(page)
    draw.text((180, 205), "Đã nhận hồ sơ ngày mười", font=ImageFont.truetype(FONT, 40), fill=RED)  # over black print
    grey = without_colour(np.asarray(page), DPI)
    black = plain.max(axis=2) < 100
    assert (grey[black] < 128).mean() > 0.98
    assert coloured_rows(np.asarray(page), DPI) == []


def test_grey_pages_pass_through() -> None:
    grey = np.asarray(paper(DPI))
    assert without_colour(grey, DPI) is grey
