"""What a document shows and does, compared at two moments: pages, annotations, form, actions; however the update was written.

pyHanko's difference analysis explains every rewritten object or calls the update suspicious. Real files rewrite objects without need,
free them, or dangle. Here the two documents are compared as trees of meaning instead: what is equal there cannot have misled anybody
who opened the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pyhanko.pdf_utils import generic

from digitise.model.verdicts import ChangeClass
from digitise.verify.equality import BACKWARDS, Equal, TooMuch, raw
from digitise.verify.structure import value_at

_CATALOGUE_FREE = {  # entries of the catalogue that show nothing, or are compared on their own
    *("/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Version", "/Perms", "/Pages", "/Type", "/StructTreeRoot"),
    *("/MarkInfo", "/PieceInfo", "/Lang"),
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
_FORM_FREE = {"/Fields", "/SigFlags", "/DR", "/DA", "/NeedAppearances", "/Q"}
_ORDER = list(ChangeClass)


@dataclass(slots=True)
class Difference:
    """The gravest kind of change found, and the changed form fields."""

    kind: ChangeClass = ChangeClass.VALIDATION_DATA
    fields: list[str] = field(default_factory=list)
    what: list[str] = field(default_factory=list)

    def add(self, kind: ChangeClass, what: str) -> None:
        """Note a change; the gravest kind stays."""
        if _ORDER.index(kind) > _ORDER.index(self.kind):
            self.kind = kind
        if len(self.what) < 8:
            self.what.append(what)


def compare(old: Any, new: Any) -> Difference:
    """Compare two revisions, given as pyHanko handlers. Raises TooMuch; any other fault of the structure escapes as it is."""
    found = Difference()
    equal = Equal()
    old_root, new_root = old.root, new.root
    for key in (set(old_root) | set(new_root)) - _CATALOGUE_FREE:
        if not equal(raw(old_root, key), raw(new_root, key)):
            found.add(ChangeClass.CONTENT, f"catalogue {key}")
    if not equal(raw(old.trailer_view, "/Encrypt"), raw(new.trailer_view, "/Encrypt")):
        found.add(ChangeClass.CONTENT, "trailer /Encrypt")
    before, after = list(_pages(old_root)), list(_pages(new_root))
    if len(before) != len(after):
        found.add(ChangeClass.CONTENT, f"{len(before)} pages, now {len(after)}")
        return found
    for number, (one, other) in enumerate(zip(before, after, strict=True), 1):
        _compare_page(found, equal, one, other, number)
    _compare_forms(found, equal, old_root, new_root)
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


def _compare_page(found: Difference, equal: "Equal", old: dict[str, Any], new: dict[str, Any], number: int) -> None:
    for key in (set(old) | set(new)) - _PAGE_FREE:
        if not equal(old.get(key), new.get(key)):
            found.add(ChangeClass.CONTENT, f"page {number} {key}")
    before, after = _annotations(old), _annotations(new)
    left = list(after)
    for one in before:
        match = next((other for other in left if _same_reference(one, other)), None)
        if match is None:
            match = next((other for other in left if equal(one, other)), None)
        if match is None:
            found.add(ChangeClass.ANNOTATION, f"page {number}: annotation removed")
            continue
        left.remove(match)
        _compare_annotation(found, equal, one.get_object(), match.get_object(), number)
    for added in left:
        _judge_added(found, added.get_object(), number)


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


def _compare_annotation(found: Difference, equal: "Equal", old: Any, new: Any, number: int) -> None:
    if equal(old, new):
        return
    if _field_type(old) == _field_type(new) == "/Sig":
        unsigned = "/V" not in old
        rest = {
            key
            for key in set(old) | set(new)
            if key not in BACKWARDS | {"/V", "/AP", "/F", "/MK", "/Lock", "/SV", "/DA"}
        }
        if unsigned and _signed(new) and all(equal(raw(old, key), raw(new, key)) for key in rest):
            found.add(ChangeClass.FURTHER_SIGNATURE, f"page {number}: signature field filled")
            return
    elif _field_type(old) is not None and _field_type(old) == _field_type(new):
        found.add(ChangeClass.FORM_FILLED, f"page {number}: form field")
        return
    found.add(ChangeClass.ANNOTATION, f"page {number}: annotation changed")


def _judge_added(found: Difference, added: Any, number: int) -> None:
    if not isinstance(added, generic.DictionaryObject):
        return
    if _field_type(added) == "/Sig" and (_signed(added) or not _visible(added)):
        found.add(ChangeClass.FURTHER_SIGNATURE, f"page {number}: signature field")
    else:
        found.add(ChangeClass.ANNOTATION, f"page {number}: {value_at(added, '/Subtype') or 'annotation'} added")


def _visible(widget: Any) -> bool:
    rect = [float(v) for v in (value_at(widget, "/Rect") or ())]
    return len(rect) == 4 and rect[0] != rect[2] and rect[1] != rect[3] and "/AP" in widget


def _signed(widget: Any) -> bool:
    for _ in range(32):
        if "/V" in widget:
            return isinstance(widget["/V"], generic.DictionaryObject)
        if "/Parent" not in widget:
            return False
        widget = widget["/Parent"]
    return False


def _field_type(node: Any) -> str | None:
    for _ in range(32):
        if not isinstance(node, generic.DictionaryObject):
            return None
        if "/FT" in node:
            return str(node["/FT"])
        if "/Parent" not in node:
            return None
        node = node["/Parent"]
    return None


def _compare_forms(found: Difference, equal: "Equal", old_root: Any, new_root: Any) -> None:
    old = value_at(old_root, "/AcroForm")
    new = value_at(new_root, "/AcroForm")
    for key in (set(old or ()) | set(new or ())) - _FORM_FREE:
        if not equal(raw(old, key), raw(new, key)):
            found.add(ChangeClass.CONTENT, f"form {key}")
    before, after = dict(_fields(old)), dict(_fields(new))
    for name, one in before.items():
        other = after.pop(name, None)
        if other is None:
            found.add(ChangeClass.CONTENT, f"field {name} removed")
        elif not equal(one, other) and not (
            _field_type(one) == _field_type(other) == "/Sig" and _filled(one, other, equal)
        ):
            found.fields.append(name)
            found.add(ChangeClass.FORM_FILLED, f"field {name}")
    for name, added in after.items():
        signature = _field_type(added) == "/Sig"
        found.add(ChangeClass.FURTHER_SIGNATURE if signature else ChangeClass.CONTENT, f"field {name} added")


def _filled(old: Any, new: Any, equal: "Equal") -> bool:
    """Say whether a signature field was empty and is now signed, or kept its signature."""
    return "/V" not in old or equal(raw(old, "/V"), raw(new, "/V"))


def _fields(form: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(form, generic.DictionaryObject) or "/Fields" not in form:
        return
    waiting = [(one, "") for one in form["/Fields"]]
    for _ in range(20_000):
        if not waiting:
            return
        entry, prefix = waiting.pop()
        node = entry.get_object()
        if not isinstance(node, generic.DictionaryObject):
            continue
        name = f"{prefix}.{node['/T']}" if "/T" in node else prefix
        kids = [kid for kid in (value_at(node, "/Kids") or ()) if _named(kid)]
        if kids:
            waiting += [(kid, name) for kid in kids]
        else:
            yield name, node
    raise TooMuch("form")


def _named(kid: Any) -> bool:
    node = kid.get_object()
    return isinstance(node, generic.DictionaryObject) and "/T" in node
