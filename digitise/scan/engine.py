"""The seam to the recogniser: what an engine is given and what it gives back."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Protocol

from numpy.typing import NDArray

Grey = NDArray[Any]  # uint8, height x width, 0 black … 255 white (OpenCV types promise no more than Any)


class Layout(IntEnum):
    """What the image is; the values are Tesseract's page segmentation modes."""

    PAGE = 3
    COLUMN = 4
    BLOCK = 6
    LINE = 7
    WORD = 8
    SPARSE = 11
    RAW_LINE = 13


@dataclass(frozen=True, slots=True)
class Token:
    """One word as the engine read it."""

    text: str
    box: tuple[int, int, int, int]  # x0, y0, x1, y1 in pixels of the image that was given
    confidence: float  # 0..1, the engine's own, not calibrated
    block: int
    paragraph: int
    line: int


class OcrEngine(Protocol):
    """A recogniser. Raises EngineUnavailable (not installed, no language data) and LimitExceeded (took too long)."""

    @property
    def key(self) -> str:
        """Name, version and model hash: part of the reuse key."""
        ...

    @property
    def second(self) -> "OcrEngine | None":
        """The same engine with another model, for a second opinion; None where but one is installed."""
        ...

    def read(self, image: Grey, *, dpi: int, layout: Layout = Layout.PAGE, seconds: float = 60.0) -> list[Token]:
        """Return the words of `image` in the engine's own order."""
        ...

    def orientation(self, image: Grey, *, dpi: int) -> tuple[int, float]:
        """Return degrees clockwise that `image` must be turned to stand upright (0, 90, 180, 270), and a confidence ≥ 0.

        (0, 0.0) where the engine cannot say.
        """
        ...
