"""Corrections are certain ones, and what was read stays beside what was put."""

from dataclasses import replace

import pytest

from digitise.model.recognition import Word
from digitise.scan.language import corrected
from digitise.scan.syllables import is_syllable, plausible


def words(text: str, confidence: float = 0.8) -> list[Word]:
    box = (0.0, 0.0, 10.0, 10.0)
    return [Word(part, box, box, confidence, 0) for part in text.split()]


def put(text: str, confidence: float = 0.8) -> str:
    return " ".join(word.text for word in corrected(words(text, confidence)))


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("sửa đổi, bồ sung", "sửa đổi, bổ sung"),
        ("bạn hành quy chế", "ban hành quy chế"),
        ("ỦY BẠN NHÂN DẪN", "ỦY BAN NHÂN DÂN"),
        ("ngày 0] tháng 1] năm 2O23", "ngày 01 tháng 11 năm 2023"),
        ("giải quyết TTHOC, trả", "giải quyết TTHC, trả"),
    ],
)
def test_certain_errors_are_put_right(read: str, meant: str) -> None:
    assert put(read) == meant


@pytest.mark.parametrize(
    "text",
    [
        "cộng tác viên và công tác cán bộ",
        "thành phố thông minh",
        "hoà bình, khoẻ mạnh",
        "ngày hội tháng giêng năm nay",
        "BHXH và BHYT",
    ],
)
def test_what_may_be_right_is_left_alone(text: str) -> None:
    assert put(text) == text


def test_a_word_read_with_certainty_is_left_alone() -> None:
    assert put("bồ sung", confidence=0.99) == "bồ sung"


@pytest.mark.parametrize(("first", "second"), [("HÀ TĨNH", "ỦY BAN"), ("mười tổ dân phố", "CHỦ TỊCH")])
def test_lines_that_follow_each_other_make_no_expression_of_what_is_well_read(first: str, second: str) -> None:
    lines = [replace(word, line=at) for at, text in enumerate((first, second)) for word in words(text, 0.95)]
    assert [word.text for word in corrected(lines)] == f"{first} {second}".split()


def test_what_was_read_is_kept() -> None:
    assert [word.read for word in corrected(words("bồ sung"))] == ["bồ", None]


@pytest.mark.parametrize("word", ["nghiêng", "quyết", "giếng", "gì", "khuya", "Ủy", "hoà", "hòa", "đường", "ý", "quý"])
def test_syllables(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["cgi", "quyêt", "bác̀", "ngh", "strong", "đuờngg", "keo2"])
def test_what_is_no_syllable(word: str) -> None:
    assert not is_syllable(word)


@pytest.mark.parametrize(
    ("token", "said"), [("12/QĐ-UBND", True), ("5.749", True), ("(TTHC)", True), ("¬|Ñ", False), ("⁄4%N", False)]
)
def test_plausible(token: str, said: bool) -> None:
    assert plausible(token) is said


def test_capitals_read_without_blanks_are_parted_with_their_boxes() -> None:
    box = (0.0, 0.0, 100.0, 10.0)
    made = corrected([Word("SỞTÀICHÍNH", box, box, 0.4, 0)])
    assert [word.text for word in made] == ["SỞ", "TÀI", "CHÍNH"]
    assert [word.box[0] for word in made] == [0.0, 20.0, 50.0]
    assert made[0].read == "SỞTÀICHÍNH"


@pytest.mark.parametrize("text", ["VIETTEL", "HĐND", "UBNDTP", "NGHIÊNG"])
def test_names_and_abbreviations_in_capitals_are_not_parted(text: str) -> None:
    assert put(text, 0.4) == text
