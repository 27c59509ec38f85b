"""Where on the page a signature field lies."""

from collections.abc import Iterator
from typing import Any

from digitise.verify.pictures import Box
from digitise.verify.structure import FAULTS, value_at

MAX_DEPTH = 32  # of a page tree; deeper is a loop


def widget_of(reader: Any, name: str) -> Any:
    """Return the first widget annotation of a field that has a rectangle; None where there is none."""
    from pyhanko.sign.fields import enumerate_sig_fields

    for found, _, reference in enumerate_sig_fields(reader):
        if found == name:
            field_object = reference.get_object()
            if "/Rect" in field_object:
                return field_object
            kids: Any = value_at(field_object, "/Kids") or ()
            return kids[0].get_object() if len(kids) else None
    return None


def place(reader: Any, name: str) -> tuple[Box, float] | None:
    """Return the field's box in points from the top left of its page as shown, and its share of the page; None where it shows nothing."""
    try:
        widget = widget_of(reader, name)
        if widget is None or "/Rect" not in widget:
            return None
        x0, y0, x1, y1 = (float(v) for v in widget["/Rect"])
        page = value_at(widget, "/P")
        left, bottom, right, top = sheet = _shown_box(page)
        turned = int(_inherited(page, "/Rotate") or 0) % 360
    except FAULTS:
        return None
    area = abs((x1 - x0) * (y1 - y0))
    if area < 1:
        return None
    share = area / max((right - left) * (top - bottom), 1.0)
    return _from_top_left((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), sheet, turned), share


def _from_top_left(rect: Box, sheet: Box, turned: int) -> Box:
    """Return a rectangle of user space in the frame of the shown page; `turned` degrees clockwise."""
    x0, y0, x1, y1 = rect
    left, bottom, right, top = sheet
    match turned:
        case 90:
            return y0 - bottom, x0 - left, y1 - bottom, x1 - left
        case 180:
            return right - x1, y0 - bottom, right - x0, y1 - bottom
        case 270:
            return top - y1, right - x1, top - y0, right - x0
        case _:
            return x0 - left, top - y1, x1 - left, top - y0


def page_of(reader: Any, name: str) -> int | None:
    """Return on which page (from 0) a field says that it lies; None where that cannot be told."""
    try:
        widget = widget_of(reader, name)
        pages = list(_pages(reader.root["/Pages"]))
        if widget is None or "/P" not in widget:
            return 0 if len(pages) == 1 else None
        wanted = widget.raw_get("/P").reference
        return next((number for number, one in enumerate(pages) if one == wanted), None)
    except FAULTS:
        return None


def _pages(node: Any, depth: int = 0) -> Iterator[Any]:
    """Yield the references of the pages below a node of the page tree, in order."""
    for kid in node["/Kids"]:
        below = kid.get_object()
        if "/Kids" not in below:
            yield kid.reference
        elif depth < MAX_DEPTH:
            yield from _pages(below, depth + 1)


def _shown_box(page: Any) -> Box:
    """Return the part of a page that is shown, in user space: its crop box within its media box."""
    media = _box(_inherited(page, "/MediaBox")) or (0.0, 0.0, 595.0, 842.0)
    crop = _box(_inherited(page, "/CropBox")) or media
    both = max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3])
    return both if both[0] < both[2] and both[1] < both[3] else media


def _box(value: Any) -> Box | None:
    if value is None:
        return None
    a, b, c, d = (float(side) for side in value)
    return min(a, c), min(b, d), max(a, c), max(b, d)


def _inherited(page: Any, key: str) -> Any:
    for _ in range(MAX_DEPTH):
        if page is None:
            break
        if key in page:
            return page[key]
        page = value_at(page, "/Parent")
    return None


def within(box: Box, rect: Box, slack: float = 14.0) -> bool:
    """Say whether `box` lies in `rect`; `slack` in points covers the cells in which differences are gathered."""
    return (
        box[0] >= rect[0] - slack
        and box[1] >= rect[1] - slack
        and box[2] <= rect[2] + slack
        and box[3] <= rect[3] + slack
    )
