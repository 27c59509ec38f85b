"""Every row of the table that an inspector knows, from imported registers, to two decimals."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from digitise.model.reports import GroupBy, Share
from digitise.report import imports, reports
from digitise.report.periods import parse
from digitise.text import group_thousands, percent
from tests.unit.report.registers import (
    CLERK,
    NOW,
    dossier_csv,
    made_dossiers,
    put_outgoing,
    register_at,
    whole,
)


def printed(share: Share) -> str:
    return (
        f"{group_thousands(share.numerator)}/{group_thousands(share.denominator)}"
        f" = {percent(share.numerator, share.denominator)}"
    )


def test_cao_bang_2022_signed(tmp_path: Path) -> None:
    register = register_at(tmp_path)
    year = parse("2022")
    put_outgoing(
        register,
        (
            {
                "id": f"o{number:05d}",
                "issued_on": year.first + timedelta(days=number % 365),
                "verdict": "valid" if number < 4721 else "unsigned",
                "number": number + 1,
            }
            for number in range(4916)
        ),
    )
    report = reports.signed_share(register, whole(), NOW)
    assert printed(report.share) == "4.721/4.916 = 96,03 %"
    assert report.share.missing == 195
    assert sum(reason.count for reason in report.reasons) == 195


def test_cao_bang_2022_dossiers(tmp_path: Path) -> None:
    register = register_at(tmp_path)
    rows = made_dossiers(unit="H14", period=parse("2022"), on_time=5007, late=15, pending=109, online=3715)
    done = imports.import_dossiers(register.imports, dossier_csv(tmp_path / "hs.csv", rows), CLERK, NOW)
    assert (done.added, done.bad) == (5131, ())
    resolved, on_time, online, _ = reports.dossiers(register, whole(), NOW).shares
    assert printed(resolved) == "5.022/5.131 = 97,88 %"
    assert printed(on_time) == "5.007/5.022 = 99,70 %"
    assert printed(online) == "3.715/5.131 = 72,40 %"


def test_cao_bang_2022_incoming(tmp_path: Path) -> None:
    register = register_at(tmp_path)
    file = tmp_path / "den.csv"
    first = parse("2022").first
    lines = [
        f"DEN-{number},H14,{first + timedelta(days=number % 365)},{'Bản giấy' if number >= 19451 else 'Điện tử'}"
        for number in range(19460)
    ]
    file.write_text("\n".join(["Mã văn bản,Đơn vị,Ngày đến,Hình thức", *lines]), encoding="utf-8")
    imports.import_incoming(register.imports, file, CLERK, NOW)
    assert group_thousands(reports.incoming(register, whole(), NOW).share.numerator) == "19.451"


@pytest.mark.parametrize(
    ("fates", "resolved", "on_time", "unclassified"),
    [
        ({"on_time": 5731, "late": 18, "pending": 36}, "5.749/5.785 = 99,38 %", "5.731/5.749 = 99,69 %", 0),
        ({"on_time": 16419, "late": 13, "pending": 10}, "16.432/16.442 = 99,94 %", "16.419/16.432 = 99,92 %", 0),
        (
            {"on_time": 3035, "late": 22, "resolved_without_due": 4},
            "3.061/3.061 = 100,00 %",
            "3.035/3.061 = 99,15 %",
            4,
        ),
    ],
    ids=["tay_ninh_city", "tay_ninh_wards", "tan_bien"],
)
def test_dossiers_on_time(
    tmp_path: Path, fates: dict[str, int], resolved: str, on_time: str, unclassified: int
) -> None:
    register = register_at(tmp_path)
    rows = made_dossiers(unit="H53", period=parse("2022-9M"), **fates)
    imports.import_dossiers(register.imports, dossier_csv(tmp_path / "hs.csv", rows), CLERK, NOW)
    shares = reports.dossiers(register, whole("2022-9M"), NOW).shares
    assert printed(shares[0]) == resolved
    assert printed(shares[1]) == on_time
    assert shares[1].counts["resolved"] == unclassified
    assert shares[1].counts["late"] == fates["late"]


def test_tay_ninh_certified_copies(tmp_path: Path) -> None:
    register = register_at(tmp_path)
    put_outgoing(
        register,
        (
            {
                "id": f"c{number:05d}",
                "issued_on": date(2022, 5, 4),
                "certified_copy": True,
                "medium": "electronic" if number < 3430 else "paper",
            }
            for number in range(11100)
        ),
    )
    assert printed(reports.certified_copies(register, whole("2022-9M"), NOW).share) == "3.430/11.100 = 30,90 %"


@pytest.mark.slow
def test_tay_ninh_province_by_level(tmp_path: Path) -> None:
    register = register_at(tmp_path)
    units = tmp_path / "units.csv"
    units.write_text("Mã đơn vị;Tên đơn vị;Cấp\nT;Tỉnh;tỉnh\nD;Huyện;huyện\nX;Xã;xã\n", encoding="utf-8")
    imports.import_units(register.imports, units, CLERK, NOW)
    period = parse("2024-9M")
    rows = [
        row
        for unit, count, pending in (("T", 165106, 6000), ("D", 26060, 2000), ("X", 79331, 2394))
        for row in made_dossiers(unit=unit, period=period, on_time=count - pending, pending=pending)
    ]
    imports.import_dossiers(register.imports, dossier_csv(tmp_path / "hs.csv", rows), CLERK, NOW)
    report = reports.dossiers(register, whole("2024-9M"), NOW, by=GroupBy.LEVEL)
    assert printed(report.share) == "260.103/270.497 = 96,16 %"
    assert [line.share.denominator for line in report.lines] == [165106, 26060, 79331]
    assert [line.key for line in report.lines] == ["province", "district", "commune"]
