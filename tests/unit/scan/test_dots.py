"""A dot is a dot, whatever word would be commoner; a hook stays a hook."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from digitise.model.recognition import Word
from digitise.scan.dots import dotted
from tests.papers.fonts import font


def shown(text: str, style: str, size: int) -> tuple[np.ndarray, Word]:
    """Return a picture of `text` and the word as the recogniser would box it."""
    image = Image.new("L", (size * 6, size * 3), 255)
    pen = ImageDraw.Draw(image)
    pen.text((size, size * 2), text, 20, font(style, size), anchor="ls")
    box = tuple(float(v) for v in pen.textbbox((size, size * 2), text, font(style, size), anchor="ls"))
    return np.asarray(image), Word(text, box, box, 0.96, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("style", ["regular", "bold"])
@pytest.mark.parametrize("size", [36, 56])
@pytest.mark.parametrize(("true", "read"), [("chi", "chỉ"), ("Chi", "Chỉ"), ("tinh", "tỉnh"), ("tin", "tín")])
def test_the_dot_wins(true: str, read: str, style: str, size: int) -> None:
    image, word = shown(true, style, size)
    (made,) = dotted([Word(read, word.box, word.upright, 0.96, 0)], image, 1.0)
    assert (made.text, made.read) == (true, read)


@pytest.mark.parametrize("style", ["regular", "bold"])
@pytest.mark.parametrize("size", [36, 56])
@pytest.mark.parametrize("true", ["chỉ", "tỉnh", "tín", "tình", "sĩ", "điểm", "tích"])
def test_marks_stay(true: str, style: str, size: int) -> None:
    image, word = shown(true, style, size)
    assert dotted([word], image, 1.0) == [word]
