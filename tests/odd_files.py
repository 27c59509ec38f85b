"""Odd, broken and hostile files, each named for its defect and made here, so that no corpus is needed."""

import io
import struct
import zlib
from pathlib import Path

import pikepdf
from pikepdf import Dictionary, Name
from PIL import Image, ImageDraw, ImageFont

TINOS = "/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf"
WORDS = "QUYẾT ĐỊNH số 15/QĐ-UBND"
A4 = (595.28, 841.89)


def note(text: str = WORDS, mode: str = "RGB", size: tuple[int, int] = (1000, 300), height: int = 56) -> Image.Image:
    """Return a small page image with one line of text."""
    image = Image.new("L", size, 255)
    ImageDraw.Draw(image).text((60, 100), text, fill=0, font=ImageFont.truetype(TINOS, height))
    return image.convert(mode)


def jpeg(image: Image.Image | None = None, **options: object) -> bytes:
    """Return a JPEG of `image`."""
    buffer = io.BytesIO()
    (image or note()).save(buffer, "JPEG", quality=90, **options)
    return buffer.getvalue()


def save(image: Image.Image, path: Path, **options: object) -> Path:
    """Save `image` by its suffix."""
    image.save(path, **options)
    return path


def scan_pdf(path: Path, images: list[bytes], points: tuple[float, float] = (360.0, 108.0), **page: object) -> Path:
    """Write a PDF whose pages are JPEGs, as scanners do."""
    pdf = pikepdf.new()
    for data in images:
        with Image.open(io.BytesIO(data)) as image:
            width, height, mode = image.width, image.height, image.mode
        space = {"L": Name.DeviceGray, "CMYK": Name.DeviceCMYK}.get(mode, Name.DeviceRGB)
        picture = pdf.make_stream(
            data, Type=Name.XObject, Subtype=Name.Image, Width=width, Height=height, BitsPerComponent=8,
            ColorSpace=space, Filter=Name.DCTDecode,
        )  # fmt: skip
        contents = pdf.make_stream(f"q {points[0]} 0 0 {points[1]} 0 0 cm /Im0 Do Q".encode())
        made = Dictionary(
            Type=Name.Page, MediaBox=[0, 0, *points], Contents=contents,
            Resources=Dictionary(XObject=Dictionary(Im0=picture)), **page,
        )  # fmt: skip
        pdf.pages.append(pikepdf.Page(pdf.make_indirect(made)))
    pdf.save(path)
    return path


def text_pdf(path: Path, pages: int = 1, text: str = "Hello world", size: tuple[float, float] = A4) -> Path:
    """Write a PDF of born-digital pages in a base font."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    for number in range(1, pages + 1):
        shown = f"BT /F1 12 Tf 72 {size[1] - 72:.2f} Td ({text} {number}) Tj ET".encode()
        page = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size[0]} {size[1]}] /Contents {len(objects) + 2} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects += [page.encode(), b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown)]
    kids = " ".join(f"{number} 0 R" for number in range(4, len(objects) + 1, 2))
    objects[1] = f"<< /Type /Pages /Count {pages} /Kids [{kids}] >>".encode()
    return raw_pdf(path, objects)


def no_pages_pdf(path: Path) -> Path:
    """Write a PDF without a page."""
    pikepdf.new().save(path)
    return path


def image_bomb_pdf(path: Path, side: int = 100_000) -> Path:
    """Write a PDF of a few kilobytes whose one image claims `side` × `side` pixels."""
    pdf = pikepdf.new()
    picture = pdf.make_stream(
        zlib.compress(bytes(1_000_000)), Type=Name.XObject, Subtype=Name.Image, Width=side, Height=side,
        BitsPerComponent=8, ColorSpace=Name.DeviceGray, Filter=Name.FlateDecode,
    )  # fmt: skip
    form = pdf.make_stream(
        b"q 500 0 0 500 0 0 cm /Im0 Do Q", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 500, 500]
    )
    form.Resources = Dictionary(XObject=Dictionary(Im0=picture))
    contents = pdf.make_stream(b"/Fm0 Do")
    page = Dictionary(
        Type=Name.Page, MediaBox=[0, 0, 595, 842], Contents=contents, Resources=Dictionary(XObject=Dictionary(Fm0=form))
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    pdf.save(path)
    return path


def content_bomb_pdf(path: Path, megabytes: int = 150) -> Path:
    """Write a PDF of a megabyte or less whose content stream unpacks to `megabytes`."""
    packer = zlib.compressobj(1)
    block = b"0 0 m 1 1 l S\n" * 75_000
    data = b"".join(packer.compress(block) for _ in range(megabytes)) + packer.flush()
    pdf = pikepdf.new()
    contents = pdf.make_stream(data, Filter=Name.FlateDecode)
    page = Dictionary(Type=Name.Page, MediaBox=[0, 0, 595, 842], Contents=contents)
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
    pdf.save(path, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return path


def page_tree_that_bites_its_tail_pdf(path: Path) -> Path:
    """Write a PDF whose page tree holds itself."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1000000 /Kids [2 0 R 3 0 R 2 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>",
    ]
    return raw_pdf(path, objects)


def raw_pdf(path: Path, objects: list[bytes], root: int = 1) -> Path:
    """Write objects 1… as they are, with a right cross-reference table."""
    data, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    data += b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, start)
    path.write_bytes(data)
    return path


def corrupt_xref_pdf(path: Path, source: Path) -> Path:
    """Write `source` with a cross-reference that points nowhere."""
    data = source.read_bytes()
    at = data.rindex(b"startxref")
    path.write_bytes(data[:at] + b"startxref\n99999999\n%%EOF\n")
    return path


def png_bomb(path: Path, side: int = 40_000) -> Path:
    """Write a small PNG that claims `side` × `side` grey pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(4_000_000), 9)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
    return path


def tiff_bomb(path: Path, side: int = 60_000) -> Path:
    """Write a TIFF of a few bytes that claims `side` × `side` bits of fax data."""
    entries = [(256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, 1), (259, 3, 1, 4), (262, 3, 1, 0), (273, 4, 1, 8),
               (277, 3, 1, 1), (278, 4, 1, side), (279, 4, 1, 4)]  # fmt: skip
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    path.write_bytes(b"II*\x00" + struct.pack("<I", 12) + b"\x00\x10\x01\x00" + directory + struct.pack("<I", 0))
    return path


def cut_pdf(path: Path, images: list[bytes], kept: float) -> Path:
    """Write the beginning of a scanned PDF whose page tree and catalogue stand at its end, `kept` (0..1) of it."""
    objects: list[bytes] = []
    tree = len(images) * 3 + 1
    for data in images:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
        head = b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /ColorSpace /DeviceRGB"
        head = head % (width, height) + b" /Filter /DCTDecode /Length %d >>" % len(data)
        shown = b"q 360 0 0 108 0 0 cm /Im0 Do Q"
        objects.append(
            b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 360 108] /Contents %d 0 R /Resources << /XObject << /Im0"
            b" %d 0 R >> >> >>" % (tree, len(objects) + 2, len(objects) + 3)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown))
        objects.append(head + b"\nstream\n" + data + b"\nendstream")
    kids = b" ".join(b"%d 0 R" % (number * 3 + 1) for number in range(len(images)))
    objects.append(b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(images), kids))
    objects.append(b"<< /Type /Catalog /Pages %d 0 R >>" % tree)
    whole = raw_pdf(path, objects, root=tree + 1).read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    return path


def encrypted_pdf(path: Path, source: Path, *, user: str = "", owner: str = "owner") -> Path:
    """Write `source` encrypted with AES-256."""
    with pikepdf.open(source) as pdf:
        pdf.save(path, encryption=pikepdf.Encryption(user=user, owner=owner, R=6))
    return path


def active_pdf(path: Path, source: Path) -> Path:
    """Write `source` with JavaScript at opening, a launching link, page actions and an attachment."""
    with pikepdf.open(source) as pdf:
        script = Dictionary(S=Name.JavaScript, JS="app.alert(1)")
        pdf.Root.OpenAction = script
        pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=["run", script]))
        pdf.attachments["virus.exe"] = b"MZ"
        page = pdf.pages[0].obj
        page.AA = Dictionary(O=script)
        launch = Dictionary(S=Name.Launch, F="cmd.exe")
        page.Annots = [Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 50, 50], A=launch)]
        with pdf.open_outline() as outline:
            item = pikepdf.OutlineItem("run", 0)
            outline.root.append(item)
        pdf.Root.Outlines.First.A = Dictionary(S=Name.JavaScript, JS="app.alert(2)")
        pdf.save(path)
    return path


def ocred_pdf(path: Path, source: Path, words: str = "stale words of a former layer") -> Path:
    """Write `source` with an invisible layer of recognised text."""
    with pikepdf.open(source) as pdf:
        page = pdf.pages[0]
        font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
        page.obj.Resources.Font = Dictionary(F9=font)
        page.contents_add(pdf.make_stream(f"BT 3 Tr /F9 12 Tf 20 50 Td ({words}) Tj ET".encode()))
        pdf.save(path)
    return path
