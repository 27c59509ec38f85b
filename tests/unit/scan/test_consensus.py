"""What readings say together: the best parting of a row, each word as most have it, strokes left out."""

from digitise.scan.consensus import consensus
from digitise.scan.readings import Seen

HIGH = 30.0


def row(*words: tuple[str, int, int, float], y: float = 100.0) -> list[Seen]:
    return [Seen(text, (float(x0), y, float(x1), y + 28), sure) for text, x0, x1, sure in words]


def test_most_readings_that_can_be_vietnamese_win() -> None:
    right = row(("Trần", 10, 80, 0.5), ("Minh", 90, 170, 0.9))
    wrong = row(("Tyần", 11, 79, 0.8), ("Minh", 91, 171, 0.95))
    (told,) = consensus([right, wrong, right], HIGH)
    assert [word.text for word in told] == ["Trần", "Minh"]
    assert told[0].confidence < 0.5 < told[1].confidence


def test_words_run_together_give_way_to_the_two_that_others_have() -> None:
    apart = row(("Dương", 10, 100, 0.6), ("Hiếu", 110, 180, 0.9))
    for joined in ("Dương/Hiếu", "DươngHiếu"):
        (told,) = consensus([apart, row((joined, 10, 180, 0.9)), apart], HIGH)
        assert [word.text for word in told] == ["Dương", "Hiếu"]


def test_rows_come_from_top_to_bottom_and_strokes_fall_out() -> None:
    title, name = (
        row(("CHỦ", 20, 80, 0.9), ("TỊCH", 90, 160, 0.9), y=40),
        row(("Hồ", 10, 60, 0.7), ("An", 70, 120, 0.8)),
    )
    stroke = row(("Ý", 0, 8, 0.6))
    told = consensus([[*name, *stroke], [*stroke, *title, *name], [*title, *name], [*title, *name]], HIGH)
    assert [[word.text for word in line] for line in told] == [["CHỦ", "TỊCH"], ["Hồ", "An"]]
    assert consensus([stroke, [], []], HIGH) == []
