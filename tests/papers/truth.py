"""A drawn page as a recogniser without faults would read it."""

from digitise.model.recognition import PageText, Word
from tests.papers.fonts import font
from tests.papers.leaf import PAGE
from tests.papers.paper import Paper, Sheet


def true_page(sheet: Sheet, confidence: float = 0.97) -> PageText:
    """Return the recognition of `sheet` with every word right, columns one after the other, boxes in pixels."""
    words: list[Word] = []
    scale = sheet.dpi / 72
    for number, line in enumerate(sheet.lines):
        text = next(t for t in sheet.leaf.texts if t.text == line.text and t.region == line.region)
        face = font(text.style, text.size * scale)
        for x, word in text.words:
            left, top, right, bottom = face.getbbox(word, anchor="ls")
            box = (x * scale + left, text.y * scale + top, x * scale + right, text.y * scale + bottom)
            words.append(Word(word, box, box, confidence, number))
    width, height = (round(side * scale) for side in PAGE)
    same = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    return PageText(width, height, float(sheet.dpi), 0, 0.0, same, tuple(words), "truth", "vie")


def true_pages(paper: Paper) -> list[PageText]:
    """Return `true_page` of every sheet."""
    return [true_page(sheet) for sheet in paper.sheets]
