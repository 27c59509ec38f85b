"""What is on a sheet, in points from the top left of an A4 page: set type, rules, ink; and the typesetter that puts it there."""

from dataclasses import dataclass, field

from tests.papers.fonts import width

PAGE = (595.28, 841.89)  # A4, points


@dataclass(frozen=True, slots=True)
class Text:
    """One line of type: its words with their left ends, on the baseline `y`."""

    words: tuple[tuple[float, str], ...]
    y: float
    size: float
    style: str
    region: str  # head_l, head_r, body, table, foot_l, foot_r, page_no
    pen: bool = False  # filled in by hand: blue, a little askew

    @property
    def text(self) -> str:
        return " ".join(word for _, word in self.words)

    @property
    def left(self) -> float:
        return self.words[0][0]

    @property
    def right(self) -> float:
        x, word = self.words[-1]
        return x + width(word, self.style, self.size)


@dataclass(frozen=True, slots=True)
class Ink:
    """Red seal and blue signature in the signer block; centre of the block and its free gap in points."""

    x: float
    top: float
    bottom: float
    seal_x: float
    seal_y: float
    seal_name: str
    seed: int


@dataclass(slots=True)
class Leaf:
    """One page, resolution-free."""

    texts: list[Text] = field(default_factory=list)
    rules: list[tuple[float, float, float, float, float]] = field(default_factory=list)  # x0, y0, x1, y1, thickness
    ink: Ink | None = None
    qr: str | None = None


def wrap(text: str, style: str, size: float, room: float, first: float = 0.0) -> list[str]:
    """Break `text` into lines of at most `room` points, the first one shorter by `first`."""
    lines: list[str] = []
    current = ""
    for word in text.split():
        trial = f"{current} {word}".strip()
        if current and width(trial, style, size) > room - (0 if lines else first):
            lines.append(current)
            current = word
        else:
            current = trial
    return [*lines, current] if current else lines


def spaced(text: str, style: str, size: float, x: float, blank: float | None = None) -> tuple[tuple[float, str], ...]:
    """Place the words of `text` from `x` on; `blank` is the width of a blank, in points."""
    gap = width(" ", style, size) if blank is None else blank
    placed = []
    for word in text.split():
        placed.append((x, word))
        x += width(word, style, size) + gap
    return tuple(placed)


@dataclass(slots=True)
class Setter:
    """Sets lines on leaves from top to bottom, breaking pages."""

    left: float = 85.0
    right: float = PAGE[0] - 57.0
    top: float = 62.0
    bottom: float = PAGE[1] - 62.0
    leading: float = 1.25
    leaves: list[Leaf] = field(default_factory=lambda: [Leaf()])
    y: float = 62.0

    @property
    def leaf(self) -> Leaf:
        return self.leaves[-1]

    def turn(self) -> None:
        """Begin the next page; its number stands centred on top (NĐ 30/2020, annex I)."""
        self.leaves.append(Leaf())
        self.y = self.top
        self.centred(str(len(self.leaves)), (self.left + self.right) / 2, 36, "regular", 13, "page_no")

    def room(self, height: float) -> None:
        """Turn the page unless `height` points are free."""
        if self.y + height > self.bottom:
            self.turn()

    def centred(
        self, text: str, middle: float, y: float, style: str, size: float, region: str, pen: bool = False
    ) -> Text:
        """Set one line centred on `middle`, its baseline on `y`."""
        made = Text(spaced(text, style, size, middle - width(text, style, size) / 2), y, size, style, region, pen)
        self.leaf.texts.append(made)
        return made

    def block(self, lines: list[str], middle: float, y: float, style: str, size: float, region: str) -> float:
        """Set centred lines downward from the baseline `y`; return the next baseline."""
        for line in lines:
            self.centred(line, middle, y, style, size, region)
            y += size * 1.25
        return y

    def paragraph(self, text: str, size: float, style: str = "regular", indent: float = 28.0) -> None:
        """Set a justified paragraph at the cursor, turning pages as needed."""
        lines = wrap(text, style, size, self.right - self.left, indent)
        for i, line in enumerate(lines):
            self.room(size * self.leading)
            x = self.left + (0 if i else indent)
            words = line.split()
            blank = None
            if i < len(lines) - 1 and len(words) > 1:
                ink = sum(width(word, style, size) for word in words)
                blank = (self.right - x - ink) / (len(words) - 1)
            self.y += size * self.leading
            self.leaf.texts.append(Text(spaced(line, style, size, x, blank), self.y, size, style, "body"))
        self.y += size * 0.45

    def line(self, x0: float, y: float, x1: float, thickness: float = 0.7) -> None:
        """Draw a horizontal rule."""
        self.leaf.rules.append((x0, y, x1, y, thickness))

    def table(self, rows: list[list[str]], size: float) -> None:
        """Set a ruled table over the whole measure; the first column is narrow."""
        count = len(rows[0])
        measure = self.right - self.left
        widths = [measure * 0.09, *[measure * 0.91 / (count - 1)] * (count - 1)]
        height = size * 1.75
        self.y += size
        for r, row in enumerate(rows):
            self.room(height * 1.5)
            top = self.y
            x = self.left
            for cell, w in zip(row, widths, strict=True):
                style = "regular" if r else "bold"
                self.centred(cell, x + w / 2, top + height * 0.66, style, size, "table")
                self.leaf.rules.append((x, top, x, top + height, 0.7))
                x += w
            self.leaf.rules.append((x, top, x, top + height, 0.7))
            self.line(self.left, top, self.right)
            self.line(self.left, top + height, self.right)
            self.y = top + height
        self.y += size
