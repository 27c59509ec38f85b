"""What a tagged document says to those who hear or copy it: the elements of its structure tree, their words and their order."""

from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils import generic

from digitise.verify.equality import TooMuch, resolved
from digitise.verify.structure import value_at

MAX_ELEMENTS = 200_000  # a thousand tagged pages have some 50,000
_WORDS = ("/ActualText", "/Alt", "/E", "/Lang")
_FOR_FIELDS = {"/Form", "/Link", "/Annot"}  # what writers add for a new signature field

Element = tuple[str, tuple[str, ...]]


def says_the_same(old_root: Any, new_root: Any) -> bool:
    """Say whether everything said before is still said, in the same order; elements without words may come for new fields."""
    after = iter(list(_elements(value_at(new_root, "/StructTreeRoot"))))
    for wanted in _elements(value_at(old_root, "/StructTreeRoot")):
        for found in after:
            if found == wanted:
                break
            if not _for_a_field(found):
                return False
        else:
            return False
    return all(_for_a_field(one) for one in after)


def _for_a_field(element: Element) -> bool:
    kind, words = element
    return kind in _FOR_FIELDS and not any(words)


def _elements(tree: Any) -> Iterator[Element]:
    waiting = [tree]
    for _ in range(MAX_ELEMENTS):
        if not waiting:
            return
        node = resolved(waiting.pop())
        if isinstance(node, generic.ArrayObject):
            waiting += reversed([node.raw_get(i) for i in range(len(node))])
        elif isinstance(node, generic.NumberObject):
            yield "marked content", (str(int(node)),)
        elif isinstance(node, generic.DictionaryObject):
            kind = str(value_at(node, "/S") or value_at(node, "/Type") or "")
            if kind in ("/MCR", "/OBJR"):
                if kind == "/MCR":
                    yield "marked content", (str(value_at(node, "/MCID")),)
                continue
            if kind != "/StructTreeRoot":
                yield kind, tuple(str(value_at(node, key) or "") for key in _WORDS)
            if "/K" in node:
                waiting.append(node.raw_get("/K"))
    raise TooMuch("structure tree")
