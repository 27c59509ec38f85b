"""One page image in, its words out: boxes lie on the image as it was given, whatever way it lay."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from digitise.errors import EngineUnavailable
from digitise.scan.engine import OcrEngine
from digitise.scan.engines import open_engine
from digitise.scan.page import engine_key, recognise_page
from digitise.settings import Settings, load

FONT = "/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf"
LINES = (
    "ỦY BAN NHÂN DÂN THÀNH PHỐ",
    "Về việc giải quyết hồ sơ thủ tục hành chính",
    "Căn cứ quy định về tiếp nhận và trả kết quả cho người dân,",
    "bộ phận một cửa đã nhận đủ giấy tờ của tổ chức và công dân,",
    "phòng chuyên môn kiểm tra, báo cáo lãnh đạo xem xét, ký duyệt",
    "và chuyển văn thư đóng dấu, phát hành theo đúng thời hạn.",
)


def paper(dpi: int = 200) -> Image.Image:
    image = Image.new("L", (round(8.27 * dpi), round(11.69 * dpi)), 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(FONT, round(14 / 72 * dpi))
    for number, line in enumerate(LINES * 3):
        draw.text((0.9 * dpi, dpi * (1 + 0.32 * number)), line, font=font, fill=0)
    return image


@pytest.fixture(scope="module", params=["tesserocr", "pytesseract"])
def engine(request: pytest.FixtureRequest) -> OcrEngine:
    return open_engine(load(ocr_engine=request.param))


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load()


def test_reads_a_clean_page(engine: OcrEngine, settings: Settings) -> None:
    page = recognise_page(paper(), dpi=200, settings=settings, engine=engine)
    assert page.text.splitlines()[:2] == list(LINES[:2])
    assert (page.rotation, round(page.skew, 1)) == (0, 0.0)


@pytest.mark.parametrize(("turned", "rotation"), [(90, 90), (180, 180), (270, 270)])
def test_word_boxes_lie_on_the_page_as_it_was_given(settings: Settings, turned: int, rotation: int) -> None:
    image = paper().rotate(turned, expand=True).rotate(1.5, fillcolor=255)
    page = recognise_page(image, dpi=200, settings=settings, engine=open_engine(settings))
    assert page.rotation == rotation
    assert page.skew == pytest.approx(1.5, abs=0.1)
    assert LINES[3] in page.text
    ink = np.asarray(image) < 128
    for word in page.words:
        x0, y0, x1, y1 = (round(value) for value in word.box)
        assert ink[max(0, y0) : y1, max(0, x0) : x1].mean() > 0.03, word


def test_a_blank_page_has_no_words(settings: Settings) -> None:
    blank = Image.new("RGB", (1654, 2339), "white")
    assert recognise_page(blank, dpi=None, settings=settings, engine=open_engine(settings)).words == ()


def test_missing_language_names_the_package_to_install() -> None:
    with pytest.raises(EngineUnavailable) as caught:
        open_engine(load(ocr_languages="xyz"))
    assert caught.value.details["package"] == "tesseract-ocr-xyz"


def test_the_reuse_key_changes_with_what_decides_the_result() -> None:
    keys = {
        engine_key(load(ocr_engine=name, ocr_second_look=look))
        for name in ("tesserocr", "pytesseract")
        for look in (True, False)
    }
    assert len(keys) == 4
