"""Tinos, embedded as a subset: same widths as Times New Roman (NĐ 30/2020), free, with every Vietnamese letter."""

import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from digitise.errors import EngineUnavailable
from digitise.sign.increment import Increment

FOLDERS = ("/usr/share/fonts/truetype/croscore", "/usr/share/fonts", "/usr/local/share/fonts")
_ALWAYS = "0123456789:+-/T. "  # so that a batch that differs in numbers and times embeds one subset, made once


@dataclass(frozen=True)
class Font:
    """A subset with its widths (thousandths of the size)."""

    name: str
    program: bytes  # TrueType, deflated
    length: int  # of the program before deflation
    glyphs: dict[str, int]
    widths: dict[str, float]
    ascent: float
    descent: float
    box: tuple[float, float, float, float]
    italic: bool

    def width(self, text: str, size: float) -> float:
        """Return the width of `text` in points."""
        return sum(self.widths[char] for char in text) * size / 1000

    def encode(self, text: str) -> bytes:
        """Return `text` as a hexadecimal string of glyph numbers."""
        return b"<" + "".join(f"{self.glyphs[char]:04X}" for char in text).encode() + b">"

    def write(self, update: Increment) -> int:
        """Write the font as Type 0 with Identity-H; return its object number."""
        program = update.add_stream(b"/Filter /FlateDecode /Length1 %d " % self.length, self.program)
        unicode_map = update.add_stream(b"/Filter /FlateDecode ", zlib.compress(self._to_unicode()))
        name = self.name.encode()
        box = " ".join(str(round(side)) for side in self.box)
        descriptor = update.add(
            f"<</Type /FontDescriptor /FontName /{self.name} /Flags {68 if self.italic else 4} /FontBBox [{box}] "
            f"/ItalicAngle {-12 if self.italic else 0} /Ascent {round(self.ascent)} /Descent {round(self.descent)} "
            f"/CapHeight 662 /StemV 80 /FontFile2 {program} 0 R>>".encode()
        )
        widths = b" ".join(b"%d [%d]" % (self.glyphs[char], round(width)) for char, width in self.widths.items())
        descendant = update.add(
            b"<</Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) "
            b"/Supplement 0>> /FontDescriptor %d 0 R /DW 1000 /W [%s] /CIDToGIDMap /Identity>>"
            % (name, descriptor, widths)
        )
        return update.add(
            b"<</Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] "
            b"/ToUnicode %d 0 R>>" % (name, descendant, unicode_map)
        )

    def _to_unicode(self) -> bytes:
        pairs = [f"<{glyph:04X}> <{char.encode('utf-16-be').hex()}>" for char, glyph in self.glyphs.items()]
        blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
        maps = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
        return (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CIDSystemInfo <</Registry (Adobe) "
            "/Ordering (UCS) /Supplement 0>> def /CMapName /Adobe-Identity-UCS def /CMapType 2 def "
            f"1 begincodespacerange <0000> <FFFF> endcodespacerange\n{maps}\n"
            "endcmap CMapName currentdict /CMap defineresource pop end end"
        ).encode()


def font_for(text: str, style: str = "Regular") -> Font:
    """Return a subset of Tinos (`Regular`, `Italic`, `Bold`) that has every character of `text`."""
    return _subset("".join(sorted(set(text) | set(_ALWAYS))), style)


@lru_cache(maxsize=64)
def _subset(chars: str, style: str) -> Font:
    from io import BytesIO

    from fontTools import subset
    from fontTools.ttLib import TTFont

    font = TTFont(_file(style))
    options = subset.Options(
        layout_features=[], notdef_outline=True, name_IDs=[1, 2, 4, 6], hinting=False, glyph_names=False
    )
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "DSIG", "kern"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=chars)
    subsetter.subset(font)
    known = font.getBestCmap()
    order = {name: number for number, name in enumerate(font.getGlyphOrder())}
    scale = 1000 / font["head"].unitsPerEm
    glyphs = {char: order[known.get(ord(char), ".notdef")] for char in chars}
    names = {number: name for name, number in order.items()}
    widths = {char: font["hmtx"][names[glyph]][0] * scale for char, glyph in glyphs.items()}
    head, metrics = font["head"], font["hhea"]
    saved = BytesIO()
    font.save(saved)
    program = saved.getvalue()
    tag = "".join(chr(65 + byte % 26) for byte in zlib.crc32((chars + style).encode()).to_bytes(4, "big") + b"\x00\x01")
    return Font(
        f"{tag}+Tinos" + ("" if style == "Regular" else f"-{style}"),
        zlib.compress(program),
        len(program),
        glyphs,
        widths,
        metrics.ascent * scale,
        metrics.descent * scale,
        (head.xMin * scale, head.yMin * scale, head.xMax * scale, head.yMax * scale),
        style == "Italic",
    )


def _file(style: str) -> Path:
    for folder in FOLDERS:
        direct = Path(folder) / f"Tinos-{style}.ttf"
        if direct.is_file():
            return direct
        for found in Path(folder).rglob(f"Tinos-{style}.ttf"):
            return found
    raise EngineUnavailable("font", font=f"Tinos-{style}.ttf", package="fonts-croscore")
