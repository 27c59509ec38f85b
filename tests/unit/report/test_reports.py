"""What is counted, what is counted apart, and what is never hidden."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from digitise.errors import NotFound
from digitise.model.outgoing import Dossier, Unit
from digitise.model.reports import Calendar, GroupBy
from digitise.report import ask, imports, reports, words
from digitise.report.register import Source, Wanted
from digitise.report.units import Tree
from storage.register import SqlRegister
from tests.unit.report.registers import CLERK, NOW, between, put_outgoing, whole

DAY = date(2022, 5, 4)


def documents(**fates: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"id": name, "issued_on": DAY} | fate for name, fate in fates.items()]


@pytest.fixture
def mixed(register: SqlRegister) -> SqlRegister:
    """Return a register with one document of every fate."""
    put_outgoing(
        register,
        documents(
            full={"verdict": "valid"},
            person_only={"verdict": "valid", "full": False},
            unsigned={"verdict": "unsigned", "reason": "unsigned"},
            broken={"verdict": "invalid", "reason": "signed_bytes_changed"},
            doubtful={"verdict": "indeterminate", "reason": "revocation_unknown"},
            unreadable={"verdict": "error", "reason": "not_a_pdf"},
            unchecked={},
            no_file={"sha256": None},
            paper={"medium": "paper", "sha256": None},
            recalled={"verdict": "valid", "state": "recalled"},
            replaced={"verdict": "unsigned", "state": "replaced"},
            secret={"secret": True},
            draft={"issued_on": None},
            before={"verdict": "valid", "issued_on": date(2021, 12, 14)},
        ),
    )
    return register


def test_every_fate_has_its_own_column(mixed: SqlRegister) -> None:
    share = reports.signed_share(mixed, whole(), NOW).share
    assert share.counts == {
        "signed": 2,
        "invalid": 1,
        "indeterminate": 1,
        "unsigned": 1,
        "error": 1,
        "unchecked": 2,
    }
    assert (share.numerator, share.denominator) == (2, 8)
    assert share.apart == {"paper": 1, "recalled": 1, "replaced": 1, "secret": 1}


def test_variant_b_counts_paper_and_c_wants_both_signatures(mixed: SqlRegister) -> None:
    b = reports.signed_share(mixed, whole(), NOW, variant="B").share
    assert (b.numerator, b.denominator, b.counts["paper"], b.apart["secret"]) == (2, 9, 1, 1)
    c = reports.signed_share(mixed, whole(), NOW, variant="C").share
    assert (c.numerator, c.denominator, c.counts["incomplete"]) == (1, 8, 1)
    with pytest.raises(NotFound):
        reports.signed_share(mixed, whole(), NOW, variant="D")


def test_recalled_and_replaced_follow_the_rule_that_is_printed(mixed: SqlRegister) -> None:
    report = reports.signed_share(mixed, whole(), NOW, recalled_apart=False)
    assert (report.share.numerator, report.share.denominator) == (3, 10)
    assert words.say("rules.counted", "vi") in words.rules(report, "vi")


def test_each_exception_has_its_reason(mixed: SqlRegister) -> None:
    report = reports.exceptions(mixed, whole(), NOW)
    assert {reason.reason: reason.count for reason in report.reasons} == {
        "unsigned": 1,
        "signed_bytes_changed": 1,
        "revocation_unknown": 1,
        "not_a_pdf": 1,
        "not_checked": 1,
        "no_file": 1,
    }
    rows = {row["key"]: row["reason"] for row in ask.missing(mixed, report).rows()}
    assert rows["no_file"] == "no_file"
    assert rows["broken"] == "signed_bytes_changed"
    assert len(rows) == report.share.missing
    assert {row["key"] for row in ask.rows(mixed, report, Wanted(reason="not_checked"))} == {"unchecked"}
    incomplete = reports.exceptions(mixed, whole(), NOW, variant="C")
    assert "not_both_signatures" in {reason.reason for reason in incomplete.reasons}


def test_every_line_opens_the_rows_it_counts(mixed: SqlRegister) -> None:
    for by in GroupBy:
        report = reports.signed_share(mixed, whole(), NOW, by=by)
        assert sum(line.share.denominator for line in report.lines) == report.share.denominator
        for line in report.lines:
            own = ask.answer(
                mixed,
                ask.Question(
                    first=line.selection.period.first,
                    last=line.selection.period.last,
                    unit=line.selection.unit,
                    below=line.selection.below,
                    kind=line.selection.kind,
                    level=line.selection.level,
                ),
                ask.Terms(),
                NOW,
            )
            assert own.share.counts == line.share.counts, (by, line.key)


def test_rows_come_in_pages(mixed: SqlRegister) -> None:
    report = reports.signed_share(mixed, whole(), NOW)
    seen: list[str] = []
    cursor = None
    while page := list(ask.rows(mixed, report, Wanted(after=cursor, limit=3, newest_first=True))):
        seen += [row["key"] for row in page]
        cursor = page[-1]["cursor"]
    assert len(seen) == len(set(seen)) == 12


def test_nothing_issued_is_no_event(register: SqlRegister) -> None:
    report = reports.signed_share(register, whole(), NOW)
    assert words.share_text(report.share, "vi") == "không phát sinh"
    assert report.lines[0].share.denominator == 0
    points = reports.digitisation(register, whole(), NOW).points
    assert {point.note for point in points} == {"no_event", "undeclared"}
    assert all(point.earned is None for point in points)


def dossier(code: str, **given: Any) -> Dossier:
    return Dossier(**({"code": code, "procedure": "1.012766", "unit": "X", "received_on": DAY} | given))


def fill(register: SqlRegister, *rows: Dossier) -> None:
    register.imports.dossiers(enumerate(rows, start=2), Source("test.csv", "0" * 64, NOW), CLERK)


def test_a_dossier_pending_in_time_is_no_failure(register: SqlRegister) -> None:
    fill(
        register,
        dossier("A", resolved_on=DAY, due_on=DAY, components_digitised=1, result_digitised=True, components_reused=1),
        dossier("B", resolved_on=DAY, due_on=DAY, components_digitised=0, result_digitised=True),
        dossier("C", status="pending", due_on=date(2030, 1, 1)),
        dossier("D", status="pending", due_on=date(2022, 6, 1)),
        dossier("E", status="withdrawn"),
        dossier("F"),
    )
    report = reports.digitisation(register, whole(), NOW, declared={"personal-store": True})
    results, both, reuse, _ = report.shares
    assert (results.numerator, results.denominator) == (2, 2)
    assert (both.numerator, both.denominator, both.apart["still_open"]) == (1, 3, 3)
    assert (reuse.numerator, reuse.denominator) == (1, 6)
    earned = {point.criterion: point.earned for point in report.points}
    assert earned["electronic-results"] == 6
    assert earned["digitised-dossiers"] == pytest.approx(4 * (1 / 3) / 0.8)
    assert earned["reuse"] == pytest.approx(2 * (1 / 6) / 0.8)
    assert earned["personal-store"] == 4
    assert sum(point.most for point in report.points) == 22
    resolved = reports.dossiers(register, whole(), NOW).share
    assert resolved.counts["pending_overdue"] == 1
    assert resolved.counts["unaccounted"] == 1
    assert resolved.apart["withdrawn"] == 1


def test_no_scheme_before_it_was_made(register: SqlRegister) -> None:
    assert reports.digitisation(register, whole("2020"), NOW).points == ()


TIERS = (
    Unit("T", "Tỉnh Tây Ninh", "province"),
    Unit("H", "Huyện Tân Biên", "district", "T", None, date(2025, 6, 30)),
    Unit("X", "Xã Tân Lập", "commune", "H", None, date(2025, 6, 30)),
    Unit("X", "Xã Tân Lập (mới)", "commune", "T", date(2025, 7, 1), None),
)


def test_a_report_shows_the_units_of_its_time(register: SqlRegister) -> None:
    register.imports.units(enumerate(TIERS, start=2), Source("units.csv", "0" * 64, NOW), CLERK)
    old, new = date(2025, 6, 30), date(2025, 7, 1)
    rows = {"old_x": ("X", old), "new_x": ("X", new), "h": ("H", old), "t": ("T", new), "lost": ("?", old)}
    put_outgoing(
        register, [{"id": i, "unit": unit, "issued_on": day, "verdict": "valid"} for i, (unit, day) in rows.items()]
    )
    year = whole("2025")
    assert reports.signed_share(register, year.narrowed(unit="H"), NOW).share.denominator == 2
    assert reports.signed_share(register, year.narrowed(unit="T"), NOW).share.denominator == 4
    by_level = reports.signed_share(register, year, NOW, by=GroupBy.LEVEL).lines
    assert {line.key: line.share.denominator for line in by_level} == {
        "province": 1,
        "district": 1,
        "commune": 2,
        "": 1,
    }
    names = {line.key: line.label for line in reports.signed_share(register, between(old, old), NOW).units}
    assert names == {"X": "Xã Tân Lập", "H": "Huyện Tân Biên", "?": "?"}
    names = {line.key: line.label for line in reports.signed_share(register, between(new, new), NOW).units}
    assert names == {"X": "Xã Tân Lập (mới)", "T": "Tỉnh Tây Ninh"}


def test_a_circle_of_units_ends() -> None:
    tree = Tree([Unit("A", "A", "commune", "B"), Unit("B", "B", "commune", "A")])
    scope = tree.scope(whole().narrowed(unit="A"))
    assert {code for window in scope.units or () for code in window.codes} == {"A", "B"}


def test_calendars_differ(register: SqlRegister) -> None:
    put_outgoing(register, [{"id": "a", "issued_on": date(2022, 1, 20), "verdict": "valid"}])
    for calendar, month in ((Calendar.ND09, "2022-02"), (Calendar.CIVIL, "2022-01")):
        report = ask.answer(register, ask.Question(period="2022", calendar=calendar), ask.Terms(), NOW)
        assert [line.key for line in report.lines if line.share.denominator] == [month]


def test_by_kind_and_last_year(register: SqlRegister, tmp_path: Path) -> None:
    put_outgoing(
        register,
        [
            {"id": "a", "issued_on": DAY, "kind": "QĐ", "verdict": "valid"},
            {"id": "b", "issued_on": DAY, "kind": "CV"},
            {"id": "c", "issued_on": date(2021, 5, 4), "verdict": "valid"},
        ],
    )
    report = reports.signed_share(register, whole(), NOW, by=GroupBy.KIND)
    assert [(line.key, line.share.numerator) for line in report.lines] == [("CV", 0), ("QĐ", 1)]
    assert sum(line.share.denominator for line in report.last_year) == 1
    file = tmp_path / "hs.csv"
    file.write_text("Mã hồ sơ,Đơn vị,Ngày tiếp nhận\nA,X,2022-05-04\n", encoding="utf-8")
    imports.import_dossiers(register.imports, file, CLERK, NOW)
    line = reports.dossiers(register, whole(), NOW, by=GroupBy.KIND).lines[0]
    assert line.key == ""
    assert words.line_label(line, GroupBy.KIND, "vi") == "chưa phân loại"
    assert line.share.denominator == 1
