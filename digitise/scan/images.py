"""Image files → frames, checked by their headers first, then decoded one at a time. Runs in the limited child."""

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, UnidentifiedImageError

from digitise.errors import LimitExceeded, UnreadableFile
from digitise.pdf.budget import Budget
from digitise.scan.kinds import FileKind
from digitise.scan.resolution import Resolution, resolution

_FORMATS = {
    FileKind.TIFF: "TIFF",
    FileKind.JPEG: "JPEG",
    FileKind.PNG: "PNG",
    FileKind.WEBP: "WEBP",
    FileKind.BMP: "BMP",
    FileKind.JP2: "JPEG2000",
    FileKind.HEIC: "HEIF",
}
_EXIF_ORIENTATION = 0x0112
_TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What the header says of one frame."""

    width: int  # pixels as stored
    height: int
    mode: str  # Pillow's
    resolution: Resolution  # along the stored axes
    orientation: int  # EXIF, 1..8

    @property
    def colours(self) -> str:
        """`bilevel`, `grey` or `colour`."""
        if self.mode == "1":
            return "bilevel"
        return "grey" if self.mode in ("L", "LA", "I", "I;16", "I;16B", "F") else "colour"


class ImageFile:
    """One open image file. Raises UnreadableFile and LimitExceeded; nothing is decoded until `frame` is asked for."""

    def __init__(self, path: Path, kind: FileKind, budget: Budget) -> None:
        Image.MAX_IMAGE_PIXELS = budget.page_pixels
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        self.kind, self._budget = kind, budget
        if kind is FileKind.HEIC:
            import pillow_heif

            pillow_heif.register_heif_opener()
        try:
            self.image: Image.Image = Image.open(path, formats=[_FORMATS[kind]])
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise LimitExceeded("page_pixels", limit=budget.page_pixels, found="") from error
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, TypeError) as error:
            raise UnreadableFile("image", cause=str(error)[:200]) from error
        self.frames = self._headers()

    def _headers(self) -> list[Frame]:
        frames: list[Frame] = []
        pixels = 0
        while self._seek(len(frames)):
            frame = self._header()
            pixels += frame.width * frame.height
            frames.append(frame)
            if len(frames) > self._budget.pages:
                raise LimitExceeded("pages", limit=self._budget.pages, found=f"{len(frames)}+")
            if pixels > self._budget.document_pixels:
                raise LimitExceeded("document_pixels", limit=self._budget.document_pixels, found=pixels)
            if self.kind in (FileKind.WEBP, FileKind.PNG, FileKind.HEIC):
                break  # animations and bursts: the first picture is the page
        return frames

    def _seek(self, index: int) -> bool:
        try:
            self.image.seek(index)
        except EOFError:
            return False
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise LimitExceeded("page_pixels", limit=self._budget.page_pixels, found="") from error
        except Exception as error:
            if index:
                return False  # a broken directory ends the file; the frames before it are good
            raise UnreadableFile("image", cause=str(error)[:200]) from error
        return True

    def _header(self) -> Frame:
        image = self.image
        width, height = image.size
        if width * height > self._budget.page_pixels:
            raise LimitExceeded("page_pixels", limit=self._budget.page_pixels, found=width * height)
        if not width or not height:
            raise UnreadableFile("image", cause="0 pixels")
        said = image.info.get("dpi")
        dpi = resolution(width, height, _pair(said))
        return Frame(width, height, image.mode, dpi, self._orientation())

    def _orientation(self) -> int:
        if self.kind in (FileKind.HEIC, FileKind.TIFF):
            return 1  # libheif has turned it already; Pillow's TIFF reader turns as it loads and tells the turned size
        try:
            value = int(self.image.getexif().get(_EXIF_ORIENTATION, 1))
        except Exception:  # damaged EXIF is no reason to refuse a picture
            return 1
        return value if value in _TRANSPOSITIONS else 1

    def frame(self, index: int) -> Image.Image:
        """Decode frame `index` (0-based) as seen: turned by EXIF, on white, as 8-bit grey, RGB or 1-bit."""
        if not self._seek(index):
            raise UnreadableFile("image", cause=f"frame {index + 1}")
        try:
            self.image.load()
        except (OSError, SyntaxError, ValueError) as error:
            raise UnreadableFile("image", cause=str(error)[:200]) from error
        plain = normalised(self.image)
        turn = _TRANSPOSITIONS.get(self.frames[index].orientation)
        return plain.transpose(turn) if turn is not None else plain


def _pair(said: Any) -> tuple[float, float] | None:
    try:
        x, y = (float(axis) for axis in said)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return (x, y) if x > 0 and y > 0 else None


def normalised(image: Image.Image) -> Image.Image:
    """Return `image` as mode 1, L or RGB: transparency on white, CMYK by its profile, 16 bits as 8."""
    if image.mode in ("1", "L", "RGB") and "transparency" not in image.info:
        return image
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    if image.mode == "CMYK":
        return _from_cmyk(image)
    if image.mode.startswith(("I", "F")):
        return _from_deep(image)
    return image.convert("RGB")


def _from_cmyk(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if turned is not None:
                return turned
        except (ImageCms.PyCMSError, OSError, ValueError):
            return image.convert("RGB")
    return image.convert("RGB")


def _from_deep(image: Image.Image) -> Image.Image:
    deep: NDArray[Any] = np.asarray(image)
    top = float(deep.max(initial=0))
    full = max(1.0, top) if deep.dtype.kind == "f" else 65_535.0 if top > 255 else 255.0
    return Image.fromarray(np.clip(deep * (255.0 / full), 0, 255).astype(np.uint8))
