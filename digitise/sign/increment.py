"""One incremental update of a PDF: new and replaced objects, cross-reference section, trailer (ISO 32000-1, 7.5.6).

qpdf (through pikepdf) reads the file; only the bytes to append are made here, in the style of the file's newest
cross-reference section (table or stream). Where qpdf had to repair anything the update would stand on sand:
`open_base` refuses such files and the caller takes pyHanko's writer instead.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf

from digitise.errors import PasswordNeeded, UnreadableFile

_TAIL = 2048  # bytes searched for the last startxref; qpdf itself searches 1,054
_BYTE_RANGE_WIDTH = 48  # "[0 " and three numbers of up to 13 digits
_STARTXREF = re.compile(rb"startxref[ \t\r\n\0]+(\d{1,13})[ \t\r\n\0]+%%EOF[ \t\r\n\0]*$")


class NotPlain(Exception):
    """The file needs pyHanko's reader and writer: damaged, prefixed or oddly ended."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How the file ends."""

    size: int  # bytes
    startxref: int
    stream_style: bool  # newest section is a cross-reference stream
    newline: bool  # the last byte ends a line


@dataclass(frozen=True, slots=True)
class Base:
    """The file to be extended."""

    pdf: pikepdf.Pdf
    ending: Ending


@contextmanager
def open_base(path: Path) -> Iterator[Base]:
    """Open the file that an update extends.

    Raises PasswordNeeded for encrypted files, UnreadableFile where there is no PDF, NotPlain where qpdf had to repair.
    """
    ending = _ending(path)
    try:
        pdf = pikepdf.open(path, attempt_recovery=False, suppress_warnings=True, inherit_page_attributes=False)
    except pikepdf.PasswordError as error:
        raise PasswordNeeded("encrypted", file=path.name) from error
    except pikepdf.PdfError as error:
        raise NotPlain(str(error)) from error
    with pdf:
        if pdf.is_encrypted:
            raise PasswordNeeded("encrypted", file=path.name)
        yield Base(pdf, ending)


def _ending(path: Path) -> Ending:
    with path.open("rb") as file:
        start = file.read(1024)
        if b"%PDF-" not in start:
            raise UnreadableFile("not_a_pdf", file=path.name)
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL))
        tail = file.read()
        found = _STARTXREF.search(tail)
        if not start.startswith(b"%PDF-") or not found or int(found[1]) >= size:
            raise NotPlain("header or end of file is not where it should be")
        file.seek(int(found[1]))
        there = file.read(32).lstrip()
    if there.startswith(b"xref"):
        style = False
    elif re.match(rb"\d+\s+\d+\s+obj", there):
        style = True
    else:
        raise NotPlain("startxref points at nothing")
    return Ending(size, int(found[1]), style, tail[-1:] in b"\r\n")


@dataclass(frozen=True, slots=True)
class Rendered:
    """Bytes to append; the two ends of the hole for `/Contents`, counted from the first appended byte."""

    data: bytearray
    hole: tuple[int, int] | None  # from `<` to just after `>`


@dataclass(slots=True)
class Increment:
    """Collects objects for one update of `base`."""

    base: Base
    _objects: dict[int, tuple[int, bytes]] = field(default_factory=dict)  # number → generation, body
    _edits: dict[int, tuple[pikepdf.Object, dict[str, bytes]]] = field(default_factory=dict)
    _arrays: dict[int, tuple[pikepdf.Object, list[bytes]]] = field(default_factory=dict)
    _next: int = 0
    _signature: tuple[int, bytes, int] | None = None  # number, entries, bytes reserved

    def __post_init__(self) -> None:
        self._next = int(self.base.pdf.trailer["/Size"])

    @property
    def pdf(self) -> pikepdf.Pdf:
        """The file as it was before this update."""
        return self.base.pdf

    def new(self) -> int:
        """Return the number of a new object, to be filled with `put`."""
        number = self._next
        self._next += 1
        return number

    def put(self, number: int, body: bytes, generation: int = 0) -> None:
        """Write or replace object `number`."""
        self._objects[number] = (generation, body)

    def add(self, body: bytes) -> int:
        """Write a new object, return its number."""
        number = self.new()
        self.put(number, body)
        return number

    def add_stream(self, entries: bytes, data: bytes) -> int:
        """Write a new stream with dictionary `entries` (without `/Length`), return its number."""
        return self.add(stream_body(entries, data))

    def edit(self, value: pikepdf.Object, entries: dict[str, bytes]) -> None:
        """Rewrite the indirect dictionary `value` with `entries` set; what earlier calls set stays."""
        number = value.objgen[0]
        if number == 0:
            raise NotPlain("an object to be changed is not indirect")
        self._edits.setdefault(number, (value, {}))[1].update(entries)

    def extend(self, holder: pikepdf.Object, key: str, item: bytes) -> None:
        """Append `item` to the array `key` of the indirect dictionary `holder`, wherever that array is kept."""
        made = self._edits.get(holder.objgen[0], (holder, {}))[1].get(key)
        known = holder.get(key)
        if made is not None:
            self.edit(holder, {key: made[:-1] + b" " + item + b"]"})
        elif known is None:
            self.edit(holder, {key: b"[" + item + b"]"})
        elif not isinstance(known, pikepdf.Array):
            raise NotPlain(f"{key} is not an array")
        elif known.is_indirect:
            self.extend_array(known, item)
        else:
            self.edit(holder, {key: known.unparse()[:-1] + b" " + item + b"]"})

    def extend_array(self, array: pikepdf.Object, item: bytes) -> None:
        """Append `item` to an indirect array."""
        self._arrays.setdefault(array.objgen[0], (array, []))[1].append(item)

    def put_signature(self, number: int, entries: bytes, reserved: int) -> None:
        """Write the signature dictionary: `entries`, `/ByteRange`, and `reserved` bytes for the DER in `/Contents`."""
        self._signature = (number, entries, reserved)
        self._objects[number] = (0, b"")

    def render(self) -> Rendered:
        """Return the bytes to append, the byte range filled in, the contents zero."""
        self._write_edits()
        data = bytearray(b"" if self.base.ending.newline else b"\n")
        start = self.base.ending.size
        offsets: dict[int, tuple[int, int]] = {}
        hole: tuple[int, int] | None = None
        byte_range = 0
        for number, (generation, body) in sorted(self._objects.items()):
            offsets[number] = (start + len(data), generation)
            data += b"%d %d obj\n" % (number, generation)
            if self._signature and number == self._signature[0]:
                _, entries, reserved = self._signature
                data += b"<<" + entries + b"/ByteRange "
                byte_range = len(data)
                data += b" " * _BYTE_RANGE_WIDTH + b"/Contents "
                hole = (len(data), len(data) + 2 * reserved + 2)
                data += b"<" + b"0" * (2 * reserved) + b">>>"
            else:
                data += body
            data += b"\nendobj\n"
        self._finish(data, offsets)
        if hole:
            numbers = (start + hole[0], start + hole[1], len(data) - hole[1])
            text = (b"[0 %d %d %d]" % numbers).ljust(_BYTE_RANGE_WIDTH)
            data[byte_range : byte_range + _BYTE_RANGE_WIDTH] = text
        return Rendered(data, hole)

    def _write_edits(self) -> None:
        for number, (value, entries) in self._edits.items():
            for key in entries:
                if key in value:
                    del value[key]
            body = value.unparse(resolved=True)
            if not body.endswith(b">>"):
                raise NotPlain("an object to be changed is not a dictionary")
            added = b" ".join(key.encode() + b" " + item for key, item in entries.items())
            self.put(number, body[:-2] + added + b" >>", value.objgen[1])
        for number, (array, items) in self._arrays.items():
            self.put(number, array.unparse(resolved=True)[:-1] + b" " + b" ".join(items) + b"]", array.objgen[1])

    def _finish(self, data: bytearray, offsets: dict[int, tuple[int, int]]) -> None:
        ending = self.base.ending
        at = ending.size + len(data)
        if ending.stream_style:
            number = self.new()
            offsets[number] = (at, 0)
            data += b"%d 0 obj\n" % number + _xref_stream(offsets, self._trailer()) + b"\nendobj\n"
        else:
            data += _xref_table(offsets) + b"trailer\n<<" + self._trailer() + b">>\n"
        data += b"startxref\n%d\n%%%%EOF\n" % at

    def _trailer(self) -> bytes:
        trailer = self.base.pdf.trailer
        entries = b"/Size %d /Prev %d" % (self._next, self.base.ending.startxref)
        entries += b" /Root " + reference(trailer["/Root"])
        info = trailer.get("/Info")
        if info is not None and info.is_indirect:
            entries += b" /Info " + reference(info)
        fresh = os.urandom(16).hex().encode()
        known = trailer.get("/ID")
        first = bytes(known[0]).hex().encode() if known is not None and len(known) == 2 else fresh
        return entries + b" /ID [<" + first + b"><" + fresh + b">]"


def reference(value: pikepdf.Object) -> bytes:
    """Return `12 0 R`."""
    return b"%d %d R" % value.objgen


def stream_body(entries: bytes, data: bytes) -> bytes:
    """Return a stream object's body."""
    return b"<<" + entries + b"/Length %d>>\nstream\n" % len(data) + data + b"\nendstream"


def _runs(numbers: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and sum(runs[-1]) == number:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((number, 1))
    return runs


def _xref_table(offsets: dict[int, tuple[int, int]]) -> bytes:
    table = bytearray(b"xref\n")
    for first, count in _runs(list(offsets)):
        table += b"%d %d\n" % (first, count)
        for number in range(first, first + count):
            table += b"%010d %05d n \n" % offsets[number]
    return bytes(table)


def _xref_stream(offsets: dict[int, tuple[int, int]], trailer: bytes) -> bytes:
    runs = _runs(list(offsets))
    rows = b"".join(
        b"\x01" + offset.to_bytes(6, "big") + generation.to_bytes(2, "big")
        for _, (offset, generation) in sorted(offsets.items())
    )
    index = b" ".join(b"%d %d" % run for run in runs)
    return stream_body(b"/Type /XRef /W [1 6 2] /Index [" + index + b"]" + trailer, rows)
