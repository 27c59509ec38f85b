"""A page image made ready for the recogniser: upright, straight, even, black on white.

Every step takes an image and returns an image; the picture in the PDF stays as it was.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitise.model.recognition import Affine
from digitise.scan import clean, skew, stamps
from digitise.scan.engine import Grey, Layout, OcrEngine
from digitise.scan.ink import without_colour
from digitise.scan.scaling import at_scale

Colour = NDArray[Any]  # height x width x 3, RGB


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the recogniser is given, and the way back."""

    image: Grey
    plain: Grey  # the same before stamps, blots and rules were taken off, for a second look where too much went
    dpi: int
    rotation: int  # degrees clockwise that the page was turned
    skew: float  # degrees that remained, counter-clockwise positive
    to_page: Affine  # prepared image → page image
    scale: float  # prepared pixels per page pixel
    steps: tuple[str, ...]


def as_array(image: Image.Image) -> NDArray[Any]:
    """Return the page as grey (h, w) or RGB (h, w, 3); transparency lies on white."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, "white")
        ground.alpha_composite(layer)
        image = ground.convert("RGB")
    if image.mode in ("1", "L"):
        return np.asarray(image if image.mode == "L" else image.convert("L"))
    if image.mode.startswith(("I", "F")):
        wide = np.asarray(image, dtype=np.float32)
        top = 65535.0 if image.mode.startswith("I") and wide.max() > 255 else max(1.0, float(wide.max()))
        return (wide / top * 255).astype(np.uint8)
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def flattened(grey: Grey) -> Grey:
    """Return the page with its background divided out: uneven light, coloured paper, shadows become white."""
    height, width = grey.shape
    small = at_scale(grey, 1 / 8)
    ground = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), 15)
    ground = cv2.resize(np.maximum(ground, 1), (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(grey, ground, scale=255)


def told_turn(grey: Grey, dpi: int, engine: OcrEngine) -> int | None:
    """Return degrees clockwise by which the engine's detector would turn the page; None where it is unsure."""
    turn, confidence = engine.orientation(grey, dpi=dpi)
    return turn if confidence >= SURE_TURN else None


def readable(page: NDArray[Any], dpi: int) -> tuple[Grey, float, list[str]]:
    """Return the page in grey, even, at a resolution worth reading, with the scale that was applied and the steps."""
    grey = without_colour(page, dpi)
    scale, steps = 1.0, []
    if dpi > MOST_DPI:
        scale = BEST_DPI / dpi
        grey = at_scale(grey, scale)
        steps.append(f"scale {scale:.2f}")
    return flattened(grey), scale, [*steps, "flatten"]


def without_stamps(grey: Grey, dpi: int, engine: OcrEngine) -> tuple[Grey, list[str]]:
    """Return the page without incoming stamps, each frame of their size being read to tell, and what was taken off."""
    taken = []
    for frame in stamps.find_frames(grey, dpi):
        if stamps.says_arrival(engine.read(stamps.levelled(grey, frame), dpi=dpi, layout=Layout.COLUMN)):
            grey = stamps.without_frame(grey, frame, dpi)
            taken = ["incoming stamp"]
    return grey, taken


def prepare(page: NDArray[Any], dpi: int, engine: OcrEngine, turn: int | None = None) -> Prepared:
    """Return `page` (grey or RGB) ready for recognition, turned clockwise by `turn` degrees or as its lines lie.

    Lines that run up and down are seen in the ink; only which end is up is then asked of the engine's detector. A page
    upside down shows when it is read: see `page.recognise_page`.
    """
    cv2.setNumThreads(1)  # one process per core: more threads only wait for each other
    grey, scale, steps = readable(page, dpi)
    dpi = round(dpi * scale)
    mask, _ = skew.ink_mask(grey)
    angle, sharpness = skew.best_angle(mask)
    if turn is None:
        turn = 0
        if skew.lies_sideways(mask, sharpness):
            turn = told_turn(grey, dpi, engine) or 90
    if turn:
        grey = np.ascontiguousarray(np.rot90(grey, -turn // 90))
        steps.append(f"turn {turn}")
        angle, _ = skew.best_angle(skew.ink_mask(grey)[0])
    height, width = grey.shape if turn in (0, 180) else grey.shape[::-1]
    straight, back = _straightened(grey, angle)
    if abs(angle) >= MIN_SKEW:
        steps.append(f"deskew {angle:.2f}")
    if page.ndim == 2:  # on coloured pages the stamp's ink has gone already
        straight, stamped = without_stamps(straight, dpi, engine)
        steps += stamped
    ready, taken = clean.cleaned(straight, dpi, look_for_seals=page.ndim == 2)
    to_page = _compose(_turn_back(turn, width, height), back)
    a, b, c, d, e, f = (value / scale for value in to_page)
    return Prepared(ready, straight, dpi, turn, -angle, (a, b, c, d, e, f), scale, (*steps, *taken))


SURE_TURN = 1.0  # Tesseract's orientation confidence; below it the detector guesses
MOST_DPI = 260  # above this pages are brought down: every step costs by the pixel, and reading gains nothing
BEST_DPI = 240
MIN_SKEW = 0.1  # degrees; less is a quarter of a line over the page's width, and turning blurs


def _straightened(grey: Grey, angle: float) -> tuple[Grey, Affine]:
    """Turn lines that fall to the right by `angle` degrees level; return the image and the way back."""
    if abs(angle) < MIN_SKEW:
        return grey, (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    height, width = grey.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    turned = cv2.warpAffine(
        grey, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=255
    )
    a, b, c, d, e, f = (float(v) for v in cv2.invertAffineTransform(matrix).ravel())
    return turned, (a, b, c, d, e, f)


def _turn_back(turn: int, width: int, height: int) -> Affine:
    """Map the page turned clockwise by `turn` degrees back to the page of `width` x `height`."""
    return {
        0: (1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
        90: (0.0, 1.0, 0.0, -1.0, 0.0, float(height)),
        180: (-1.0, 0.0, float(width), 0.0, -1.0, float(height)),
        270: (0.0, -1.0, float(width), 1.0, 0.0, 0.0),
    }[turn]


def _compose(outer: Affine, inner: Affine) -> Affine:
    """Return the map that does `inner` first, then `outer`."""
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return (a * g + b * j, a * h + b * k, a * i + b * m + c, d * g + e * j, d * h + e * k, d * i + e * m + f)
