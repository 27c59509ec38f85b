"""Shapes of charts, free of any format: the same drawing becomes SVG and PDF, so that both always show the same."""

from dataclasses import dataclass
from enum import StrEnum


class Pattern(StrEnum):
    """How an area is filled, so that areas differ without colour too."""

    SOLID = "solid"
    RISING = "rising"
    FALLING = "falling"
    CROSSED = "crossed"
    DOTTED = "dotted"
    LEVEL = "level"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Fill:
    """A colour and a pattern; colours are chosen to differ in grey as well."""

    colour: str  # of the pattern's strokes, or of the whole area when solid
    pattern: Pattern = Pattern.SOLID


INK, MUTED, GRID, PAPER = "#1b1b1b", "#55595e", "#d5d8db", "#ffffff"
FILLS: dict[str, Fill] = {
    "signed": Fill("#1f4e79"),
    "incomplete": Fill("#1f4e79", Pattern.DOTTED),
    "unsigned": Fill("#b45309", Pattern.RISING),
    "invalid": Fill("#9b1c1c", Pattern.CROSSED),
    "indeterminate": Fill("#6b7280", Pattern.LEVEL),
    "error": Fill("#374151", Pattern.FALLING),
    "unchecked": Fill("#6b7280", Pattern.EMPTY),
    "paper": Fill("#92700c", Pattern.DOTTED),
}
_ORDER = (Pattern.RISING, Pattern.DOTTED, Pattern.LEVEL, Pattern.CROSSED, Pattern.FALLING, Pattern.EMPTY)
_COLOURS = ("#b45309", "#92700c", "#6b7280", "#9b1c1c", "#374151", "#6b7280")


def fill_of(part: str, place: int, leading: bool) -> Fill:
    """Return the fill of a part: its own, else the dark one for what leads and patterns by place for the others."""
    if part in FILLS:
        return FILLS[part]
    if leading:
        return FILLS["signed"]
    return Fill(_COLOURS[place % len(_COLOURS)], _ORDER[place % len(_ORDER)])


@dataclass(frozen=True, slots=True)
class Area:
    """A filled rectangle; y grows downwards. `title` is its tooltip and its name for those who cannot see it."""

    x: float
    y: float
    width: float
    height: float
    fill: Fill
    title: str = ""
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points."""

    points: tuple[tuple[float, float], ...]
    colour: str = INK
    width: float = 1.0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Dot:
    """A marked point of a line."""

    x: float
    y: float
    radius: float
    colour: str
    hollow: bool = False
    title: str = ""
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A text; `anchor` is start, middle or end; `turned` in degrees, counter-clockwise."""

    x: float
    y: float
    text: str
    size: float = 12.0
    anchor: str = "start"
    colour: str = INK
    bold: bool = False
    turned: float = 0.0
    href: str | None = None


Shape = Area | Stroke | Dot | Label


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with its title, what it shows in words, and the table of the same numbers."""

    name: str
    title: str
    description: str
    width: float
    height: float
    shapes: tuple[Shape, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def text_width(text: str, size: float) -> float:
    """Estimate the width of `text` in the units of `size` (narrow and wide letters of a common sans serif)."""
    narrow, wide = "iljtfrI.,:;|!'()[] /", "mwMW%@ĐQOƠ"
    return size * sum(0.31 if c in narrow else 0.84 if c in wide else 0.66 if c.isupper() else 0.55 for c in text)


def shortened(text: str, size: float, room: float) -> str:
    """Return `text`, cut with an ellipsis where it is wider than `room`."""
    if text_width(text, size) <= room:
        return text
    while text and text_width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def nice_step(most: float, steps: int) -> float:
    """Return a step of 1, 2, 2.5 or 5 times a power of ten that divides 0…`most` into at most about `steps`."""
    if most <= 0:
        return 1.0
    power = 1.0
    while power * 10 <= most / steps:
        power *= 10
    while power > most / steps and power > 1:
        power /= 10
    return next(power * each for each in (1, 2, 2.5, 5, 10) if power * each >= most / steps and (power * each) % 1 == 0)
