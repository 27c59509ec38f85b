"""A round seal without colour is found by its rim and taken off; the name that runs through it stays."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digitise.scan.clean import cleaned
from digitise.scan.seals import _arcs, find_discs
from tests.unit.scan.test_page import FONT, paper

DPI = 200
CENTRE, RADIUS = (1050, 1900), 142  # a seal of 36 mm


def stamped() -> Image.Image:
    page = paper(DPI)
    draw = ImageDraw.Draw(page)
    x, y = CENTRE
    draw.ellipse((x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS), outline=0, width=5)
    draw.ellipse((x - 90, y - 90, x + 90, y + 90), outline=0, width=2)
    draw.text((x - 60, y + 95), "Trần Văn Bình Minh", font=ImageFont.truetype(FONT, 40), fill=0)
    return page.point(lambda value: 255 if value > 127 else 0)


def test_the_rim_is_found_and_text_is_no_rim() -> None:
    page = np.asarray(stamped())
    (disc,) = find_discs(255 - page, DPI)
    assert abs(disc.x - CENTRE[0]) < 6
    assert abs(disc.y - CENTRE[1]) < 6
    assert abs(disc.radius - RADIUS) < 6
    assert find_discs(255 - np.asarray(paper(DPI).point(lambda v: 255 if v > 127 else 0)), DPI) == []


def test_the_seal_goes_and_the_name_through_it_stays() -> None:
    page = np.asarray(stamped())
    made, steps = cleaned(page, DPI, look_for_seals=True)
    assert "seal" in steps
    assert (made[1740:1970, 880:1220] < 128).sum() == 0  # nothing left above the name
    name = np.s_[1998:2035, 1200:1400]  # the part of the name outside the seal
    assert (made[name] < 128).sum() >= 0.98 * (page[name] < 128).sum()
    under = np.s_[1998:2035, 990:1130]  # and the part under it
    assert (made[under] < 128).sum() >= 0.5 * (page[under] < 128).sum()


def test_left_of_where_a_centred_title_begins_the_seal_goes() -> None:
    page = paper(DPI)
    draw = ImageDraw.Draw(page)
    x, y = CENTRE
    draw.ellipse((x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS), outline=0, width=5)
    font = ImageFont.truetype(FONT, 40)
    for text, top in (("TRƯỞNG PHÒNG TƯ PHÁP", y - 240), ("Trần Văn Bình", y + 75)):
        draw.text((x + 160 - draw.textlength(text, font) / 2, top), text, font=font, fill=0)
    draw.text((x - 105, y + 75), "HẢI", font=font, fill=0)  # of the seal's own letters
    made, _ = cleaned(np.asarray(page.point(lambda value: 255 if value > 127 else 0)), DPI, look_for_seals=True)
    assert (made[y + 80 : y + 125, x - 110 : x - 30] < 128).sum() == 0
    assert (made[y + 80 : y + 125, x + 40 : x + 130] < 128).sum() > 300


def test_beyond_the_page_there_is_no_ink_whatever_the_memory_held() -> None:
    """OpenCV leaves what a polar picture does not cover as it found it: freed pictures full of ink must not show there."""
    for _ in range(5):
        used = [np.full(shape, 255, np.uint8) for shape in ((720, 154), (214, 214)) * 20]
        del used
        assert not _arcs(np.zeros((214, 214), np.uint8), (200.0, 30.0), 157.0).any()
