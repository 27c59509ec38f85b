"""Register files as people export them: CSV and XLSX, columns found by their headings, rows told by their number."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from digitise.errors import InvalidValue, LimitExceeded, UnreadableFile
from digitise.text import fold, squeeze

HEADER_WITHIN = 20  # rows; exports begin with an office's title, then the headings
MAX_UNPACKED = 2 << 30  # bytes of an unpacked XLSX: 1,000,000 rows are about 600 MB; guards against zip bombs
MAX_CELL = 100_000  # characters of one CSV cell; guards against a quote that never ends
_ZIP = b"PK\x03\x04"

Aliases = Mapping[str, Sequence[str]]  # field → headings it may have, in any spelling that folds to the same
Cells = Mapping[str, Any]  # field → cell: str, or date and number where a spreadsheet says so; absent column: no key


def read(path: Path, aliases: Aliases, required: Iterable[str]) -> Iterator[tuple[int, Cells]]:
    """Yield (row number as a spreadsheet shows it, cells by field) for each row below the headings; empty rows are skipped.

    Raises UnreadableFile (neither CSV nor XLSX, unknown encoding), InvalidValue (a required heading is missing), LimitExceeded.
    """
    with path.open("rb") as file:
        start = file.read(4)
    lines = _xlsx(path) if start == _ZIP else _csv(path)
    wanted = set(required)
    columns: dict[str, int] | None = None
    best: dict[str, int] = {}
    for number, line in lines:
        if columns is None:
            found = _columns(line, aliases)
            best = found if len(found) > len(best) else best
            if wanted <= set(found):
                columns = found
            elif number >= HEADER_WITHIN:
                break
            continue
        cells = {name: line[place] if place < len(line) else None for name, place in columns.items()}
        if any(cell not in (None, "") for cell in cells.values()):
            yield number, cells
    if columns is None:
        missing = ", ".join(aliases[name][0] for name in sorted(wanted - set(best)))
        raise InvalidValue("columns", file=path.name, name=missing, value="")


def _columns(line: Sequence[Any], aliases: Aliases) -> dict[str, int]:
    headings = {heading(cell): place for place, cell in reversed(list(enumerate(line))) if isinstance(cell, str)}
    found = {}
    for name, spellings in aliases.items():
        place = next((headings[heading(each)] for each in (*spellings, name) if heading(each) in headings), None)
        if place is not None:
            found[name] = place
    return found


@lru_cache(maxsize=4096)
def heading(text: str) -> str:
    """Return a heading or a word of a register in the form that is compared: folded, letters and digits only."""
    return re.sub(r"[^a-z0-9]+", " ", fold(text)).strip()


def _csv(path: Path) -> Iterator[tuple[int, Sequence[Any]]]:
    with path.open("rb") as file:
        head = file.read(65_536)
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile("not_a_table", file=path.name)
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    csv.field_size_limit(MAX_CELL)
    try:
        with path.open(encoding=encoding, newline="") as text:
            sample = text.read(8192)
            text.seek(0)
            delimiter = max(",;\t|", key=lambda sign: sample.count(sign))
            yield from enumerate(csv.reader(text, delimiter=delimiter), start=1)
    except UnicodeError as error:
        raise UnreadableFile("encoding", file=path.name) from error
    except csv.Error as error:
        raise UnreadableFile("not_a_table", file=path.name) from error


def _xlsx(path: Path) -> Iterator[tuple[int, Sequence[Any]]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > MAX_UNPACKED:
            raise LimitExceeded("unpacked", file=path.name, limit=MAX_UNPACKED, found=unpacked)
        book = load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=True, keep_links=False)
    except LimitExceeded:
        raise
    except Exception as error:  # openpyxl raises whatever its XML, ZIP or style reader happened to meet
        raise UnreadableFile("not_a_table", file=path.name) from error
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some systems write a wrong size, which would hide rows
        yield from enumerate(sheet.iter_rows(values_only=True), start=1)
    except UnreadableFile:
        raise
    except Exception as error:
        raise UnreadableFile("not_a_table", file=path.name) from error
    finally:
        book.close()


_DATES = (
    re.compile(r"^(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:[T ].*)?$"),
    re.compile(r"^(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})(?:\s.*)?$"),
    re.compile(r"^\d{1,2}:\d{2}(?::\d{2})?\s+(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})$"),
)


def day(cell: Any) -> date | None:
    """Return the day that a cell names: ISO, `dd/mm/yyyy`, `dd.mm.yyyy`, with or without a time; None where empty.

    Raises ValueError.
    """
    if cell is None or cell == "":
        return None
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    return _day(str(cell))


@lru_cache(maxsize=4096)
def _day(text: str) -> date | None:
    plain = squeeze(text)
    if not plain:
        return None
    for pattern in _DATES:
        found = pattern.match(plain)
        if found:
            return date(int(found["y"]), int(found["m"]), int(found["d"]))
    raise ValueError(plain)


def words(cell: Any) -> str | None:
    """Return the cell's text, NFC, blanks squeezed; None where empty. Whole numbers lose the `.0` of spreadsheets."""
    if cell is None:
        return None
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return squeeze(str(cell)) or None


_YES = {"1", "x", "co", "yes", "true", "da", "dung", "roi", "v", "y"}
_NO = {"0", "khong", "no", "false", "chua", "sai", "n", "-"}


def flag(cell: Any) -> bool | None:
    """Return yes or no; None where empty. Raises ValueError."""
    if cell is None or isinstance(cell, bool):
        return cell
    text = heading(words(cell) or "") if str(cell).strip() != "-" else "-"
    if not text:
        return None
    if text in _YES or text.split(" ")[0] in ("co", "da"):
        return True
    if text in _NO or text.split(" ")[0] in ("khong", "chua"):
        return False
    raise ValueError(str(cell))


def whole(cell: Any) -> int | None:
    """Return a whole number; None where empty. Raises ValueError."""
    if cell is None or cell == "":
        return None
    number = float(str(cell).strip())
    if not number.is_integer():
        raise ValueError(str(cell))
    return int(number)
