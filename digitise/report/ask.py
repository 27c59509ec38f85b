"""One question in, one report out: what every door (command line, pages, API) asks in the same words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Self

from digitise.errors import InvalidValue, NotFound
from digitise.model.people import Actor
from digitise.model.progress import watched
from digitise.model.reports import Calendar, Figure, GroupBy, Period, Report, Selection
from digitise.ports import ObjectStore
from digitise.report import figures, indicators, periods, reports
from digitise.report.listing import Listing
from digitise.report.register import Figures, Registers, Row, Wanted
from digitise.report.units import Tree

if TYPE_CHECKING:
    from digitise.settings import Settings

REPORTS = ("signed-share", "exceptions", "dossiers", "digitisation", "reuse", "certified-copies", "incoming")


@dataclass(frozen=True, slots=True)
class Terms:
    """What the office has settled for all its reports (settings `report_*`)."""

    calendar: Calendar = Calendar.ND09
    target: float | None = None
    recalled_apart: bool = True
    declared: Mapping[str, bool | None] | None = None  # criteria of the scheme that no register shows

    @classmethod
    def of(cls, settings: "Settings") -> Self:
        """Return what the settings say."""
        declared = {
            "personal-store": settings.report_personal_store,
            "population-lookup": settings.report_population_lookup,
            "population-share": settings.report_population_share,
        }
        calendar, apart = Calendar(settings.report_calendar), settings.report_recalled == "apart"
        return cls(calendar, settings.report_target, apart, declared)


@dataclass(frozen=True, slots=True)
class Question:
    """A report asked for, in the words of the doors; all empty means the year under way."""

    name: str = "signed-share"
    period: str | None = None
    first: date | None = None
    last: date | None = None
    calendar: Calendar | None = None
    unit: str | None = None
    below: bool = True
    kind: str | None = None
    level: str | None = None
    variant: str = "A"
    by: GroupBy | None = None


def selection(question: Question, terms: Terms, now: datetime) -> Selection:
    """Return the rows that a question is about. Raises InvalidValue for a period that cannot be read or is given twice."""
    calendar = question.calendar or terms.calendar
    if question.period and (question.first or question.last):
        raise InvalidValue("period_twice", name="period", value=question.period)
    if question.first or question.last:
        today = now.astimezone(reports.VIETNAM).date()
        period = periods.free(question.first or date(today.year, 1, 1), question.last or today)
    else:
        period = periods.parse(question.period, calendar) if question.period else _under_way(calendar, now)
    return Selection(period, question.unit, question.kind, question.level, question.below)


def _under_way(calendar: Calendar, now: datetime) -> Period:
    today = now.astimezone(reports.VIETNAM).date()
    this = periods.parse(str(today.year), calendar)
    return this if today <= this.last else periods.parse(str(today.year + 1), calendar)  # NĐ 09: from 15 December


def answer(registers: Registers, question: Question, terms: Terms, now: datetime) -> Report:
    """Return the report. Raises NotFound for an unknown report or variant, InvalidValue for the period."""
    by = question.by or (GroupBy.UNIT if question.name == "exceptions" else GroupBy.MONTH)
    return count(registers, question.name, selection(question, terms, now), by, terms, now, question.variant)


def count(
    registers: Registers,
    name: str,
    chosen: Selection,
    by: GroupBy,
    terms: Terms,
    now: datetime,
    variant: str = "A",
) -> Report:
    """Return the report `name` over what is `chosen`. Raises NotFound for an unknown report or variant."""
    if name in ("signed-share", "exceptions"):
        make = reports.signed_share if name == "signed-share" else reports.exceptions
        target = {"target": terms.target} if name == "signed-share" else {}
        return make(registers, chosen, now, variant=variant, by=by, recalled_apart=terms.recalled_apart, **target)
    if name == "digitisation":
        return reports.digitisation(registers, chosen, now, by=by, declared=terms.declared)
    plain: dict[str, Callable[..., Report]] = {
        "dossiers": reports.dossiers,
        "reuse": reports.reuse,
        "certified-copies": reports.certified_copies,
        "incoming": reports.incoming,
    }
    if name not in plain:
        raise NotFound("report", what="report", id=name[:40])
    return plain[name](registers, chosen, now, by=by)


def frozen(registers: Registers, kept: Figures, store: ObjectStore, report: Report, actor: Actor) -> Report:
    """Freeze every share of `report` and return it with the figures' ids and the numbers that their rows give."""
    found = [figures.freeze(registers, kept, store, report, actor, share.indicator) for share in report.shares]
    return replace(report, figures=tuple(figure.id for figure in found), shares=tuple(figure.share for figure in found))


def rows(
    registers: Registers, report: Report | Figure, wanted: Wanted | None = None, indicator: str | None = None
) -> Iterator[Row]:
    """Stream the rows behind a number of the report (the leading one, or `indicator`) as they are now."""
    chosen = indicators.named(indicator or report.share.indicator, figures.terms_of(report))
    scope = Tree(registers.units()).scope(report.selection)
    return registers.rows(chosen.register, scope, chosen.parts, wanted)


def missing(
    registers: Registers, report: Report, store: ObjectStore | None = None, kept: Figures | None = None
) -> Listing:
    """Return the rows of the leading share's denominator that its numerator lacks: from the frozen rows where there are."""
    chosen = indicators.named(report.share.indicator, figures.terms_of(report))
    parts = tuple(part for part in chosen.parts if part in chosen.denominator - chosen.numerator)
    title = "exceptions" if chosen.register == "outgoing" else "dossiers"
    if report.figures and store is not None and kept is not None:
        figure, held = kept.get(report.figures[0]), store
        return Listing(chosen.register, lambda: watched(figures.rows(held, figure, only=parts)), title)
    return Listing(chosen.register, lambda: watched(rows(registers, report, Wanted(parts))), title)
