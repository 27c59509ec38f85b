"""An image's own compressed data, where a PDF/A-2 reader understands it: nothing is decoded, nothing is lost."""

import io
import struct
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, TiffImagePlugin

from digitise.scan.images import Frame, ImageFile, normalised
from digitise.scan.kinds import FileKind


@dataclass(frozen=True, slots=True)
class Encoded:
    """One image as a PDF stream; `palette` and `profile` are objects of their own."""

    width: int
    height: int
    data: bytes
    filter: bytes  # /DCTDecode …
    bits: int
    space: bytes  # /DeviceGray, /DeviceRGB; `palette` and `profile` wrap it
    parms: bytes = b""
    decode: bytes = b""
    palette: bytes | None = None  # RGB triples
    profile: bytes | None = None  # ICC
    components: int = 3
    kept: bool = True  # False: decoded and compressed anew without loss


def encoded(file: ImageFile, index: int, path: Path) -> Encoded:
    """Return frame `index` of `file` as stored where possible, else decoded and deflated."""
    frame = file.frames[index]
    found: Encoded | None = None
    if file.kind is FileKind.JPEG:
        found = _jpeg(frame, path.read_bytes(), file.image.info.get("icc_profile"))
    elif file.kind is FileKind.PNG:
        found = _png(frame, path.read_bytes())
    elif file.kind is FileKind.JP2:
        found = _jpeg2000(frame, path.read_bytes())
    elif file.kind is FileKind.TIFF:
        found = _fax(file, index, path)
    return found or deflated(file.frame(index))


def _jpeg(frame: Frame, data: bytes, profile: bytes | None) -> Encoded | None:
    components = {"L": 1, "RGB": 3, "CMYK": 4}.get(frame.mode)
    if components is None or (components == 4 and not _good_profile(profile, b"CMYK")):
        return None  # without a profile nobody knows which colours a CMYK image has: PDF/A wants it told
    space = {1: b"/DeviceGray", 3: b"/DeviceRGB", 4: b"/DeviceCMYK"}[components]
    good = profile if _good_profile(profile, {1: b"GRAY", 3: b"RGB ", 4: b"CMYK"}[components]) else None
    decode = b"[1 0 1 0 1 0 1 0]" if components == 4 and b"Adobe\x00" in data[:4096] else b""
    return Encoded(
        frame.width, frame.height, data, b"/DCTDecode", 8, space, b"", decode, None, good, components
    )  # fmt: skip


def _good_profile(profile: bytes | None, space: bytes) -> bool:
    """Say whether an ICC profile is one that PDF/A-2 takes: version 2 or 4, of the image's colour space."""
    if not profile or len(profile) < 132 or profile[36:40] != b"acsp" or profile[16:20] != space:
        return False
    return profile[8] in (2, 4) and profile[12:16] in (b"scnr", b"mntr", b"prtr", b"spac")


def _png(frame: Frame, data: bytes) -> Encoded | None:
    """Return the PNG's own deflated rows: predictor 15 of PDF is PNG's filtering."""
    width, height, bits, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    if interlaced or colour not in (0, 2, 3):
        return None
    parts: list[bytes] = []
    palette: bytes | None = None
    at = 8
    while at + 8 <= len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        if name == b"tRNS":
            return None
        if name == b"PLTE":
            palette = body
        elif name == b"IDAT":
            parts.append(body)
        at += 12 + length
    if not parts or (colour == 3 and (not palette or len(palette) % 3)):
        return None
    components = 3 if colour == 2 else 1
    parms = b"<< /Predictor 15 /Colors %d /BitsPerComponent %d /Columns %d >>" % (components, bits, width)
    space = b"/DeviceRGB" if colour in (2, 3) else b"/DeviceGray"
    return Encoded(
        width, height, b"".join(parts), b"/FlateDecode", bits, space, parms, b"", palette if colour == 3 else None,
        None, components,
    )  # fmt: skip


def _jpeg2000(frame: Frame, data: bytes) -> Encoded | None:
    """Pass a JP2 file with a plain colour box; PDF/A-2 (6.2.8.3) wants 1, 3 or 4 channels and equal depths."""
    if not data.startswith(b"\x00\x00\x00\x0cjP  ") or frame.mode not in ("L", "RGB"):
        return None
    header = data.find(b"colr")
    if header < 0 or data.count(b"colr", 0, 4096) != 1 or data[header + 4] not in (1, 2):
        return None
    components = 1 if frame.mode == "L" else 3
    space = b"/DeviceGray" if components == 1 else b"/DeviceRGB"
    return Encoded(frame.width, frame.height, data, b"/JPXDecode", 8, space, components=components)


def _fax(file: ImageFile, index: int, path: Path) -> Encoded | None:
    """Pass a 1-bit frame as CCITT group 4: its own strip where there is one, else the same dots coded anew."""
    frame = file.frames[index]
    if frame.mode != "1":
        return None
    file.image.seek(index)
    tags = file.image.tag_v2 if isinstance(file.image, TiffImagePlugin.TiffImageFile) else {}
    offsets, lengths = tags.get(273, ()), tags.get(279, ())
    plain = tags.get(266, 1) == 1 and int(tags.get(274, 1)) == 1 and not int(tags.get(293, 0))
    if tags.get(259) == 4 and len(offsets) == len(lengths) == 1 and plain:
        with path.open("rb") as source:
            source.seek(offsets[0])
            return bilevel(frame.width, frame.height, source.read(lengths[0]), tags.get(262) == 0)
    return group4(file.frame(index))


def group4(image: Image.Image) -> Encoded:
    """Return a 1-bit image coded as CCITT group 4 in one strip (T.6)."""
    buffer = io.BytesIO()
    rows = TiffImagePlugin.ImageFileDirectory_v2()
    rows[278] = image.height
    image.save(buffer, "TIFF", compression="group4", tiffinfo=rows)
    buffer.seek(0)
    with Image.open(buffer, formats=["TIFF"]) as again:
        assert isinstance(again, TiffImagePlugin.TiffImageFile)
        offset, length = again.tag_v2[273][0], again.tag_v2[279][0]
        white_is_zero = again.tag_v2[262] == 0
    return bilevel(image.width, image.height, buffer.getvalue()[offset : offset + length], white_is_zero, kept=False)


def bilevel(width: int, height: int, data: bytes, white_is_zero: bool, *, kept: bool = True) -> Encoded:
    """Return group 4 data as an image; in a TIFF where white is 0 the coded black is ink, as PDF takes it by default."""
    black_is_1 = b"false" if white_is_zero else b"true"
    parms = b"<< /K -1 /Columns %d /Rows %d /BlackIs1 %s >>" % (width, height, black_is_1)
    return Encoded(
        width, height, data, b"/CCITTFaxDecode", 1, b"/DeviceGray", parms, components=1, kept=kept
    )  # fmt: skip


def deflated(image: Image.Image) -> Encoded:
    """Return decoded pixels, compressed without loss by PNG's filters."""
    plain = normalised(image)
    if plain.mode == "1":
        return group4(plain)
    buffer = io.BytesIO()
    plain.save(buffer, "PNG", compress_level=6)
    frame = Frame(plain.width, plain.height, plain.mode, None, 1)  # type: ignore[arg-type]
    made = _png(frame, buffer.getvalue())
    assert made is not None
    return Encoded(
        made.width, made.height, made.data, made.filter, made.bits, made.space, made.parms, components=made.components,
        kept=False,
    )  # fmt: skip
