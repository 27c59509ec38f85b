"""Papers as files: a PDF of page images as scanners write it, and a real text PDF as a word processor does."""

import time
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

from tests.papers.fonts import font_path
from tests.papers.leaf import PAGE, Leaf
from tests.papers.paper import Paper, Sheet

_DAY = time.gmtime(1_700_000_000)  # fixed, so that the same pages give the same bytes


def scan_pdf(pages: Sequence[Image.Image | Sheet | Paper], path: Path, dpi: int = 200, quality: int = 75) -> Path:
    """Write page images as one PDF (JPEG at `quality`; 1-bit images as CCITT group 4) and return `path`."""
    images: list[Image.Image] = []
    for page in pages:
        match page:
            case Paper():
                images.extend(page.images)
            case Sheet():
                images.append(page.image)
            case _:
                images.append(page)
    first, *rest = images
    first.save(
        path, "PDF", save_all=True, append_images=rest, resolution=dpi, quality=quality, creationDate=_DAY, modDate=_DAY
    )
    return path


def born_digital_pdf(paper: Paper, path: Path) -> Path:
    """Write `paper` as text with embedded subset fonts, without seal and signature: what an office hands in to be signed.

    The signer block keeps its gap; `signature_gap(paper)` says where.
    """
    for style in ("regular", "bold", "italic", "bolditalic"):
        if f"Tinos-{style}" not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(f"Tinos-{style}", str(font_path(style))))
    pdf = canvas.Canvas(str(path), pagesize=PAGE, pageCompression=1, invariant=1, initialFontName="Tinos-regular")
    pdf.setTitle(paper.fields.get("abstract", paper.fields.get("kind", "")))
    pdf.setCreator("digitise tests")
    for sheet in paper.sheets:
        _page(pdf, sheet.leaf)
        pdf.showPage()
    pdf.save()
    return path


def signature_gap(paper: Paper) -> tuple[int, tuple[float, float, float, float]]:
    """Return the 1-based page and the free box between title and name: x0, y0, x1, y1 in PDF points, origin bottom left."""
    number, ink = next((i, s.leaf.ink) for i, s in enumerate(paper.sheets, 1) if s.leaf.ink)
    assert ink is not None
    return number, (ink.x - 70, PAGE[1] - ink.bottom, ink.x + 70, PAGE[1] - ink.top)


def _page(pdf: canvas.Canvas, leaf: Leaf) -> None:
    for x0, y0, x1, y1, thick in leaf.rules:
        pdf.setLineWidth(thick)
        pdf.line(x0, PAGE[1] - y0, x1, PAGE[1] - y1)
    for text in leaf.texts:
        pdf.setFont(f"Tinos-{text.style}", text.size)
        for i, (x, word) in enumerate(text.words):
            last = i == len(text.words) - 1
            pdf.drawString(x, PAGE[1] - text.y, word if last else f"{word} ")
