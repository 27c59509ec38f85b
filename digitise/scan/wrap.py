"""Image file → plain PDF with one page per frame: each image's own data, at its own size, turned as EXIF says."""

from pathlib import Path

from digitise.scan.images import Frame, ImageFile
from digitise.scan.passed import Encoded, encoded
from digitise.scan.writer import PdfWriter

POINTS_PER_INCH = 72.0
# EXIF orientation → matrix that puts the unit square as the viewer must see it, for a page of width w and height h.
_PLACED = {
    1: "{w} 0 0 {h} 0 0",
    2: "-{w} 0 0 {h} {w} 0",
    3: "-{w} 0 0 -{h} {w} {h}",
    4: "{w} 0 0 -{h} 0 {h}",
    5: "0 -{h} -{w} 0 {w} {h}",
    6: "0 -{h} {w} 0 0 {h}",
    7: "0 {h} {w} 0 0 0",
    8: "0 {h} -{w} 0 {w} 0",
}


def wrap(file: ImageFile, source: Path, target: Path, max_points: float) -> int:
    """Write the PDF of `file` to `target`, frame by frame; return the number of pages."""
    with target.open("wb") as out:
        pdf = PdfWriter(out)
        tree, pages = pdf.reserve(), []
        for index, frame in enumerate(file.frames):
            image = _image(pdf, encoded(file, index, source))
            pages.append(_page(pdf, frame, image, tree, max_points))
        kids = b" ".join(b"%d 0 R" % page for page in pages)
        pdf.put(b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(pages), kids), tree)
        pdf.end(pdf.put(b"<< /Type /Catalog /Pages %d 0 R >>" % tree))
    return len(pages)


def _image(pdf: PdfWriter, image: Encoded) -> int:
    space = image.space
    if image.profile:
        profile = pdf.stream(b"/N %d" % image.components, image.profile)
        space = b"[/ICCBased %d 0 R]" % profile
    if image.palette is not None:
        space = b"[/Indexed /DeviceRGB %d <%s>]" % (len(image.palette) // 3 - 1, image.palette.hex().encode())
    entries = b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent %d /ColorSpace %s /Filter %s" % (
        image.width,
        image.height,
        image.bits,
        space,
        image.filter,
    )
    if image.parms:
        entries += b" /DecodeParms " + image.parms
    if image.decode:
        entries += b" /Decode " + image.decode
    return pdf.stream(entries, image.data)


def page_points(frame: Frame, max_points: float) -> tuple[float, float]:
    """Return width and height of the page as seen, in points."""
    width = frame.width / frame.resolution.x * POINTS_PER_INCH
    height = frame.height / frame.resolution.y * POINTS_PER_INCH
    scale = min(1.0, max_points / max(width, height))
    width, height = round(width * scale, 2), round(height * scale, 2)
    return (height, width) if frame.orientation >= 5 else (width, height)


def _page(pdf: PdfWriter, frame: Frame, image: int, tree: int, max_points: float) -> int:
    width, height = page_points(frame, max_points)
    matrix = _PLACED[frame.orientation].format(w=width, h=height)
    contents = pdf.stream(b"", f"q {matrix} cm /Im0 Do Q".encode())
    return pdf.put(
        b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %s %s] /Contents %d 0 R"
        b" /Resources << /XObject << /Im0 %d 0 R >> >> >>"
        % (tree, str(width).encode(), str(height).encode(), contents, image)
    )
