"""Inside the child: open a PDF with qpdf, check it against the budget by its dictionaries alone, tell the facts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Name

from digitise.errors import LimitExceeded, PasswordNeeded, UnreadableFile
from digitise.pdf.active import active_content
from digitise.pdf.budget import Budget
from digitise.pdf.content import MOST_IN_ALL, check_content
from digitise.pdf.salvage import salvaged

_MAX_TREE_DEPTH = 64  # levels of the page tree; real ones have at most five
_MAX_IMAGES = 20_000  # on one page, forms counted each time they are named: nested forms multiply
_MAX_FORM_DEPTH = 8  # form XObjects inside form XObjects
_PIECE = 1 << 20  # bytes read at a time
_MAX_ENLARGED = 3.0  # times that /UserUnit may lift the longest side: posters of 15 m exist, pages of 20 m are attacks


def open_pdf(path: Path) -> pikepdf.Pdf:
    """Open a PDF, repairing what qpdf can repair; an owner password alone does not keep us out.

    Where the page tree is lost, the pages that are whole are found without it (`digitise.pdf.salvage`). It is read, not
    mapped: what is mapped and touched counts to the process's resident memory.
    """
    try:
        pdf = pikepdf.open(path, suppress_warnings=True, access_mode=pikepdf.AccessMode.stream)
    except pikepdf.PasswordError as error:
        raise PasswordNeeded("pdf") from error
    except pikepdf.PdfError as error:
        found = salvaged(path)
        if found is not None:
            return found
        raise UnreadableFile("pdf", cause=str(error).rpartition(": ")[2][:200]) from error
    if isinstance(pdf.Root, pikepdf.Dictionary) and not isinstance(pdf.Root.get(Name.Pages), pikepdf.Dictionary):
        found = salvaged(path)
        if found is not None:
            pdf.close()
            return found
    return pdf


def facts(path: str, budget: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of `digitise.pdf.PdfFacts` as a dictionary."""
    limits = Budget(**budget)
    with open_pdf(Path(path)) as pdf:
        root = pdf.Root
        if not isinstance(root, pikepdf.Dictionary):
            raise UnreadableFile("pdf", cause="no catalogue")
        pages = checked_pages(pdf, limits)
        if _is_dynamic_form(root):
            raise UnreadableFile("xfa")
        form = root.get(Name.AcroForm)
        return {
            "pages": len(pages),
            "sizes": [size(page) for page in pages],
            "encrypted": pdf.is_encrypted,
            "signed": signed(Path(path)),
            "damaged": any("xref" in str(w) or "damaged" in str(w) for w in pdf.get_warnings()),
            "tagged": _is_tagged(root),
            "active": sorted(active_content(pdf, pages)),
            "form": isinstance(form, pikepdf.Dictionary) and bool(_list(form.get(Name.Fields))),
            "claims_pdfa": _claims_pdfa(root),
            "version": pdf.pdf_version,
        }


def _is_dynamic_form(root: pikepdf.Object) -> bool:
    """A dynamic XFA form keeps its pages in XML that only Adobe's reader draws."""
    return bool(root.get(Name.NeedsRendering, False))


def _is_tagged(root: pikepdf.Object) -> bool:
    mark = root.get(Name.MarkInfo)
    return Name.StructTreeRoot in root and isinstance(mark, pikepdf.Dictionary) and bool(mark.get(Name.Marked, False))


def _claims_pdfa(root: pikepdf.Object) -> bool:
    metadata = root.get(Name.Metadata)
    if not isinstance(metadata, pikepdf.Stream):
        return False
    try:
        return b"pdfaid" in metadata.read_bytes()[: 1 << 20]
    except pikepdf.PdfError:
        return False


def signed(path: Path) -> bool:
    """Say whether a signature's /ByteRange is in the raw bytes; a parser could be led past it.

    Read piece by piece: a file that is mapped whole counts whole to the process's resident memory.
    """
    mark, before = b"/ByteRange", b""
    with path.open("rb") as source:
        while piece := source.read(_PIECE):
            if mark in before + piece:
                return True
            before = piece[-len(mark) + 1 :]
    return False


def checked_pages(pdf: pikepdf.Pdf, budget: Budget) -> list[pikepdf.Object]:
    """Return the page dictionaries; raises LimitExceeded for too many, too large, or too many pixels."""
    pages: list[pikepdf.Object] = []
    pixels = content = 0
    for page in _leaves(pdf.Root.get(Name.Pages)):
        pages.append(page)
        if len(pages) > budget.pages:
            raise LimitExceeded("pages", limit=budget.pages, found=_said_pages(pdf, len(pages)))
        width, height = size(page)
        unit = _number(page.get(Name.UserUnit)) or 1.0
        if max(width, height) > budget.page_points * min(unit, _MAX_ENLARGED):
            found = f"{width / 72 * 2.54:.0f} × {height / 72 * 2.54:.0f} cm"
            raise LimitExceeded("page_size", page=len(pages), limit=budget.page_points, found=found)
        pixels += _pixels(page, budget, len(pages))
        if pixels > budget.document_pixels:
            raise LimitExceeded("document_pixels", limit=budget.document_pixels, found=pixels)
        content += check_content(page, inherited(page, Name.Resources), len(pages))
        if content > MOST_IN_ALL:
            raise LimitExceeded("document_content", limit=MOST_IN_ALL >> 20, found=content >> 20)
    if not pages:
        raise UnreadableFile("no_pages")
    return pages


def _said_pages(pdf: pikepdf.Pdf, at_least: int) -> int | str:
    count = int(_number(pdf.Root.Pages.get(Name.Count)) or 0)
    return count if count > at_least else f"{at_least}+"


def _leaves(tree: pikepdf.Object | None) -> Iterator[pikepdf.Object]:
    """Walk the page tree without recursion and without qpdf's own list, which a tree that bites its tail would blow up."""
    stack: list[tuple[pikepdf.Object | None, frozenset[tuple[int, int]]]] = [(tree, frozenset())]
    while stack:
        node, above = stack.pop()
        if not isinstance(node, pikepdf.Dictionary):
            continue
        kids = node.get(Name.Kids)
        if node.get(Name.Type) == Name.Page or not isinstance(kids, pikepdf.Array):
            if node.get(Name.Type) != Name.Pages:
                yield node
            continue
        if node.objgen in above or len(above) > _MAX_TREE_DEPTH:
            raise UnreadableFile("pdf", cause="page tree")
        below = above | {node.objgen}
        stack.extend((kid, below) for kid in reversed(list(kids)))


def inherited(page: pikepdf.Object, name: Name) -> Any:
    """Return an entry of the page or of the nodes above it."""
    node: pikepdf.Object | None = page
    depth = 0
    while isinstance(node, pikepdf.Dictionary) and depth <= _MAX_TREE_DEPTH:
        if name in node:
            return node[name]
        node, depth = node.get(Name.Parent), depth + 1
    return None


def size(page: pikepdf.Object) -> tuple[float, float]:
    """Return width and height in points as displayed: crop box, /UserUnit and /Rotate taken in."""
    box = _box(inherited(page, Name.CropBox)) or _box(inherited(page, Name.MediaBox)) or (0.0, 0.0, 612.0, 792.0)
    unit = _number(page.get(Name.UserUnit)) or 1.0
    width, height = abs(box[2] - box[0]) * unit, abs(box[3] - box[1]) * unit
    turn = int(_number(inherited(page, Name.Rotate)) or 0) % 180
    return (height, width) if turn else (width, height)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _box(value: Any) -> tuple[float, float, float, float] | None:
    if not isinstance(value, pikepdf.Array) or len(value) != 4:
        return None
    numbers = [_number(one) for one in value]
    if any(one is None for one in numbers):
        return None
    x0, y0, x1, y1 = (float(one or 0) for one in numbers)
    return x0, y0, x1, y1


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, pikepdf.Array) else []


def images_of(page: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Iterate over the images that a page names, those inside its forms too."""
    stack = [(inherited(page, Name.Resources), 0)]
    while stack:
        resources, depth = stack.pop()
        objects = resources.get(Name.XObject) if isinstance(resources, pikepdf.Dictionary) else None
        if not isinstance(objects, pikepdf.Dictionary) or depth > _MAX_FORM_DEPTH:
            continue
        for one in objects.as_dict().values():
            if not isinstance(one, pikepdf.Stream):
                continue
            if one.get(Name.Subtype) == Name.Image:
                yield one
            elif one.get(Name.Subtype) == Name.Form:
                stack.append((one.get(Name.Resources), depth + 1))


def image_size(image: pikepdf.Object) -> tuple[int, int]:
    """Return the width and height that an image's dictionary declares; 0 where it declares none."""
    return int(_number(image.get(Name.Width)) or 0), int(_number(image.get(Name.Height)) or 0)


def _pixels(page: pikepdf.Object, budget: Budget, number: int) -> int:
    """Return the pixels of all images on the page by their dictionaries; raises LimitExceeded for one too large."""
    total = 0
    for index, image in enumerate(images_of(page)):
        width, height = image_size(image)
        found = max(0, width) * max(0, height)
        total += found
        if found > budget.page_pixels:
            raise LimitExceeded("page_pixels", page=number, limit=budget.page_pixels, found=found)
        if index >= _MAX_IMAGES:
            raise LimitExceeded("page_images", page=number, limit=_MAX_IMAGES, found=f"{index}+")
    return total
