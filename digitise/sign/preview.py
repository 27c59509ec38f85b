"""Where a signature will stand, before anything is signed: the same rules as `signature`, without any key.

The page is read in the limited child; the profile's picture, which is the office's own, is read here.
"""

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from digitise import child
from digitise.errors import SigningRefused
from digitise.sign.appearance import Picture, Stamp, Text, attachment_lines, copy_lines, picture
from digitise.sign.numbering import numbering, two_digits
from digitise.sign.page_text import PageReader, Rect
from digitise.sign.place import Placed, corner_stamp, corner_text, person_image, seal, signer_gap
from digitise.sign.profiles import USUAL, Look, Mode, Profile
from digitise.sign.signature import given_place, person_on

_STAMPS = (Look.COPY, Look.ATTACHMENT)
_PICTURES = (Look.IMAGE, Look.SEAL, Look.STAMP)
_UNKNOWN = "…"  # stands for what only the signing itself will know


@dataclass(frozen=True, slots=True)
class Will:
    """One thing that signing will draw: points from the upper left corner of the page as it is shown."""

    what: str  # picture, stamp, number, date
    page: int  # from 1
    sheet: tuple[float, float]  # width and height of the page
    box: tuple[float, float, float, float]  # x, y, width, height
    lines: tuple[str, ...] = ()
    size: float = 0.0  # of the type


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything that signing will draw; `warnings` are keys below `sign.warnings`, `refusals` why it will not sign at all."""

    marks: tuple[Will, ...] = ()
    warnings: tuple[str, ...] = ()
    refusals: tuple[SigningRefused, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What the register and the form say already."""

    at: datetime
    signer: str | None = None
    number: int | None = None
    symbol: str | None = None
    issued_on: date | None = None
    organisation: str = ""


def preview(file: Path, profile: Profile, known: Known, limits: child.Limits) -> Preview:
    """Return what signing `file` by `profile` will draw; raises RefusedInput, InvalidValue (the profile's picture)."""
    asked: dict[str, Any] = {
        "path": str(file),
        "look": profile.look.value,
        "at": profile.at,
        "page": profile.page,
        "writes": sorted(profile.writes),
        "signer": known.signer,
        "number": known.number,
        "issued_on": known.issued_on.isoformat() if known.issued_on else None,
        "picture": None,
        "lines": _lines(profile, known),
    }
    missing: tuple[str, ...] = ()
    if profile.look in _PICTURES:
        if profile.image is None:
            missing = ("no_image",)
        else:
            drawn = picture(profile.image, profile.image_mm)
            asked["picture"] = (drawn.width, drawn.height)
    told, _ = child.run("digitise.sign.preview:places", asked, limits, file=file.name)
    marks = tuple(
        Will(one["what"], one["page"], tuple(one["sheet"]), tuple(one["box"]), tuple(one["lines"]), one["size"])
        for one in told["marks"]
    )
    refusals = tuple(SigningRefused(reason, **details) for reason, details in told["refusals"])
    return Preview(marks, (*missing, *told["warnings"]), refusals)


def _lines(profile: Profile, known: Known) -> tuple[str, ...]:
    if profile.look == Look.ATTACHMENT:
        number = two_digits(known.number) if known.number is not None else _UNKNOWN
        return attachment_lines(f"{number}/{known.symbol or _UNKNOWN}", known.at)
    if profile.look in (Look.COPY, Look.STAMP):
        lines = copy_lines(profile.form, profile.organisation or known.organisation or _UNKNOWN, known.at)
        return lines if profile.look == Look.COPY else lines[1:]
    return ()


def places(**asked: Any) -> tuple[dict[str, Any], bytes]:
    """Answer `preview` in the child."""
    with PageReader(Path(asked["path"])) as reader:
        refusals: list[SigningRefused] = []
        warnings: list[str] = []
        marks = list(_written(reader, asked, refusals, warnings))
        placed: Placed | None = None
        drawn: list[tuple[Rect, Text | None]] = []
        try:
            placed, drawn = _signature(reader, asked)
        except SigningRefused as error:  # the profile names a page that is not there
            refusals.append(error)
        if placed is not None:
            marks += [_told(reader, "stamp" if text else "picture", placed.page, rect, text) for rect, text in drawn]
        refused = [(one.reason, {name: str(value) for name, value in one.details.items()}) for one in refusals]
        warnings += placed.warnings if placed else ()
        return {"marks": marks, "warnings": warnings, "refusals": refused}, b""


def _written(
    reader: PageReader, asked: dict[str, Any], refusals: list[SigningRefused], warnings: list[str]
) -> Iterator[dict[str, Any]]:
    """Tell where number and date will be written; signing refuses a page that says another one already."""
    number = asked["number"] if asked["number"] is not None else 0  # any two digits: the place is what counts
    wanted: list[tuple[str, int | None, date | None]] = []
    if "number" in asked["writes"]:
        wanted.append(("number", number, None))
    if "date" in asked["writes"] and asked["issued_on"]:
        wanted.append(("date", None, date.fromisoformat(asked["issued_on"])))
    for what, value, day in wanted:
        try:
            made = numbering(reader, value, day)
        except SigningRefused as error:
            if what == "date" or asked["number"] is not None:  # any number would differ from a printed one
                refusals.append(error)
            continue
        warnings += made.unwritten({what})
        for mark in made.marks:
            assert isinstance(mark.drawing, Text)
            known = what == "date" or asked["number"] is not None
            yield _told(reader, what, mark.page, mark.rect, mark.drawing if known else None)


def _signature(reader: PageReader, asked: dict[str, Any]) -> tuple[Placed | None, list[tuple[Rect, Text | None]]]:
    """Return the signature's place, and the parts that are drawn there."""
    look = Look(asked["look"])
    profile = replace(USUAL[Mode.ISSUE], look=look, at=asked["at"], page=asked["page"])
    if look in _STAMPS:
        text = Text(tuple(asked["lines"]))
        if profile.at is not None:
            placed = given_place(reader, profile, text.width, text.height)
        else:
            placed, text = corner_text(reader, text)
        return placed, [(placed.rect, text)]
    if asked["picture"] is None:
        return None, []
    width, height = asked["picture"]
    image = Picture(width, height, (1, 1), b"", b"")  # its size alone says where it stands
    if look == Look.STAMP:
        return _beside_seal(reader, Stamp(image, Text(tuple(asked["lines"]))), profile)
    if profile.at is not None:
        placed = given_place(reader, profile, image.width, image.height)
    else:
        gap = signer_gap(reader, asked["signer"])
        placed = (
            seal(gap, person_on(Path(asked["path"]), gap), image) if look == Look.SEAL else person_image(gap, image)
        )
    return placed, [(placed.rect, None)]


def _beside_seal(
    reader: PageReader, stamp: Stamp, profile: Profile
) -> tuple[Placed | None, list[tuple[Rect, Text | None]]]:
    if profile.at is not None:
        placed = given_place(reader, profile, stamp.width, stamp.height)
    else:
        placed, stamp = corner_stamp(reader, stamp)
    sheet = reader.sheet(placed.page)
    x0, y0, x1, y1 = sheet.shown(placed.rect)
    text = sheet.to_user((x0, y1 - stamp.text.height, x0 + stamp.text.width, y1))
    return placed, [(text, stamp.text), (sheet.to_user((x1 - stamp.seal.width, y0, x1, y1)), None)]


def _told(reader: PageReader, what: str, index: int, rect: Any, text: Text | None) -> dict[str, Any]:
    sheet = reader.sheet(index)
    x0, y0, x1, y1 = sheet.shown(rect)
    return {
        "what": what,
        "page": index + 1,
        "sheet": (sheet.width, sheet.height),
        "box": (x0, sheet.height - y1, x1 - x0, y1 - y0),
        "lines": text.lines if text else (),
        "size": text.size if text else 0.0,
    }


def picture_png(profile: Profile) -> bytes | None:
    """Return the profile's picture as it will be drawn; None where it has none."""
    if profile.image is None or profile.look not in _PICTURES:
        return None
    from PIL import Image

    drawn = picture(profile.image, profile.image_mm)
    image = Image.frombytes("RGB", drawn.pixels, zlib.decompress(drawn.colours))
    image.putalpha(Image.frombytes("L", drawn.pixels, zlib.decompress(drawn.mask)))
    image.thumbnail((400, 400))
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
