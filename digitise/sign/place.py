"""Where a signature stands on the page, found from the page's own text (NĐ 30/2020, annex I)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from digitise.sign.appearance import MM, Picture, Stamp, Text
from digitise.sign.page_text import Line, PageReader, Rect, Sheet
from digitise.text import fold

_CORNER = 14.0  # points that a stamp keeps from the paper's edge: most printers reach that far
_SIZES = (10.0, 9.0, 8.0)  # a stamp that would hide text shrinks this far (10 pt is the rule)
_LOOK_BACK = 5  # pages searched from the end: attachments may follow the signer block
_ROLES = ("tm.", "kt.", "tl.", "tuq.", "q.", "thua lenh", "thua uy quyen")


@dataclass(frozen=True, slots=True)
class Gap:
    """Room for the person's signature: between title and name, in the shown frame."""

    sheet: Sheet
    rect: Rect
    found: bool  # False: nothing on the page said where; this is the usual place


@dataclass(frozen=True, slots=True)
class Placed:
    """A place in user space, and what people should be told about it (keys below `sign.warnings`)."""

    page: int
    rect: Rect
    rotation: int
    scale: float = 1.0
    warnings: tuple[str, ...] = ()


def signer_gap(reader: PageReader, signer: str | None = None) -> Gap:
    """Find the room between the signer's title and name, from the last pages backwards."""
    pages = range(len(reader) - 1, max(-1, len(reader) - 1 - _LOOK_BACK), -1)
    ways: list[Callable[[Sheet], Rect | None]] = [partial(_by_name, signer=signer)] if signer else []
    for way in (*ways, _by_form):
        for index in pages:  # each read when its turn comes: most documents tell on the last page
            gap = way(reader.sheet(index))
            if gap:
                return Gap(reader.sheet(index), gap, True)
    sheet = reader.sheet(pages[0])
    width, height = sheet.width, sheet.height
    return Gap(sheet, (width * 0.55, height * 0.2, width * 0.9, height * 0.3), False)


def _parts(sheet: Sheet) -> list[Line]:
    return [part for line in sheet.lines for part in line.segments()]


def _by_name(sheet: Sheet, *, signer: str) -> Rect | None:
    wanted = fold(signer).strip()
    parts = _parts(sheet)
    named = [part for part in reversed(parts) if fold(part.text).strip().endswith(wanted)]
    for name in sorted(named, key=lambda part: part.middle < sheet.width * 0.4):  # left only where two bodies sign
        above = _above(parts, name)
        if above and _height(above, name) > 20:
            return _between(above, name)
    return None


def _by_form(sheet: Sheet) -> Rect | None:
    """Find the widest gap in the right column beside `Nơi nhận`, or below a line that begins TM., KT., TL. …"""
    parts = _parts(sheet)
    anchors = [part for part in parts if fold(part.text).strip().startswith("noi nhan")]
    roles = [part for part in parts if part.middle > sheet.width * 0.4 and _is_role(part)]
    top = max([part.box[3] for part in anchors] + [part.box[3] for part in roles], default=None)
    if top is None:
        return None
    column = [part for part in parts if part.middle > sheet.width * 0.45 and part.box[3] <= top + 70]
    gaps = [(lower, upper) for lower in column if (upper := _above(column, lower)) and _height(upper, lower) > 25]
    if not gaps:
        return None
    lower, upper = max(gaps, key=lambda pair: _height(pair[1], pair[0]))
    return _between(upper, lower)


def _is_role(part: Line) -> bool:
    text = part.text.strip()
    return fold(text).startswith(_ROLES) and text == text.upper()


def _above(parts: Iterable[Line], name: Line) -> Line | None:
    """Return the nearest part above `name` that shares its column."""
    over = [
        part
        for part in parts
        if part is not name
        and part.box[1] > name.box[3]
        and part.box[0] < name.box[2] + 60
        and part.box[2] > name.box[0] - 60
    ]
    return min(over, key=lambda part: part.box[1], default=None)


def _height(upper: Line, lower: Line) -> float:
    return upper.box[1] - lower.box[3]


def _between(upper: Line, lower: Line) -> Rect:
    half = max(upper.box[2] - upper.box[0], lower.box[2] - lower.box[0], 45 * MM) / 2
    return (lower.middle - half, lower.box[3], lower.middle + half, upper.box[1])


def person_image(gap: Gap, image: Picture) -> Placed:
    """Centre the person's image between title and name; smaller where the room is lower than the image (DOMAIN 3a)."""
    x0, y0, x1, y1 = gap.rect
    room = max(y1 - y0 - 2, 10 * MM)
    scale = min(1.0, room / image.height)
    width, height = image.width * scale, image.height * scale
    left = min(max((x0 + x1 - width) / 2, 0), gap.sheet.width - width)
    bottom = (y0 + y1 - height) / 2
    warnings = () if gap.found else ("place_not_found",)
    return _placed(gap.sheet, (left, bottom, left + width, bottom + height), scale, warnings)


def seal(gap: Gap, person: Rect | None, image: Picture) -> Placed:
    """Lay the seal over the left third of the person's signature, at real size (DOMAIN 3b).

    `person` is the person's visible signature in the shown frame; without one its usual room in the gap counts.
    """
    if person is None:
        middle = (gap.rect[0] + gap.rect[2]) / 2
        person = (middle - 20 * MM, gap.rect[1], middle + 20 * MM, gap.rect[3])  # a usual signature is 40 mm wide
    right = person[0] + (person[2] - person[0]) / 3
    bottom = (person[1] + person[3] - image.height) / 2
    left = max(right - image.width, 0.0)
    bottom = min(max(bottom, 0.0), gap.sheet.height - image.height)
    warnings = () if gap.found else ("place_not_found",)
    return _placed(gap.sheet, (left, bottom, left + image.width, bottom + image.height), 1.0, warnings)


def corner_text(reader: PageReader, text: Text, index: int = 0) -> tuple[Placed, Text]:
    """Put `text` at the top right of page 1, where it hides nothing: as it is, then moved, then smaller (DOMAIN 3c, 3d)."""
    sheet = reader.sheet(index)
    ink = _Ink(reader.ink(index), sheet)
    first = True
    for size in _SIZES:
        smaller = _fitting(replace(text, size=size), sheet)
        for rect in _corners(sheet, smaller):
            if ink.free(rect):
                warnings = () if first else ("stamp_moved",) if size == text.size else ("stamp_smaller",)
                return _placed(sheet, rect, 1.0, warnings), replace(smaller, rotation=sheet.rotation)
            first = False
    smaller = _fitting(replace(text, size=_SIZES[-1]), sheet)
    rect = min(_corners(sheet, smaller), key=ink.hidden)
    return _placed(sheet, rect, 1.0, ("stamp_over_text",)), replace(smaller, rotation=sheet.rotation)


def corner_stamp(reader: PageReader, stamp: Stamp, index: int = 0) -> tuple[Placed, Stamp]:
    """Put `stamp` at the top right of page 1, its text where it hides nothing.

    The seal keeps its size and is transparent: where a heading fills the corner it lies over that, and people are told.
    """
    sheet = reader.sheet(index)
    ink = _Ink(reader.ink(index), sheet)
    for size in _SIZES:
        text = _fitting(replace(stamp.text, size=size), sheet, 0.3)
        fitted = replace(stamp, text=text, rotation=sheet.rotation)
        for rect in _corners(sheet, fitted):
            if ink.free((rect[0], rect[3] - text.height, rect[0] + text.width, rect[3])):
                warnings = () if ink.free(rect) else ("seal_over_text",)
                return _placed(sheet, rect, 1.0, warnings), fitted
    rect = min(_corners(sheet, fitted), key=ink.hidden)
    return _placed(sheet, rect, 1.0, ("stamp_over_text",)), fitted


def _fitting(text: Text, sheet: Sheet, share: float = 0.5) -> Text:
    """Break lines that are wider than that share of the page."""
    most = sheet.width * share
    lines: list[str] = []
    for line in text.lines:
        words = line.split(" ")
        current = words[0]
        for word in words[1:]:
            if Text((f"{current} {word}",), text.size, style=text.style).width > most:
                lines.append(current)
                current = word
            else:
                current = f"{current} {word}"
        lines.append(current)
    return replace(text, lines=tuple(lines))


def _corners(sheet: Sheet, text: Text | Stamp) -> list[Rect]:
    """Return places in order of liking: the corner, higher up, further left, then down the right margin."""
    width, height = text.width, text.height
    right = sheet.width - 2 * _CORNER
    rects = []
    for top in (_CORNER, 8.0, 4.0):
        rects += [_at(right - width, sheet.height - top - height, width, height)]
    for step in range(1, 12):
        x = right - width - step * 24.0
        if x > _CORNER:
            rects += [_at(x, sheet.height - top - height, width, height) for top in (_CORNER, 6.0)]
    return rects


def _at(x: float, y: float, width: float, height: float) -> Rect:
    return (x, y, x + width, y + height)


def _placed(sheet: Sheet, rect: Rect, scale: float, warnings: tuple[str, ...]) -> Placed:
    return Placed(sheet.index, sheet.to_user(rect), sheet.rotation, scale, warnings)


class _Ink:
    """Knows where a page is dark, so that pictures of text count as text."""

    def __init__(self, dark: Any, sheet: Sheet) -> None:
        self._dark = dark
        self._scale = dark.shape[0] / sheet.height
        self._height = sheet.height

    def hidden(self, rect: Rect) -> int:
        """Return the number of dark pixels under `rect`."""
        scale = self._scale
        rows = slice(max(0, int((self._height - rect[3]) * scale)), max(0, int((self._height - rect[1]) * scale) + 1))
        columns = slice(max(0, int(rect[0] * scale)), max(0, int(rect[2] * scale) + 1))
        return int(self._dark[rows, columns].sum())

    def free(self, rect: Rect) -> bool:
        """Say whether nothing but specks lies under `rect`."""
        area = max(1.0, (rect[2] - rect[0]) * (rect[3] - rect[1]) * self._scale**2)
        return bool(self.hidden(rect) <= area * 0.002)
