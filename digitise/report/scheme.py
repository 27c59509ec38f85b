"""Points of the digitisation group of a scheme of evaluation (QĐ 766/QĐ-TTg), from the data file `points.toml`."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from digitise.model.reports import Points, Share


@cache
def _schemes() -> tuple[dict[str, Any], ...]:
    file = resources.files("digitise.report") / "points.toml"
    return tuple(tomllib.loads(file.read_text(encoding="utf-8"))["scheme"])


def in_force(day: date) -> dict[str, Any] | None:
    """Return the scheme that held on `day`; None before the first."""
    holding = [each for each in _schemes() if each["from"] <= day <= each.get("to", date.max)]
    return max(holding, key=lambda each: each["from"]) if holding else None


def points(shares: Iterable[Share], declared: Mapping[str, bool | None], day: date) -> tuple[Points, ...]:
    """Return the points of each criterion on `day`; none earned and none lost where there was no event."""
    by_name = {share.indicator: share for share in shares}
    found = in_force(day)
    if not found:
        return ()
    return tuple(_criterion(each, by_name.get(each["name"]), declared) for each in found["criterion"])


def _criterion(criterion: Mapping[str, Any], share: Share | None, declared: Mapping[str, bool | None]) -> Points:
    name, most = criterion["name"], float(criterion["points"])
    if criterion.get("declared"):
        answer = declared.get(name)
        earned = None if answer is None else most * answer
        return Points(name, most, earned, None, "undeclared" if answer is None else "declared")
    if share is None or share.denominator == 0:
        return Points(name, most, None, share, "no_event")
    reached = share.numerator / share.denominator / float(criterion["full_at"])
    return Points(name, most, most * min(1.0, reached), share, "counted")
