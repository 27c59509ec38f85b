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
    """Return the field's box in points from the top left of its page, and its share of the page; None where it shows nothing."""
    try:
        widget = widget_of(reader, name)
        if widget is None or "/Rect" not in widget:
            return None
        x0, y0, x1, y1 = (float(v) for v in widget["/Rect"])
        left, bottom, right, top = _media_box(value_at(widget, "/P"))
    except FAULTS:
        return None
    area = abs((x1 - x0) * (y1 - y0))
    if area < 1:
        return None
    share = area / max((right - left) * (top - bottom), 1.0)
    return (min(x0, x1) - left, top - max(y0, y1), max(x0, x1) - left, top - min(y0, y1)), share


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


def _media_box(page: Any) -> tuple[float, float, float, float]:
    for _ in range(MAX_DEPTH):
        if page is None:
            break
        if "/MediaBox" in page:
            a, b, c, d = (float(v) for v in page["/MediaBox"])
            return min(a, c), min(b, d), max(a, c), max(b, d)
        page = value_at(page, "/Parent")
    return 0.0, 0.0, 595.0, 842.0


def within(box: Box, rect: Box, slack: float = 14.0) -> bool:
    """Say whether `box` lies in `rect`; `slack` in points covers the cells in which differences are gathered."""
    return (
        box[0] >= rect[0] - slack
        and box[1] >= rect[1] - slack
        and box[2] <= rect[2] + slack
        and box[3] <= rect[3] + slack
    )
