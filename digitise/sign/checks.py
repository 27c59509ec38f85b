"""What must hold before a file may be signed: it can be read, nothing in it acts, nothing was done to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf

from digitise.errors import RefusedInput, SigningRefused
from digitise.sign.increment import Base, NotPlain, open_base
from digitise.sign.pdf_signer import fields_of

_ACTIVE = (
    "/JavaScript",
    "/JS",
    "/Launch",
    "/SubmitForm",
    "/ImportData",
    "/ResetForm",
    "/Rendition",
    "/Movie",
    "/Sound",
)
_MOST = 20_000  # annotations and fields looked at; a bound volume of forms has a few thousand


def check_file(path: Path) -> bool:
    """Return whether the file bears signatures; raise where it may not be signed.

    Raises PasswordNeeded, UnreadableFile, RefusedInput (`active_content`, `xfa`), SigningRefused (`certified`).
    """
    try:
        return _check(path)
    except NotPlain as error:
        raise SigningRefused("damaged", file=path.name) from error


def _check(path: Path) -> bool:
    with open_base(path) as base:
        _catalogue(base, path.name)
        for action in _actions(base.pdf):
            kind = str(action.get("/S", ""))
            if kind in _ACTIVE or "/JS" in action:
                raise RefusedInput("active_content", file=path.name, what=kind.strip("/") or "JS")
        return _signed(base.pdf)


def _catalogue(base: Base, name: str) -> None:
    root = base.pdf.Root
    names = root.get("/Names", pikepdf.Dictionary())
    if "/JavaScript" in names:
        raise RefusedInput("active_content", file=name, what="JavaScript")
    form = root.get("/AcroForm", pikepdf.Dictionary())
    if isinstance(form, pikepdf.Dictionary) and "/XFA" in form:
        raise RefusedInput("xfa", file=name)
    if 1 in _permissions(root):
        raise SigningRefused("certified", file=name)


def may_annotate(path: Path) -> bool:
    """Say whether number and date may be written: a certified file may permit forms and signatures alone (DocMDP 2)."""
    with open_base(path) as base:
        return all(permission >= 3 for permission in _permissions(base.pdf.Root))


def _permissions(root: Any) -> Iterator[int]:
    """Yield what the certification of a file permits: 1 nothing, 2 forms and signatures, 3 annotations too (ISO 32000-1, 12.8.2.2)."""
    perms = root.get("/Perms", pikepdf.Dictionary())
    certified = perms.get("/DocMDP") if isinstance(perms, pikepdf.Dictionary) else None
    if isinstance(certified, pikepdf.Dictionary):
        for reference in certified.get("/Reference", []):
            yield int(reference.get("/TransformParams", pikepdf.Dictionary()).get("/P", 2))


def _actions(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Yield the actions that a viewer would run: of the document, its bookmarks, pages, annotations and fields."""
    root = pdf.Root
    yield from _chain(root.get("/OpenAction"))
    yield from _additional(root)
    for bookmark in _bookmarks(root):
        yield from _chain(bookmark.get("/A"))
    for _, field in fields_of(pdf):
        yield from _chain(field.get("/A"))
        yield from _additional(field)
    seen = 0
    for page in pdf.pages:
        yield from _additional(page.obj)
        for annotation in page.obj.get("/Annots", []):
            seen += 1
            if seen > _MOST:
                raise RefusedInput("too_many_annotations", found=seen)
            if isinstance(annotation, pikepdf.Dictionary):
                if str(annotation.get("/Subtype")) in ("/Movie", "/Sound", "/Screen", "/3D", "/RichMedia"):
                    yield pikepdf.Dictionary(S=pikepdf.Name("/Movie"))
                yield from _chain(annotation.get("/A"))
                yield from _additional(annotation)
                yield from _additional(annotation.get("/Parent"))  # a field that the form does not list


def _bookmarks(root: Any) -> Iterator[pikepdf.Object]:
    outlines = root.get("/Outlines")
    waiting = [outlines.get("/First")] if isinstance(outlines, pikepdf.Dictionary) else []
    seen = 0
    while waiting and seen < _MOST:  # a bound on bookmarks that lead back to themselves
        bookmark = waiting.pop()
        if isinstance(bookmark, pikepdf.Dictionary):
            seen += 1
            yield bookmark
            waiting += [bookmark.get("/Next"), bookmark.get("/First")]


def _additional(holder: Any) -> Iterator[pikepdf.Object]:
    if isinstance(holder, pikepdf.Dictionary):
        actions = holder.get("/AA")
        if isinstance(actions, pikepdf.Dictionary):
            for action in actions.values():
                yield from _chain(action)


def _chain(action: Any) -> Iterator[pikepdf.Object]:
    waiting, steps = [action], 0
    while waiting and steps < 100:  # a bound on chains that lead back to themselves
        steps += 1
        found = waiting.pop()
        if isinstance(found, pikepdf.Dictionary):
            yield found
            following = found.get("/Next")
            waiting += list(following) if isinstance(following, pikepdf.Array) else [following]


def _signed(pdf: pikepdf.Pdf) -> bool:
    values = (field.get("/V") for _, field in fields_of(pdf))
    return any(isinstance(value, pikepdf.Dictionary) and "/ByteRange" in value for value in values)
