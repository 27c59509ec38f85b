"""Find the revocation answers that a signed PDF itself holds, by their hashes; nothing is judged here.

A verdict names each answer that it relied on by the SHA-256 of its DER. Whatever in the file has that hash is that answer,
wherever it lies: a stream of the DSS (ISO 32000-2 12.8.4.3), or a value inside of a signature (RFC 5126, Adobe's archival).
"""

import hashlib
import mmap
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from digitise.report import signed_ranges

MAX_ANSWER = 64 << 20  # bytes; the largest national CRLs have some 20 MB
SLACK = 64 << 10  # bytes that deflating may add to what it cannot shorten: 5 for every 16 KB, and some
_STREAM = re.compile(rb"stream\r?\n")
_SEQUENCE = re.compile(rb"\x30[\x80-\x84]")
_HEAD = 6  # bytes that tell the length of a DER value of up to 4 GB


def find(path: Path, wanted: frozenset[str]) -> dict[str, bytes]:
    """Return hash → DER of those `wanted` answers that the file holds."""
    found: dict[str, bytes] = {}
    for der in _values(path):
        digest = hashlib.sha256(der).hexdigest()
        if digest in wanted:
            found[digest] = der
            if len(found) == len(wanted):
                break
    return found


def _values(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for start in _STREAM.finditer(data):
            der = _der(data, start.end())
            if der:
                yield der
    for signature in signed_ranges.signatures(path):
        for value in _SEQUENCE.finditer(signature.cms):
            yield signature.cms[value.start() : value.start() + _length(signature.cms[value.start() :][:_HEAD])]


def _der(data: mmap.mmap, start: int) -> bytes:
    """Return the DER value that a stream begins with, deflated or not; nothing where it is something else."""
    head = data[start : start + _HEAD]
    if head[:1] == b"\x30":
        return data[start : start + _length(head)]
    if head[:1] != b"\x78":  # zlib with a window of 32 KB, as every writer deflates
        return b""
    try:
        length = _length(zlib.decompressobj().decompress(data[start : start + 64], _HEAD))
        deflated = data[start : start + length + SLACK] if length else b""
        return zlib.decompressobj().decompress(deflated, length) if length else b""
    except zlib.error:
        return b""


def _length(head: bytes) -> int:
    """Return the whole length of the DER sequence that begins so; 0 where it is none, or too long for an answer."""
    if len(head) < 2 or head[0] != 0x30:
        return 0
    width = head[1] & 0x7F if head[1] >= 0x80 else 0
    length = 2 + width + (int.from_bytes(head[2 : 2 + width], "big") if width else head[1])
    return length if length <= MAX_ANSWER and width <= 4 else 0
