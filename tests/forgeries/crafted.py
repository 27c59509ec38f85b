"""PDFs and updates written object by object, so that an attack can touch exactly what it means to touch."""

import re
from collections.abc import Mapping, Sequence

Objects = Mapping[int, bytes]
"""Object number → what stands between `obj` and `endobj`."""


def document(objects: Objects, root: int = 1, header: bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n") -> bytes:
    """Return a PDF with a classic table; objects 1 … n."""
    return _with_table(header, objects, b"/Root %d 0 R" % root, start=0)


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """Return the text of a stream object."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries, data)


def update(
    pdf: bytes,
    objects: Objects,
    *,
    root: int | None = None,
    trailer: bytes = b"",
    free: Sequence[int] = (),
    repoint: Mapping[int, int] | None = None,
    previous: int | None = None,
) -> bytes:
    """Append an update by a classic table.

    `free` marks objects as free, `repoint` leads an object number to another offset of the file, `previous` is another /Prev.
    """
    before = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1]) if previous is None else previous
    entries = b"/Root %d 0 R /Prev %d %s" % (root_of(pdf) if root is None else root, before, trailer)
    body = pdf if pdf.endswith(b"\n") else pdf + b"\n"
    return _with_table(body, objects, entries, start=len(pdf), free=free, repoint=repoint or {}, least=size_of(pdf))


def root_of(pdf: bytes) -> int:
    """Return the object number of the catalogue that the newest trailer names."""
    return int(re.findall(rb"/Root\s+(\d+)\s+0\s+R", pdf)[-1])


def size_of(pdf: bytes) -> int:
    """Return the first object number that was never used."""
    return max(int(number) for number in re.findall(rb"(?<![\d.])(\d+)\s+0\s+obj\b", pdf)) + 1


def body_of(pdf: bytes, number: int) -> bytes:
    """Return the newest text of an object."""
    return re.findall(rb"(?<![\d.])%d 0 obj\s*(.*?)\s*endobj" % number, pdf, re.DOTALL)[-1]


def _with_table(
    body: bytes,
    objects: Objects,
    entries: bytes,
    *,
    start: int,
    free: Sequence[int] = (),
    repoint: Mapping[int, int] | None = None,
    least: int = 1,
) -> bytes:
    offsets = dict(repoint or {})
    for number, text in objects.items():
        offsets[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    table = b"xref\n" if start else b"xref\n0 1\n0000000000 65535 f \n"
    for number in sorted({*offsets, *free}):
        line = b"0000000000 00001 f \n" if number in free else b"%010d 00000 n \n" % offsets[number]
        table += b"%d 1\n%s" % (number, line)
    size = max([least, *(number + 1 for number in offsets)])
    end = b"trailer\n<< /Size %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, entries, len(body))
    return body + table + end
