"""The words of reports: labels, numbers as Vietnamese reports print them, and the definitions printed with every report."""

import re
from datetime import date
from typing import Any

from digitise import messages
from digitise.model.reports import Figure, GroupBy, Line, Report, Selection, Share
from digitise.report.periods import days
from digitise.text import group_thousands, percent


def say(key: str, lang: str, **values: object) -> str:
    """Return the sentence `report.<key>`."""
    return messages.text(f"report.{key}", lang, **values)


def share_text(share: Share, lang: str) -> str:
    """Return `96,03 %`, or "không phát sinh" where the denominator is 0."""
    return percent(share.numerator, share.denominator) or say("nothing", lang)


def fraction(share: Share, lang: str) -> str:
    """Return `4.721/4.916 = 96,03 %`: numerator and denominator are always shown."""
    counted = f"{group_thousands(share.numerator)}/{group_thousands(share.denominator)}"
    return f"{counted} = {share_text(share, lang)}" if share.denominator else f"{counted} ({say('nothing', lang)})"


def indicator(name: str, lang: str) -> str:
    """Return an indicator's name."""
    return say(f"indicator.{name}", lang)


def part(name: str, lang: str) -> str:
    """Return a part's name."""
    return say(f"part_name.{name}", lang)


_OF_ONE = re.compile(r" \([^()]*\{[^()]*\)")  # a parenthesis that names what only one document has


def reason(code: str, lang: str) -> str:
    """Return why a document is not counted: our own words, else those of verification, else the code.

    A report counts a reason over many documents, so what verification says of one of them (an issuer, a day) is left out.
    """
    for key in (f"report.reason_name.{code}", f"reasons.{code}.title", f"reasons.{code}.what"):
        if messages.has(key, lang):
            return _OF_ONE.sub("", messages.text(key, lang))
    return code


def line_label(line: Line, by: GroupBy, lang: str) -> str:
    """Return what a line stands for, as people say it."""
    if by is GroupBy.MONTH:
        return f"{line.label[5:7]}/{line.label[:4]}"
    if by is GroupBy.LEVEL and line.key:
        return say(f"level.{line.key}", lang)
    return line.label or say("unclassified", lang)


def day(value: date | None) -> str:
    """Return `05/02/2023`."""
    return f"{value:%d/%m/%Y}" if value else ""


def period(selection: Selection, lang: str) -> str:
    """Return the period's name and range: `2022: 15/12/2021 – 14/12/2022`."""
    found = selection.period
    return f"{found.label}: {days(found)}" if found.calendar else days(found)


def calendar(selection: Selection, lang: str) -> str:
    """Return the name of the period's calendar."""
    found = selection.period.calendar
    return say(f"calendar_name.{found.value if found else 'free'}", lang)


def scope(report: Report, lang: str) -> str:
    """Return which units a report is about."""
    return report.unit_name or report.selection.unit or say("all_units", lang)


def definitions(report: Report, lang: str) -> list[tuple[str, str, str]]:
    """Return (indicator, formula, basis) for each share of the report."""
    names = [share.indicator for share in report.shares]
    names += [point.criterion for point in report.points if point.criterion not in names]
    return [(indicator(name, lang), say(f"formula.{name}", lang), say(f"basis.{name}", lang)) for name in names]


def rules(report: Report | Figure, lang: str) -> list[str]:
    """Return the rules by which the report's rows were counted."""
    name = report.shares[0].indicator if isinstance(report, Report) else report.share.indicator
    if name.startswith("signed-share"):
        keys: list[str] = ["signed", report.rule, "issued"]
    elif name in ("certified-copies", "incoming-electronic"):
        keys = ["apart"] if name == "certified-copies" else []
    else:
        keys = ["dossiers"]
    return [say(f"rules.{key}", lang) for key in [*keys, "nothing"]]


def summary(share: Share, lang: str) -> str:
    """Return one sentence with the fraction and what is missing, by part."""
    missing = [
        f"{part(name, lang)}: {group_thousands(count)}"
        for name, count in share.counts.items()
        if count and share.numerator != count
    ]
    told = fraction(share, lang)
    return f"{told}. {'; '.join(missing)}." if missing else f"{told}."


def cell(value: Any) -> Any:
    """Return a register's value as a report prints it."""
    return day(value) if isinstance(value, date) else "" if value is None else value
