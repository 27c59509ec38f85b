"""What a signature looks like: a transparent picture at its real size, or lines of text (NĐ 30/2020, annex I)."""

import io
import zlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from digitise.errors import InvalidValue
from digitise.sign.font import font_for
from digitise.sign.increment import Increment
from digitise.sign.order import VIETNAM

MM = 72 / 25.4  # points in a millimetre
LEADING = 1.2  # line distance in sizes
_PIXELS_PER_MM = 24  # 600 dpi: what a printer can show; larger pictures only make larger files
_TURNS = {0: b"[1 0 0 1 0 0]", 90: b"[0 1 -1 0 0 0]", 180: b"[-1 0 0 -1 0 0]", 270: b"[0 -1 1 0 0 0]"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG with transparency, cropped to its ink; width and height in points."""

    width: float
    height: float
    pixels: tuple[int, int]
    colours: bytes  # RGB, deflated
    mask: bytes  # alpha, deflated
    rotation: int = 0

    def write(self, update: Increment) -> int:
        """Write form, image and mask; return the form's object number."""
        size = b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /Filter /FlateDecode "
        mask = update.add_stream(size % self.pixels + b"/ColorSpace /DeviceGray ", self.mask)
        space = b"/ColorSpace [/ICCBased %d 0 R] /SMask %d 0 R " % (_profile(update), mask)
        image = update.add_stream(size % self.pixels + space, self.colours)
        content = b"q %.3f 0 0 %.3f 0 0 cm /I Do Q" % (self.width, self.height)
        return _form(update, self.width, self.height, self.rotation, b"/XObject <</I %d 0 R>>" % image, content)


def picture(file: Path, width_mm: float) -> Picture:
    """Return the picture with its ink `width_mm` wide; raises InvalidValue where it is no transparent image."""
    try:
        modified = file.stat().st_mtime_ns
    except OSError as error:
        raise InvalidValue("image", name="image", value=str(file)) from error
    return _picture(file, modified, width_mm)


@lru_cache(maxsize=32)
def _picture(file: Path, _modified: int, width_mm: float) -> Picture:
    from PIL import Image

    try:
        with Image.open(file) as opened:
            if opened.mode not in ("RGBA", "LA", "PA") and "transparency" not in opened.info:
                raise InvalidValue("image_not_transparent", name="image", value=str(file))
            image = opened.convert("RGBA")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidValue("image", name="image", value=str(file)) from error
    ink = image.getchannel("A").point(lambda alpha: 255 if alpha > 16 else 0).getbbox()
    if ink is None:
        raise InvalidValue("image_empty", name="image", value=str(file))
    image = image.crop(ink)
    most = round(width_mm * _PIXELS_PER_MM)
    if image.width > most:
        image = image.resize((most, max(1, round(image.height * most / image.width))), Image.Resampling.LANCZOS)
    width = width_mm * MM
    return Picture(
        width,
        width * image.height / image.width,
        image.size,
        zlib.compress(image.convert("RGB").tobytes(), 9),
        zlib.compress(image.getchannel("A").tobytes(), 9),
    )


@dataclass(frozen=True, slots=True)
class Text:
    """Lines of upright black text in Tinos."""

    lines: tuple[str, ...]
    size: float = 10.0
    align: str = "right"  # left, centre, right
    style: str = "Regular"
    rotation: int = 0

    @property
    def width(self) -> float:
        """Points."""
        font = font_for("".join(self.lines), self.style)
        return max(font.width(line, self.size) for line in self.lines)

    @property
    def height(self) -> float:
        """Points: first ascender to last descender."""
        return self.size * (LEADING * (len(self.lines) - 1) + 1.12)

    def write(self, update: Increment) -> int:
        """Write form and font; return the form's object number."""
        font = font_for("".join(self.lines), self.style)
        width, height = self.width, self.height
        content = bytearray(b"BT /F %.2f Tf 0 g\n" % self.size)
        for number, line in enumerate(self.lines):
            free = width - font.width(line, self.size)
            x = {"left": 0.0, "centre": free / 2, "right": free}[self.align]
            y = height - self.size * (0.9 + LEADING * number)
            content += b"1 0 0 1 %.3f %.3f Tm %s Tj\n" % (x, y, font.encode(line))
        content += b"ET"
        return _form(update, width, height, self.rotation, b"/Font <</F %d 0 R>>" % font.write(update), bytes(content))


@dataclass(frozen=True, slots=True)
class Stamp:
    """A seal at its real size with lines of text at the left of its top (TT 01/2019/TT-BNV, digitised incoming papers)."""

    seal: Picture
    text: Text
    rotation: int = 0

    @property
    def width(self) -> float:
        """Points."""
        return self.text.width + self.text.size / 2 + self.seal.width

    @property
    def height(self) -> float:
        """Points."""
        return max(self.seal.height, self.text.height)

    def write(self, update: Increment) -> int:
        """Write both forms and the one that holds them; return its object number."""
        width, height = self.width, self.height
        resources = b"/XObject <</T %d 0 R /S %d 0 R>>" % (self.text.write(update), self.seal.write(update))
        places = (height - self.text.height, width - self.seal.width, height - self.seal.height)
        content = b"q 1 0 0 1 0 %.3f cm /T Do Q q 1 0 0 1 %.3f %.3f cm /S Do Q" % places
        return _form(update, width, height, self.rotation, resources, content)


def copy_lines(form: str, organisation: str, at: datetime) -> tuple[str, ...]:
    """Return form of the copy, organisation, signing time: NĐ 30/2020, annex I (DOMAIN 3c)."""
    return (form, organisation, iso_time(at))


def attachment_lines(code: str, at: datetime) -> tuple[str, ...]:
    """Return number and symbol, signing time (DOMAIN 3d)."""
    return (code, iso_time(at))


def iso_time(at: datetime) -> str:
    """Return `2022-11-16T16:34:54+07:00`."""
    return at.astimezone(VIETNAM).isoformat(timespec="seconds")


def _form(update: Increment, width: float, height: float, rotation: int, resources: bytes, content: bytes) -> int:
    entries = b"/Type /XObject /Subtype /Form /BBox [0 0 %.3f %.3f] /Matrix %s /Resources <<%s>> " % (
        width,
        height,
        _TURNS[rotation],
        resources,
    )
    return update.add_stream(entries, content)


def _profile(update: Increment) -> int:
    """Write the sRGB profile: colours mean the same whatever the file's output intent is (PDF/A-2, 6.2.4)."""
    return update.add_stream(b"/N 3 /Filter /FlateDecode ", _srgb())


@lru_cache(maxsize=1)
def _srgb() -> bytes:
    from PIL import ImageCms

    profile = io.BytesIO(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    return zlib.compress(profile.getvalue())
