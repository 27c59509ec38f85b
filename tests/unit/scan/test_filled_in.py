"""Numbers and dates that a pen fills in are read from the coloured page; what the engine read surely stays."""

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from digitise.model.recognition import PageText
from digitise.scan.digits import NO_DIGIT, digits_of
from digitise.scan.fields import find_fields
from digitise.scan.filled_in import filled_in
from tests.papers import paper, true_page
from tests.papers.draw import BLUE
from tests.papers.fonts import font

DPI = 200


def drawn(text: str, style: str, high: int = 40) -> np.ndarray:
    """Return `text` as bright ink."""
    image = Image.new("L", (high * 2 * len(text), high * 2), 0)
    ImageDraw.Draw(image).text((high // 2, high * 1.5), text, 255, font(style, high), anchor="ls")
    return np.asarray(image)


@pytest.mark.parametrize("style", ["regular", "bold", "italic"])
def test_every_typed_digit_is_known(style: str) -> None:
    told = digits_of([drawn(str(digit), style) for digit in range(10)])
    assert [digit for digit, _ in told] == list(range(10))
    assert min(chance for _, chance in told) > 0.5


def test_letters_and_nothing_are_no_digits() -> None:
    told = digits_of([drawn(letter, "regular") for letter in "KQHNTBg"] + [np.zeros((20, 20), np.uint8)])
    assert [digit for digit, _ in told] == [NO_DIGIT] * 8


def opened(seed: int) -> tuple[PageText, Image.Image, PageText]:
    """Return a drawn letter without number, its picture, and the words as read."""
    made = paper(seed, "decision", dpi=DPI, numbered=False, dated=True, seal=None, signature=False)
    return true_page(made.sheets[0]), made.sheets[0].image, true_page(made.sheets[0])


def pen(image: Image.Image, text: str, left: float, bottom: float, turn: float = 4.0) -> np.ndarray:
    """Write `text` on the page in blue ink, a little askew."""
    face = font("italic", 40)
    layer = Image.new("L", image.size, 0)
    ImageDraw.Draw(layer).text((left, bottom), text, 255, face, anchor="ls")
    layer = layer.rotate(turn, center=(left, bottom))
    image = image.copy()
    image.paste(BLUE, mask=layer)
    return np.asarray(image)


def test_number_written_by_pen_is_found_in_the_blank() -> None:
    read, image, _ = opened(3)
    assert find_fields([read]).value("number") is None
    label = next(w for w in read.words if w.text == "Số:")
    page = pen(image, "275", label.box[2] + 12, label.box[3])
    filled = filled_in(read, page)
    found = find_fields([filled]).found["number"]
    assert found.value == "275"
    assert found.confidence < 0.9  # one reader alone makes nothing sure
    assert filled.text.split() != read.text.split()


def test_a_blank_stays_a_blank() -> None:
    read, image, _ = opened(4)
    assert filled_in(read, np.asarray(image)) == read


def test_number_that_was_read_surely_stays() -> None:
    made = paper(5, "decision", dpi=DPI)
    read = true_page(made.sheets[0])
    grey = cv2.cvtColor(np.asarray(made.sheets[0].image), cv2.COLOR_RGB2GRAY)
    assert filled_in(read, grey) == read


@pytest.mark.parametrize(
    ("kind", "seed"), [("letter", 61), ("letter", 62), ("letter", 71), ("notice", 70), ("resolution", 200)]
)
def test_a_stroke_that_touches_the_letter_after_it_is_no_digit(kind: str, seed: int) -> None:
    """`516/UBND` of which the engine was in doubt stays 516: neither `/U` is taken for two ones, nor a 7 for the stroke."""
    made = paper(seed, kind, dpi=DPI)
    true = true_page(made.sheets[0])
    number = made.fields["number"]
    read = replace(true, words=tuple(replace(w, confidence=0.6) if number in w.text else w for w in true.words))
    assert find_fields([filled_in(read, np.asarray(made.sheets[0].image))]).value("number") == number


def test_digits_that_the_engine_read_are_not_lost_by_a_cut_between_them() -> None:
    """Label and number were read as one word, so that the stroke before `TTr` is looked for among the digits."""
    made = paper(72007, dpi=DPI)
    assert made.fields["code"] == "2618/TTr-BTP"
    true = true_page(made.sheets[0])
    label, bearer = next(pair for pair in pairwise(true.words) if pair[1].text == "2618/TTr-BTP")
    merged = replace(bearer, upright=(label.upright[0], *bearer.upright[1:]), confidence=0.6)
    read = replace(true, words=tuple(merged if w is bearer else w for w in true.words if w is not label))
    assert find_fields([filled_in(read, np.asarray(made.sheets[0].image))]).value("number") == "2618"
