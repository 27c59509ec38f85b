"""Accents are told by their shapes where readings dispute a word, and left alone where both agree."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from digitise.model.recognition import Word
from digitise.scan.accents import CHANGED, by_shape
from digitise.scan.marks import tone_stands_right
from tests.papers.fonts import font

RIVALS = {"Tấn", "Giàng", "phố", "hố", "TĨNH", "Nguyên", "đước", "sỏ,", "12/QD", "Ỳ"}
SIZE = 38  # pixels of an em: 14 pt at 200 dpi


def shown(text: str, style: str) -> tuple[np.ndarray, tuple[float, float, float, float]]:
    """Return a picture of `text` and its box as the recogniser would draw it."""
    image = Image.new("L", (SIZE * 7, SIZE * 3), 255)
    pen = ImageDraw.Draw(image)
    pen.text((SIZE, SIZE * 2), text, 20, font(style, SIZE), anchor="ls")
    box = pen.textbbox((SIZE, SIZE * 2), text, font(style, SIZE), anchor="ls")
    return np.asarray(image), (float(box[0]), float(box[1]), float(box[2]), float(box[3]))


@pytest.mark.parametrize("style", ["regular", "bold"])
@pytest.mark.parametrize(
    ("true", "read"),
    [("Tấn", "Tân"), ("Giàng", "Giảng"), ("phố", "phó"), ("lễ", "lẽ"), ("TĨNH", "TỈNH"), ("Điệp,", "Điẹp,")],
)
def test_a_disputed_word_is_spelled_by_its_marks(true: str, read: str, style: str) -> None:
    image, box = shown(true, style)
    made = by_shape(Word(read, box, box, 0.6, 0), {read, true}, image, 1.0, SIZE / 1.25)
    assert (made.text, made.read) == (true, read)
    assert made.confidence <= CHANGED


@pytest.mark.parametrize("style", ["regular", "bold"])
@pytest.mark.parametrize("true", ["Tân", "Giảng", "phó", "hồ", "TỈNH", "Nguyễn", "được", "sơ,", "12/QĐ", "Ý"])
def test_what_stands_there_stays(true: str, style: str) -> None:
    image, box = shown(true, style)
    word = Word(true, box, box, 0.6, 0)
    assert by_shape(word, RIVALS, image, 1.0, SIZE / 1.25) == word


@pytest.mark.parametrize(
    "word", ["gì", "già", "giếng", "quý", "hoà", "hòa", "khuỷu", "ngoài", "được", "của", "đến", "tên"]
)
def test_a_tone_stands_over_the_vowel_that_bears_it(word: str) -> None:
    assert tone_stands_right(word)


@pytest.mark.parametrize("word", ["taì", "cuả", "đaị", "ngòai", "nghiã", "mưà"])
def test_a_tone_stands_over_no_other_vowel(word: str) -> None:
    assert not tone_stands_right(word)


def test_spellings_that_no_reading_had_and_agreed_words_stay() -> None:
    image, box = shown("Tấn", "bold")
    for seen, confidence in (({"Tản"}, 0.6), ({"Tấn"}, 0.95)):
        word = Word("Tân", box, box, confidence, 0)
        assert by_shape(word, seen, image, 1.0, SIZE / 1.25) == word


def test_where_no_ink_is_nothing_is_told() -> None:
    _, box = shown("Tấn", "regular")
    word = Word("Tân", box, box, 0.6, 0)
    assert by_shape(word, {"Tấn"}, np.full((SIZE * 3, SIZE * 7), 255, np.uint8), 1.0, SIZE / 1.25) == word
