"""Read registers that other systems export (VNPT-iGate, iOffice, eGov …): columns by their headings, bad rows by number."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from digitise import tables
from digitise.errors import InvalidValue
from digitise.model.outgoing import Channel, Dossier, Unit
from digitise.model.people import Actor
from digitise.model.progress import watched
from digitise.model.reports import BadRow, Imported
from digitise.report.register import Imports, Incoming, Source
from digitise.text import fold

T = TypeVar("T")

DOSSIER_COLUMNS: tables.Aliases = {
    "code": ("Mã hồ sơ", "Số hồ sơ", "Mã số hồ sơ", "Số biên nhận"),
    "procedure": ("Mã thủ tục", "Mã TTHC", "Thủ tục", "Tên thủ tục"),
    "unit": ("Mã đơn vị", "Đơn vị", "Cơ quan giải quyết", "Đơn vị giải quyết"),
    "received_on": ("Ngày tiếp nhận", "Ngày nhận", "Ngày nộp"),
    "due_on": ("Ngày hẹn trả", "Hạn xử lý", "Hạn giải quyết", "Ngày hẹn"),
    "resolved_on": ("Ngày giải quyết", "Ngày giải quyết xong", "Ngày có kết quả", "Ngày kết thúc"),
    "returned_on": ("Ngày trả kết quả", "Ngày trả"),
    "status": ("Trạng thái", "Tình trạng", "Kết quả xử lý"),
    "channel": ("Hình thức nộp", "Kênh tiếp nhận", "Hình thức tiếp nhận"),
    "paid_online": ("Thanh toán trực tuyến",),
    "has_result": ("Có kết quả", "Thủ tục có kết quả"),
    "components_digitised": ("Số thành phần số hóa", "Thành phần đã số hóa"),
    "result_digitised": ("Kết quả điện tử", "Số hóa kết quả", "Kết quả đã số hóa"),
    "components_reused": ("Số thành phần tái sử dụng", "Thành phần tái sử dụng"),
}
UNIT_COLUMNS: tables.Aliases = {
    "code": ("Mã đơn vị", "Mã"),
    "name": ("Tên đơn vị", "Tên"),
    "level": ("Cấp",),
    "parent": ("Mã đơn vị cha", "Đơn vị cấp trên", "Trực thuộc"),
    "valid_from": ("Từ ngày", "Hiệu lực từ"),
    "valid_to": ("Đến ngày", "Hiệu lực đến"),
}
INCOMING_COLUMNS: tables.Aliases = {
    "external_id": ("Mã văn bản", "Số đến", "ID"),
    "unit": ("Mã đơn vị", "Đơn vị", "Đơn vị nhận"),
    "received_on": ("Ngày đến", "Ngày nhận"),
    "medium": ("Hình thức", "Loại bản"),
    "number": ("Số ký hiệu", "Số, ký hiệu"),
    "sender": ("Cơ quan ban hành", "Nơi gửi"),
    "subject": ("Trích yếu",),
    "kind": ("Loại văn bản",),
}

# What sources write, folded; the first that occurs decides, so what is more particular stands first. A state that is
# none of these leaves the dossier not accounted for.
STATUS_WORDS: dict[str, str] = {
    "pending": "pending",
    "dang": "pending",  # đang xử lý, đang giải quyết quá hạn …
    "chua": "pending",
    "cho tra": "resolved",  # chờ trả kết quả: resolved, waiting for its owner
    "cho": "pending",  # chờ bổ sung, chờ phê duyệt …
    "moi tiep nhan": "pending",
    "moi dang ky": "pending",
    "da tiep nhan": "pending",
    "withdrawn": "withdrawn",
    "rut": "withdrawn",
    "tra lai": "withdrawn",
    "tu choi": "withdrawn",
    "huy": "withdrawn",
    "late": "late",
    "tre han": "late",
    "qua han": "late",
    "on time": "on_time",
    "dung han": "on_time",
    "truoc han": "on_time",
    "som han": "on_time",
    "resolved": "resolved",
    "da giai quyet": "resolved",
    "da xu ly": "resolved",
    "da tra": "resolved",
    "da co ket qua": "resolved",
    "hoan thanh": "resolved",
}
CHANNEL_WORDS = {
    "online": Channel.ONLINE,
    "truc tuyen": Channel.ONLINE,
    "qua mang": Channel.ONLINE,
    "cong dich vu cong": Channel.ONLINE,
    "post": Channel.POST,
    "buu chinh": Channel.POST,
    "buu dien": Channel.POST,
    "counter": Channel.COUNTER,
    "truc tiep": Channel.COUNTER,
    "mot cua": Channel.COUNTER,
}
LEVEL_WORDS = {
    "province": "province",
    "district": "district",
    "commune": "commune",
    "truc thuoc trung uong": "province",
    "tinh": "province",
    "thi tran": "commune",
    "thi xa": "district",
    "huyen": "district",
    "quan": "district",
    "thanh pho": "district",  # of a province, until 2025-06-30
    "dac khu": "commune",
    "phuong": "commune",
    "xa": "commune",
}


def import_dossiers(
    register: Imports, path: Path, actor: Actor, now: datetime, columns: Mapping[str, str] | None = None
) -> Imported:
    """Fill the register of dossiers from a CSV or XLSX file; `columns` maps fields to this source's headings.

    Without a column of states, a dossier without a day of resolution is pending. Raises UnreadableFile, InvalidValue.
    """
    aliases = _mapped(DOSSIER_COLUMNS, columns)
    reader = _Reader(path, now, aliases, ("code", "unit", "received_on"))
    return register.dossiers(reader.rows(_dossier), reader.source, actor)


def import_units(
    register: Imports, path: Path, actor: Actor, now: datetime, columns: Mapping[str, str] | None = None
) -> Imported:
    """Fill the tree of units; a unit that changed has one row for each time of its life."""
    reader = _Reader(path, now, _mapped(UNIT_COLUMNS, columns), ("code", "name", "level"))
    return register.units(reader.rows(_unit), reader.source, actor)


def import_incoming(
    register: Imports, path: Path, actor: Actor, now: datetime, columns: Mapping[str, str] | None = None
) -> Imported:
    """Fill the register of incoming documents."""
    reader = _Reader(path, now, _mapped(INCOMING_COLUMNS, columns), ("external_id", "unit", "received_on"))
    return register.incoming(reader.rows(_incoming), reader.source, actor)


def _mapped(known: tables.Aliases, given: Mapping[str, str] | None) -> tables.Aliases:
    for name in given or {}:
        if name not in known:
            raise InvalidValue("column", name="columns", value=name, known=", ".join(known))
    return {name: ((given or {})[name],) if name in (given or {}) else spellings for name, spellings in known.items()}


@dataclass(frozen=True, slots=True)
class _Bad(Exception):
    column: str
    reason: str
    value: str


class _Reader:
    """Turns the rows of one file into records; rows that cannot be read gather in `source.bad`."""

    def __init__(self, path: Path, now: datetime, aliases: tables.Aliases, required: tuple[str, ...]) -> None:
        self._path, self._aliases, self._required = path, aliases, required
        with path.open("rb") as file:
            self.source = Source(path.name, hashlib.file_digest(file, "sha256").hexdigest(), now)

    def rows(self, make: Callable[["_Row"], T]) -> Iterator[tuple[int, T]]:
        for number, cells in watched(tables.read(self._path, self._aliases, self._required)):
            try:
                yield number, make(_Row(cells))
            except _Bad as bad:
                heading = self._aliases[bad.column][0]
                self.source.bad.append(BadRow(number, heading, bad.reason, bad.value[:80]))


class _Row:
    """One row: each method reads a cell or says what is wrong with it."""

    def __init__(self, cells: tables.Cells) -> None:
        self._cells = cells

    def has(self, column: str) -> bool:
        return column in self._cells

    def needed(self, column: str) -> str:
        found = self.words(column)
        if not found:
            raise _Bad(column, "empty", "")
        return found

    def words(self, column: str) -> str | None:
        return tables.words(self._cells.get(column))

    def day(self, column: str) -> Any:
        return self._read(column, tables.day, "not_a_date")

    def flag(self, column: str) -> bool | None:
        return self._read(column, tables.flag, "not_yes_or_no")  # type: ignore[no-any-return]

    def whole(self, column: str) -> int:
        number = self._read(column, tables.whole, "not_a_number") or 0
        if number < 0:
            raise _Bad(column, "not_a_number", str(number))
        return int(number)

    def one_of(self, column: str, known: Mapping[str, T]) -> T | None:
        text = tables.heading(self.words(column) or "")
        return next((meaning for word, meaning in known.items() if f" {word} " in f" {text} "), None)

    def _read(self, column: str, read: Callable[[Any], Any], reason: str) -> Any:
        cell = self._cells.get(column)
        try:
            return read(cell)
        except (ValueError, OverflowError) as error:
            raise _Bad(column, reason, str(cell)) from error


def _dossier(row: _Row) -> Dossier:
    received = row.day("received_on")
    if received is None:
        raise _Bad("received_on", "empty", "")
    due, resolved, returned = row.day("due_on"), row.day("resolved_on"), row.day("returned_on")
    for column, ended in (("resolved_on", resolved), ("returned_on", returned)):
        if ended is not None and ended < received:
            raise _Bad(column, "before_received", ended.isoformat())
    ended = resolved or returned
    status = row.one_of("status", STATUS_WORDS) if row.has("status") else (None if ended else "pending")
    channel = row.one_of("channel", CHANNEL_WORDS)
    if channel is None and row.words("channel"):
        raise _Bad("channel", "unknown_word", row.words("channel") or "")
    gives = row.flag("has_result")
    return Dossier(
        code=row.needed("code").upper(),
        procedure=row.words("procedure"),
        unit=row.needed("unit"),
        received_on=received,
        due_on=due,
        resolved_on=None if status == "withdrawn" else ended,  # it ended, but nobody resolved it
        returned_on=returned,
        status=status,
        channel=channel or Channel.COUNTER,
        paid_online=row.flag("paid_online"),
        has_result=True if gives is None else gives,
        components_digitised=row.whole("components_digitised"),
        result_digitised=bool(row.flag("result_digitised")),
        components_reused=row.whole("components_reused"),
    )


def _unit(row: _Row) -> Unit:
    level = row.one_of("level", LEVEL_WORDS)
    if level is None:
        raise _Bad("level", "unknown_word", row.words("level") or "")
    begins, ends = row.day("valid_from"), row.day("valid_to")
    if begins and ends and ends < begins:
        raise _Bad("valid_to", "before_start", ends.isoformat())
    return Unit(row.needed("code"), row.needed("name"), level, row.words("parent"), begins, ends)


def _incoming(row: _Row) -> Incoming:
    received = row.day("received_on")
    if received is None:
        raise _Bad("received_on", "empty", "")
    paper = "giay" in fold(row.words("medium") or "") or fold(row.words("medium") or "") == "paper"
    return Incoming(
        external_id=row.needed("external_id"),
        unit=row.needed("unit"),
        received_on=received,
        medium="paper" if paper else "electronic",
        number=row.words("number"),
        sender=row.words("sender"),
        subject=row.words("subject"),
        kind=row.words("kind"),
    )
