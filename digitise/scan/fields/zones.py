"""Where on a page the fields are: parts worth a second look by the recogniser."""

from dataclasses import dataclass, replace

from digitise.model.recognition import Box, PageText
from digitise.scan.fields.agree import Document
from digitise.scan.fields.foot import find_foot
from digitise.scan.fields.head import Head, dated, find_code, find_head
from digitise.scan.fields.lines import Piece, Sheet, hull, sheet_of
from digitise.scan.fields.title import find_about, find_abstract, find_title


@dataclass(frozen=True, slots=True)
class Zone:
    """A part of a page that bears fields; `box` in the upright frame, pixels at the page's resolution."""

    name: str  # issuer, date, title, signer
    box: Box
    type_height: float  # pixels of a capital
    may_be_lost: bool  # a seal lies over it: words may be missing


def field_zones(page: PageText) -> tuple[Zone, ...]:
    """Return the parts of `page` that bear fields; empty on pages in the middle of a document."""
    sheet = sheet_of(page, 1)
    if not sheet.pieces:
        return ()
    head = find_head(sheet)
    document = Document([page])
    title = find_title(sheet, head, document) if head else None
    made: list[Zone] = []
    if head is not None:
        made += _head_zones(sheet, head, document, title.rows[0].box[1] if title else sheet.bottom)
    below = sheet.top - 1
    if title is not None:
        abstract = find_abstract(sheet, title, document)
        words = [w for p in title.rows for w in p.words] + list(abstract.words if abstract else ())
        made.append(_zone("title", sheet, [Piece(tuple(words))]))
        below = title.rows[-1].y
    elif head is not None:
        below = head.motto_y + 8 * sheet.em
    foot = find_foot(sheet, below)
    if foot is not None:
        made.append(Zone("signer", foot.zone, sheet.em / 1.25, True))
    return tuple(made)


def _head_zones(sheet: Sheet, head: Head, document: Document, floor: float) -> list[Zone]:
    """Return issuer and date; neither reaches below `floor`, where the kind of the document begins."""
    code = find_code(sheet, head)
    about = find_about(sheet, head, code, document)
    bottom = max([head.motto_y, *(w.upright[3] for w in (about.words if about else code.row.words if code else ()))])
    left = [p for p in head.left if p.y <= bottom]
    dates = [p for p in head.right if head.motto_y + 0.7 * sheet.em < p.y < head.motto_y + 5 * sheet.em]
    dates = [p for p in dates if dated(p)] or dates[:1]
    if code is None:  # the number's row was not read, or not as one
        bottom = max(bottom, head.motto_y + 4 * sheet.em)
    bottom = max(head.motto_y, min(bottom, floor - 0.5 * sheet.em))
    made = [_clipped(_zone("issuer", sheet, left, bottom), head.split, bottom + 0.5 * sheet.em)] if left else []
    return [*made, _zone("date", sheet, dates)] if dates else made


def _clipped(zone: Zone, right: float, bottom: float) -> Zone:
    """Return a zone that ends where its column does: stray boxes reach into what lies beside and below."""
    x0, y0, x1, y1 = zone.box
    return replace(zone, box=(x0, y0, min(x1, max(right, x0 + 1)), min(y1, max(bottom, y0 + 1))))


def _zone(name: str, sheet: Sheet, pieces: list[Piece], bottom: float = 0.0) -> Zone:
    x0, y0, x1, y1 = hull(p.box for p in pieces)
    y1 = max(y1, bottom)
    return Zone(name, (x0 - sheet.em, y0 - 0.5 * sheet.em, x1 + sheet.em, y1 + 0.5 * sheet.em), sheet.em / 1.25, False)
