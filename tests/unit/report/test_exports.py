"""The same numbers in every format; nothing in a cell is ever run."""

import csv
import io
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import jsonschema
import openpyxl
import pytest

from digitise.errors import EngineUnavailable, InvalidValue
from digitise.model.reports import Report
from digitise.report import ask, charts, export_json, exports, svg, words
from digitise.report.exports import write
from digitise.report.office import Office
from digitise.report.table import as_table
from storage.register import SqlRegister
from tests.unit.report.registers import NOW, put_outgoing

SVG = "{http://www.w3.org/2000/svg}"
OFFICE = Office("Ủy ban nhân dân thành phố Cao Bằng", "Ủy ban nhân dân tỉnh Cao Bằng", "Cao Bằng")
HOSTILE = '=HYPERLINK("http://example.org";"xem")'


@pytest.fixture
def report(register: SqlRegister) -> Report:
    """Return a report over documents of two units and every outcome."""
    verdicts = ["valid"] * 17 + ["unsigned", "invalid", None]
    put_outgoing(
        register,
        (
            {
                "id": f"o{n:02d}",
                "issued_on": date(2022, 1, 20) + timedelta(days=15 * n),
                "verdict": verdict,
                "unit": "H14" if n % 2 else "H14.01",
                "abstract": HOSTILE,
                "number": n + 1,
                "reason": "signed_bytes_changed" if verdict == "invalid" else None,
            }
            for n, verdict in enumerate(verdicts)
        ),
    )
    return ask.answer(register, ask.Question(period="2022"), ask.Terms(target=1.0), NOW)


def written(report: Report, register: SqlRegister, format_: str, *, listing: bool = True, lang: str = "vi") -> bytes:
    target = io.BytesIO()
    rows = ask.missing(register, report) if listing else None
    write(report, target, format_, lang=lang, office=OFFICE, listing=rows)
    return target.getvalue()


def test_a_reason_counted_over_many_documents_names_none_of_them() -> None:
    from digitise.verify.reasons import Reason

    for lang in ("vi", "en"):
        told = {words.reason(code.value, lang) for code in Reason}
        assert not [text for text in told if "{" in text or "  " in text]
    assert words.reason("issuer_not_trusted", "vi") == "Nơi cấp chứng thư chưa có trong danh sách tin cậy."


def test_csv_is_utf8_with_bom_and_defused(report: Report, register: SqlRegister) -> None:
    content = written(report, register, "csv")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == 1 + report.share.missing
    assert all(not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert f"'{HOSTILE}" in rows[1]
    lines = list(csv.reader(io.StringIO(written(report, register, "csv", listing=False).decode("utf-8-sig"))))
    assert lines[0][-1] == "Tỷ lệ"
    assert "17" in lines[13]


@pytest.mark.parametrize("start", ["=1", "+1", "-1", "@x", "\tx", "\rx", " =1"])
def test_every_start_of_a_formula_is_defused(start: str) -> None:
    from digitise.report.export_csv import defused

    assert defused(start) == f"'{start}"


def test_xlsx_has_its_sheets_charts_and_only_text(report: Report, register: SqlRegister) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(report, register, "xlsx")))
    assert book.sheetnames[0] == "Tổng hợp"
    assert {"Theo đơn vị", "Ngoại lệ", "Định nghĩa", "Theo tháng"} <= set(book.sheetnames)
    rows = list(book["Ngoại lệ"].iter_rows(min_row=2))
    assert len(rows) == report.share.missing
    assert all(cell.data_type != "f" and cell.hyperlink is None for row in rows for cell in row)
    assert any(cell.value == HOSTILE for row in rows for cell in row)
    assert isinstance(rows[0][0].value, date)
    assert len(book["Tổng hợp"]._charts) == 2
    assert book["Số liệu biểu đồ"].sheet_state == "hidden"
    shares = [cell.value for cell in book["Theo đơn vị"][2]]
    assert shares[-1] == pytest.approx(report.units[0].share.numerator / report.units[0].share.denominator)


def test_a_month_without_documents_is_a_gap_in_the_line(report: Report, register: SqlRegister) -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(report, register, "xlsx")))
    drawn = [row[1].value for row in book["Số liệu biểu đồ"].iter_rows(min_row=2)]
    expected = [e.share.numerator / e.share.denominator if e.share.denominator else None for e in report.months]
    assert drawn == pytest.approx(expected)
    assert None in drawn


def test_json_follows_its_schema(report: Report, register: SqlRegister) -> None:
    told = json.loads(written(report, register, "json"))
    schema = json.loads((Path(exports.__file__).parent / "report-1.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(told, schema, jsonschema.Draft202012Validator)
    assert told["schema"] == export_json.SCHEMA == schema["properties"]["schema"]["const"]
    assert told["shares"][0]["text"] == words.fraction(report.share, "vi")
    assert len(told["rows"]) == report.share.missing
    jsonschema.validate(export_json.as_dict(report, "en"), schema, jsonschema.Draft202012Validator)


def test_pdf_prints_as_an_office_prints(report: Report, register: SqlRegister, tmp_path: Path) -> None:
    content = written(report, register, "pdf")
    assert content == written(report, register, "pdf"), "the same report gives the same bytes"
    file = tmp_path / "report.pdf"
    file.write_bytes(content)
    text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True, text=True).stdout
    for told in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "ỦY BAN NHÂN DÂN TỈNH CAO BẰNG",
        "/BC",
        "Cao Bằng, ngày 22 tháng 11 năm 2026",
        "15/12/2021 – 14/12/2022",
        words.fraction(report.share, "vi"),
        "Trang 1/",
        "Định nghĩa",
    ):
        assert told in text, told
    fonts = subprocess.run(["pdffonts", file], capture_output=True, check=True, text=True).stdout.splitlines()[2:]
    assert any("Tinos" in line for line in fonts)
    assert all("Tinos" in line and " yes yes " in line for line in fonts if "Helvetica" not in line)
    sizes = subprocess.run(["pdfinfo", file], capture_output=True, check=True, text=True).stdout
    assert "A4" in sizes


def test_pdf_says_which_font_is_missing(report: Report, tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable):
        write(report, io.BytesIO(), "pdf", office=Office(font_dir=tmp_path))


def test_charts_are_for_everybody(report: Report) -> None:
    drawn = charts.of(report)
    assert [chart.name for chart in drawn] == ["months", "line", "units", "pareto"]
    for chart in drawn:
        content = svg.render(chart)
        root = ET.fromstring(content)
        assert root.find(f"{SVG}title") is not None
        description = root.find(f"{SVG}desc")
        assert description is not None
        assert description.text
        assert root.attrib["aria-labelledby"] == root.find(f"{SVG}title").attrib["id"]  # type: ignore[union-attr]
        links = root.findall(f".//{SVG}a")
        assert links
        assert all(link.attrib["href"].startswith("/reports/rows?indicator=signed-share-A&") for link in links)
        assert not re.search(r"<script|\son\w+=|style=|javascript:|http://(?!www\.w3\.org/)", content)
        assert len(chart.headings) == len(chart.rows[0])
    stacked = svg.render(drawn[0])
    assert "<pattern" in stacked, "areas differ in grey too"


def test_an_empty_period_draws_too(register: SqlRegister) -> None:
    report = ask.answer(register, ask.Question(period="2022"), ask.Terms(target=1.0), NOW)
    for chart in charts.of(report):
        ET.fromstring(svg.render(chart))
    assert "không phát sinh" in as_table(report, "vi")
    for format_ in exports.FORMATS:
        assert written(report, register, format_)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("name", ask.REPORTS)
def test_every_report_prints_in_both_languages(register: SqlRegister, name: str, lang: str) -> None:
    report = ask.answer(register, ask.Question(name, period="2022"), ask.Terms(declared={"personal-store": False}), NOW)
    table = as_table(report, lang)
    assert not re.search(r"report\.[a-z]", table), "a sentence is missing"
    assert words.period(report.selection, lang) in table
    json.loads(written(report, register, "json", lang=lang))


def test_unknown_format_and_chart_are_refused(report: Report) -> None:
    with pytest.raises(InvalidValue):
        write(report, io.BytesIO(), "docx")
    with pytest.raises(InvalidValue):
        write(report, io.BytesIO(), "svg", chart="pie")


def test_reports_are_printed_by_several_threads_at_once(report: Report, register: SqlRegister) -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as pool:
            printed = list(pool.map(lambda _: written(report, register, "pdf", listing=False), range(12)))
    finally:
        sys.setswitchinterval(before)
    assert len(set(printed)) == 1
