"""The faces that the sample papers are set in, found once and checked for all Vietnamese letters."""

import subprocess
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import ImageFont

_DEBIAN = Path("/usr/share/fonts/truetype/croscore")  # package fonts-croscore
_FILES = {
    "regular": ("Tinos-Regular.ttf", "Tinos:style=Regular"),
    "bold": ("Tinos-Bold.ttf", "Tinos:style=Bold"),
    "italic": ("Tinos-Italic.ttf", "Tinos:style=Italic"),
    "bolditalic": ("Tinos-BoldItalic.ttf", "Tinos:style=Bold Italic"),
}
LETTERS = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"


@cache
def font_path(style: str) -> Path:
    """Return the font file of `style`; raise where Tinos is missing or lacks a Vietnamese letter (it would draw boxes)."""
    name, pattern = _FILES[style]
    path = _DEBIAN / name
    if not path.exists():
        found = subprocess.run(["fc-match", "-f", "%{file}", pattern], capture_output=True, text=True, check=True)
        path = Path(found.stdout)
    with TTFont(path, lazy=True) as font:
        missing = {ord(c) for c in LETTERS + LETTERS.upper()} - set(font.getBestCmap())
    assert not missing, f"{path} lacks {len(missing)} Vietnamese letters: install fonts-croscore"
    return path


@cache
def font(style: str, pixels: float) -> ImageFont.FreeTypeFont:
    """Return the face at `pixels` per em."""
    return ImageFont.truetype(str(font_path(style)), pixels, layout_engine=ImageFont.Layout.BASIC)


def width(text: str, style: str, points: float) -> float:
    """Return the advance of `text` in points."""
    return font(style, 200).getlength(text) * points / 200
