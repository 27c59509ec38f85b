"""An incoming stamp on a page without colour goes with its text; the print across its border and a table stay."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digitise.scan.engines import open_engine
from digitise.scan.prepare import prepare
from digitise.scan.stamps import find_frames
from digitise.settings import load
from tests.unit.scan.test_page import FONT, paper

DPI = 200
AT, SIZE = (60, 250), (480, 170)  # upper left corner, width and height: 61 x 22 mm, over the beginnings of two lines


def framed(word: str) -> np.ndarray:
    stamp = Image.new("L", (SIZE[0] + 80, SIZE[1] + 80), 255)
    draw = ImageDraw.Draw(stamp)
    draw.rectangle((40, 40, 40 + SIZE[0], 40 + SIZE[1]), outline=0, width=4)
    for text, x, y, size in (("VĂN PHÒNG TỈNH", 60, 50, 32), (word, 60, 120, 46), ("Ngày: 07/01/2025", 230, 140, 30)):
        draw.text((x, y), text, font=ImageFont.truetype(FONT, size), fill=0)
    page = paper(DPI)
    turned = stamp.rotate(1.5, resample=Image.Resampling.BICUBIC, fillcolor=255)
    page.paste(0, (AT[0] - 40, AT[1] - 40), turned.point(lambda value: 255 - value))
    return np.asarray(page.point(lambda value: 255 if value > 127 else 0))


def test_an_incoming_stamp_goes_and_the_print_beside_it_stays() -> None:
    page = framed("ĐẾN")
    made = prepare(page, DPI, open_engine(load()))
    assert "incoming stamp" in made.steps
    x, y = AT
    plain = np.asarray(paper(DPI))
    stamps_own = np.s_[y - 20 : y + SIZE[1] + 20, : x + 100]  # left of the page's print
    assert (made.image[stamps_own] < 128).sum() < 0.02 * (page[stamps_own] < 128).sum()
    beside = np.s_[y - 20 : y + SIZE[1] + 20, x + SIZE[0] + 30 :]
    assert (made.image[beside] < 128).sum() > 0.9 * (plain[beside] < 128).sum()


def test_a_small_table_is_a_frame_but_no_stamp() -> None:
    page = framed("TỔNG")
    assert len(find_frames(page, DPI)) == 1
    assert "incoming stamp" not in prepare(page, DPI, open_engine(load())).steps


def test_a_page_of_text_has_no_frame() -> None:
    assert find_frames(np.asarray(paper(DPI)), DPI) == []
