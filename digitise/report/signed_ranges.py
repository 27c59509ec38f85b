"""Take signatures out of a PDF by their byte ranges, for checking them with OpenSSL; nothing is judged here."""

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")
MAX_CMS = 4 << 20  # bytes of one signature container; ours reserve 32 KB


@dataclass(frozen=True, slots=True)
class SignedRange:
    """One signature: its two signed ranges and its CMS container, DER."""

    start: int
    first: int  # length of the first range
    resume: int
    second: int  # length of the second range
    cms: bytes


def signatures(path: Path) -> Iterator[SignedRange]:
    """Yield the signatures of a file in the order of their places; ranges outside of the file are passed over."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for found in _RANGE.finditer(data):
            start, first, resume, second = (int(each) for each in found.groups())
            gap = resume - start - first
            if not 2 < gap < 2 * MAX_CMS or resume + second > len(data):
                continue
            cms = _der(data[start + first + 1 : resume - 1])
            if cms:
                yield SignedRange(start, first, resume, second, cms)


def _der(hexadecimal: bytes) -> bytes:
    """Return the container without the zeros that fill the gap: its own length says where it ends."""
    try:
        raw = bytes.fromhex(hexadecimal.decode("ascii"))
    except ValueError:
        return b""
    if len(raw) < 2 or raw[0] != 0x30:
        return b""
    if raw[1] < 0x80:
        return raw[: 2 + raw[1]]
    width = raw[1] & 0x7F
    if not 0 < width <= 4:
        return raw  # indefinite length: OpenSSL finds the end
    return raw[: 2 + width + int.from_bytes(raw[2 : 2 + width], "big")]


def openssl_command(found: SignedRange, document: str, cms: str, trusted: str | None) -> str:
    """Return the command that checks this signature over the signed bytes of `document`."""
    signed = f"head -c {found.start + found.first} {document} | tail -c {found.first}"
    rest = f"tail -c +{found.resume + 1} {document} | head -c {found.second}"
    anchors = f"-CAfile {trusted}/anchors.pem -certfile {trusted}/intermediates.pem" if trusted else "-noverify"
    return (
        f"( {signed}; {rest} ) | openssl cms -verify -binary -inform DER -in {cms} -content /dev/stdin"
        f" {anchors} -purpose any -no_check_time -out /dev/null"
    )
