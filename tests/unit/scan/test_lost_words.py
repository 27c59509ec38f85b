"""Rows that the first reading tore, words it cut: further readings that agree put them right, one alone does not."""

import pytest

from digitise.model.recognition import Word
from digitise.scan.fields.zones import Zone
from digitise.scan.lost_words import whole, with_line
from digitise.scan.readings import Seen

ZONE = Zone("date", (0.0, 0.0, 600.0, 60.0), 30.0, False)
SAME = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
ROW = [
    ("Nông", 57, 134),
    ("Cống,", 146, 229),
    ("ngày", 242, 311),
    ("21", 320, 352),
    ("tháng", 367, 446),
    ("4", 456, 473),
]


def word(text: str, x0: float, x1: float, line: int, confidence: float = 0.6) -> Word:
    box = (float(x0), 19.0, float(x1), 45.0)
    return Word(text, box, box, confidence, line)


def seen(text: str, x0: float, x1: float, confidence: float = 0.95) -> Seen:
    return Seen(text, (float(x0), 18.0, float(x1), 46.0), confidence)


def test_a_row_torn_into_two_lines_is_read_as_one() -> None:
    torn = [word("Cố", 146, 188, 3), word("21", 320, 352, 3), word("thái", 376, 410, 3), word("4", 456, 473, 3)]
    torn += [word("on", 82, 115, 4), word("ong,", 169, 229, 4), word("nga", 242, 294, 4), word("than", 367, 427, 4)]
    made = with_line(torn, [seen(*one) for one in ROW], ZONE, SAME)
    assert [w.text for w in made] == [text for text, _, _ in ROW]
    assert len({w.line for w in made}) == 1


@pytest.mark.parametrize("confidence", [0.5, 0.95])
def test_two_rows_that_stand_below_each_other_stay_two(confidence: float) -> None:
    rows = [word(*one, line=3, confidence=0.9) for one in ROW]
    below = Word("Kính", (57.0, 50.0, 134.0, 58.0), (57.0, 50.0, 134.0, 58.0), 0.9, 4)
    made = with_line([*rows, below], [seen(*one, confidence) for one in ROW], ZONE, SAME)
    assert made == [*rows, below]


def test_the_end_of_a_word_becomes_the_word_that_two_readings_have() -> None:
    cut, beside = word("an", 90, 134, 2), word("Vĩnh", 146, 229, 2)
    full = [seen("Phan", 57, 134, 0.97)]
    assert [s.text for s in whole(cut, [cut, beside], [full, full, []])] == ["Phan", "Phan"]
    assert whole(cut, [cut, beside], [full, [], []]) == []
    assert whole(cut, [cut, word("Ph", 57, 88, 2)], [full, full]) == []
