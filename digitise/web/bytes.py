"""Stored bytes as an answer: ETag = SHA-256, ranges, conditional requests."""

import re
from collections.abc import Iterator

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from digitise.bootstrap import Services

CHUNK = 256 << 10  # one read of the store per thread hop
_RANGE = re.compile(r"^bytes=(\d{0,19})-(\d{0,19})$")
# Nothing inside a stored file may run: not even where a browser shows it in a tab.
SANDBOX = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; object-src 'self'; plugin-types application/pdf; sandbox"


def stored(request: Request, services: Services, sha256: str, size: int, media_type: str, disposition: str) -> Response:
    """Answer 200, 206, 304 or 416 with the object `sha256`."""
    etag = f'"{sha256}"'
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Content-Disposition": disposition,
        "Content-Security-Policy": SANDBOX,
        "Cache-Control": "private, no-cache",
    }
    if _matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    span = _span(request, size, etag)
    if span == "bad":
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    start, end = span if isinstance(span, tuple) else (0, size)
    headers["Content-Length"] = str(end - start)
    status = 206 if isinstance(span, tuple) else 200
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=media_type)
    pieces = _pieces(services, sha256, start, None if end == size else end - start)
    return StreamingResponse(pieces, status, headers, media_type)


def _pieces(services: Services, sha256: str, start: int, length: int | None) -> Iterator[bytes]:
    with services.store.open(sha256, start=start, length=length) as source:
        while piece := source.read(CHUNK):
            yield piece


def _matches(header: str | None, etag: str) -> bool:
    if header is None:
        return False
    return header.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in header.split(","))


def _span(request: Request, size: int, etag: str) -> tuple[int, int] | str | None:
    """Return (start, end) of a satisfiable single range, "bad" for one that is not, None for the whole."""
    found = _RANGE.match(request.headers.get("range", "").replace(" ", ""))
    if_range = request.headers.get("if-range")
    if not found or found.groups() == ("", "") or (if_range is not None and if_range.strip() != etag):
        return None  # several ranges, other units: RFC 9110 lets a server answer with the whole
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < int(first):
            return None
    return (start, end) if start < end else "bad"
