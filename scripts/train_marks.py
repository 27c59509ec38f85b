"""Train the net behind `digitise.scan.marks` and write its weights.

    python -m scripts.train_marks [ROUNDS]

Each round draws new lines of syllables by lot in several faces and sizes, with the damages of scanners, and learns which marks each
vowel bears. 400 blocks are held out: on them the share of vowels told right is printed. Deterministic.
"""

import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from digitise.scan.marks import CLASSES, COLUMNS, ROWS, VOWELS, features, letters, scores, split, windows
from scripts import small_net
from scripts.train_print import syllable

TARGET = Path(__file__).parents[1] / "digitise" / "scan" / "marks.npz"
FACES = [
    Path("/usr/share/fonts/truetype") / name
    for name in (
        *(["croscore/Tinos-Bold.ttf"] * 6),
        *(["croscore/Tinos-Regular.ttf"] * 5),
        *(["croscore/Tinos-Italic.ttf", "croscore/Tinos-BoldItalic.ttf"] * 2),
        "dejavu/DejaVuSerifCondensed-Bold.ttf",
        "dejavu/DejaVuSerifCondensed.ttf",
        "croscore/Arimo-Regular.ttf",
        "croscore/Arimo-Bold.ttf",
    )
]
HELD, BLOCKS, ROUNDS, EPOCHS = 400, 1000, 12, 2
HIDDEN, BATCH, RATE, LEAST_RATE, FADE = 128, 256, 1.5e-3, 2e-5, 2e-6

Ink = NDArray[np.uint8]
Floats = NDArray[np.float32]
Placed = tuple[str, tuple[float, float, float, float]]


def block(rng: Random) -> tuple[Ink, list[Placed], float]:
    """Return three lines of type (0 = black), the middle one's words with their boxes, and the pixels of an em."""
    em = rng.uniform(11.5, 14.5) * rng.choice((150, 200, 200, 200, 240)) / 72
    face = ImageFont.truetype(str(rng.choice(FACES)), em)
    leading = em * rng.uniform(1.12, 1.6)
    image = Image.new("L", (round(em * 14), round(em * 2.4 + 2 * leading)), rng.randint(235, 255))
    pen = ImageDraw.Draw(image)
    black, cased = rng.randint(0, 70), rng.choice((str.upper, str.upper, str.capitalize, str.capitalize, str.lower))
    placed: list[Placed] = []
    for row in range(3):
        x, y = em * rng.uniform(0.9, 1.5), em * 1.5 + row * leading
        while x < image.width - 2.5 * em:
            word = cased(syllable(rng))
            pen.text((x, y), word, black, face, anchor="ls")
            if row == 1:
                placed.append((word, tuple(map(float, pen.textbbox((x, y), word, face, anchor="ls")))))
            x += face.getlength(word) + em * rng.uniform(0.2, 0.32)
    return np.asarray(image), placed, em


def damaged(page: Ink, em: float, rng: Random) -> Ink:
    """Return the block as a scanner, a fax, or a stroke across leave it."""
    noise = np.random.default_rng(rng.getrandbits(32))
    made = page.astype(np.float32)
    if rng.random() < 0.25:
        made = np.minimum(made, strokes(page.shape, em, rng))
    made = cv2.warpAffine(
        made,
        np.array([[1, rng.uniform(-0.01, 0.01), 0], [rng.uniform(-0.012, 0.012), 1, 0]], np.float32),
        made.shape[::-1],
        borderValue=255.0,
    )
    if rng.random() < 0.75:
        made = cv2.GaussianBlur(made, (0, 0), rng.uniform(0.3, 0.032 * em))
    kind = rng.choice(("plain", "grain", "grain", "fax", "fax", "jpeg", "specks", "coarse"))
    if kind == "coarse":
        small = cv2.resize(made, None, fx=0.75, fy=0.75, interpolation=cv2.INTER_AREA)
        made = cv2.resize(small, made.shape[::-1], interpolation=cv2.INTER_CUBIC)
    if kind in ("grain", "jpeg", "coarse"):
        made = made + noise.standard_normal(made.shape, np.float32) * rng.uniform(2, 20)
    elif kind == "fax":
        rough = made + noise.standard_normal(made.shape, np.float32) * rng.uniform(4, 18)
        made = np.where(rough > rng.uniform(90, 190), 255, 0).astype(np.float32)
    elif kind == "specks":
        chance = noise.random(made.shape)
        made = np.where(chance < 0.004, 0, np.where(chance > 0.994, 255, made))
    grey = np.clip(made, 0, 255).astype(np.uint8)
    if kind == "jpeg":
        stream = io.BytesIO()
        Image.fromarray(grey).save(stream, "JPEG", quality=rng.randint(25, 60))
        grey = np.asarray(Image.open(stream))
    level = rng.uniform(150, 255)  # what is paler is paper to the preparation
    return np.clip(grey.astype(np.float32) * 255 / level, 0, 255).astype(np.uint8)


def strokes(shape: tuple[int, ...], em: float, rng: Random) -> Floats:
    """Return strokes of a pen or arcs of a seal's rim, worn, over white."""
    made = np.full(shape, 255, np.uint8)
    for _ in range(rng.choice((1, 1, 2))):
        centre = (round(rng.uniform(0, shape[1])), round(rng.uniform(-2, 3) * shape[0]))
        axes = (round(rng.uniform(3, 9) * em), round(rng.uniform(3, 9) * em))
        cv2.ellipse(made, centre, axes, rng.uniform(0, 180), 0, 360, 0, max(1, round(rng.uniform(0.03, 0.2) * em)))
    if rng.random() < 0.7:
        low = np.asarray([[rng.random() for _ in range(12)] for _ in range(8)], np.float32)
        worn = cv2.resize(low, shape[::-1], interpolation=cv2.INTER_CUBIC)
        made = np.where(worn > rng.uniform(0.2, 0.7), made, 255)
    return made.astype(np.float32)


def seen(rng: Random) -> Iterator[tuple[Floats, list[str], list[int]]]:
    """Yield the windows of the vowels of one block's words, which letters they are, and what marks they bear."""
    page, words, em = block(rng)
    shown = damaged(page, em, rng)
    for word, box in words:
        off = [rng.gauss(0, 0.045) * em if rng.random() < 0.9 else rng.uniform(-0.2, 0.2) * em for _ in box]
        moved = tuple(value + by for value, by in zip(box, off, strict=True))
        found = letters(word)[0]
        pictures = windows(shown, moved, word, em * rng.uniform(0.86, 1.16))
        yield pictures, [letter.base for letter in found], [split(word[letter.at])[1] for letter in found]


def samples(rng: Random, blocks: int) -> tuple[Floats, list[str], NDArray[Any]]:
    """Return features, base letters and classes of the vowels of so many blocks."""
    pictures: list[Floats] = []
    bases: list[str] = []
    classes: list[int] = []
    for _ in range(blocks):
        for shown, own, told in seen(rng):
            pictures.append(shown)
            bases += own
            classes += told
    return features(np.concatenate(pictures), bases), bases, np.array(classes)


def learn(adam: small_net.Adam, x: Floats, bases: Sequence[str], wanted: NDArray[Any], rate: float) -> None:
    """Take one step of Adam on the cross entropy of a batch; its weights fade a little."""
    net = adam.net
    hidden = np.maximum(x @ net[0] + net[1], 0)
    wrong = np.exp(scores(x, bases, net))
    wrong[np.arange(len(x)), wanted] -= 1
    wrong /= len(x)
    back = (wrong @ net[2].T) * (hidden > 0)
    for part, slope, size in adam.means((x.T @ back, back.sum(0), hidden.T @ wrong, wrong.sum(0))):
        part -= (rate * (slope / size + FADE * part)).astype(np.float32)


def right(net: Sequence[Floats], held: tuple[Floats, list[str], NDArray[Any]]) -> float:
    """Return the share of vowels whose marks the net tells right."""
    return float(np.mean(scores(held[0], held[1], net).argmax(axis=1) == held[2]))


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    rng, lot = Random(21), np.random.default_rng(21)
    inputs = features(np.zeros((1, ROWS, COLUMNS), np.float32), VOWELS[:1]).shape[1]
    adam = small_net.Adam(small_net.begun((inputs, HIDDEN, CLASSES), lot))
    held = samples(Random(22), HELD)
    for turn in range(rounds):
        x, bases, wanted = samples(rng, BLOCKS)
        named = np.array(bases)
        rate = small_net.rate(turn, rounds, RATE, LEAST_RATE)
        for _ in range(EPOCHS):
            for part in small_net.batches(len(x), BATCH, lot):
                learn(adam, x[part], named[part].tolist(), wanted[part], rate)
        print(f"{turn + 1} of {rounds}: {right(adam.net, held):.4f} of the vowels held out are told right", flush=True)
    small_net.write(adam.net, TARGET)
    return 0


if __name__ == "__main__":
    sys.exit(main())
