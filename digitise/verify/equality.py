"""Whether two objects of two revisions mean the same, however they were written."""

from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils import generic

from digitise.verify.structure import FAULTS

MAX_NODES = 400_000  # objects compared: a thousand pages with annotations; guards against reference bombs
MAX_DEPTH = 120  # nesting of one object; deeper is a bomb
BACKWARDS = {"/Parent", "/StructParent", "/StructParents", "/LastModified", "/M", "/Length", "/NM"}


class TooMuch(Exception):
    """The comparison would take too long."""


def raw(container: Any, key: str) -> Any:
    """Read an entry without following its reference; None where it is missing."""
    return container.raw_get(key) if container is not None and key in container else None


class Equal:
    """Deep equality of two objects of two revisions; back references and dates of change do not count."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, Any], bool] = {}
        self._nodes = 0

    def __call__(self, one: Any, other: Any, depth: int = 0) -> bool:
        self._nodes += 1
        if self._nodes > MAX_NODES or depth > MAX_DEPTH:
            raise TooMuch("comparison")
        if isinstance(one, generic.IndirectObject) and isinstance(other, generic.IndirectObject):
            pair = ((one.idnum, one.generation), (other.idnum, other.generation))
            if pair not in self._known:
                self._known[pair] = True  # while it is being compared further up
                self._known[pair] = self._values(one, other, depth)
            return self._known[pair]
        return self._values(one, other, depth)

    def _values(self, one: Any, other: Any, depth: int) -> bool:
        one, other = resolved(one), resolved(other)
        if one is None or other is None:
            return one is other
        if isinstance(one, generic.StreamObject):
            return isinstance(other, generic.StreamObject) and self._streams(one, other, depth)
        if isinstance(one, generic.DictionaryObject):
            return isinstance(other, generic.DictionaryObject) and self._dictionaries(one, other, depth)
        if isinstance(one, generic.ArrayObject):
            return (
                isinstance(other, generic.ArrayObject)
                and len(one) == len(other)
                and all(self(a, b, depth + 1) for a, b in zip(items(one), items(other), strict=True))
            )
        if isinstance(one, generic.TextStringObject | generic.ByteStringObject):
            return hasattr(other, "original_bytes") and one.original_bytes == other.original_bytes
        return bool(one == other)

    def _dictionaries(self, one: Any, other: Any, depth: int) -> bool:
        if "/Type" in one and one["/Type"] == "/Page":
            return "/Type" in other and other["/Type"] == "/Page"  # pages are compared in their own order
        keys = (set(one) | set(other)) - BACKWARDS
        if _leads_back(one) and _leads_back(other):
            keys.discard("/P")
        return all(self(raw(one, key), raw(other, key), depth + 1) for key in keys)

    def _streams(self, one: Any, other: Any, depth: int) -> bool:
        if one.encoded_data != other.encoded_data and one.data != other.data:
            return False
        keys = (set(one) | set(other)) - BACKWARDS - {"/Filter", "/DecodeParms"}
        return all(self(raw(one, key), raw(other, key), depth + 1) for key in keys)


def _leads_back(node: Any) -> bool:
    """Say whether /P, where it is there, is a reference to page or parent; elsewhere it is a prefix or a permission."""
    return "/P" not in node or isinstance(node.raw_get("/P"), generic.IndirectObject)


def resolved(value: Any) -> Any:
    """Follow a reference; what is missing, freed or null is None."""
    if isinstance(value, generic.IndirectObject):
        try:
            value = value.get_object()  # type: ignore[no-untyped-call]
        except FAULTS:
            return None
    return None if isinstance(value, generic.NullObject) else value


def items(array: Any) -> Iterator[Any]:
    """Return the entries of an array without following their references."""
    return (array.raw_get(i) for i in range(len(array)))
