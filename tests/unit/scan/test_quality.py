"""Which words and which scans a human is asked to look at."""

from dataclasses import replace

import numpy as np
import pytest

from digitise.messages import LANGUAGES, has
from digitise.model.recognition import PageText, Word
from digitise.scan.quality import doubts, judged


def page(*words: tuple[str, float], dpi: float = 300, rotation: int = 0, skew: float = 0.0) -> PageText:
    made = tuple(
        Word(
            text,
            (300.0, 300 + 40.0 * n, 400.0, 330 + 40.0 * n),
            (300.0, 300 + 40.0 * n, 400.0, 330 + 40.0 * n),
            sure,
            n // 4,
        )
        for n, (text, sure) in enumerate(words)
    )
    return PageText(2480, 3508, dpi, rotation, skew, (1, 0, 0, 0, 1, 0), made, "test", "vie")


GOOD = [("giải", 0.96), ("quyết", 0.96), ("hồ", 0.96), ("sơ", 0.96)] * 5
WHITE = np.full((3508, 2480, 3), 250, np.uint8)


def test_a_word_read_badly_is_doubtful_and_its_neighbours_are_not() -> None:
    seen = judged(page(*GOOD, ("⁄4%N", 0.2), *GOOD), WHITE, dpi_known=True)
    assert [word.text for word in seen.words if word.doubtful] == ["⁄4%N"]


def test_doubt_falls_with_confidence() -> None:
    levels = [doubts(page(*GOOD, ("nhận", sure), *GOOD).words)[len(GOOD)] for sure in (0.2, 0.5, 0.8, 0.96)]
    assert levels == sorted(levels, reverse=True)


@pytest.mark.parametrize(
    ("given", "image", "known", "warning"),
    [
        (page(), WHITE, True, "blank"),
        (page(*GOOD), np.full((3508, 2480, 3), 90, np.uint8), True, "dark"),
        (page(*GOOD), WHITE[..., 0], True, "grey"),
        (page(*GOOD), np.full((3508, 2480), 255, np.uint8), True, "bilevel"),
        (page(*GOOD, dpi=150), WHITE, True, "low_dpi"),
        (page(*GOOD), WHITE, False, "dpi_estimated"),
        (page(*GOOD, rotation=180), WHITE, True, "rotated"),
        (page(*GOOD, skew=-2.0), WHITE, True, "skewed"),
        (page(*[("xzq", 0.3)] * 12), WHITE, True, "doubtful"),
    ],
)
def test_a_scan_is_warned_of_what_it_lacks(given: PageText, image: np.ndarray, known: bool, warning: str) -> None:
    assert judged(given, image, dpi_known=known).warnings == (warning,)
    assert all(has(f"warnings.{warning}", lang) for lang in LANGUAGES)


def test_a_good_scan_is_not_warned_of() -> None:
    assert judged(page(*GOOD), WHITE, dpi_known=True).warnings == ()


def test_writing_at_the_edge_may_be_cut() -> None:
    cut = page(*GOOD)
    words = (replace(cut.words[0], box=(2.0, 300.0, 60.0, 330.0)), *cut.words[1:])
    assert judged(replace(cut, words=words), WHITE, dpi_known=True).warnings == ("cut_edge",)
