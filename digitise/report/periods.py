"""Periods of reports in both calendars: NĐ 09/2019/NĐ-CP (the 15th to the 14th) and civil months; free ranges."""

import re
from datetime import date, timedelta

from digitise.errors import InvalidValue
from digitise.model.reports import Calendar, Period

_NAMED = re.compile(r"^(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<span>[69])M|(?P<month>0[1-9]|1[0-2])))?$", re.I)


def parse(text: str, calendar: Calendar = Calendar.ND09) -> Period:
    """Return the period that `text` names: `2022`, `2022-Q3`, `2022-6M`, `2022-9M`, `2022-09`.

    Under NĐ 09/2019 art. 12 month M runs from 15/(M−1) to 14/M, and a quarter, 6 months, 9 months and the year from the
    15th before their first month to the 14th of their last. Raises InvalidValue.
    """
    found = _NAMED.match(text.strip())
    if not found:
        raise InvalidValue("period", name="period", value=text)
    year = int(found["year"])
    if not date.min.year < year < date.max.year:
        raise InvalidValue("period", name="period", value=text)
    first, last = 1, 12
    if found["quarter"]:
        last = int(found["quarter"]) * 3
        first = last - 2
    elif found["span"]:
        last = int(found["span"])
    elif found["month"]:
        first = last = int(found["month"])
    return Period(_start(year, first, calendar), _end(year, last, calendar), text.strip().upper(), calendar)


def free(first: date, last: date) -> Period:
    """Return the range from `first` to `last`, both included. Raises InvalidValue when it is empty."""
    if last < first:
        raise InvalidValue("range", name="from/to", value=f"{first.isoformat()}/{last.isoformat()}")
    return Period(first, last, f"{first.isoformat()}/{last.isoformat()}")


def months(period: Period, calendar: Calendar | None = None) -> tuple[Period, ...]:
    """Split `period` into months of its calendar (civil for a free range), the ends cut to the period."""
    chosen = calendar or period.calendar or Calendar.CIVIL
    found: list[Period] = []
    year, month = _month_of(period.first, chosen)
    while _start(year, month, chosen) <= period.last:
        first, last = _start(year, month, chosen), _end(year, month, chosen)
        found.append(Period(max(first, period.first), min(last, period.last), f"{year:04d}-{month:02d}", chosen))
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return tuple(found)


def year_before(period: Period) -> Period:
    """Return the same period one year earlier."""
    if period.calendar:
        return parse(f"{int(period.label[:4]) - 1:04d}{period.label[4:]}", period.calendar)
    return free(_earlier(period.first), _earlier(period.last))


def days(period: Period) -> str:
    """Return the range as reports print it: `15/12/2021 – 14/12/2022`."""
    return f"{period.first:%d/%m/%Y} – {period.last:%d/%m/%Y}"


def _start(year: int, month: int, calendar: Calendar) -> date:
    if calendar is Calendar.CIVIL:
        return date(year, month, 1)
    return date(year, month - 1, 15) if month > 1 else date(year - 1, 12, 15)


def _end(year: int, month: int, calendar: Calendar) -> date:
    if calendar is Calendar.ND09:
        return date(year, month, 14)
    return (date(year, month + 1, 1) if month < 12 else date(year + 1, 1, 1)) - timedelta(days=1)


def _month_of(day: date, calendar: Calendar) -> tuple[int, int]:
    if calendar is Calendar.ND09 and day.day >= 15:
        return (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
    return day.year, day.month


def _earlier(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)
