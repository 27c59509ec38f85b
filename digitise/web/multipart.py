"""A multipart/form-data body, pulled piece by piece: a file of any size passes through without being kept.

FastAPI's own forms spool every file to disk before a route runs. Here the route (a thread) asks for the next part, reads
it like a file, and the network waits meanwhile.
"""

import io
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from digitise.errors import LimitExceeded, UnsupportedType, UsageError
from digitise.web.body import chunks

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MAX_PARTS = 1000  # an upload form has a dozen fields and at most a few hundred files
MAX_FIELD_BYTES = 64 << 10  # of one form field; the longest is a reason typed by hand
MAX_NAME = 255  # characters kept of a file's name; every file system's own limit


class Part(io.RawIOBase):
    """One part of the body; read it before asking for the next one (what is left unread is skipped)."""

    def __init__(self, body: "Multipart", name: str, file_name: str | None) -> None:
        self.body = body
        self.name = name
        self.file_name = file_name
        self.pieces: deque[bytes] = deque()
        self.ended = False

    def is_empty(self) -> bool:
        """Say whether it holds nothing, without reading on."""
        return not self.pieces and not self._more()

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, all of them for -1; b"" at the end."""
        parts: list[bytes] = []
        wanted = size if size is not None and size >= 0 else None
        while wanted is None or wanted > 0:
            if not self.pieces and not self._more():
                break
            piece = self.pieces.popleft()
            if wanted is not None and len(piece) > wanted:
                self.pieces.appendleft(piece[wanted:])
                piece = piece[:wanted]
            parts.append(piece)
            wanted = None if wanted is None else wanted - len(piece)
        return b"".join(parts)

    def readinto(self, buffer: bytearray, /) -> int:  # type: ignore[override]
        """Fill `buffer`, return how much."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _more(self) -> bool:
        while not self.pieces:
            if self.ended or not self.body.feed():
                return False
        return True

    def value(self) -> str:
        """Return a form field's text."""
        data = self.read(MAX_FIELD_BYTES + 1)
        if len(data) > MAX_FIELD_BYTES:
            raise LimitExceeded("field", limit=MAX_FIELD_BYTES, found=self.name)
        return data.decode("utf-8", "replace")


class Multipart:
    """The parts of one request's body, in order."""

    def __init__(self, request: Request, limit: int) -> None:
        """Read `request`'s body of at most `limit` bytes."""
        kind, options = parse_options_header(request.headers.get("content-type"))
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not boundary or len(boundary) > 200:
            raise UnsupportedType("not_multipart")
        self._chunks = chunks(request, limit, "upload")
        self._open: Part | None = None
        self._waiting: deque[Part] = deque()
        self._header = (bytearray(), bytearray())
        self._headers: dict[bytes, bytes] = {}
        self._count = 0
        self._complete = False
        self._parser = MultipartParser(boundary, self._callbacks())

    def parts(self) -> Iterator[Part]:
        """Iterate over the parts as they arrive; UsageError where the body is not well formed or breaks off."""
        while True:
            while not self._waiting:
                if not self.feed():
                    return
            part = self._waiting.popleft()
            yield part
            while part.read(1 << 16):
                pass

    def feed(self) -> bool:
        """Parse the next piece from the network; False at the end."""
        chunk = next(self._chunks, None)
        if chunk is None:
            if not self._complete:
                raise UsageError("body_incomplete")
            return False
        try:
            self._parser.write(chunk)
        except MultipartParseError as error:
            raise UsageError("body_malformed") from error
        return True

    def _callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._headers.clear,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._begin,
            "on_part_data": self._data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def _header_end(self) -> None:
        self._headers[bytes(self._header[0]).lower()] = bytes(self._header[1])
        self._header[0].clear()
        self._header[1].clear()

    def _begin(self) -> None:
        self._count += 1
        if self._count > MAX_PARTS:
            raise LimitExceeded("parts", limit=MAX_PARTS, found=self._count)
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        raw = options.get(b"filename")
        file_name = raw and plain_file_name(raw.decode("utf-8", "replace"))
        self._open = Part(self, name, "" if raw == b"" else file_name or None)
        self._waiting.append(self._open)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._open is not None and end > start:
            self._open.pieces.append(data[start:end])

    def _part_end(self) -> None:
        if self._open is not None:
            self._open.ended = True

    def _end(self) -> None:
        self._complete = True


def plain_file_name(name: str) -> str:
    """Return the last part of a path, without control characters; some browsers send whole Windows paths."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(c for c in last if c.isprintable()).strip()[:MAX_NAME]
    return clean if clean.strip(".") else "khong-ten"  # `..` is a folder wherever the name is used
