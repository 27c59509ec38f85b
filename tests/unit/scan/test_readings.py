"""Readings laid over each other: which lines agree, and who wins a vote."""

from digitise.model.recognition import Word
from digitise.scan.readings import Seen, agreed_lines
from digitise.scan.single_words import elected


def row(text: str, confidence: float = 0.9, y: float = 0.0) -> list[Seen]:
    """Return a reading of one line, its words 100 pixels apart."""
    return [Seen(word, (i * 100.0, y, i * 100.0 + 80, y + 30), confidence) for i, word in enumerate(text.split())]


def word(text: str, confidence: float) -> Word:
    return Word(text, (0, 0, 80, 30), (0, 0, 80, 30), confidence, 0)


def test_lines_agree_between_any_two_readings_the_longest_last() -> None:
    readings = [
        row("Hồ Hoài Liên") + row("GIÁM ĐỐC", y=200),
        row("Hồ Hoai Liên"),
        row("Hồ Hoài Liên") + row("GIÁM ĐỐC", y=200),
    ]
    lines = [[seen.text for seen in line] for line in agreed_lines(readings)]
    assert lines == [["GIÁM", "ĐỐC"], ["Hồ", "Hoài", "Liên"]]


def test_a_line_that_neither_reads_well_does_not_count() -> None:
    assert agreed_lines([row("Hồ Liên", 0.4), row("Hồ Liên", 0.5)]) == []


def test_what_no_vietnamese_word_can_be_loses_to_what_may() -> None:
    made = elected(word("TYần", 0.9), [("TYần", 0.9), ("Trần", 0.6)])
    assert (made.text, made.read) == ("Trần", "TYần")


def test_letters_that_vietnamese_has_not_are_read_as_their_base() -> None:
    assert elected(word("Ñgô", 0.9), [("Ñgô", 0.9), ("Ngô", 0.3)]).text == "Ngô"


def test_agreement_raises_and_dispute_lowers() -> None:
    agreed = elected(word("Lan", 0.8), [("Lan", 0.8), ("Lan", 0.7)])
    disputed = elected(word("Lan", 0.8), [("Lan", 0.8), ("Lân", 0.7)])
    assert disputed.confidence < 0.8 < agreed.confidence < 0.97
