"""What the engine says twice is kept once; what it reads in a stain is not kept."""

import pytest

from digitise.scan.engine import Token
from digitise.scan.noise import without_noise


def token(text: str, x0: int, x1: int, confidence: float = 0.9) -> Token:
    return Token(text, (x0, 100, x1, 130), confidence, 1, 1, 1)


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


@pytest.mark.parametrize(
    ("text", "confidence", "kept"), [("m", 0.05, False), ("m", 0.6, True), ("5", 0.05, True), ("ấp", 0.05, True)]
)
def test_a_scrap_between_two_columns_goes(text: str, confidence: float, kept: bool) -> None:
    foot = [token("nhận:", 313, 393), token(text, 511, 545, confidence), token("KT.", 1066, 1110)]
    assert (text in [word.text for word in without_noise(foot)]) is kept
