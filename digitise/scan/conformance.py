"""May this document claim PDF/A-2b? Only where everything in it is known to be allowed; veraPDF judges us in the tests."""

from collections.abc import Sequence
from typing import Any

import pikepdf
from pikepdf import Name

# LZW and Crypt are forbidden (6.1.7.2)
_FILTERS = {
    f"/{name}Decode" for name in ("Flate", "DCT", "CCITTFax", "JBIG2", "JPX", "ASCII85", "ASCIIHex", "RunLength")
}
_IMAGE_EXTRAS = ("/Alternates", "/OPI", "/Interpolate", "/Metadata", "/PieceInfo")
_MAX_DEPTH = 6


def repair(pdf: pikepdf.Pdf, pages: Sequence[pikepdf.Object]) -> None:
    """Set right what can be without touching a picture's data: forbidden extras, LZW packing, old boxes."""
    for image in _images(pages):
        for name in _IMAGE_EXTRAS:
            if name in image:
                del image[name]
        if "/LZWDecode" in _filters(image):
            image.write(image.read_bytes(pikepdf.StreamDecodeLevel.generalized))
    for page in pages:
        for name in ("/Metadata", "/PieceInfo", "/Thumb", "/PresSteps", "/B"):
            if name in page:
                del page[name]


def conforms(pdf: pikepdf.Pdf, pages: Sequence[pikepdf.Object]) -> bool:
    """Say whether all that the document holds is known to be allowed."""
    root = pdf.Root
    if any(name in root for name in ("/AcroForm", "/OCProperties", "/AF", "/Requirements")):
        return False
    return all(_page_conforms(page) for page in pages)


def _page_conforms(page: pikepdf.Object) -> bool:
    notes = page.get(Name.Annots)
    if isinstance(notes, pikepdf.Array) and not all(_link(note) for note in notes):
        return False
    return _resources_conform(page.get(Name.Resources), 0) and _group_conforms(page)


def _link(note: Any) -> bool:
    """Say whether an annotation is a plain link, which is made printable."""
    if not isinstance(note, pikepdf.Dictionary) or note.get(Name.Subtype) != Name.Link:
        return False
    note[Name.F] = 4
    return Name.AP not in note


def _group_conforms(holder: pikepdf.Object) -> bool:
    group = holder.get(Name.Group)
    return not isinstance(group, pikepdf.Dictionary) or _space(group.get(Name.CS, Name.DeviceRGB))


def _resources_conform(resources: Any, depth: int) -> bool:
    if not isinstance(resources, pikepdf.Dictionary):
        return True
    if depth > _MAX_DEPTH:
        return False
    fonts = resources.get(Name.Font)
    if isinstance(fonts, pikepdf.Dictionary) and any(not _ours(font) for font in fonts.as_dict().values()):
        return False
    for kind in ("/Pattern", "/Shading"):
        if len(resources.get(kind, {})):
            return False
    states = resources.get(Name.ExtGState)
    if isinstance(states, pikepdf.Dictionary) and not all(_state(one) for one in states.as_dict().values()):
        return False
    spaces = resources.get(Name.ColorSpace)
    if isinstance(spaces, pikepdf.Dictionary) and not all(_space(one) for one in spaces.as_dict().values()):
        return False
    objects = resources.get(Name.XObject)
    if not isinstance(objects, pikepdf.Dictionary):
        return True
    return all(_object_conforms(one, depth) for one in objects.as_dict().values())


def _ours(font: Any) -> bool:
    return isinstance(font, pikepdf.Dictionary) and str(font.get(Name.BaseFont, "")) == "/DigitiseInvisible"


def _state(state: Any) -> bool:
    if not isinstance(state, pikepdf.Dictionary):
        return False
    harmless = {
        "/Type",
        "/CA",
        "/ca",
        "/BM",
        "/SA",
        "/OP",
        "/op",
        "/OPM",
        "/LW",
        "/LC",
        "/LJ",
        "/ML",
        "/AIS",
        "/TK",
        "/SM",
    }
    return set(state.keys()) <= harmless and state.get(Name.BM, Name.Normal) in (Name.Normal, Name.Multiply)


def _object_conforms(one: Any, depth: int) -> bool:
    if not isinstance(one, pikepdf.Stream):
        return False
    if one.get(Name.Subtype) == Name.Image:
        return _image(one)
    if one.get(Name.Subtype) != Name.Form or Name.Ref in one or Name.PS in one:
        return False
    return _group_conforms(one) and _resources_conform(one.get(Name.Resources), depth + 1)


def _filters(stream: pikepdf.Object) -> set[str]:
    found = stream.get(Name.Filter)
    if found is None:
        return set()
    return {str(one) for one in found} if isinstance(found, pikepdf.Array) else {str(found)}


def _image(image: pikepdf.Object) -> bool:
    filters = _filters(image)
    if not filters <= _FILTERS:
        return False
    mask = image.get(Name.SMask)
    if isinstance(mask, pikepdf.Stream) and not _image(mask):
        return False
    if bool(image.get(Name.ImageMask, False)):
        return True
    if "/JPXDecode" in filters and Name.ColorSpace not in image:
        return _jpx(image)
    bits = int(image.get(Name.BitsPerComponent, 8))
    return bits in (1, 2, 4, 8, 16) and _space(image.get(Name.ColorSpace))


def _jpx(image: pikepdf.Object) -> bool:
    """Say whether JPEG 2000 data is a JP2 file with one enumerated or restricted-ICC colour box of RGB, grey or sYCC."""
    head = image.read_raw_bytes()[:4096]
    at = head.find(b"colr")
    if not head.startswith(b"\x00\x00\x00\x0cjP  ") or at < 0 or head.count(b"colr") != 1:
        return False
    return head[at + 4] == 2 or (head[at + 4] == 1 and int.from_bytes(head[at + 7 : at + 11], "big") in (16, 17, 18))


def _space(space: Any) -> bool:
    """Say whether a colour space needs nothing but the sRGB output intent."""
    if space is None:
        return False
    if not isinstance(space, pikepdf.Array):
        return space in (Name.DeviceRGB, Name.DeviceGray, Name.G, Name.RGB)
    kind = str(space[0]) if len(space) else ""
    if kind in ("/CalGray", "/CalRGB", "/Lab", "/DeviceRGB", "/DeviceGray"):
        return True
    if kind in ("/Indexed", "/I"):
        return len(space) == 4 and _space(space[1])
    return kind == "/ICCBased" and len(space) == 2 and _profile(space[1])


def _profile(stream: Any) -> bool:
    if not isinstance(stream, pikepdf.Stream):
        return False
    head = stream.read_bytes()[:132]
    spaces = {1: b"GRAY", 3: b"RGB ", 4: b"CMYK"}
    return (
        len(head) == 132 and head[36:40] == b"acsp" and head[8] in (2, 4)
        and head[16:20] == spaces.get(int(stream.get(Name.N, 0)))
    )  # fmt: skip


def _images(pages: Sequence[pikepdf.Object]) -> list[pikepdf.Object]:
    found: dict[tuple[int, int], pikepdf.Object] = {}
    stack = [(page.get(Name.Resources), 0) for page in pages]
    while stack:
        resources, depth = stack.pop()
        objects = resources.get(Name.XObject) if isinstance(resources, pikepdf.Dictionary) else None
        if not isinstance(objects, pikepdf.Dictionary) or depth > _MAX_DEPTH:
            continue
        for one in objects.as_dict().values():
            if not isinstance(one, pikepdf.Stream):
                continue
            if one.get(Name.Subtype) == Name.Image:
                found[one.objgen] = one
            elif one.get(Name.Subtype) == Name.Form:
                stack.append((one.get(Name.Resources), depth + 1))
    return list(found.values())
