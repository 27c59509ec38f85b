"""What scanners, feeders, fax machines and years do to a page."""

import io
from collections.abc import Callable
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]


def degrade(image: Image.Image, name: str, seed: int = 0, *, back: Image.Image | None = None) -> Image.Image:
    """Return `image` (RGB) with the damage `name` of `DAMAGES`; `back` shines through where the damage is bleed-through.

    The result is RGB, or 1-bit for `fax`. Its size differs where resolution or orientation is part of the damage.
    """
    rng = Random(f"{name}:{seed}")
    noise = np.random.default_rng(rng.getrandbits(32))
    picture = np.asarray(image.convert("RGB"), np.uint8)
    behind = (
        np.asarray(back.convert("RGB"), np.uint8) if back is not None else np.roll(picture, picture.shape[0] // 7, 0)
    )
    made = DAMAGES[name](_Hands(rng, noise, behind), picture)
    if name == "fax":
        return Image.fromarray(made).convert("L").point(lambda v: 255 if v > 127 else 0).convert("1")
    return Image.fromarray(made)


class _Hands:
    """The damages, sharing one source of chance."""

    def __init__(self, rng: Random, noise: np.random.Generator, behind: Picture) -> None:
        self.rng, self.noise, self.behind = rng, noise, behind

    def clean(self, page: Picture) -> Picture:
        return page

    def skew(self, page: Picture, most: float = 2.5) -> Picture:
        return self.turn(page, self.rng.choice((-1, 1)) * self.rng.uniform(0.6, most))

    def turn(self, page: Picture, degrees: float, paper: tuple[int, int, int] = (255, 255, 255)) -> Picture:
        high, wide = page.shape[:2]
        matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), degrees, 1.0)
        return np.asarray(
            cv2.warpAffine(
                page, matrix, (wide, high), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=paper
            ),
            np.uint8,
        )

    def rotated(self, page: Picture) -> Picture:
        page = self.turn(page, self.rng.uniform(-0.4, 0.4))
        return np.ascontiguousarray(np.rot90(page, self.rng.choice((1, 2, 3))))

    def noisy(self, page: Picture, spread: float = 14) -> Picture:
        soft = cv2.GaussianBlur(page, (0, 0), page.shape[1] / 1654 * self.rng.uniform(0.5, 0.8))
        grain = self.noise.standard_normal(page.shape[:2], np.float32)[..., None] * spread
        return np.clip(soft + grain, 0, 255).astype(np.uint8)

    def jpeg(self, page: Picture, quality: int = 40) -> Picture:
        stream = io.BytesIO()
        Image.fromarray(page).save(stream, "JPEG", quality=quality)
        return np.asarray(Image.open(stream).convert("RGB"), np.uint8)

    def uneven(self, page: Picture) -> Picture:
        """Light that falls off to one side and a fold's shadow, on coloured paper."""
        high, wide = page.shape[:2]
        y, x = np.mgrid[0:1:64j, 0:1:64j].astype(np.float32)
        a, b = self.rng.uniform(-0.35, 0.35), self.rng.uniform(-0.35, 0.35)
        light = 0.78 + a * (x - 0.5) + b * (y - 0.5)
        fold = self.rng.uniform(0.3, 0.7)
        light -= 0.22 * np.exp(-(((x if self.rng.random() < 0.5 else y) - fold) ** 2) / 0.004)
        full = cv2.resize(light, (wide, high), interpolation=cv2.INTER_CUBIC)[..., None]
        tint = np.array(
            self.rng.choice(((250, 240, 205), (225, 240, 225), (240, 222, 228), (225, 232, 245))), np.float32
        )
        return np.clip(page * full * (tint / 255), 0, 255).astype(np.uint8)

    def bleed(self, page: Picture) -> Picture:
        mirrored = cv2.GaussianBlur(np.ascontiguousarray(self.behind[:, ::-1]), (0, 0), 1.6).astype(np.float32)
        if mirrored.shape != page.shape:
            mirrored = cv2.resize(mirrored, (page.shape[1], page.shape[0]))
        faint = 255 - (255 - mirrored) * self.rng.uniform(0.18, 0.34)
        return np.minimum(page, faint).astype(np.uint8)

    def salt_pepper(self, page: Picture) -> Picture:
        """Specks, and two punch holes on the left."""
        page = page.copy()
        chance = self.noise.random(page.shape[:2], np.float32)
        page[chance < 0.006] = 0
        page[chance > 0.994] = 255
        high, wide = page.shape[:2]
        for part in (0.36, 0.64):
            centre = (round(wide * 0.045), round(high * (part + self.rng.uniform(-0.01, 0.01))))
            cv2.circle(page, centre, round(wide * 0.0145), (25, 25, 25), -1)
        return page

    def fax(self, page: Picture) -> Picture:
        """1-bit: a threshold that is a little off, with ragged edges."""
        grey = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY).astype(np.float32)
        grey = cv2.GaussianBlur(grey, (0, 0), 0.7) + self.noise.standard_normal(grey.shape, np.float32) * 12
        bits = np.where(grey > self.rng.uniform(125, 175), 255, 0).astype(np.uint8)
        return np.asarray(cv2.cvtColor(bits, cv2.COLOR_GRAY2RGB), np.uint8)

    def low_resolution(self, page: Picture) -> Picture:
        """As if scanned at 150 dpi (from 200)."""
        size = (round(page.shape[1] * 0.75), round(page.shape[0] * 0.75))
        return np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), np.uint8)

    def faint(self, page: Picture) -> Picture:
        """A worn ribbon: pale type with gaps."""
        grain = cv2.GaussianBlur(self.noise.random(page.shape[:2], np.float32), (0, 0), 2.0)
        worn = 1 - 0.35 * (grain > np.quantile(grain[::16, ::16], 0.8))
        ink = (255 - page.astype(np.float32)) * self.rng.uniform(0.33, 0.45) * worn[..., None]
        return (255 - ink).astype(np.uint8)

    def border(self, page: Picture) -> Picture:
        """The black rim of an open lid, and a slightly turned sheet."""
        page = self.turn(page, self.rng.uniform(-0.8, 0.8), (18, 18, 18))
        wide = page.shape[1]
        left, right, top = (round(wide * self.rng.uniform(0, 0.03)) for _ in range(3))
        page = page.copy()
        page[:, :left] = page[:, wide - right :] = 14
        page[:top] = 20
        return page

    def heavy(self, page: Picture) -> Picture:
        """JPEG over whatever the page bears; draw the paper with `seal="heavy"`."""
        return self.jpeg(page, 60)

    def combined(self, page: Picture) -> Picture:
        page = self.uneven(self.bleed(page))
        return self.jpeg(self.noisy(self.turn(page, self.rng.uniform(-2, 2), (120, 120, 120)), 9), 55)


DAMAGES: dict[str, Callable[[_Hands, Picture], Picture]] = {
    "clean": _Hands.clean,
    "skew": _Hands.skew,
    "rotated": _Hands.rotated,
    "noise": _Hands.noisy,
    "jpeg": _Hands.jpeg,
    "uneven": _Hands.uneven,
    "bleed": _Hands.bleed,
    "stamp": _Hands.heavy,
    "salt_pepper": _Hands.salt_pepper,
    "fax": _Hands.fax,
    "low_resolution": _Hands.low_resolution,
    "faint": _Hands.faint,
    "border": _Hands.border,
    "combined": _Hands.combined,
}
