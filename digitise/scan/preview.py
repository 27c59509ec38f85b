"""Inside the child: the first page as a small picture for lists."""

from pathlib import Path
from typing import Any

from digitise.pdf.budget import Budget
from digitise.scan.pages import PageSource

_QUALITY = 70


def first_page(path: str, target: str, pixels: int, budget: dict[str, Any]) -> None:
    """Write page 1 of the file as WebP, its longest side `pixels`."""
    image = PageSource(Path(path), Budget(**budget)).picture(1, pixels)
    image.convert("RGB").save(target, "WEBP", quality=_QUALITY)
