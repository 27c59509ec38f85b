"""A part of a page read by itself: at what size, of which picture, by which model."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from digitise.model.recognition import Affine
from digitise.scan.engine import Grey, Layout, OcrEngine
from digitise.scan.fields.zones import Zone
from digitise.scan.readings import Seen
from digitise.text import nfc

BEST_CAPITAL = 34.0  # pixels of a capital at which Tesseract reads best: 12 pt at 300 dpi
SCALES = (0.5, 2.5)  # enlarging further adds blur, not letters
_ETH = re.compile("Đ?ÐĐ?")  # Icelandic's letter looks like Đ, and the fast model writes both for one: `QĐÐ-UBND`
PRINT, PALE = 0.01, 0.6  # share of a zone's pixels that is print for sure; paler than so much of its depth is no print


@dataclass(frozen=True, slots=True)
class View:
    """A picture of a page, upright."""

    image: Grey
    scale: float  # its pixels per pixel of the page as given
    dpi: int
    to_page: Affine  # upright frame at the page's own resolution → page image


@dataclass(frozen=True, slots=True)
class Way:
    """One further reading of a zone: at what size, of which picture, by which model."""

    size: float
    image: Grey
    engine: OcrEngine


def best_size(zone: Zone, scale: float) -> float:
    """Return by how much to enlarge a zone for the recogniser."""
    return min(max(BEST_CAPITAL / max(1.0, zone.type_height * scale), SCALES[0]), SCALES[1])


def read_zone(zone: Zone, view: View, engine: OcrEngine, factor: float, until: float) -> Iterator[Seen]:
    """Read the zone enlarged by `factor`; `until` on the monotonic clock. Raises LimitExceeded, EngineUnavailable."""
    image, scale, seconds = view.image, view.scale, max(0.5, until - time.monotonic())
    x0, y0 = max(0, int(zone.box[0] * scale)), max(0, int(zone.box[1] * scale))
    x1, y1 = int(zone.box[2] * scale) + 1, int(zone.box[3] * scale) + 1
    part = image[y0:y1, x0:x1]
    if part.shape[0] < 8 or part.shape[1] < 8:
        return
    shown = part
    if abs(factor - 1) <= 0.05:
        factor = 1.0  # as good as it is; what is not enlarged is not measured as if it were
    else:
        kind = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
        shown = cv2.resize(part, None, fx=factor, fy=factor, interpolation=kind)
    shown = cv2.copyMakeBorder(shown, 12, 12, 12, 12, cv2.BORDER_CONSTANT, value=255)
    for token in engine.read(shown, dpi=max(70, round(view.dpi * factor)), layout=Layout.BLOCK, seconds=seconds):
        box = [(v - 12) / factor for v in token.box]
        upright = ((box[0] + x0) / scale, (box[1] + y0) / scale, (box[2] + x0) / scale, (box[3] + y0) / scale)
        cut = (x0 > 0 and box[0] < 2) or (x1 < image.shape[1] and box[2] > shown.shape[1] / factor - 24 / factor - 2)
        if any(c.isalnum() for c in token.text) and not cut:
            read = _ETH.sub("Đ", nfc(token.text))
            text = re.sub(r"^1(?=[^\W\d_])", "L", read)  # a letter cannot follow a one: the serif of an L
            yield Seen(text, upright, token.confidence * (0.9 if text != read else 1.0))


def black_of(plain: Grey, zone: Zone, scale: float) -> Grey:
    """Return a page with the zone in it as its black ink alone: what is paler than print, as seals and pens are, is white."""
    x0, y0 = max(0, int(zone.box[0] * scale)), max(0, int(zone.box[1] * scale))
    x1, y1 = int(zone.box[2] * scale) + 1, int(zone.box[3] * scale) + 1
    part = plain[y0:y1, x0:x1]
    made = np.full_like(plain, 255)
    if part.size:
        black = float(np.quantile(part, PRINT))
        depth = PALE * (255 - black)
    if part.size and depth >= 1:
        made[y0:y1, x0:x1] = np.clip((part.astype(np.float32) - black) * 255 / max(1.0, depth), 0, 255).astype(np.uint8)
    return made
