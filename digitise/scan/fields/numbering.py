"""Printed page numbers: digits alone, in the middle of the top or bottom edge or at the bottom right."""

import re
from collections.abc import Sequence

from digitise.scan.fields.candidate import Candidate
from digitise.scan.fields.lines import Piece, Sheet


def find_page_numbers(sheets: Sequence[Sheet]) -> Candidate | None:
    """Return the printed numbers of all pages in order, parted by commas, empty where a page bears none; None without any."""
    pieces = [_number(sheet) for sheet in sheets]
    known = [(sheet, piece) for sheet, piece in zip(sheets, pieces, strict=True) if piece is not None]
    if not known:
        return None
    first, piece = known[0]
    steady = all(int(p.text) - int(piece.text) == s.number - first.number for s, p in known if p.text.isdigit())
    value = ",".join(re.sub(r"\D", "", p.text) if p else "" for p in pieces)
    return Candidate(value, piece.words, first.number, 0.95 if steady and len(known) > 1 else 0.7 if steady else 0.3)


def _number(sheet: Sheet) -> Piece | None:
    for piece in (*sheet.pieces[:2], *sheet.pieces[-2:]):
        if not re.fullmatch(r"[-–]?\s?\d{1,4}\s?[-–]?", piece.text):
            continue
        at_edge = piece.y < sheet.page.height * 0.09 or piece.y > sheet.page.height * 0.91
        central = abs(piece.middle - sheet.middle) < 3 * sheet.em or piece.middle > sheet.right - 4 * sheet.em
        if at_edge and central and len(sheet.pieces) > 2:
            return Piece(tuple(w for w in piece.words if any(c.isdigit() for c in w.text)))
    return None
