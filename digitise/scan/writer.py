"""A PDF written front to back: only the positions of its objects stay in memory, never their bytes."""

from collections.abc import Iterable
from typing import BinaryIO

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"  # the second line tells transports that the file is binary


class PdfWriter:
    """Writes objects as they come. Values are bytes in PDF syntax; references are given as object numbers."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._offsets: dict[int, int] = {}
        self._next = 1
        self._position = 0
        self._write(HEADER)

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._position += len(data)

    def reserve(self) -> int:
        """Return an object number to be filled later."""
        number = self._next
        self._next += 1
        return number

    def put(self, body: bytes, number: int | None = None) -> int:
        """Write one object and return its number."""
        number = self.reserve() if number is None else number
        self._offsets[number] = self._position
        self._write(b"%d 0 obj\n" % number + body + b"\nendobj\n")
        return number

    def stream(self, entries: bytes, parts: bytes | Iterable[bytes], length: int | None = None) -> int:
        """Write a stream; `entries` is its dictionary without brackets and /Length."""
        chunks = [parts] if isinstance(parts, bytes) else parts
        if isinstance(parts, bytes):
            length = len(parts)
        assert length is not None
        number = self.reserve()
        self._offsets[number] = self._position
        self._write(b"%d 0 obj\n<< " % number + entries + b" /Length %d >>\nstream\n" % length)
        for chunk in chunks:
            self._write(chunk)
        self._write(b"\nendstream\nendobj\n")
        return number

    def end(self, root: int) -> None:
        """Write the cross-reference table and trailer."""
        start = self._position
        count = self._next
        rows = [b"%010d 00000 n \n" % self._offsets[number] for number in range(1, count)]
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % count + b"".join(rows))
        self._write(b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, root, start))
