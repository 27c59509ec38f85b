"""What a document shows and does, compared at two moments: pages, annotations, form, actions; however the update was written.

pyHanko's difference analysis explains every rewritten object or calls the update suspicious. Real files rewrite objects without need,
free them, or dangle. Here the two documents are compared as trees of meaning instead: what is equal there cannot have misled anybody
who opened the file.
"""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pyhanko.pdf_utils import generic

from digitise.model.verdicts import ChangeClass
from digitise.verify.equality import BACKWARDS, Equal, TooMuch, raw, resolved
from digitise.verify.forms import compare_forms, form_of, only_filled, type_of, widgets_of
from digitise.verify.spoken import says_the_same
from digitise.verify.structure import value_at

_CATALOGUE_FREE = {  # entries of the catalogue that show nothing, or are compared on their own
    *("/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Version", "/Perms", "/Pages", "/Type", "/StructTreeRoot"),
    *("/MarkInfo", "/PieceInfo"),
}
_PAGE_FREE = {
    "/Annots",
    "/Parent",
    "/LastModified",
    "/Tabs",
    "/StructParents",
    "/Metadata",
    "/PieceInfo",
    "/Type",
    "/ID",
}
_INHERITED = ("/Resources", "/MediaBox", "/CropBox", "/Rotate")
_ORDER = list(ChangeClass)
MAX_ORDERED = 300  # annotations of a page whose overlaps are looked for; more, in another order, are suspicious anyhow


def gravity(kind: ChangeClass) -> int:
    """Return how grave a kind of change is."""
    return _ORDER.index(kind)


@dataclass(slots=True)
class Difference:
    """The gravest kind of change found, and the changed form fields."""

    kind: ChangeClass = ChangeClass.VALIDATION_DATA
    fields: list[str] = field(default_factory=list)
    what: list[str] = field(default_factory=list)
    beyond_pages: bool = False  # something other than what pages and their annotations show

    def add(self, kind: ChangeClass, what: str, *, on_page: bool = False) -> None:
        """Note a change; the gravest kind stays."""
        self.beyond_pages |= kind is ChangeClass.CONTENT and not on_page
        if gravity(kind) > gravity(self.kind):
            self.kind = kind
        if len(self.what) < 8:
            self.what.append(what)


def compare(old: Any, new: Any, later: Iterable[str] = ()) -> Difference:
    """Compare two revisions, given as pyHanko handlers; `later` names the fields of signatures that were made in between.

    Raises TooMuch; any other fault of the structure escapes as it is.
    """
    found = Difference()
    equal = Equal()
    signed = set(later)
    old_root, new_root = old.root, new.root
    for key in (set(old_root) | set(new_root)) - _CATALOGUE_FREE:
        if not equal(raw(old_root, key), raw(new_root, key)):
            found.add(ChangeClass.CONTENT, f"catalogue {key}")
    if not equal(raw(old.trailer_view, "/Encrypt"), raw(new.trailer_view, "/Encrypt")):
        found.add(ChangeClass.CONTENT, "trailer /Encrypt")
    granted, grants = resolved(raw(old_root, "/Perms")), resolved(raw(new_root, "/Perms"))
    if granted is not None and not all(equal(raw(granted, key), raw(grants, key)) for key in granted):
        found.add(
            ChangeClass.CONTENT, "catalogue /Perms"
        )  # a certification taken away; one that comes later adds nothing
    if not says_the_same(old_root, new_root):
        found.add(ChangeClass.CONTENT, "structure tree")
    before, after = list(_pages(old_root)), list(_pages(new_root))
    if len(before) != len(after):
        found.add(ChangeClass.CONTENT, f"{len(before)} pages, now {len(after)}")
        return found
    seals = widgets_of(form_of(new_root), signed)
    for number, (one, other) in enumerate(zip(before, after, strict=True), 1):
        _compare_page(found, equal, one, other, number, seals)
    for kind, what, name in compare_forms(equal, old_root, new_root):
        unknown = kind is ChangeClass.FURTHER_SIGNATURE and name not in signed
        found.add(ChangeClass.FORM_FILLED if unknown else kind, what)
        if name is not None and (unknown or kind is ChangeClass.FORM_FILLED):
            found.fields.append(name)
    return found


def _pages(root: Any) -> Iterator[dict[str, Any]]:
    """Yield each page as entries with the inherited ones filled in."""
    waiting: list[tuple[Any, dict[str, Any]]] = [(root["/Pages"], {})]
    seen = 0
    while waiting:
        node, inherited = waiting.pop()
        seen += 1
        if seen > 50_000 or not isinstance(node, generic.DictionaryObject):
            raise TooMuch("page tree")
        below = {**inherited, **{key: raw(node, key) for key in _INHERITED if key in node}}
        kids = value_at(node, "/Kids")
        if isinstance(kids, generic.ArrayObject):
            waiting += [(kid.get_object(), below) for kid in reversed(kids)]
        else:
            yield {**below, **{key: raw(node, key) for key in node}}


def _compare_page(
    found: Difference, equal: Equal, old: dict[str, Any], new: dict[str, Any], number: int, seals: set[tuple[int, int]]
) -> None:
    for key in (set(old) | set(new)) - _PAGE_FREE:
        if not equal(old.get(key), new.get(key)):
            found.add(ChangeClass.CONTENT, f"page {number} {key}", on_page=key in ("/Contents", "/Resources"))
    before, after = _annotations(old), _annotations(new)
    left = list(after)
    kept: list[Any] = []
    for one in before:
        match = next((other for other in left if _same_reference(one, other)), None)
        if match is None:
            match = next((other for other in left if equal(one, other)), None)
        if match is None:
            found.add(ChangeClass.ANNOTATION, f"page {number}: annotation removed")
            continue
        left.remove(match)
        kept.append(match)
        _compare_annotation(found, equal, one.get_object(), match.get_object(), number)
    if kept != [one for one in after if one in kept] and _overlap(kept):
        found.add(ChangeClass.ANNOTATION, f"page {number}: annotations in another order")
    for added in left:
        own = (getattr(added, "idnum", 0), getattr(added, "generation", 0)) in seals
        _judge_added(found, added.get_object(), number, own=own)


def _overlap(annotations: list[Any]) -> bool:
    """Say whether any two lie on each other, so that their order decides what is seen."""
    if len(annotations) > MAX_ORDERED:
        return True
    boxes = [_box(one.get_object()) for one in annotations]
    return any(
        a and b and a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
        for a, b in itertools.combinations(boxes, 2)
    )


def _box(annotation: Any) -> tuple[float, float, float, float] | None:
    rect = [float(v) for v in (value_at(annotation, "/Rect") or ())]
    if len(rect) != 4:
        return None
    return min(rect[0], rect[2]), min(rect[1], rect[3]), max(rect[0], rect[2]), max(rect[1], rect[3])


def _annotations(page: dict[str, Any]) -> list[Any]:
    raw = page.get("/Annots")  # a plain dictionary of ours
    entries = raw.get_object() if raw is not None else None
    return list(entries) if isinstance(entries, generic.ArrayObject) else []


def _same_reference(one: Any, other: Any) -> bool:
    return (
        isinstance(one, generic.IndirectObject)
        and isinstance(other, generic.IndirectObject)
        and (one.idnum, one.generation) == (other.idnum, other.generation)
    )


def _compare_annotation(found: Difference, equal: Equal, old: Any, new: Any, number: int) -> None:
    if equal(old, new):
        return
    if type_of(old) == type_of(new) == "/Sig":
        unsigned = "/V" not in old
        rest = {
            key
            for key in set(old) | set(new)
            if key not in BACKWARDS | {"/V", "/AP", "/F", "/MK", "/Lock", "/SV", "/DA"}
        }
        if unsigned and _signed(new) and all(equal(raw(old, key), raw(new, key)) for key in rest):
            found.add(ChangeClass.FURTHER_SIGNATURE, f"page {number}: signature field filled")
            return
    elif type_of(old) is not None and type_of(old) == type_of(new) and only_filled(equal, old, new):
        found.add(ChangeClass.FORM_FILLED, f"page {number}: form field")
        return
    found.add(ChangeClass.ANNOTATION, f"page {number}: annotation changed")


def _judge_added(found: Difference, added: Any, number: int, *, own: bool) -> None:
    """Judge an annotation that was not there; `own` where it is the widget of a later signature."""
    if not isinstance(added, generic.DictionaryObject):
        return
    if type_of(added) == "/Sig" and ((own and _signed(added)) or not _visible(added)):
        found.add(ChangeClass.FURTHER_SIGNATURE, f"page {number}: signature field")
    else:
        found.add(ChangeClass.ANNOTATION, f"page {number}: {value_at(added, '/Subtype') or 'annotation'} added")


def _visible(widget: Any) -> bool:
    box = _box(widget)
    return box is not None and box[0] != box[2] and box[1] != box[3] and "/AP" in widget


def _signed(widget: Any) -> bool:
    for _ in range(32):
        if "/V" in widget:
            return isinstance(widget["/V"], generic.DictionaryObject)
        if "/Parent" not in widget:
            return False
        widget = widget["/Parent"]
    return False
