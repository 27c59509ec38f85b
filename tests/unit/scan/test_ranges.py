"""A document's pages are parted into ranges: each page in one, each core busy, none waiting long for the other."""

import pytest

from digitise.scan import recognise


@pytest.mark.parametrize(("pages", "cores"), [(1, 2), (3, 2), (20, 2), (500, 2), (2000, 8)])
def test_ranges_cover_every_page_once_and_feed_every_core(pages: int, cores: int) -> None:
    found = recognise.ranges(pages, cores)
    assert [number for first, last in found for number in range(first, last + 1)] == list(range(1, pages + 1))
    assert len(found) >= min(pages, cores)
    assert max(last - first + 1 for first, last in found) <= recognise.MAX_RANGE


def test_cores_end_together() -> None:
    busy = [0, 0]
    for first, last in recognise.ranges(40, 2):
        busy[busy.index(min(busy))] += last - first + 1
    assert max(busy) - min(busy) <= 1
