"""Registers of other systems: columns by heading, bad rows by number, twice the same is once."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import select

from digitise.errors import InvalidValue, UnreadableFile
from digitise.report import imports
from storage.register import SqlRegister
from storage.schema.register import dossiers
from tests.unit.report.registers import CLERK, NOW

CSV = """Báo cáo hồ sơ năm 2022;;;;
Mã hồ sơ;Đơn vị;NGÀY TIẾP NHẬN;Ngày hẹn trả;Trạng thái;Hình thức nộp;Ngày giải quyết
H53.12-220915-0001;H53;15/09/2022 08:30;20.09.2022;Đã giải quyết - đúng hạn;Qua mạng;2022-09-19
;H53;15/09/2022;;;;
H53.12-220915-0003;H53;31/02/2022;;;;
H53.12-220915-0004;H53;15/09/2022;;Không rõ;Trực tiếp;
H53.12-220915-0005;H53;15/09/2022;;;bồ câu;
H53.12-220915-0006;H53;15/09/2022;20/09/2022;Đang xử lý;Bưu chính công ích;
H53.12-220915-0007;H53;15/09/2022;20/09/2022;;;14/09/2022
"""


def row(register: SqlRegister, code: str) -> dict[str, object]:
    with register._database.read() as connection:
        return dict(connection.execute(select(dossiers).where(dossiers.c.code == code)).mappings().one())


def test_bad_rows_are_told_by_number_and_good_ones_kept(register: SqlRegister, tmp_path: Path) -> None:
    file = tmp_path / "hs.csv"
    file.write_text(CSV, encoding="utf-8-sig")
    done = imports.import_dossiers(register.imports, file, CLERK, NOW)
    assert (done.added, done.changed, done.same) == (3, 0, 0)
    assert [(bad.row, bad.column, bad.reason) for bad in done.bad] == [
        (4, "Mã hồ sơ", "empty"),
        (5, "Ngày tiếp nhận", "not_a_date"),
        (7, "Hình thức nộp", "unknown_word"),
        (9, "Ngày giải quyết", "before_received"),
    ]
    first = row(register, "H53.12-220915-0001")
    assert (first["received_on"], first["due_on"], first["channel"], first["progress"]) == (
        date(2022, 9, 15),
        date(2022, 9, 20),
        "online",
        "on_time",
    )
    assert row(register, "H53.12-220915-0004")["progress"] == "unaccounted"
    assert row(register, "H53.12-220915-0006")["progress"] == "pending"
    assert first["import_row"] == 3


def test_twice_is_once_and_a_change_is_a_change(register: SqlRegister, tmp_path: Path) -> None:
    file = tmp_path / "hs.csv"
    file.write_text(CSV, encoding="utf-8")
    imports.import_dossiers(register.imports, file, CLERK, NOW)
    again = imports.import_dossiers(register.imports, file, CLERK, NOW)
    assert (again.added, again.changed, again.same) == (0, 0, 3)
    file.write_text(CSV.replace("Đang xử lý", "Đã giải quyết - trễ hạn"), encoding="utf-8")
    third = imports.import_dossiers(register.imports, file, CLERK, NOW)
    assert (third.added, third.changed, third.same) == (0, 1, 2)
    assert row(register, "H53.12-220915-0006")["progress"] == "late"


@pytest.mark.parametrize(
    ("status", "resolved", "returned", "progress"),
    [
        ("Đang xử lý", "", "", "pending"),
        ("Chờ bổ sung", "", "", "pending"),
        ("Chờ trả kết quả", "", "", "resolved"),
        ("Đã giải quyết", "21/09/2022", "", "late"),
        ("Đã trả kết quả", "", "20/09/2022", "on_time"),
        ("Đang giải quyết quá hạn", "", "", "pending"),
        ("Rút hồ sơ", "18/09/2022", "", "withdrawn"),
        ("Dừng xử lý", "", "", "unaccounted"),
        (None, "", "20/09/2022", "on_time"),
        (None, "", "", "pending"),
    ],
)
def test_how_far_a_dossier_has_come(
    register: SqlRegister, tmp_path: Path, status: str | None, resolved: str, returned: str, progress: str
) -> None:
    file = tmp_path / "hs.csv"
    states = ("", "") if status is None else (";Trạng thái", f";{status}")
    file.write_text(
        f"Mã hồ sơ;Đơn vị;Ngày tiếp nhận;Ngày hẹn trả;Ngày giải quyết;Ngày trả{states[0]}\n"
        f"H53.12-220915-0001;H53;15/09/2022;20/09/2022;{resolved};{returned}{states[1]}\n",
        encoding="utf-8",
    )
    assert imports.import_dossiers(register.imports, file, CLERK, NOW).bad == ()
    assert row(register, "H53.12-220915-0001")["progress"] == progress


def test_spreadsheets_keep_their_dates(register: SqlRegister, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["SỔ THEO DÕI HỒ SƠ"])
    sheet.append(
        ["Số HS", "Đơn vị", "Ngày nhận", "Ngày hẹn", "Ngày trả", "Thanh toán trực tuyến", "Thành phần tái sử dụng"]
    )
    sheet.append(["HS-1", 14, date(2022, 5, 4), "11/05/2022", date(2022, 5, 10), "x", 2.0])
    file = tmp_path / "hs.xlsx"
    book.save(file)
    done = imports.import_dossiers(register.imports, file, CLERK, NOW, {"code": "Số HS"})
    assert (done.added, done.bad) == (1, ())
    held = row(register, "HS-1")
    assert (held["unit"], held["received_on"], held["resolved_on"]) == ("14", date(2022, 5, 4), date(2022, 5, 10))
    assert (held["paid_online"], held["components_reused"], held["progress"]) == (True, 2, "on_time")


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.csv", b"Ma;Ten\n1;2\n", InvalidValue),
        ("a.csv", b"\x00\x01\x02", UnreadableFile),
        ("a.csv", "Mã hồ sơ".encode("utf-16-le"), UnreadableFile),
        ("a.csv", b"M\xe3 h\xf4 s\xf4,x\n", UnreadableFile),
        ("a.xlsx", b"PK\x03\x04 not a book", UnreadableFile),
        ("a.csv", b"", InvalidValue),
    ],
)
def test_what_is_no_register_is_refused(
    register: SqlRegister, tmp_path: Path, name: str, content: bytes, error: type[Exception]
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(error):
        imports.import_dossiers(register.imports, file, CLERK, NOW)


def test_unknown_column_is_refused(register: SqlRegister, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("x")
    with pytest.raises(InvalidValue):
        imports.import_dossiers(register.imports, file, CLERK, NOW, {"colour": "Màu"})
