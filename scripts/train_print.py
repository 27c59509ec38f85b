"""Train the net behind `digitise.scan.print_ink` and write its weights.

    python -m scripts.train_print [ROUNDS]

Each round draws new signer's blocks, names and titles of syllables by lot in several faces, under seals and strokes of a pen of all
widths and wears, in two levels; it learns which pixels of ink are a letter's. 60 scenes are held out: on them the share of pixels
told right is printed. Deterministic; 40 rounds take some ten minutes of one core.
"""

import math
import sys
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from digitise.scan.print_ink import INPUTS, Windows, chances
from digitise.scan.syllables import ONSETS, RHYMES, STOPPED, is_syllable
from digitise.text import nfc
from scripts import small_net

TARGET = Path(__file__).parents[1] / "digitise" / "scan" / "print_ink.npz"
FACES = [
    Path("/usr/share/fonts/truetype") / name
    for name in (
        *(["croscore/Tinos-Bold.ttf"] * 6),
        *(["croscore/Tinos-Regular.ttf"] * 2),
        "croscore/Tinos-BoldItalic.ttf",
        "dejavu/DejaVuSerifCondensed-Bold.ttf",
        "dejavu/DejaVuSerif-Bold.ttf",
    )
]
HIGH, WIDE = 300, 460  # pixels of a scene, 200 dpi
SCENES, PIXELS, ROUNDS = 60, 1800, 36
HIDDEN = (128, 32)
BATCH, RATE, LEAST_RATE = 256, 2e-3, 2e-5
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
MARKED = "ăâêôơư"  # these bear a syllable's tone where it has one of them

Ink = NDArray[np.uint8]
Floats = NDArray[np.float32]
Point = tuple[float, float]
_ONSETS, _RHYMES = sorted(ONSETS), sorted(RHYMES)


def syllable(rng: Random) -> str:
    """Return a possible syllable of Vietnamese by lot."""
    while True:
        rhyme = rng.choice(_RHYMES)
        tone = rng.choice(TONES[2::3] if rhyme.endswith(STOPPED) else TONES)
        at = max((i for i, c in enumerate(rhyme) if c in MARKED), default=-1)
        at = next(i for i, c in enumerate(rhyme) if c in "aeiouy") if at < 0 else at
        made = nfc(rng.choice(_ONSETS) + rhyme[: at + 1] + tone + rhyme[at + 1 :])
        if is_syllable(made):
            return made


def _face(rng: Random, points: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(rng.choice(FACES)), points * 200 / 72)


def words(rng: Random) -> tuple[Ink, float, Point]:
    """Return the type of a signer's block (255 = ink), its middle, and its gap's top and bottom."""
    image = Image.new("L", (WIDE, HIGH), 0)
    pen = ImageDraw.Draw(image)
    middle = WIDE / 2 + rng.uniform(-30, 70)
    name = HIGH - rng.uniform(30, 80)
    top = name - rng.uniform(90, 190)
    size = rng.uniform(12.5, 15)
    text = " ".join(syllable(rng).capitalize() for _ in range(rng.choice((2, 3, 3, 3, 4, 4))))
    pen.text((middle, name), text, 255, _face(rng, size), anchor="ms")
    y = top
    for _ in range(3):
        line = " ".join(syllable(rng).upper() for _ in range(rng.choice((2, 2, 3, 4))))
        pen.text((middle, y), line, 255, _face(rng, size - 0.5), anchor="ms")
        y -= rng.uniform(34, 42)
    return np.asarray(image), middle, (top, name)


def seal(rng: Random, middle: float, gap: Point) -> Ink:
    """Return a round seal (255 = ink): one or two rims, an inner ring, a star, letters around; worn by lot."""
    image = Image.new("L", (WIDE, HIGH), 0)
    pen = ImageDraw.Draw(image)
    radius = rng.uniform(120, 172)
    x = middle - rng.uniform(20, 150) if rng.random() < 0.85 else middle + rng.uniform(-20, 60)
    y = (gap[0] + gap[1]) / 2 + rng.uniform(-25, 70)
    rim = rng.choice((rng.uniform(1, 3), rng.uniform(3, 6), rng.uniform(6, 12)))
    rings = [(radius, rim), (radius * rng.uniform(0.5, 0.68), rng.uniform(1, 5))]
    if rng.random() < 0.35:
        rings.append((radius - rim - rng.uniform(4, 9), rng.uniform(1, 3)))
    for r, thick in rings:
        pen.ellipse((x - r, y - r, x + r, y + r), outline=255, width=max(1, round(thick)))
    turn, points = rng.uniform(-0.3, 0.3), radius * rng.uniform(0.22, 0.36)
    star = [
        (x + points * f * math.sin(a * math.pi / 5 + turn), y - points * f * math.cos(a * math.pi / 5 + turn))
        for a, f in enumerate((1.0, 0.4) * 5)
    ]
    pen.polygon(star, 255)
    _around(image, rng, (x, y), radius, turn)
    made = np.asarray(image)
    if rng.random() < 0.5:  # worn: patches without ink
        low = np.asarray([[rng.random() for _ in range(24)] for _ in range(16)], np.float32)
        wear = cv2.resize(low, (WIDE, HIGH), interpolation=cv2.INTER_CUBIC)
        made = np.where(wear > rng.uniform(0.1, 0.6), made, 0).astype(np.uint8)
    return made


def _around(image: Image.Image, rng: Random, centre: Point, radius: float, turn: float) -> None:
    """Set capitals around the seal's middle, their feet towards it."""
    text = " ".join(syllable(rng).upper() for _ in range(rng.randint(2, 9)))
    size = radius * rng.uniform(0.15, 0.24)
    letters = ImageFont.truetype(str(rng.choice(FACES)), size)
    away = radius * rng.uniform(0.72, 0.84)
    wide = rng.uniform(0.85, 1.4) / away
    total = sum(letters.getlength(c) for c in text) * wide
    wide *= min(1.0, math.radians(330) / total)
    angle = turn - min(total, math.radians(330)) / 2
    for char in text:
        half = letters.getlength(char) * wide / 2
        angle += half
        glyph = Image.new("L", (round(size * 1.6), round(size * 2)), 0)
        ImageDraw.Draw(glyph).text((glyph.width / 2, glyph.height * 0.72), char, 255, letters, anchor="ms")
        glyph = glyph.rotate(-math.degrees(angle), Image.Resampling.BICUBIC, expand=True)
        x, y = centre[0] + away * math.sin(angle), centre[1] - away * math.cos(angle)
        image.paste(255, (round(x - glyph.width / 2), round(y - glyph.height / 2)), glyph)
        angle += half


def strokes(rng: Random, middle: float, gap: Point) -> Ink:
    """Return strokes of a pen (255 = ink) through the gap, now and then through title or name."""
    made = np.zeros((HIGH, WIDE), np.uint8)
    for _ in range(rng.choice((0, 1, 1, 1, 2))):
        reach = rng.uniform(0.3, 0.8) * (gap[1] - gap[0])
        x0, wide = middle + rng.uniform(-140, -20), rng.uniform(150, 320)
        y0 = (gap[0] + gap[1]) / 2 + rng.uniform(-20, 20)
        waves = [(rng.uniform(0.5, 6), rng.uniform(0, 6.3), rng.uniform(0.1, 1)) for _ in range(3)]
        across = [(rng.uniform(1, 5), rng.uniform(0, 6.3), rng.uniform(0, 30)) for _ in range(2)]
        t = np.linspace(0, 1, 240)
        y = y0 + reach * sum(a * np.sin(6.3 * f * t + p) for f, p, a in waves) / 1.5
        x = x0 + wide * t + sum(a * np.sin(6.3 * f * t + p) for f, p, a in across)
        points = np.stack([x * 8, y * 8], axis=1).astype(np.int32)
        cv2.polylines(made, [points], False, 255, round(rng.uniform(1, 5)), cv2.LINE_AA, 3)
    return made


def scene(rng: Random) -> tuple[Ink, Ink]:
    """Return a scene's ink and the letters' part of it (1 = ink), both after blur, grain and threshold."""
    letters, middle, gap = words(rng)
    over = strokes(rng, middle, gap)
    if rng.random() < 0.92:
        over = np.maximum(over, seal(rng, middle, gap))
    worn = over * np.float32(rng.uniform(0.75, 1.0))
    soft, level = rng.uniform(0.3, 1.0), rng.uniform(75, 175)
    grain = np.random.default_rng(rng.getrandbits(32)).standard_normal((HIGH, WIDE), np.float32) * rng.uniform(0, 16)
    zoom, slant, turn = rng.uniform(0.85, 1.18), rng.uniform(-0.02, 0.02), rng.uniform(-0.02, 0.02)
    matrix = np.array([[zoom, slant, 0], [turn, zoom, 0]], np.float32)
    matrix[:, 2] = np.array((WIDE / 2, HIGH / 2)) - matrix[:, :2] @ np.array((WIDE / 2, HIGH / 2))

    def printed(grey: NDArray[Any]) -> Ink:
        bent = cv2.warpAffine(grey, matrix, (WIDE, HIGH))
        return (cv2.GaussianBlur(bent, (0, 0), soft) + grain > level).astype(np.uint8)

    plain = letters.astype(np.float32)
    ink, alone = printed(np.maximum(plain, worn)), printed(plain)
    if rng.random() < 0.2:  # salt and pepper
        speck = np.random.default_rng(rng.getrandbits(32)).random((HIGH, WIDE))
        ink[speck < 0.006], ink[speck > 0.994] = 1, 0
    return ink, alone


def samples(rng: Random, scenes: int) -> tuple[Ink, Floats]:
    """Return surroundings of squares of ink and which of their four pixels are a letter's, most from where both inks meet.

    Surroundings are in sixteenths: a round's fit into bytes.
    """
    xs, ys = [], []
    chance = np.random.default_rng(rng.getrandbits(32))
    reach = np.ones((15, 15), np.uint8)
    for _ in range(scenes):
        ink, letters = scene(rng)
        letters &= ink
        near = cv2.min(cv2.dilate(ink - letters, reach), cv2.dilate(letters, reach))
        where = np.argwhere(cv2.dilate(ink, np.ones((2, 2), np.uint8), anchor=(0, 0)) > 0)
        weight = 1.0 + 3.0 * near[where[:, 0], where[:, 1]]
        chosen = where[chance.choice(len(where), min(PIXELS, len(where)), replace=False, p=weight / weight.sum())]
        xs.append(np.round(16 * Windows(ink).at(chosen[:, 0], chosen[:, 1])).astype(np.uint8))
        wide = np.pad(letters, ((0, 1), (0, 1)))
        block = [wide[chosen[:, 0] + down, chosen[:, 1] + right] for down in (0, 1) for right in (0, 1)]
        ys.append(np.stack(block, axis=1).astype(np.float32))
    return np.concatenate(xs), np.concatenate(ys)


def scaled(sixteenths: Ink) -> Floats:
    return sixteenths.astype(np.float32) / np.float32(16)


def learn(adam: small_net.Adam, x: Floats, y: Floats, rate: float) -> None:
    """Take one step of Adam on the cross entropy of a batch."""
    net = adam.net
    first = np.maximum(x @ net[0] + net[1], 0)
    second = np.maximum(first @ net[2] + net[3], 0)
    told = 1 / (1 + np.exp(-np.clip(second @ net[4] + net[5], -30, 30)))
    wrong = (told - y) / len(x)
    back2 = (wrong @ net[4].T) * (second > 0)
    back1 = (back2 @ net[2].T) * (first > 0)
    turns = (x.T @ back1, back1.sum(0), first.T @ back2, back2.sum(0), second.T @ wrong, wrong.sum(0))
    for part, slope, size in adam.means(turns):
        part -= (rate * slope / size).astype(np.float32)


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    rng, lot = Random(11), np.random.default_rng(11)
    adam = small_net.Adam(small_net.begun((INPUTS, *HIDDEN, 4), lot))
    held = samples(Random(12), SCENES)
    for turn in range(rounds):
        one_round(adam, rng, lot, small_net.rate(turn, rounds, RATE, LEAST_RATE))
        right = float(np.mean((chances(scaled(held[0]), adam.net) > 0.5) == (held[1] > 0.5)))
        print(f"{turn + 1} of {rounds}: {right:.4f} of the pixels held out are told right", flush=True)
    small_net.write(adam.net, TARGET)
    return 0


def one_round(adam: small_net.Adam, rng: Random, lot: np.random.Generator, rate: float) -> None:
    """Learn from new scenes once."""
    x, y = samples(rng, SCENES)
    for batch in small_net.batches(len(x), BATCH, lot):
        learn(adam, scaled(x[batch]), y[batch], rate)


if __name__ == "__main__":
    sys.exit(main())
