"""Leaf → page image: type, rules, the red round seal over the signer, the blue signature, the office's QR."""

import math
from functools import lru_cache
from random import Random

import numpy as np
from PIL import Image, ImageDraw

from tests.papers.fonts import font
from tests.papers.leaf import PAGE, Ink, Leaf, Text

SEAL_RADIUS = 18 / 25.4 * 72  # points; the seal of a people's committee measures 36 mm across
RED, BLUE, BLACK = (205, 28, 40), (38, 58, 160), (22, 22, 24)


def draw(leaf: Leaf, dpi: int, seal: str | None = "normal", signature: bool = True) -> Image.Image:
    """Draw `leaf` as RGB at `dpi`; `seal` is None, "normal" or "heavy" (darker, over the name)."""
    scale = dpi / 72
    image = Image.new("RGB", (round(PAGE[0] * scale), round(PAGE[1] * scale)), "white")
    pen = ImageDraw.Draw(image)
    for x0, y0, x1, y1, thick in leaf.rules:
        pen.line((x0 * scale, y0 * scale, x1 * scale, y1 * scale), BLACK, max(1, round(thick * scale)))
    for text in leaf.texts:
        face = font(text.style, text.size * scale)
        for x, word in text.words:
            pen.text((x * scale, text.y * scale), word, BLUE if text.pen else BLACK, face, anchor="ls")
    if leaf.ink and signature:
        _sign(image, leaf.ink, scale)
    if leaf.ink and seal:
        _stamp(image, leaf.ink, scale, heavy=seal == "heavy")
    if leaf.qr:
        _code(image, leaf.qr, scale)
    return image


def box(text: Text, dpi: int) -> tuple[int, int, int, int]:
    """Return the ink box of a line in pixels at `dpi`."""
    scale = dpi / 72
    face = font(text.style, text.size * scale)
    boxes = [face.getbbox(word, anchor="ls") for _, word in text.words]
    y = text.y * scale
    last = text.words[-1][0] * scale + boxes[-1][2]
    top, bottom = min(b[1] for b in boxes), max(b[3] for b in boxes)
    return (round(text.left * scale + boxes[0][0]), round(y + top), round(last), round(y + bottom))


def _blend(image: Image.Image, ink: Image.Image, at: tuple[int, int]) -> None:
    """Multiply transparent ink onto the paper, as a stamp does: black type under it stays black."""
    x, y = at
    area = (x, y, x + ink.width, y + ink.height)
    under = np.asarray(image.crop(area), np.float32) / 255
    over = np.asarray(ink, np.float32) / 255
    alpha = over[..., 3:]
    made = under * (1 - alpha + alpha * over[..., :3])
    image.paste(Image.fromarray((made * 255).astype(np.uint8)), (x, y))


@lru_cache(maxsize=64)
def _seal(name: str, radius: int, heavy: bool) -> Image.Image:
    """Draw a round seal: two rings, a star, the organisation's name around."""
    side = radius * 2 + 8
    made = Image.new("RGBA", (side, side), (*RED, 0))
    pen = ImageDraw.Draw(made)
    colour = (*RED, 255 if heavy else 215)
    c, thick = side / 2, max(2, radius // 26)
    for r, w in ((radius, thick * 2), (radius * 0.56, thick)):
        pen.ellipse((c - r, c - r, c + r, c + r), outline=colour, width=w)
    star = [
        (c + radius * f * math.sin(a * math.pi / 5), c - radius * f * math.cos(a * math.pi / 5))
        for a, f in enumerate((0.34, 0.14) * 5)
    ]
    pen.polygon(star, colour)
    size = radius * 0.2
    face = font("bold", round(size, 1))
    span = min(math.radians(300), sum(face.getlength(ch) * 1.25 for ch in name) / (radius * 0.78))
    angle = -span / 2
    total = sum(face.getlength(ch) for ch in name)
    for char in name:
        half = face.getlength(char) / total * span / 2
        angle += half
        glyph = Image.new("L", (round(size * 1.6), round(size * 2)), 0)
        ImageDraw.Draw(glyph).text((glyph.width / 2, glyph.height * 0.72), char, 255, face, anchor="ms")
        glyph = glyph.rotate(-math.degrees(angle), Image.Resampling.BICUBIC, expand=True)
        x, y = c + radius * 0.78 * math.sin(angle), c - radius * 0.78 * math.cos(angle)
        made.paste(colour, (round(x - glyph.width / 2), round(y - glyph.height / 2)), glyph)
        angle += half
    return made


def _stamp(image: Image.Image, ink: Ink, scale: float, heavy: bool) -> None:
    seal = _seal(ink.seal_name, round(SEAL_RADIUS * scale), heavy)
    turned = seal.rotate(Random(ink.seed).uniform(-14, 14), Image.Resampling.BILINEAR)
    x = ink.x if heavy else ink.seal_x
    y = ink.bottom if heavy else ink.seal_y
    _blend(image, turned, (round(x * scale - turned.width / 2), round(y * scale - turned.height / 2)))


def _sign(image: Image.Image, ink: Ink, scale: float) -> None:
    """Write a looping stroke through the gap, now and then through the title or the name."""
    rng = Random(ink.seed + 1)
    wide, high = 110 * scale, (ink.bottom - ink.top + 14) * scale
    made = Image.new("RGBA", (round(wide), round(high)), (*BLUE, 0))
    a, b, c = rng.uniform(5, 9), rng.uniform(9, 14), rng.uniform(0, 6)
    points = []
    for i in range(220):
        t = i / 219
        x = 0.06 + 0.82 * t + 0.06 * math.sin(b * t * 2 + c)
        y = 0.5 + 0.36 * math.sin(a * t * 3 + c) * (1 - 0.7 * t) + 0.08 * math.cos(b * t)
        points.append((x * wide, y * high))
    ImageDraw.Draw(made).line(points, (*BLUE, 225), max(2, round(1.3 * scale)), joint="curve")
    _blend(image, made, (round((ink.x - 50) * scale), round((ink.top - 4) * scale)))


def _code(image: Image.Image, payload: str, scale: float) -> None:
    """Print the office's QR, 20 mm wide, at the top left."""
    import segno

    matrix = np.array(list(segno.make(payload, error="m", micro=False).matrix), np.uint8)
    side = round(20 / 25.4 * 72 * scale)
    code = Image.fromarray((1 - matrix) * 255).resize((side, side), Image.Resampling.NEAREST)
    image.paste(code.convert("RGB"), (round(12 * scale), round(10 * scale)))
