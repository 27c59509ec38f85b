"""Takes a layer of recognised text out of a page, so that a new one does not double it. Runs in the limited child."""

from typing import Any

import pikepdf
from pikepdf import Name

_SHOWS = {"Tj", "TJ", "'", '"'}
_TEXT = {*_SHOWS, "BT", "ET", "Tf", "Td", "TD", "Tm", "T*", "Tc", "Tw", "Tz", "TL", "Ts", "Tr"}
_INVISIBLE = 3
_MAX_DEPTH = 4  # forms inside forms


def strip_text(pdf: pikepdf.Pdf, page: pikepdf.Object, *, everything: bool) -> None:
    """Drop invisible text from `page`, or with `everything` all text (it lies under the picture anyway)."""
    resources = page.get(Name.Resources)
    page[Name.Contents] = pdf.make_stream(_filtered(page, everything))
    if isinstance(resources, pikepdf.Dictionary):
        page[Name.Resources] = _with_stripped_forms(pdf, resources, everything, 0)


def _filtered(holder: pikepdf.Object, everything: bool) -> bytes:
    """Return the content stream of a page or form without the text."""
    mode, saved, kept = 0, [], []
    marks: list[bool] = []  # per open marked content: was its beginning kept
    for instruction in pikepdf.parse_content_stream(holder):
        operator = str(instruction.operator)
        if operator == "q":
            saved.append(mode)
        elif operator == "Q" and saved:
            mode = saved.pop()
        elif operator == "Tr":
            mode = _int(instruction.operands)
        if (operator in _SHOWS and mode == _INVISIBLE) or (everything and operator in _TEXT):
            continue
        if everything and operator in ("BMC", "BDC"):
            marks.append(bool(len(instruction.operands)) and instruction.operands[0] == Name.OC)
            if not marks[-1]:
                continue  # its text is gone, and /ActualText would still be searched
        elif everything and operator == "EMC" and marks and not marks.pop():
            continue
        kept.append(instruction)
    return pikepdf.unparse_content_stream(kept)


def _int(operands: Any) -> int:
    try:
        return int(operands[0])
    except (IndexError, TypeError, ValueError):
        return 0


def _with_stripped_forms(pdf: pikepdf.Pdf, resources: pikepdf.Object, everything: bool, depth: int) -> pikepdf.Object:
    """Return a copy of `resources` in which the forms have lost their text; pictures stay the same objects."""
    copy = shallow(resources)
    if everything and Name.Font in copy:
        del copy[Name.Font]
    objects = copy.get(Name.XObject)
    if not isinstance(objects, pikepdf.Dictionary) or depth > _MAX_DEPTH:
        return copy
    fresh = shallow(objects)
    for name, one in objects.as_dict().items():
        if isinstance(one, pikepdf.Stream) and one.get(Name.Subtype) == Name.Form:
            fresh[name] = _stripped_form(pdf, one, everything, depth)
    copy[Name.XObject] = fresh
    return copy


def _stripped_form(pdf: pikepdf.Pdf, form: pikepdf.Object, everything: bool, depth: int) -> pikepdf.Object:
    made = pdf.make_stream(_filtered(form, everything))
    for key, value in form.stream_dict.as_dict().items():
        if key not in ("/Length", "/Filter", "/DecodeParms"):
            made[key] = value
    inner = form.get(Name.Resources)
    if isinstance(inner, pikepdf.Dictionary):
        made[Name.Resources] = _with_stripped_forms(pdf, inner, everything, depth + 1)
    return made


def shallow(dictionary: pikepdf.Object) -> pikepdf.Dictionary:
    """Return a copy of a dictionary whose values are the same objects."""
    return pikepdf.Dictionary(dict(dictionary.items()))
