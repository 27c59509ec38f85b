"""What a file is, by its first bytes; its name is never asked."""

from enum import StrEnum
from pathlib import Path

from digitise.errors import UnreadableFile, UnsupportedType

HEAD_BYTES = 1024  # ISO 32000 readers look for %PDF- within the first 1,024 bytes


class FileKind(StrEnum):
    """A kind of file that is taken in; the values are media types."""

    PDF = "application/pdf"
    TIFF = "image/tiff"
    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    BMP = "image/bmp"
    JP2 = "image/jp2"
    HEIC = "image/heic"


SUFFIXES: dict[FileKind, str] = {
    FileKind.PDF: ".pdf",
    FileKind.TIFF: ".tif",
    FileKind.JPEG: ".jpg",
    FileKind.PNG: ".png",
    FileKind.WEBP: ".webp",
    FileKind.BMP: ".bmp",
    FileKind.JP2: ".jp2",
    FileKind.HEIC: ".heic",
}

_SIGNATURES: tuple[tuple[bytes, FileKind], ...] = (
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"II*\x00", FileKind.TIFF),
    (b"MM\x00*", FileKind.TIFF),
    (b"II+\x00", FileKind.TIFF),
    (b"MM\x00+", FileKind.TIFF),
    (b"BM", FileKind.BMP),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", FileKind.JP2),
    (b"\xff\x4f\xff\x51", FileKind.JP2),  # a bare code stream
)
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def kind_of(head: bytes, file: str | None = None) -> FileKind:
    """Return the kind by the first bytes; raises UnreadableFile (empty) and UnsupportedType."""
    if not head:
        raise UnreadableFile("empty", file=file)
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileKind.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return FileKind.HEIC
    if b"%PDF-" in head[:HEAD_BYTES]:
        return FileKind.PDF
    raise UnsupportedType("content", file=file)


def kind_of_file(path: Path, file: str | None = None) -> FileKind:
    """Return the kind of the file at `path`."""
    with path.open("rb") as source:
        return kind_of(source.read(HEAD_BYTES), file)
