"""Journeys tell how far they are to whoever listens, and to nobody else."""

from digitise.model.progress import listening, watched


def test_a_listener_hears_each_item_and_the_end() -> None:
    heard: list[tuple[int, int | None]] = []
    with listening(lambda done, whole: heard.append((done, whole))):
        assert list(watched("abc", 3)) == ["a", "b", "c"]
        assert list(watched(iter("xy"))) == ["x", "y"]
    assert heard == [(1, 3), (2, 3), (3, 3), (3, 3), (1, None), (2, None), (2, 2)]


def test_without_a_listener_items_pass_as_they_are() -> None:
    assert list(watched(range(2))) == [0, 1]
