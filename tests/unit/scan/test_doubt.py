"""What makes a word doubtful besides its own confidence: impossible letters, joins, a wrong accent beside a known word, its place."""

from dataclasses import replace

import pytest

from digitise.model.recognition import Word
from digitise.scan.doubt import WEIGHTS, doubts, traits

USUAL = ("theo", "quyết", "định", "số", "sáu", "của", "cơ", "quan", "nhà", "nước")


def line(
    number: int, texts: tuple[str, ...], x: float = 100.0, y: float | None = None, sure: float = 0.9
) -> list[Word]:
    top = 100.0 + 40 * number if y is None else y
    boxes = [(x + 70 * at, top, x + 70 * at + 60, top + 28) for at in range(len(texts))]
    return [Word(text, box, box, sure, number) for text, box in zip(texts, boxes, strict=True)]


def page(*own: str) -> list[Word]:
    """Return three lines of usual words, `own` at the end of the second."""
    return [*line(0, USUAL), *line(1, (*USUAL[:6], *own)), *line(2, USUAL)]


def doubt_of(words: list[Word], text: str) -> float:
    return next(level for word, level in zip(words, doubts(words), strict=True) if word.text == text)


def test_every_trait_has_a_weight() -> None:
    assert traits(page("hồ", "sơ")).shape == (28, len(WEIGHTS))
    assert doubts([]) == []


@pytest.mark.parametrize("odd", ["xzqnh", "chính,Phủ", "SởVH", "tháng9", "¬hồ", "đầu:"])
def test_odd_words_are_more_doubtful_than_usual_ones_read_as_surely(odd: str) -> None:
    assert doubt_of(page("gửi", odd, "cho"), odd) > 2 * doubt_of(page("gửi", "đơn", "cho"), "đơn")


@pytest.mark.parametrize(("odd", "usual"), [("•", "-"), ("việc.", "việc;")])
def test_stray_signs_and_stops_before_small_letters_are_doubtful(odd: str, usual: str) -> None:
    assert doubt_of(page("gửi", odd, "cho"), odd) > 2 * doubt_of(page("gửi", usual, "cho"), usual)


def test_a_word_unlike_the_page_in_height_or_apart_from_the_next_is_doubtful() -> None:
    words = page("gửi", "đơn", "cho")
    at = next(i for i, word in enumerate(words) if word.text == "đơn")
    x0, y0, x1, y1 = words[at].upright
    high = [*words[:at], replace(words[at], upright=(x0, y0 - 16, x1, y1)), *words[at + 1 :]]
    moved = replace(words[at + 1], upright=(x1 + 60, y0, x1 + 120, y1))
    apart = [*words[: at + 1], moved, *words[at + 2 :]]
    assert min(doubt_of(high, "đơn"), doubt_of(apart, "đơn")) > 1.5 * doubt_of(words, "đơn")


def test_an_expression_is_trusted_and_its_misspelling_is_not() -> None:
    assert (
        doubt_of(page("biện", "pháp"), "pháp")
        < doubt_of(page("biện", "pháo"), "pháo")
        < doubt_of(page("biên", "phập"), "phập")
    )


def test_a_block_read_between_two_lines_of_another_column_is_doubtful() -> None:
    left, right = ("Sở", "Nội", "vụ"), ("Trần", "Văn", "An")
    beside = [*line(0, left), *line(1, right, x=700, y=120), *line(2, left)]
    after = [*line(0, left), *line(1, left), *line(2, right, x=700, y=120)]
    assert doubt_of(beside, "Văn") > doubt_of(after, "Văn")
