"""Makes a searchable PDF from a file and words that are known, without a recogniser; and reads it back as viewers do."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
from PIL import Image

from digitise.child import Limits, run
from digitise.model.recognition import Affine, PageText, Word
from digitise.pdf import Budget
from digitise.pdf.page import PageKind
from digitise.scan.result import PageResult

LIMITS = Limits()
BUDGET = Budget().as_json()
ABOUT = {"title": "Quyết định 15", "language": "vi", "date": "2026-01-02T03:04:05+00:00", "producer": "digitise test"}


@dataclass(frozen=True, slots=True)
class Made:
    """What `archive.searchable` told, and the file."""

    path: Path
    told: dict[str, Any]


def page_text(
    size: tuple[int, int],
    words: Sequence[tuple[str, tuple[float, float, float, float], int]],
    *,
    to_page: Affine = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
    rotation: int = 0,
    skew: float = 0.0,
) -> PageText:
    """Return a page with (text, upright box, line) words."""
    from digitise.scan.page import on_page

    made = tuple(Word(text, on_page(box, to_page), box, 0.9, line) for text, box, line in words)
    return PageText(size[0], size[1], 200.0, rotation, skew, to_page, made, "test", "vie")


def searchable(
    source: Path, target: Path, texts: Sequence[PageText | None], *, numbers: Sequence[int] | None = None
) -> Made:
    """Write `target` with these texts; None passes the page through as born digital."""
    rows = target.with_suffix(".jsonl")
    with rows.open("w", encoding="utf-8") as out:
        for number, text in zip(numbers or range(1, len(texts) + 1), texts, strict=True):
            kind = PageKind.IMAGE if text else PageKind.TEXT
            own = None if text else page_text((10, 10), [])
            out.write(json.dumps([number, PageResult(kind, own, text, ()).to_json()]) + "\n")
    args = {"source": str(source), "target": str(target), "results": str(rows), "budget": BUDGET, "about": ABOUT}
    told, _ = run("digitise.scan.archive:searchable", args, LIMITS)
    return Made(target, told)


def pdftotext(path: Path, *options: str) -> str:
    """Return what poppler extracts."""
    done = subprocess.run(["pdftotext", *options, str(path), "-"], capture_output=True, text=True, check=True)
    return done.stdout


def found_at(path: Path, phrase: str, page: int = 0) -> list[tuple[float, float, float, float]]:
    """Return the boxes (left, bottom, right, top; points) that a viewer's search marks for `phrase`."""
    document = pdfium.PdfDocument(path)
    text = document[page].get_textpage()
    hit = text.search(phrase).get_next()
    if hit is None:
        return []
    index, count = hit
    return [text.get_rect(rect) for rect in range(text.count_rects(index, count))]


def drawn(path: Path, page: int = 0, width: int = 400) -> Image.Image:
    """Return the page as a viewer draws it, `width` pixels wide."""
    document = pdfium.PdfDocument(path)
    return document[page].render(scale=width / document[page].get_width()).to_pil().convert("RGB")
