"""One page image → what is written on it."""

import time
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray
from PIL import Image

from digitise.model.recognition import Affine, Box, PageText, Word
from digitise.scan import dots, language, noise, order, prepare, quality
from digitise.scan.engine import OcrEngine, Token
from digitise.scan.engines import open_engine
from digitise.scan.filled_in import filled_in
from digitise.scan.second_look import look_again
from digitise.scan.syllables import plausible
from digitise.settings import Settings

PIPELINE_VERSION = "12"  # raise it when the same page may read differently: stored page results are then made anew
A4_SHORT_INCHES = 8.27
BELIEVABLE_DPI = (70.0, 1300.0)  # below is a screen's guess, above no office scanner delivers


def engine_key(settings: Settings, engine: OcrEngine | None = None) -> str:
    """Return what, besides the page image, decides the result: engine, model, languages, parameters, pipeline."""
    look = "second-look" if settings.ocr_second_look else "one-look"
    return f"{(engine or open_engine(settings)).key}/{settings.ocr_languages}/{look}/pipeline-{PIPELINE_VERSION}"


def recognise_page(
    image: Image.Image | NDArray[Any], *, dpi: float | None, settings: Settings, engine: OcrEngine
) -> PageText:
    """Read one page; an array is grey (h, w) or RGB (h, w, 3), 8 bits.

    `dpi` is the resolution by the file, None where it says nothing; unbelievable values are replaced by what an A4
    page of that many pixels has. Raises EngineUnavailable, LimitExceeded.
    """
    started = time.monotonic()
    page = prepare.as_array(image) if isinstance(image, Image.Image) else image
    height, width = page.shape[:2]
    known = dpi is not None and BELIEVABLE_DPI[0] <= dpi <= BELIEVABLE_DPI[1]
    used = float(dpi) if known and dpi is not None else min(width, height) / A4_SHORT_INCHES
    ready, tokens = _read(page, round(used), settings, engine, started)
    read = PageText(
        width=width,
        height=height,
        dpi=used,
        rotation=ready.rotation,
        skew=ready.skew,
        to_page=_unscaled(ready.to_page, ready.scale),
        words=_words(tokens, ready),
        engine=engine.key,
        languages=settings.ocr_languages,
        steps=(*ready.steps, *(() if known else ("dpi from paper size",))),
    )
    if settings.ocr_second_look:
        left = settings.ocr_page_seconds - (time.monotonic() - started)
        alone = quality.is_bilevel(page)
        read = look_again(read, ready.image, ready.plain, ready.scale, ready.dpi, engine, max(1.0, left), bilevel=alone)
        read = filled_in(read, page)
    read = replace(read, words=tuple(dots.dotted(read.words, ready.image, ready.scale)))
    whole = noise.without_echoes(read.words, lambda word: word.line)  # the second look mends boxes: echoes show
    read = replace(read, words=language.corrected(whole))
    return replace(quality.judged(read, page, dpi_known=known), seconds=time.monotonic() - started)


def _read(
    page: NDArray[Any], dpi: int, settings: Settings, engine: OcrEngine, started: float
) -> tuple[prepare.Prepared, list[Token]]:
    """Prepare and read; where what was read makes no sense, ask which way is up and read once more."""

    def left() -> float:
        return max(1.0, settings.ocr_page_seconds - (time.monotonic() - started))

    ready = prepare.prepare(page, dpi, engine)
    tokens = engine.read(ready.image, dpi=ready.dpi, seconds=left())
    if len(tokens) < FEWEST_WORDS or sense(tokens) >= MAKES_SENSE:
        return ready, tokens
    more = prepare.told_turn(ready.image, ready.dpi, engine)
    if more == 0:
        return ready, tokens
    turned = prepare.prepare(page, dpi, engine, (ready.rotation + (more or 180)) % 360)
    again = engine.read(turned.image, dpi=turned.dpi, seconds=left())
    return (turned, again) if sense(again) > sense(tokens) else (ready, tokens)


def sense(tokens: Sequence[Token]) -> float:
    """Return the share of what was read that may be Vietnamese, weighted by the engine's confidence."""
    return sum(token.confidence for token in tokens if plausible(token.text)) / max(1, len(tokens))


FEWEST_WORDS = 4  # fewer tell nothing about which way the page lies
MAKES_SENSE = 0.5  # pages upside down stay below 0.3, the worst readable ones above 0.6


def _unscaled(to_page: Affine, scale: float) -> Affine:
    """Return the map from the upright frame at the page's own resolution."""
    a, b, c, d, e, f = to_page
    return (a * scale, b * scale, c, d * scale, e * scale, f)


def _words(tokens: Sequence[Token], ready: prepare.Prepared) -> tuple[Word, ...]:
    """Return the words in reading order, with boxes in both frames."""
    return tuple(
        Word(
            text=unicodedata.normalize("NFC", token.text),
            box=on_page(_floats(token.box, 1.0), ready.to_page),
            upright=_floats(token.box, 1 / ready.scale),
            confidence=token.confidence,
            line=number,
        )
        for number, line in enumerate(order.in_reading_order(noise.without_noise(tokens)))
        for token in line
    )


def _floats(box: tuple[int, int, int, int], scale: float) -> Box:
    x0, y0, x1, y1 = box
    return (x0 * scale, y0 * scale, x1 * scale, y1 * scale)


def on_page(box: Box, to_page: Affine) -> Box:
    """Return the smallest upright box of the page image that holds `box`."""
    a, b, c, d, e, f = to_page
    x0, y0, x1, y1 = box
    xs = [a * x + b * y + c for x in (x0, x1) for y in (y0, y1)]
    ys = [d * x + e * y + f for x in (x0, x1) for y in (y0, y1)]
    return (min(xs), min(ys), max(xs), max(ys))
