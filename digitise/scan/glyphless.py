"""The font of the invisible text: every character is one blank glyph, and the map to Unicode tells what it stands for."""

import io
from functools import cache

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

NAME = "DigitiseInvisible"
UNITS = 1000
ADVANCE = 500  # units; half an em for every character, stretched by Tz to the width of the word
ASCENT, DESCENT = 1000, 0  # the type stands on its box's lower edge and fills it, whatever a viewer marks by


@cache
def program() -> bytes:
    """Return the TrueType program: `.notdef` and one blank glyph."""
    font = FontBuilder(UNITS, isTTF=True)
    font.setupGlyphOrder([".notdef", "blank"])
    font.setupCharacterMap({0x20: "blank"})
    # A line there and back has a box and no area: pdfium (Chrome) marks what is found by the glyph's box.
    pen = TTGlyphPen(None)
    pen.moveTo((0, DESCENT))
    pen.lineTo((ADVANCE, ASCENT))
    pen.closePath()
    font.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "blank": pen.glyph()})
    font.setupHorizontalMetrics({".notdef": (ADVANCE, 0), "blank": (ADVANCE, 0)})
    font.setupHorizontalHeader(ascent=ASCENT, descent=DESCENT)
    font.setupNameTable({"familyName": NAME, "styleName": "Regular", "psName": NAME})
    font.setupOS2(sTypoAscender=ASCENT, sTypoDescender=DESCENT, usWinAscent=ASCENT, usWinDescent=-DESCENT)
    font.setupPost()
    font.font["head"].created = font.font["head"].modified = 0  # same bytes every day
    font.font.recalcTimestamp = False
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


class Codes:
    """Gives each character that a document uses a code of its own; 0 stays `.notdef`, which PDF/A forbids to show."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def hex(self, text: str) -> str:
        """Return `text` as the hex digits of its two-byte codes."""
        return "".join(f"{self._codes.setdefault(char, len(self._codes) + 1):04X}" for char in text)

    @property
    def glyphs(self) -> bytes:
        """The CIDToGIDMap: every code shows glyph 1."""
        return b"\x00\x00" + b"\x00\x01" * len(self._codes)

    @property
    def to_unicode(self) -> bytes:
        """The ToUnicode map, in blocks of at most 100 as the format wants."""
        rows = [f"<{code:04X}> <{char.encode('utf-16-be').hex().upper()}>" for char, code in self._codes.items()]
        blocks = [rows[at : at + 100] for at in range(0, len(rows), 100)]
        body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{body}\n"
            "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
        ).encode("ascii")
