"""Registers of outgoing documents kept elsewhere (VNPT-iOffice, EGov …): CSV and XLSX, columns mapped, bad rows told."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from digitise.errors import InvalidValue, LimitExceeded, UnreadableFile, UnsupportedType
from digitise.model.outgoing import Medium, NewOutgoing
from digitise.model.people import Actor
from digitise.sign.register import ImportResult, OutgoingRegister, RowError
from digitise.text import fold, nfc, parse_document_code, squeeze

MOST_ROWS = 1_000_000  # a province's register of several years; guards against endless sheets
MOST_ERRORS = 10_000  # told; more say that the columns are mapped wrongly

# our field → the names that systems give to its column, folded
USUAL: dict[str, tuple[str, ...]] = {
    "external_id": ("id", "ma van ban", "ma vb", "ma", "filecode", "ma dinh danh"),
    "code": ("so ky hieu", "so, ky hieu", "so/ky hieu", "so va ky hieu", "so hieu", "so den"),
    "number": ("so", "so van ban", "codenumber", "so vb"),
    "symbol": ("ky hieu", "codenotation"),
    "issued_on": ("ngay ban hanh", "ngay van ban", "ngay ky", "issueddate", "ngay", "ngay vb"),
    "kind": ("loai van ban", "loai", "hinh thuc van ban", "typename", "loai vb"),
    "abstract": ("trich yeu", "trich yeu noi dung", "noi dung", "subject", "ve viec"),
    "signer": ("nguoi ky", "fullname"),
    "signer_title": ("chuc vu", "chuc vu nguoi ky", "position"),
    "recipients": ("noi nhan", "to"),
    "unit": ("don vi", "ma don vi", "don vi ban hanh", "co quan ban hanh", "organname"),
    "medium": ("hinh thuc phat hanh", "phuong thuc", "hinh thuc", "hinh thuc gui"),
    "secret": ("do mat", "mat"),
    "certified_copy": ("sao y", "ban sao"),
}
_KINDS = {
    "nghi quyet": "NQ", "quyet dinh": "QĐ", "chi thi": "CT", "quy che": "QC", "quy dinh": "QyĐ", "thong cao": "TC",
    "thong bao": "TB", "huong dan": "HD", "chuong trinh": "CTr", "ke hoach": "KH", "phuong an": "PA", "de an": "ĐA",
    "du an": "DA", "bao cao": "BC", "bien ban": "BB", "to trinh": "TTr", "hop dong": "HĐ", "cong van": "CV",
    "cong dien": "CĐ", "ban ghi nho": "BGN", "ban thoa thuan": "BTT", "giay uy quyen": "GUQ", "giay moi": "GM",
    "giay gioi thieu": "GGT", "giay nghi phep": "GNP", "phieu gui": "PG", "phieu chuyen": "PC", "phieu bao": "PB",
    "thu cong": "TCg",
}  # fmt: skip
_PAPER = ("giay", "paper", "ban giay", "van ban giay")
_YES = ("x", "1", "co", "true", "yes", "dung")


def import_register(
    path: Path,
    register: OutgoingRegister,
    actor: Actor,
    *,
    unit: str | None = None,
    columns: Mapping[str, str] | None = None,
) -> ImportResult:
    """Take the rows of `path` into the register; the same file twice adds nothing the second time.

    `columns` maps a column's name to our field; `unit` is for registers that do not say. Raises UnsupportedType,
    UnreadableFile, InvalidValue (no usable column), LimitExceeded.
    """
    errors: list[RowError] = []
    rows = list(_parsed(_rows(path), columns or {}, unit, errors))  # no transaction waits for a spreadsheet
    done = register.import_rows(rows, actor, path.name)
    return ImportResult(done.added, done.known, tuple(errors), done.warnings)


def _parsed(
    rows: Iterator[list[Any]], columns: Mapping[str, str], unit: str | None, errors: list[RowError]
) -> Iterator[tuple[int, NewOutgoing]]:
    places: dict[str, int] | None = None
    for number, row in enumerate(rows, start=1):
        if number > MOST_ROWS:
            raise LimitExceeded("rows", limit=MOST_ROWS, found=number)
        if places is None:
            places = _header(row, columns)
            if places is None and number >= 20:  # titles above the table are a few lines at most
                break
            continue
        values = {name: _text(row[at]) if at < len(row) else "" for name, at in places.items()}
        raw = {name: row[at] if at < len(row) else None for name, at in places.items()}
        if not any(values.values()):
            continue
        problems = list(_problems(number, values, raw, unit))
        if problems:
            errors += problems
            if len(errors) > MOST_ERRORS:
                raise InvalidValue("too_many_bad_rows", name="rows", value=len(errors))
            continue
        yield number, _outgoing(values, raw, unit)
    if places is None:
        raise InvalidValue("no_columns", name="columns", value="")


def _header(row: Iterable[Any], columns: Mapping[str, str]) -> dict[str, int] | None:
    given = {_plain(name): ours for name, ours in columns.items()}
    unknown = set(given.values()) - set(USUAL)
    if unknown:
        raise InvalidValue("columns", name="outgoing_columns", value=", ".join(sorted(unknown)))
    places: dict[str, int] = {}
    for at, cell in enumerate(row):
        name = _plain(_text(cell))
        ours = given.get(name) or next((ours for ours, usual in USUAL.items() if name in usual), None)
        if ours and ours not in places:
            places[ours] = at
    enough = "abstract" in places and ("code" in places or "number" in places or "external_id" in places)
    return places if enough else None


def _plain(name: str) -> str:
    return squeeze(re.sub(r"[.:*()]", " ", fold(name)))


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return squeeze(nfc(str(cell)))


def _problems(number: int, values: dict[str, str], raw: dict[str, Any], unit: str | None) -> Iterator[RowError]:
    if not values.get("abstract"):
        yield RowError(number, "abstract", "", "missing")
    if not (values.get("unit") or unit):
        yield RowError(number, "unit", "", "missing")
    if values.get("issued_on") and _date(raw["issued_on"]) is None:
        yield RowError(number, "issued_on", values["issued_on"][:40], "not_a_date")
    if values.get("number") and not re.fullmatch(r"\d{1,7}[a-zA-Z]?", values["number"]):
        yield RowError(number, "number", values["number"][:40], "not_a_number")
    if values.get("code") and not values.get("number") and parse_document_code(values["code"]) is None:
        yield RowError(number, "code", values["code"][:40], "not_a_code")
    if not (values.get("external_id") or values.get("code") or values.get("number")):
        yield RowError(number, "external_id", "", "missing")


def _outgoing(values: dict[str, str], raw: dict[str, Any], unit: str | None) -> NewOutgoing:
    parsed = parse_document_code(values.get("code", ""))
    plain = values.get("number") or (parsed.number if parsed else "")
    symbol = values.get("symbol") or (parsed.symbol if parsed else None)
    issued_on = _date(raw.get("issued_on"))
    whose = values.get("unit") or unit or ""
    number = int(re.sub(r"\D", "", plain)) if plain else None
    made_up = f"{whose}|{plain}/{symbol or ''}|{issued_on or ''}"
    secret = fold(values.get("secret", ""))
    return NewOutgoing(
        unit=whose,
        kind=_kind(values.get("kind", ""), symbol),
        abstract=values["abstract"],
        number=number,
        symbol=symbol,
        issued_on=issued_on,
        signer=values.get("signer") or None,
        signer_title=values.get("signer_title") or None,
        medium=Medium.PAPER if fold(values.get("medium", "")) in _PAPER else Medium.ELECTRONIC,
        secret=bool(secret) and secret not in ("thuong", "khong", "0", "false", "no"),
        certified_copy=fold(values.get("certified_copy", "")) in _YES,
        external_id=values.get("external_id") or made_up,
        recipients=values.get("recipients") or None,
    )


def _kind(told: str, symbol: str | None) -> str:
    named = _KINDS.get(fold(told))
    if named:
        return named
    if told:
        return told
    first = (symbol or "").split("-")[0].split("/")[-1]
    return first if first in _KINDS.values() else "CV"


def _date(cell: Any) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = _text(cell)
    if not text:
        return None
    for form in ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S"):
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None


def _rows(path: Path) -> Iterator[list[Any]]:
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise UnreadableFile("unreadable", file=path.name) from error
    if start == b"PK\x03\x04":
        return _xlsx(path)
    if start[:4] == b"\xd0\xcf\x11\xe0":
        raise UnsupportedType("old_excel", file=path.name)
    return _csv(path)


def _csv(path: Path) -> Iterator[list[Any]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            sample = file.read(8192)
            file.seek(0)
            plain = re.sub(r'"[^"]*"', "", sample)
            delimiter = max(";,\t|", key=plain.count)  # a title above the table misleads csv.Sniffer
            yield from csv.reader(file, delimiter=delimiter)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile("csv", file=path.name) from error


def _xlsx(path: Path) -> Iterator[list[Any]]:
    import zipfile

    import openpyxl

    try:
        with path.open("rb") as file:  # the content counts, whatever the file is called
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            try:
                for row in book.worksheets[0].iter_rows(values_only=True):
                    yield list(row)
            finally:
                book.close()
    except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
        raise UnreadableFile("xlsx", file=path.name) from error
