"""JSON for other systems, under a versioned schema (`report-1.schema.json`)."""

import json
from typing import Any, BinaryIO

from digitise.model.reports import Line, Report, Selection, Share
from digitise.report import words
from digitise.report.figures import row_line
from digitise.report.listing import Listing

SCHEMA = "digitise.report/1"


def write_json(report: Report, target: BinaryIO, lang: str, listing: Listing | None) -> None:
    """Write the report; its rows, where asked for, are streamed into `rows`."""
    told = json.dumps(as_dict(report, lang), ensure_ascii=False, indent=2)
    if listing is None:
        target.write(told.encode() + b"\n")
        return
    target.write(told.rstrip("}\n").encode() + b',\n  "rows": [')
    separator = b"\n"
    for row in listing.rows():
        target.write(separator + row_line(row).rstrip(b"\n"))
        separator = b",\n"
    target.write(b"\n  ]\n}\n")


def as_dict(report: Report, lang: str = "vi") -> dict[str, Any]:
    """Return the report as JSON values."""
    return {
        "schema": SCHEMA,
        "report": report.name,
        "title": words.say(f"title.{report.name}", lang),
        "asked_at": report.asked_at.isoformat(),
        "as_of": report.as_of.isoformat() if report.as_of else None,
        "selection": selection(report.selection),
        "unit_name": report.unit_name or None,
        "figures": list(report.figures),
        "shares": [share(each, lang) for each in report.shares],
        "by": report.by.value,
        "lines": [_line(each, lang) for each in report.lines],
        "months": [_line(each, lang) for each in report.months],
        "units": [_line(each, lang) for each in report.units],
        "levels": [_line(each, lang) for each in report.levels],
        "last_year": [_line(each, lang) for each in report.last_year],
        "target": report.target,
        "reasons": [
            {
                "part": each.part,
                "reason": each.reason,
                "text": words.reason(each.reason, lang),
                "count": each.count,
                "oldest": each.oldest.isoformat() if each.oldest else None,
                "units": dict(each.units),
            }
            for each in report.reasons
        ],
        "points": [
            {"criterion": each.criterion, "most": each.most, "earned": each.earned, "note": each.note}
            for each in report.points
        ],
        "definitions": [
            {"indicator": name, "formula": formula, "basis": basis}
            for name, formula, basis in words.definitions(report, lang)
        ],
        "rules": words.rules(report, lang),
    }


def selection(chosen: Selection) -> dict[str, Any]:
    """Return what was asked as JSON values."""
    period = chosen.period
    return {
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "period": period.label,
        "calendar": period.calendar.value if period.calendar else None,
        "unit": chosen.unit,
        "below": chosen.below,
        "kind": chosen.kind,
        "level": chosen.level,
    }


def share(value: Share, lang: str = "vi") -> dict[str, Any]:
    """Return a share as JSON values: exact counts, the ratio, and how it prints."""
    ratio = round(value.numerator / value.denominator, 6) if value.denominator else None
    return {
        "indicator": value.indicator,
        "numerator": value.numerator,
        "denominator": value.denominator,
        "ratio": ratio,
        "text": words.fraction(value, lang),
        "counts": dict(value.counts),
        "apart": dict(value.apart),
    }


def _line(line: Line, lang: str) -> dict[str, Any]:
    return {
        "key": line.key,
        "label": line.label,
        "selection": selection(line.selection),
        "shares": [share(each, lang) for each in line.shares],
    }
