"""One suite for every engine behind the seam."""

import os

import numpy as np
import pytest

from digitise.errors import EngineUnavailable, LimitExceeded
from digitise.scan import models
from digitise.scan.engine import Layout, OcrEngine
from digitise.scan.engines import open_engine
from digitise.settings import load
from tests.unit.scan.test_page import LINES, paper


@pytest.fixture(scope="module", params=["tesserocr", "pytesseract"])
def engine(request: pytest.FixtureRequest) -> OcrEngine:
    return open_engine(load(ocr_engine=request.param))


@pytest.fixture(scope="module")
def page() -> np.ndarray:
    return np.array(paper(150))[: 150 * 3]


def test_words_come_with_boxes_and_confidence(engine: OcrEngine, page: np.ndarray) -> None:
    tokens = engine.read(page, dpi=150)
    assert [token.text for token in tokens[:3]] == LINES[0].split()[:3]
    for token in tokens:
        x0, y0, x1, y1 = token.box
        assert 0 <= x0 < x1 <= page.shape[1]
        assert 0 <= y0 < y1 <= page.shape[0]
        assert 0 <= token.confidence <= 1
        assert token.text == token.text.strip() != ""


def test_a_line_is_read_as_a_line(engine: OcrEngine, page: np.ndarray) -> None:
    line = page[140:186]
    assert " ".join(token.text for token in engine.read(line, dpi=150, layout=Layout.LINE)) == LINES[0]


def test_white_paper_has_no_words(engine: OcrEngine) -> None:
    assert engine.read(np.full((400, 600), 255, np.uint8), dpi=150) == []


def test_time_out(engine: OcrEngine) -> None:
    with pytest.raises(LimitExceeded):
        engine.read(np.array(paper(200)), dpi=200, seconds=0.02)


def test_an_engine_reads_on_after_a_time_out(engine: OcrEngine, page: np.ndarray) -> None:
    with pytest.raises(LimitExceeded):
        engine.read(np.array(paper(200)), dpi=200, seconds=0.02)
    assert engine.read(page, dpi=150)


def test_which_way_is_up(engine: OcrEngine) -> None:
    page = np.array(paper(200))
    for turn in (0, 90, 180):
        lying = np.ascontiguousarray(np.rot90(page, turn // 90))  # turned counter-clockwise
        assert engine.orientation(lying, dpi=200)[0] == turn


def test_one_thread_for_each_process(engine: OcrEngine) -> None:
    assert os.environ["OMP_THREAD_LIMIT"] == "1"


def test_the_key_names_the_model(engine: OcrEngine) -> None:
    assert models.choose(load()).digest in engine.key


def test_the_best_model_is_asked_for_by_name_only_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "BEST", models.BEST / "absent")
    assert models.choose(load()).directory in models.system_directories()
    with pytest.raises(EngineUnavailable):
        models.choose(load(ocr_model="best"))
