"""What was read on a page: words, boxes, confidence; and what it means: fields."""

from dataclasses import dataclass
from datetime import date

Box = tuple[float, float, float, float]  # x0, y0, x1, y1; pixels, origin top left, y down
Affine = tuple[float, float, float, float, float, float]  # a, b, c, d, e, f: x' = a·x + b·y + c, y' = d·x + e·y + f


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word in reading order."""

    text: str  # NFC
    box: Box  # in the page image as it was given
    upright: Box  # in the upright, deskewed frame that the recogniser saw, scaled to the page image's resolution
    confidence: float  # 0..1, the engine's own, moved by further readings; `scan.quality.doubts` is the fitted one
    line: int  # number of the line on the page, 0-based, in reading order
    doubtful: bool = False  # a human should look at it
    read: str | None = None  # what the engine read, where `text` was corrected


@dataclass(frozen=True, slots=True)
class PageText:
    """Everything known of one page after recognition."""

    width: int  # pixels of the page image as given
    height: int
    dpi: float
    rotation: int  # degrees clockwise that the page must be turned to stand upright: 0, 90, 180, 270
    skew: float  # degrees that remained, counter-clockwise positive
    to_page: Affine  # upright frame → page image
    words: tuple[Word, ...]
    engine: str  # engine, version and model hash; part of the reuse key
    languages: str
    warnings: tuple[str, ...] = ()  # keys below `warnings.` of the message catalogue
    steps: tuple[str, ...] = ()  # what preparation did
    seconds: float = 0.0

    @property
    def text(self) -> str:
        """The page's text: words joined by blanks, lines by line feeds."""
        lines: dict[int, list[str]] = {}
        for word in self.words:
            lines.setdefault(word.line, []).append(word.text)
        return "\n".join(" ".join(words) for words in lines.values())


@dataclass(frozen=True, slots=True)
class Field:
    """One value found on the document."""

    value: str  # dates as ISO 8601
    confidence: float  # 0..1, calibrated: of fields at 0.9 and more at most 0.5 % are wrong
    box: Box | None = None  # in the page image
    page: int = 1  # 1-based


FIELD_NAMES = (
    "number",
    "symbol",
    "issued_on",
    "issuer",
    "superior",
    "kind",
    "abstract",
    "signer",
    "signer_title",
    "place",
)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a document by name (`FIELD_NAMES` and more: recipients, dossier, owner_id, qr …)."""

    found: dict[str, Field]

    def value(self, name: str, at_least: float = 0.0) -> str | None:
        """Return the value of `name` if its confidence is at least `at_least`."""
        field = self.found.get(name)
        return field.value if field and field.confidence >= at_least else None

    def issued_on(self, at_least: float = 0.0) -> date | None:
        """Return the date of issue."""
        value = self.value("issued_on", at_least)
        return date.fromisoformat(value) if value else None
