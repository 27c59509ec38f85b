"""What became of a form's fields between two revisions: added, filled, repainted, or shown by other rules."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic

from digitise.model.verdicts import ChangeClass
from digitise.verify.equality import BACKWARDS, Equal, TooMuch, raw, resolved
from digitise.verify.structure import value_at

MAX_FIELDS = 20_000  # of one form; the largest real ones have some 2,000
MAX_DEPTH = 32  # of a field's ancestors; deeper is a loop
_FREE = {"/Fields", "/SigFlags", "/DR", "/DA", "/NeedAppearances", "/Q"}
FILLING = {
    "/V",
    "/AP",
    "/AS",
    "/I",
    "/TI",
    "/RV",
    "/DA",
    "/Q",
    "/F",
    "/Ff",
    "/Type",
}  # entries that filling a field in changes
_SHOWS = ("/AP", "/AS", "/F", "/MK", "/DA", "/Q", "/Rect")

Told = tuple[ChangeClass, str, str | None]
"""Kind of change, what it was, and the name of the field."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What changed of one field."""

    name: str
    value: bool
    look: bool
    waits: bool = False  # a signature field that came, and that nobody has signed


def form_of(root: Any) -> Any:
    """Return the form of a catalogue; None where there is none."""
    form = value_at(root, "/AcroForm")
    return form if isinstance(form, generic.DictionaryObject) else None


def fields_of(form: Any) -> Iterator[tuple[str, Any]]:
    """Yield (name, field) of the terminal fields of a form. Raises TooMuch; faults of the structure escape."""
    if form is None or "/Fields" not in form:
        return
    waiting = [(one, "") for one in form["/Fields"]]
    for _ in range(MAX_FIELDS):
        if not waiting:
            return
        entry, prefix = waiting.pop()
        node = entry.get_object()
        if not isinstance(node, generic.DictionaryObject):
            continue
        part = node.get("/T")
        name = prefix if part is None else f"{prefix}.{part}" if prefix else str(part)
        kids = [kid for kid in (value_at(node, "/Kids") or ()) if _named(kid)]
        if kids:
            waiting += [(kid, name) for kid in kids]
        else:
            yield name, node
    raise TooMuch("form")


def type_of(node: Any) -> str | None:
    """Return the /FT of a field or widget, its own or inherited."""
    for _ in range(MAX_DEPTH):
        if not isinstance(node, generic.DictionaryObject):
            return None
        if "/FT" in node:
            return str(node["/FT"])
        if "/Parent" not in node:
            return None
        node = node["/Parent"]
    return None


def widgets_of(form: Any, names: Iterable[str]) -> set[tuple[int, int]]:
    """Return the object numbers of the widgets that belong to the fields of these names."""
    wanted = set(names)
    found: set[tuple[int, int]] = set()
    for name, node in fields_of(form):
        if name in wanted:
            places = [node.container_ref, *(raw(node, "/Kids").get_object() if "/Kids" in node else ())]
            found |= {(one.idnum, one.generation) for one in places if hasattr(one, "idnum")}
    return found


def compare_forms(equal: Equal, old_root: Any, new_root: Any) -> Iterator[Told]:
    """Yield what is different about the forms of two revisions."""
    old, new = form_of(old_root), form_of(new_root)
    for key in (set(old or ()) | set(new or ())) - _FREE:
        if not equal(raw(old, key), raw(new, key)):
            yield ChangeClass.CONTENT, f"form {key}", None
    if (defaults := defaults_changed(equal, old, new)) is not None:
        yield default_kind(defaults), f"form {defaults}", None
    after = dict(fields_of(new))
    for name, one in fields_of(old):
        other = after.pop(name, None)
        if other is None:
            yield ChangeClass.CONTENT, f"field {name} removed", name
        elif type_of(one) == type_of(other) == "/Sig":
            if "/V" in one and not equal(raw(one, "/V"), raw(other, "/V")):
                yield ChangeClass.CONTENT, f"signature of {name} replaced", name
            elif "/V" not in one and "/V" in other:
                yield ChangeClass.FURTHER_SIGNATURE, f"field {name} signed", name
        elif not equal(one, other):
            kind = ChangeClass.FORM_FILLED if only_filled(equal, one, other) else ChangeClass.ANNOTATION
            yield kind, f"field {name}", name
    for name, added in after.items():
        kind = ChangeClass.FURTHER_SIGNATURE if type_of(added) == "/Sig" else ChangeClass.CONTENT
        yield kind, f"field {name} added", name


def only_filled(equal: Equal, one: Any, other: Any) -> bool:
    """Say whether a field or widget differs in nothing but what filling it in changes: it was not moved and does nothing new."""
    keys = (set(one) | set(other)) - FILLING - BACKWARDS - {"/P"}
    kids = value_at(one, "/Kids"), value_at(other, "/Kids")
    if "/Kids" in keys and all(isinstance(each, generic.ArrayObject) for each in kids) and len(kids[0]) == len(kids[1]):
        keys.discard("/Kids")  # widgets are compared one by one with the annotations of their page
    return all(equal(raw(one, key), raw(other, key)) for key in keys)


def defaults_changed(equal: Equal, old: Any, new: Any) -> str | None:
    """Say which default changed by which viewers draw fields anew: fonts, default appearance. What is added besides changes nothing."""
    if old is None or new is None or not any(type_of(node) != "/Sig" for _, node in fields_of(old)):
        return None
    for key in ("/DA", "/Q"):
        if key in old and not equal(raw(old, key), raw(new, key)):
            return key
    if value_at(new, "/NeedAppearances") and not value_at(old, "/NeedAppearances"):
        return "/NeedAppearances"
    before, after = resolved(raw(old, "/DR")), resolved(raw(new, "/DR"))
    for category in before or ():
        held, now = resolved(raw(before, category)), resolved(raw(after, category))
        if not isinstance(held, generic.DictionaryObject):
            continue
        for name in held:
            if not isinstance(now, generic.DictionaryObject) or not equal(raw(held, name), raw(now, name)):
                return f"/DR {category}{name}"
    return None


def default_kind(key: str) -> ChangeClass:
    """Return what the change of a default means: to have fields drawn anew is part of filling them, by another font is not."""
    return ChangeClass.FORM_FILLED if key == "/NeedAppearances" else ChangeClass.ANNOTATION


def field_changes(old_root: Any, new_root: Any, names: Iterable[str]) -> list[FieldChange]:
    """Return what really changed of the fields of these names; those that are what they were are left out."""
    equal = Equal()
    before, after = dict(fields_of(form_of(old_root))), dict(fields_of(form_of(new_root)))
    found = []
    for name in names:
        one, other = before.get(name), after.get(name)
        if one is None or other is None:
            waits = one is None and other is not None and type_of(other) == "/Sig" and "/V" not in other
            found.append(FieldChange(name, value=True, look=True, waits=waits))
            continue
        value = not equal(raw(one, "/V"), raw(other, "/V"))
        if value or not equal(one, other):
            found.append(FieldChange(name, value, _looks_other(equal, one, other)))
    return found


def _looks_other(equal: Equal, one: Any, other: Any) -> bool:
    pairs = [(one, other), *zip(_widgets(one), _widgets(other), strict=False)]
    return any(not equal(raw(a, key), raw(b, key)) for a, b in pairs for key in _SHOWS)


def _widgets(field: Any) -> list[Any]:
    return [kid.get_object() for kid in (value_at(field, "/Kids") or ())]


def _named(kid: Any) -> bool:
    node = kid.get_object()
    return isinstance(node, generic.DictionaryObject) and "/T" in node
