"""How much a page's drawing instructions unpack to: counted as they are unpacked, never kept.

A few megabytes of FlateDecode hold gigabytes, and a parser that is given them works for minutes before it is stopped.
"""

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import pikepdf
from pikepdf import Name

from digitise.errors import LimitExceeded

MOST_BYTES = 128 << 20  # of one page; the densest plan drawings have some tens of megabytes
MOST_IN_ALL = 1 << 30  # of a document, counted on the pages that unpack to much
_FLATE = ("/FlateDecode", "/Fl")
_RATIO = 1032  # to which FlateDecode can pack at best
_STEP = 1 << 20  # bytes unpacked at a time
_MAX_FORM_DEPTH = 8  # form XObjects inside form XObjects


def check_content(page: pikepdf.Object, resources: Any, number: int) -> int:
    """Raise LimitExceeded where the contents of page `number` and of its forms unpack to more than MOST_BYTES.

    Returns what was counted; 0 where the lengths alone say that it cannot be too much.
    """
    streams = [stream for stream in (*_contents(page), *_forms(resources)) if isinstance(stream, pikepdf.Stream)]
    if sum(_at_most(stream) for stream in streams) <= MOST_BYTES:
        return 0
    found = 0
    for stream in streams:
        for part in _unpacked(stream):
            found += len(part)
            if found > MOST_BYTES:
                raise LimitExceeded("page_content", page=number, limit=MOST_BYTES >> 20, found=f"{found >> 20}+")
    return found


def _contents(page: pikepdf.Object) -> list[Any]:
    contents = page.get(Name.Contents)
    return list(contents) if isinstance(contents, pikepdf.Array) else [contents]


def _forms(resources: Any) -> Iterator[pikepdf.Object]:
    """Iterate over the forms that a page names, those inside them too, each once."""
    seen: set[tuple[int, int]] = set()
    stack = [(resources, 0)]
    while stack:
        place, depth = stack.pop()
        objects = place.get(Name.XObject) if isinstance(place, pikepdf.Dictionary) else None
        if not isinstance(objects, pikepdf.Dictionary) or depth > _MAX_FORM_DEPTH:
            continue
        for one in objects.as_dict().values():
            if isinstance(one, pikepdf.Stream) and one.get(Name.Subtype) == Name.Form and one.objgen not in seen:
                seen.add(one.objgen)
                yield one
                stack.append((one.get(Name.Resources), depth + 1))


def _filters(stream: pikepdf.Object) -> list[str]:
    said = stream.get(Name.Filter)
    return [str(one) for one in said] if isinstance(said, pikepdf.Array) else [str(said)] if said is not None else []


def _at_most(stream: pikepdf.Object) -> int:
    """Return the most that a stream can unpack to, by its length and filters alone."""
    try:
        length = int(stream.get(Name.Length, 0))
    except (TypeError, ValueError):
        length = MOST_BYTES + 1
    ratio = 1
    for name in _filters(stream):
        ratio = min(ratio * _RATIO, MOST_BYTES) if name in _FLATE else ratio
    return length * ratio


def _unpacked(stream: pikepdf.Object) -> Iterator[bytes]:
    """Give what each FlateDecode of the stream unpacks to; other filters unpack little, and the child's clock bounds them."""
    try:
        parts: Iterable[bytes] = [bytes(stream.read_raw_bytes())]
    except pikepdf.PdfError:
        return
    for name in _filters(stream):
        if name not in _FLATE:
            break
        parts = _inflated(parts)
    yield from parts


def _inflated(parts: Iterable[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj()
    for part in parts:
        waiting = part
        if unpacker.eof:
            return
        while waiting and not unpacker.eof:
            try:
                unpacked = unpacker.decompress(waiting, _STEP)
            except zlib.error:
                return  # damaged from here on: no reader gets farther
            waiting = unpacker.unconsumed_tail
            if unpacked:
                yield unpacked
