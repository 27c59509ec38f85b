"""Both calendars and free ranges (NĐ 09/2019 art. 12)."""

from datetime import date
from itertools import pairwise

import pytest

from digitise.errors import InvalidValue
from digitise.model.reports import Calendar
from digitise.report.periods import free, months, parse, year_before

ND09, CIVIL = Calendar.ND09, Calendar.CIVIL


@pytest.mark.parametrize(
    ("text", "calendar", "first", "last"),
    [
        ("2022", ND09, "2021-12-15", "2022-12-14"),
        ("2022-Q1", ND09, "2021-12-15", "2022-03-14"),
        ("2022-Q3", ND09, "2022-06-15", "2022-09-14"),
        ("2022-6M", ND09, "2021-12-15", "2022-06-14"),
        ("2022-9M", ND09, "2021-12-15", "2022-09-14"),
        ("2022-01", ND09, "2021-12-15", "2022-01-14"),
        ("2022-09", ND09, "2022-08-15", "2022-09-14"),
        ("2022", CIVIL, "2022-01-01", "2022-12-31"),
        ("2024-Q1", CIVIL, "2024-01-01", "2024-03-31"),
        ("2024-02", CIVIL, "2024-02-01", "2024-02-29"),
        ("2024-9m", CIVIL, "2024-01-01", "2024-09-30"),
    ],
)
def test_named_periods(text: str, calendar: Calendar, first: str, last: str) -> None:
    period = parse(text, calendar)
    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)


@pytest.mark.parametrize("text", ["", "22", "2022-Q5", "2022-13", "2022-00", "2022-3M", "2022/09", "0001"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse(text)


@pytest.mark.parametrize("calendar", list(Calendar))
def test_months_of_a_year_join_without_gap(calendar: Calendar) -> None:
    year = parse("2022", calendar)
    parts = months(year)
    assert len(parts) == 12
    assert parts[0].first == year.first
    assert parts[-1].last == year.last
    assert all((after.first - before.last).days == 1 for before, after in pairwise(parts))
    assert [part.label for part in parts] == [f"2022-{month:02d}" for month in range(1, 13)]


def test_months_of_a_free_range_are_cut_to_it() -> None:
    parts = months(free(date(2022, 1, 20), date(2022, 3, 5)))
    assert [(part.first.day, part.last.day) for part in parts] == [(20, 31), (1, 28), (1, 5)]


def test_year_before() -> None:
    assert year_before(parse("2022-9M")) == parse("2021-9M")
    assert year_before(free(date(2024, 2, 29), date(2024, 3, 1))).first == date(2023, 2, 28)


def test_empty_range_is_refused() -> None:
    with pytest.raises(InvalidValue):
        free(date(2022, 2, 1), date(2022, 1, 31))
