"""From the parameters of an address to a report: what the API and the pages of reports share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from digitise.bootstrap import Services
from digitise.errors import InvalidValue
from digitise.model.people import Actor
from digitise.model.reports import Calendar, Figure, GroupBy, Period, Report, Selection
from digitise.report import ask, indicators, periods
from digitise.report.indicators import Terms
from digitise.report.office import Office
from digitise.report.register import Wanted
from digitise.report.units import Tree
from digitise.web.auth import unit_scope
from digitise.web.intake import parse_date
from digitise.web.render import VIETNAM

NAMES = ("signed-share", "exceptions", "dossiers", "digitisation", "reuse", "certified-copies", "incoming")
VARIANTS = ("A", "B", "C")
ROWS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants counted, from `?period=&calendar=&from=&to=&unit=&kind=&variant=&by=`."""

    selection: Selection
    variant: str
    by: GroupBy
    period: str

    @property
    def query(self) -> dict[str, str]:
        """The parameters that ask for the same again."""
        found = self.selection.period
        told = {"from": found.first.isoformat(), "to": found.last.isoformat()}
        if found.calendar is not None:
            told = {"period": found.label, "calendar": found.calendar.value}
        told |= {"variant": self.variant, "by": self.by.value}
        told |= {"unit": self.selection.unit or "", "kind": self.selection.kind or ""}
        return {name: value for name, value in told.items() if value}

    def address(self, path: str, **more: str) -> str:
        """Return `path` with the parameters."""
        return f"{path}?{urlencode(self.query | more)}"


def asked_of(given: Mapping[str, str], actor: Actor, services: Services, by: GroupBy = GroupBy.MONTH) -> Asked:
    """Read the parameters; InvalidValue names the one that is wrong. Default: this year so far, in the office's calendar."""
    settings = services.settings
    calendar = _one_of("calendar", given.get("calendar") or settings.report_calendar, Calendar)
    label = given.get("period", "").strip()
    period = _period(given, label, calendar, services.clock())
    variant = (given.get("variant") or "A").upper()
    if variant not in VARIANTS:
        raise InvalidValue("variant", name="variant", value=variant[:20])
    unit = unit_scope(actor, given.get("unit", "").strip()[:64] or None)
    selection = Selection(
        period,
        unit,
        given["kind"][:64] if "kind" in given and (given["kind"] or "part" in given) else None,
        given["level"][:64] if "level" in given else None,
        given.get("below", "1") != "0",
    )
    return Asked(selection, variant, _one_of("by", given.get("by") or by, GroupBy), label)


def _one_of(name: str, value: str, kind: Any) -> Any:
    try:
        return kind(value)
    except ValueError as error:
        raise InvalidValue(name, name=name, value=value[:20]) from error


def _period(given: Mapping[str, str], label: str, calendar: Calendar, now: datetime) -> Period:
    first, last = given.get("from", "").strip(), given.get("to", "").strip()
    if not label and (first or last):
        today = now.astimezone(VIETNAM).date()
        end = parse_date("to", last) if last else today
        return periods.free(parse_date("from", first) if first else end.replace(month=1, day=1), end)
    if label:
        return periods.parse(label[:10], calendar)
    today = now.astimezone(VIETNAM).date()
    this = periods.parse(str(today.year), calendar)
    return this if today <= this.last else periods.parse(str(today.year + 1), calendar)


def compile_report(name: str, asked: Asked, services: Services) -> Report:
    """Count; NotFound for a report that there is not."""
    terms = ask.Terms.of(services.settings)
    return ask.count(services.register, name, asked.selection, asked.by, terms, services.clock(), asked.variant)


def freeze(report: Report, actor: Actor, services: Services) -> tuple[Report, list[Figure]]:
    """Keep every number of the report with its rows; return the report that names them, and the figures."""
    register = services.register
    found = ask.frozen(register, register.figures, services.store, report, actor)
    return found, [register.figures.get(figure) for figure in found.figures]


def office(services: Services) -> Office:
    """Return whose reports these are."""
    return Office.of(services.settings)


def rows_behind(
    given: Mapping[str, str], asked: Asked, services: Services
) -> tuple[indicators.Indicator, list[Mapping[str, Any]], str | None]:
    """Return the indicator, one page of the rows behind a number, and the cursor of the next page."""
    settings = services.settings
    terms = Terms(services.clock().astimezone(VIETNAM).date(), settings.report_recalled == "apart")
    chosen = indicators.named(given.get("indicator", "")[:60] or f"signed-share-{asked.variant.lower()}", terms)
    scope = Tree(services.register.units()).scope(asked.selection)
    part = given.get("part", "")
    if part and part not in chosen.parts:
        raise InvalidValue("part", name="part", value=part[:40])
    wanted = Wanted(
        (part,) if part else (),
        given.get("reason", "")[:100] or None,
        given.get("cursor", "")[:200] or None,
        ROWS_A_PAGE + 1,
        newest_first=True,
    )
    rows = list(services.register.rows(chosen.register, scope, chosen.parts, wanted))
    return chosen, rows[:ROWS_A_PAGE], rows[ROWS_A_PAGE - 1]["cursor"] if len(rows) > ROWS_A_PAGE else None
