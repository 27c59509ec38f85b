"""The raw bytes of a PDF, read in pieces: hashes, `/ByteRange` entries and the tail, before any parser is trusted.

Nothing here keeps a whole file in memory: a 300 MB scan is verified within 250 MB.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

PIECE = 1 << 20  # bytes read at once; larger pieces hash no faster
OVERLAP = 512  # a /ByteRange entry is shorter than this
TAIL = 4096  # bytes looked at for the end of the structure: startxref and %%EOF take 40
BLANK = b"\x00\t\n\x0c\r "

_BYTE_RANGE = re.compile(rb"/ByteRange\s*(?:\[([^\]]{0,200})\]|(?=[^\[]))")
_STARTXREF = re.compile(rb"startxref\s*(\d{1,12})")
_INTEGERS = re.compile(rb"^\s*\d{1,12}(?:\s+\d{1,12})*\s*$")


@dataclass(frozen=True, slots=True)
class RangeEntry:
    """One `/ByteRange` as it stands in the bytes; `numbers` None where it is not an array of plain integers."""

    offset: int
    numbers: tuple[int, ...] | None


class Source:
    """A file under verification, opened once for reading."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stream: BinaryIO = path.open("rb")
        self.size = path.stat().st_size
        self._scan: tuple[str, list[RangeEntry]] | None = None
        self._states: list[
            hashlib._Hash
        ] = []  # SHA-256 of the first 0, 1, 2 … pieces: signatures cover the file from its beginning

    def close(self) -> None:
        """Close the file."""
        self.stream.close()

    def read(self, start: int, length: int) -> bytes:
        """Return `length` bytes from `start`, fewer at the end of the file."""
        self.stream.seek(start)
        return self.stream.read(length)

    def pieces(self, start: int, length: int) -> Iterator[bytes]:
        """Yield the bytes of a range, piece by piece."""
        self.stream.seek(start)
        left = length
        while left > 0 and (piece := self.stream.read(min(PIECE, left))):
            left -= len(piece)
            yield piece

    def _scanned(self) -> tuple[str, list[RangeEntry]]:
        """Hash the file and find the entries in one reading."""
        if self._scan is None:
            digest = hashlib.sha256()
            found: dict[int, RangeEntry] = {}
            before, at = b"", 0
            for piece in self.pieces(0, self.size):
                self._states.append(digest.copy())
                digest.update(piece)
                if b"/ByteRange" in piece or b"/ByteRange" in before + piece[:OVERLAP]:
                    for entry in _entries(before + piece, at - len(before)):
                        # an entry cut at the end of the window is seen whole in the next one
                        if entry.numbers is not None or entry.offset not in found:
                            found[entry.offset] = entry
                before, at = piece[-OVERLAP:], at + len(piece)
            self._scan = digest.hexdigest(), [found[offset] for offset in sorted(found)]
        return self._scan

    @property
    def sha256(self) -> str:
        """SHA-256 of the file, hexadecimal."""
        return self._scanned()[0]

    @property
    def ranges(self) -> list[RangeEntry]:
        """Every `/ByteRange` in the raw bytes, in file order."""
        return self._scanned()[1]

    def digest(self, ranges: Sequence[tuple[int, int]], algorithm: str) -> bytes:
        """Return the digest over (offset, length) ranges; ValueError for an unknown algorithm."""
        digest, done = new_hash(algorithm), 0
        if digest.name == "sha256" and ranges and ranges[0][0] == 0:
            digest, done = self._known_beginning(ranges[0][1])
        for start, length in ranges:
            for piece in self.pieces(start + done, length - done):
                digest.update(piece)
            done = 0
        return finish(digest, algorithm)

    def _known_beginning(self, length: int) -> tuple["hashlib._Hash", int]:
        """Return what is known already of the SHA-256 of the first `length` bytes, and of how many of them."""
        self._scanned()
        whole = min(length, self.size) // PIECE
        if whole >= len(self._states):
            return hashlib.sha256(), 0
        return self._states[whole].copy(), whole * PIECE

    def ends_blank(self, start: int) -> bool:
        """Say whether only white space and NUL lie between `start` and the end of the file."""
        return all(not piece.strip(BLANK) for piece in self.pieces(start, self.size - start))

    def last_startxref(self) -> int | None:
        """Return the last `startxref` value of the file, wherever a lenient viewer would find it."""
        start = max(0, self.size - TAIL)
        while True:
            found = _STARTXREF.findall(self.read(start, min(TAIL + 64, self.size - start)))
            if found:
                return int(found[-1])
            if start == 0 or self.size - start > 16 * PIECE:
                return None
            start = max(0, start - TAIL)

    def after_last_eof(self) -> int | None:
        """Return the offset behind the last `%%EOF`; None where the file has none in its last 16 MiB."""
        start = max(0, self.size - TAIL)
        while True:
            place = self.read(start, min(TAIL + 8, self.size - start)).rfind(b"%%EOF")
            if place >= 0:
                return start + place + 5
            if start == 0 or self.size - start > 16 * PIECE:
                return None
            start = max(0, start - TAIL)


def _entries(window: bytes, offset: int) -> Iterator[RangeEntry]:
    for found in _BYTE_RANGE.finditer(window):
        inside = found[1]
        plain = inside is not None and _INTEGERS.match(inside)
        yield RangeEntry(offset + found.start(), tuple(map(int, inside.split())) if plain else None)


def new_hash(algorithm: str) -> "hashlib._Hash":
    """Return a hash object by CMS name (`sha256`, `sha3_256`, `shake256` …); ValueError where there is none."""
    name = algorithm.lower().replace("-", "_")
    name = {"shake256_len": "shake_256", "shake256": "shake_256", "shake128": "shake_128"}.get(name, name)
    return hashlib.new(name, usedforsecurity=False)


def finish(digest: "hashlib._Hash", algorithm: str) -> bytes:
    """Return the digest value; SHAKE gives the length RFC 8702 fixes (32 and 64 bytes)."""
    if digest.name.startswith("shake"):
        length = 64 if digest.name == "shake_256" else 32
        value: bytes = digest.digest(length)  # type: ignore[call-arg]
        return value
    return digest.digest()


def hash_bytes(data: bytes, algorithm: str) -> bytes:
    """Return the digest of `data`; ValueError for an unknown algorithm."""
    digest = new_hash(algorithm)
    digest.update(data)
    return finish(digest, algorithm)
