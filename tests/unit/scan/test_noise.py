"""What the engine says twice is kept once."""

import pytest

from digitise.scan.engine import Token
from digitise.scan.noise import without_noise


def token(text: str, x0: int, x1: int) -> Token:
    return Token(text, (x0, 100, x1, 130), 0.9, 1, 1, 1)


@pytest.mark.parametrize("echo", [("cô", 200, 243), ("ô", 215, 230), ("cê", 200, 240)])
def test_a_piece_of_a_word_given_beside_it_goes(echo: tuple[str, int, int]) -> None:
    line = [token("Tổ", 120, 184), token(*echo), token("công", 200, 310), token("tác", 325, 393)]
    assert [word.text for word in without_noise(line)] == ["Tổ", "công", "tác"]


def test_words_said_twice_on_the_paper_stay() -> None:
    line = [token("cô", 120, 160), token("công", 170, 260), token("công", 270, 360)]
    assert [word.text for word in without_noise(line)] == ["cô", "công", "công"]


def test_another_word_in_a_wrong_box_stays() -> None:
    line = [token("Thông", 100, 200), token("tìn", 150, 168), token("gốc", 210, 250)]
    assert [word.text for word in without_noise(line)] == ["Thông", "tìn", "gốc"]
