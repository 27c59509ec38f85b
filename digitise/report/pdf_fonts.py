"""Tinos for printed reports: the widths of Times New Roman (NĐ 30/2020), free, with every Vietnamese letter."""

from functools import cache
from pathlib import Path

from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

from digitise.errors import EngineUnavailable

REGULAR, BOLD, ITALIC, BOLD_ITALIC = "Tinos-Regular", "Tinos-Bold", "Tinos-Italic", "Tinos-BoldItalic"
FOLDERS = (Path("/usr/share/fonts/truetype/croscore"), Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))


@cache
def register_fonts(folder: Path | None = None) -> None:
    """Make the four styles known to the PDF writer. Raises EngineUnavailable where one is missing."""
    for name in (REGULAR, BOLD, ITALIC, BOLD_ITALIC):
        try:
            pdfmetrics.registerFont(TTFont(name, str(_file(f"{name}.ttf", folder))))
        except TTFError as error:
            raise EngineUnavailable("font", font=name, package="fonts-croscore") from error
    addMapping(REGULAR, 0, 0, REGULAR)
    addMapping(REGULAR, 1, 0, BOLD)
    addMapping(REGULAR, 0, 1, ITALIC)
    addMapping(REGULAR, 1, 1, BOLD_ITALIC)


def _file(name: str, folder: Path | None) -> Path:
    for place in (folder,) if folder else FOLDERS:
        direct = place / name
        if direct.is_file():
            return direct
        found = next(iter(sorted(place.rglob(name))), None) if place.is_dir() else None
        if found:
            return found
    raise EngineUnavailable("font", font=name, package="fonts-croscore")
