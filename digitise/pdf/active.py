"""Active content of a PDF: what would run, open or send something. Found here, never executed; stripped from copies."""

from collections.abc import Callable, Iterable

import pikepdf
from pikepdf import Name

_ACTIONS: dict[str, str] = {
    "/JavaScript": "javascript",
    "/Launch": "launch",
    "/SubmitForm": "submit",
    "/ImportData": "submit",
    "/GoToE": "embedded_files",
    "/RichMediaExecute": "rich_media",
    "/Rendition": "rich_media",
    "/Movie": "rich_media",
    "/Sound": "rich_media",
}
_ANNOTATIONS: dict[str, str] = {
    "/FileAttachment": "embedded_files",
    "/RichMedia": "rich_media",
    "/Movie": "rich_media",
    "/Sound": "rich_media",
    "/Screen": "rich_media",
    "/3D": "rich_media",
}
_MAX_ITEMS = 50_000  # outline entries or fields that are looked at
_MAX_CHAIN = 50  # actions that follow one another by /Next


def active_content(pdf: pikepdf.Pdf, pages: Iterable[pikepdf.Object]) -> set[str]:
    """Name the kinds of active content: javascript, launch, submit, embedded_files, rich_media, additional_actions."""
    root = pdf.Root
    found = set(_action(root.get(Name.OpenAction))) | _additional(root)
    names = root.get(Name.Names)
    if isinstance(names, pikepdf.Dictionary):
        if Name.JavaScript in names:
            found.add("javascript")
        if Name.EmbeddedFiles in names:
            found.add("embedded_files")
    if Name.AF in root or Name.Collection in root:
        found.add("embedded_files")
    for item in (*_outline_items(root), *_fields(root)):
        found |= set(_action(item.get(Name.A))) | _additional(item)
    for page in pages:
        found |= _additional(page)
        for note in _annotations(page):
            found |= _of_annotation(note)
    return found


def _outline_items(root: pikepdf.Object) -> list[pikepdf.Object]:
    """Return the outline's entries; a chain that bites its tail ends at the limit."""
    return _walk([root.get(Name.Outlines)], lambda item: [item.get(Name.First), item.get(Name.Next)])


def _fields(root: pikepdf.Object) -> list[pikepdf.Object]:
    """Return the form's fields, those that stand on no page too."""
    form = root.get(Name.AcroForm)
    fields = form.get(Name.Fields) if isinstance(form, pikepdf.Dictionary) else None
    return _walk(_list(fields), lambda field: _list(field.get(Name.Kids)))


def _list(value: pikepdf.Object | None) -> list[pikepdf.Object | None]:
    return list(value) if isinstance(value, pikepdf.Array) else []


def _walk(
    start: list[pikepdf.Object | None], below: Callable[[pikepdf.Object], list[pikepdf.Object | None]]
) -> list[pikepdf.Object]:
    found: list[pikepdf.Object] = []
    seen: set[tuple[int, int]] = set()
    waiting = list(start)
    while waiting and len(found) < _MAX_ITEMS:
        item = waiting.pop()
        if not isinstance(item, pikepdf.Dictionary) or item.objgen in seen:
            continue
        if item.objgen != (0, 0):
            seen.add(item.objgen)
        found.append(item)
        waiting += below(item)
    return found


def _annotations(page: pikepdf.Object) -> list[pikepdf.Object]:
    notes = page.get(Name.Annots)
    return [note for note in notes if isinstance(note, pikepdf.Dictionary)] if isinstance(notes, pikepdf.Array) else []


def _of_annotation(note: pikepdf.Object) -> set[str]:
    kind = _ANNOTATIONS.get(str(note.get(Name.Subtype, "")))
    return ({kind} if kind else set()) | set(_action(note.get(Name.A))) | _additional(note)


def _additional(holder: pikepdf.Object) -> set[str]:
    actions = holder.get(Name.AA)
    if not isinstance(actions, pikepdf.Dictionary):
        return set()
    found = {kind for action in actions.as_dict().values() for kind in _action(action)}
    return found or {"additional_actions"}


def _action(action: pikepdf.Object | None) -> list[str]:
    found: list[str] = []
    for _ in range(_MAX_CHAIN):
        if not isinstance(action, pikepdf.Dictionary):
            break
        kind = _ACTIONS.get(str(action.get(Name.S, "")))
        if kind:
            found.append(kind)
        following = action.get(Name.Next)
        if isinstance(following, pikepdf.Array):
            for one in list(following)[:_MAX_CHAIN]:
                found += _action(one) if isinstance(one, pikepdf.Dictionary) and Name.Next not in one else []
            break
        action = following
    return found


def strip(pdf: pikepdf.Pdf, pages: Iterable[pikepdf.Object]) -> set[str]:
    """Take all active content out of an open PDF (a copy to be); return what was taken out."""
    pages = list(pages)
    found = active_content(pdf, pages)
    root = pdf.Root
    _strip_holder(root, Name.OpenAction)
    names = root.get(Name.Names)
    if isinstance(names, pikepdf.Dictionary):
        for name in (Name.JavaScript, Name.EmbeddedFiles, Name.AlternatePresentations, Name.Renditions):
            if name in names:
                del names[name]
    for name in (Name.AF, Name.Collection, Name.Requirements):
        if name in root:
            del root[name]
    for item in (*_outline_items(root), *_fields(root)):
        _strip_holder(item, Name.A)
    for page in pages:
        _strip_holder(page, None)
        notes = page.get(Name.Annots)
        if isinstance(notes, pikepdf.Array):
            kept = [note for note in notes if not _is_active_annotation(note)]
            for note in kept:
                if isinstance(note, pikepdf.Dictionary):
                    _strip_holder(note, Name.A)
            page[Name.Annots] = pikepdf.Array(kept)
    return found


def _is_active_annotation(note: pikepdf.Object) -> bool:
    return isinstance(note, pikepdf.Dictionary) and str(note.get(Name.Subtype, "")) in _ANNOTATIONS


def _strip_holder(holder: pikepdf.Object, action: Name | None) -> None:
    if Name.AA in holder:
        del holder[Name.AA]
    if action is not None and _action(holder.get(action)):
        del holder[action]
