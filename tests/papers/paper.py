"""A drawn document and what is true of it."""

from dataclasses import dataclass
from functools import cached_property
from random import Random

from PIL import Image

from tests.papers.compose import KINDS, Draft, compose
from tests.papers.draw import box, draw
from tests.papers.leaf import Leaf, Text


@dataclass(frozen=True, slots=True)
class Line:
    """One true line of a page; `box` in pixels of the undamaged image."""

    text: str
    box: tuple[int, int, int, int]
    region: str


@dataclass(frozen=True)
class Sheet:
    """One page; the image is drawn when first asked for."""

    leaf: Leaf
    dpi: int
    seal: str | None
    signature: bool

    @cached_property
    def image(self) -> Image.Image:
        """The page as a perfect scanner would see it: RGB, A4 at `dpi`."""
        return draw(self.leaf, self.dpi, self.seal, self.signature)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every line with its box, columns one after the other."""
        ordered = [text for region in _REGIONS for text in self.leaf.texts if text.region in region]
        return tuple(Line(text.text, box(text, self.dpi), text.region) for text in ordered)

    @property
    def text(self) -> str:
        """The page's text in the first accepted order."""
        return self.orders[0]

    @cached_property
    def orders(self) -> tuple[str, ...]:
        """All reading orders that a human would accept: column by column, the other column first, row by row."""
        texts = self.leaf.texts
        number = [t.text for t in texts if t.region == "page_no"]
        middle = [t.text for t in texts if t.region in ("body", "table")]
        made = [
            "\n".join([*number, *head, *middle, *foot])
            for head in _ways(texts, "head_l", "head_r")
            for foot in _ways(texts, "foot_l", "foot_r")
        ]
        return tuple(dict.fromkeys(made))


_REGIONS = (("page_no",), ("head_l",), ("head_r",), ("body", "table"), ("foot_l",), ("foot_r",))


def _ways(texts: list[Text], left: str, right: str) -> list[list[str]]:
    a = [t for t in texts if t.region == left]
    b = [t for t in texts if t.region == right]
    rows = sorted([*a, *b], key=lambda t: (round(t.y / 6), t.left))
    return [[t.text for t in way] for way in ([*a, *b], [*b, *a], rows)]


@dataclass(frozen=True)
class Paper:
    """A document: its sheets, and its fields by the names of `digitise.model.recognition` (and owner_name, birth_date …)."""

    seed: int
    kind: str
    sheets: tuple[Sheet, ...]
    fields: dict[str, str]

    @property
    def images(self) -> list[Image.Image]:
        return [sheet.image for sheet in self.sheets]

    @property
    def text(self) -> str:
        return "\f".join(sheet.text for sheet in self.sheets)


def paper(
    seed: int,
    kind: str | None = None,
    *,
    dpi: int = 200,
    pages: int = 1,
    table: bool | None = None,
    numbered: bool = True,
    dated: bool = True,
    seal: str | None = "normal",
    signature: bool = True,
    qr: str | None = None,
    year: int | None = None,
) -> Paper:
    """Compose the document of `seed`.

    `kind` is a key of `KINDS` (drawn by lot where None); `pages` is the least number of pages; `numbered` and `dated` False
    leave the blanks that the records clerk fills later; `seal` is None, "normal" or "heavy";
    `qr` is printed at the top left; `year` is that of the date.
    """
    rng = Random(seed)
    chosen = kind or rng.choice([*KINDS, "decision", "letter", "letter"])
    wants_table = rng.random() < 0.3 if table is None else table
    draft = Draft(rng, chosen, numbered, dated, pages, wants_table, year)
    leaves = compose(draft)
    leaves[0].qr = qr
    sheets = tuple(Sheet(leaf, dpi, seal, signature) for leaf in leaves)
    return Paper(seed, chosen, sheets, draft.fields)
