"""pyHanko asks by which paths an old file reaches what an update rewrote, and reads the whole old file for the answer.

After a signature our own update rewrites the catalogue alone, to hang validation data on it. Then the answer needs no paths:
qpdf shows in a millisecond that nothing else in the old file refers to what the update brought. Whatever is not that plain
is left to pyHanko itself, and pyHanko's own rules judge the update in any case.
"""

import re
from typing import Any

import pikepdf

from digitise.sign.pyhanko_hook import Function, put_before

_REFERENCE = re.compile(rb"\b(\d{1,10}) \d{1,5} R\b")


def install() -> None:
    """Let pyHanko in this process answer the plain case at once."""
    from pyhanko.pdf_utils.reader import HistoricalResolver, RawPdfPath

    def quicker(slow: Function) -> Function:
        def quick(old: Any) -> None:
            if old._indirect_object_access_cache is None:
                later = later_references(old)
                if later and only_the_catalogue(old, later):
                    # objects that no update rewrote have nothing to be cleared of: their paths may be missing
                    old._indirect_object_access_cache = {old.root_ref: {RawPdfPath("/Root")}}
                    return
            slow(old)

        return quick

    put_before(HistoricalResolver, "_load_reverse_xref_cache", quicker)


def later_references(old: Any) -> set[Any]:
    """Return the references of all objects that came after the revision `old`; none where any was freed."""
    sections = old.reader.xrefs
    revisions = range(old.revision + 1, sections.total_revisions)
    if any(sections.refs_freed_in_revision(one) for one in revisions):
        return set()
    return {reference for one in revisions for reference in sections.explicit_refs_in_revision(one)}


def only_the_catalogue(old: Any, later: set[Any]) -> bool:
    """Say whether of `later` only the catalogue was there before, and nothing but the trailer refers to any of them."""
    sections, root = old.reader.xrefs, old.root_ref
    if any(one != root and sections.get_historical_ref(one, old.revision) is not None for one in later):
        return False
    numbers = {one.idnum for one in later} | {root.idnum}
    trailer = old.reader.trailer.flatten(old.revision)
    around = [old.root, *(trailer.raw_get(key) for key in trailer if key != "/Root")]
    if any(_refers(value, numbers) for value in around):
        return False
    try:
        with pikepdf.open(old.reader.stream.name, attempt_recovery=False, inherit_page_attributes=False) as pdf:
            return not pdf.get_warnings() and not any(_mentions(one, numbers) for one in pdf.objects)
    except (pikepdf.PdfError, AttributeError, TypeError, OSError, RuntimeError, ValueError):
        return False


def _refers(value: Any, numbers: set[int]) -> bool:
    """Look through a direct value; a reference is judged by its number and not followed."""
    from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject

    if isinstance(value, IndirectObject):
        return value.idnum in numbers
    if isinstance(value, DictionaryObject):
        return any(_refers(value.raw_get(key), numbers) for key in value)
    if isinstance(value, ArrayObject):
        return any(_refers(value.raw_get(place), numbers) for place in range(len(value)))
    return False


def _mentions(value: pikepdf.Object, numbers: set[int]) -> bool:
    if value.objgen[0] in numbers:
        return False
    text = value.stream_dict.unparse() if isinstance(value, pikepdf.Stream) else value.unparse(resolved=True)
    return any(int(found) in numbers for found in _REFERENCE.findall(text))
