"""The searchable PDF: the original picture untouched, words found where they stand, nothing active, nothing doubled."""

import dataclasses
import difflib
import io
import math
import re
import shutil
import unicodedata
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from digitise.scan import geometry
from tests import odd_files
from tests.papers import paper
from tests.papers.truth import true_page
from tests.unit.scan.searchables import drawn, found_at, page_text, pdftotext, searchable

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
SIZE = (1000, 300)
WORDS = [
    ("QUYẾT", (60.0, 100.0, 260.0, 160.0), 0),
    ("ĐỊNH", (280.0, 100.0, 440.0, 160.0), 0),
    ("số", (460.0, 105.0, 530.0, 160.0), 0),
    ("15/QĐ-UBND", (60.0, 200.0, 460.0, 260.0), 1),
]
TEXT = page_text(SIZE, WORDS)


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return odd_files.scan_pdf(tmp_path / "scan.pdf", [odd_files.jpeg()])


def _picture(path: Path, page: int = 0) -> tuple[str, bytes]:
    """Return filter and data of a page's first picture."""
    with pikepdf.open(path) as pdf:
        objects = pdf.pages[page].obj.Resources.XObject
        stream = objects[next(iter(objects.keys()))]
        return str(stream.Filter), bytes(stream.read_raw_bytes())


def _difference(one: Image.Image, other: Image.Image) -> int:
    """Return the largest difference in brightness of two pictures, looked at from afar."""
    small = (100, 30)
    pairs = zip(one.convert("L").resize(small).tobytes(), other.convert("L").resize(small).tobytes(), strict=True)
    return max(abs(a - b) for a, b in pairs)


def test_words_are_found_in_order_with_blanks_and_in_nfc(scan: Path, tmp_path: Path) -> None:
    made = searchable(scan, tmp_path / "out.pdf", [TEXT])
    text = pdftotext(made.path)
    assert text.split() == ["QUYẾT", "ĐỊNH", "số", "15/QĐ-UBND"]
    assert unicodedata.is_normalized("NFC", text)
    assert made.told["pdfa"]


def test_search_marks_the_words_where_they_stand(scan: Path, tmp_path: Path) -> None:
    made = searchable(scan, tmp_path / "out.pdf", [TEXT])
    boxes = found_at(made.path, "QUYẾT ĐỊNH")
    left, bottom = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, top = max(box[2] for box in boxes), max(box[3] for box in boxes)
    per_pixel = 360 / 1000
    wanted = (60 * per_pixel, 108 - 160 * per_pixel, 440 * per_pixel, 108 - 100 * per_pixel)
    assert (left, bottom, right, top) == pytest.approx(wanted, abs=1.5)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_search_follows_a_turned_page(tmp_path: Path, rotate: int) -> None:
    """The picture lies turned in the file and /Rotate shows it upright."""
    turned = odd_files.note().rotate(rotate, expand=True)
    points = (108.0, 360.0) if rotate % 180 else (360.0, 108.0)
    source = odd_files.scan_pdf(tmp_path / "t.pdf", [odd_files.jpeg(turned)], points, Rotate=rotate)
    made = searchable(source, tmp_path / "out.pdf", [TEXT])
    assert pdftotext(made.path).split() == ["QUYẾT", "ĐỊNH", "số", "15/QĐ-UBND"]
    assert drawn(made.path).tobytes() == drawn(source).tobytes()


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_an_upside_down_scan_is_shown_upright_and_its_data_stays(tmp_path: Path, rotation: int) -> None:
    """The recogniser found the turn: the page gets /Rotate, the picture keeps its bytes."""
    data = odd_files.jpeg(odd_files.note().rotate(rotation, expand=True))
    points = (108.0, 360.0) if rotation % 180 else (360.0, 108.0)
    source = odd_files.scan_pdf(tmp_path / "t.pdf", [data], points)
    size = (300, 1000) if rotation % 180 else SIZE
    back = {
        90: (0.0, 1.0, 0.0, -1.0, 0.0, float(size[1])),
        180: (-1.0, 0.0, float(size[0]), 0.0, -1.0, float(size[1])),
        270: (0.0, -1.0, float(size[0]), 1.0, 0.0, 0.0),
    }[rotation]
    made = searchable(source, tmp_path / "out.pdf", [page_text(size, WORDS, to_page=back, rotation=rotation)])
    with pikepdf.open(made.path) as pdf:
        assert pdf.pages[0].obj.Rotate == rotation
    assert pdftotext(made.path).split() == ["QUYẾT", "ĐỊNH", "số", "15/QĐ-UBND"]
    assert _picture(made.path)[1] == data


def test_askew_words_stay_whole_and_near_their_place(tmp_path: Path, scan: Path) -> None:
    angle = 0.0175  # one degree
    to_page = (1.0, -angle, 0.0, angle, 1.0, 0.0)
    made = searchable(scan, tmp_path / "out.pdf", [page_text(SIZE, WORDS, to_page=to_page, skew=-1.0)])
    assert pdftotext(made.path).split() == ["QUYẾT", "ĐỊNH", "số", "15/QĐ-UBND"]
    left, bottom, right, top = found_at(made.path, "QUYẾT")[0]
    x, y = geometry.apply(to_page, 160, 130)
    assert left < x * 0.36 < right
    assert bottom < 108 - y * 0.36 < top


def test_a_page_two_degrees_askew_comes_out_in_order(tmp_path: Path) -> None:
    sheet = paper(5, kind="decision").sheets[0]
    angle = math.radians(2.0)
    to_page = (math.cos(angle), -math.sin(angle), 41.0, math.sin(angle), math.cos(angle), -28.0)
    page = dataclasses.replace(true_page(sheet), to_page=to_page, skew=-2.0)
    blank = odd_files.jpeg(Image.new("L", (page.width, page.height), 255))
    source = odd_files.scan_pdf(tmp_path / "askew.pdf", [blank], points=odd_files.A4)
    told = pdftotext(searchable(source, tmp_path / "out.pdf", [page]).path).split()
    same = difflib.SequenceMatcher(None, told, page.text.split(), autojunk=False).ratio()
    assert same > 0.97  # 0.99; 0.86 where words were left farther from their line's height


def test_a_picture_placed_mirrored_or_askew_keeps_its_words(tmp_path: Path) -> None:
    flipped = odd_files.note().transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    source = odd_files.scan_pdf(tmp_path / "f.pdf", [odd_files.jpeg(flipped)])
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        pdf.pages[0].obj.Contents = pdf.make_stream(b"q 360 0 0 -108 0 108 cm /Im0 Do Q")
        pdf.save(source)
    made = searchable(source, tmp_path / "out.pdf", [TEXT])
    assert found_at(made.path, "QUYẾT")[0][0] == pytest.approx(21.6, abs=1.5)
    assert found_at(made.path, "QUYẾT")[0][1] == pytest.approx(108 - 160 * 0.36, abs=1.5)


def test_jpeg_data_and_looks_are_untouched(tmp_path: Path, scan: Path) -> None:
    made = searchable(scan, tmp_path / "out.pdf", [TEXT])
    assert _picture(made.path)[1] == _picture(scan)[1]
    assert drawn(made.path, width=900).tobytes() == drawn(scan, width=900).tobytes()


def test_a_former_layer_is_replaced_not_doubled(tmp_path: Path, scan: Path) -> None:
    source = odd_files.ocred_pdf(tmp_path / "ocred.pdf", scan)
    assert "stale words" in pdftotext(source)
    made = searchable(source, tmp_path / "out.pdf", [TEXT])
    text = pdftotext(made.path)
    assert "stale" not in text
    assert text.count("QUYẾT") == 1
    twice = searchable(made.path, tmp_path / "twice.pdf", [TEXT])
    assert pdftotext(twice.path).count("QUYẾT") == 1
    assert twice.told["pdfa"]


def test_active_content_is_stripped_from_the_copy(tmp_path: Path, scan: Path) -> None:
    made = searchable(odd_files.active_pdf(tmp_path / "active.pdf", scan), tmp_path / "out.pdf", [TEXT])
    plain = tmp_path / "plain.pdf"
    with pikepdf.open(made.path) as pdf:
        assert len(pdf.attachments) == 0
        pdf.save(plain, qdf=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    for trace in (b"JavaScript", b"/Launch", b"app\\.alert", b"cmd\\.exe", b"virus\\.exe", rb"/AA\s*(<<|\d)"):
        assert re.search(trace, plain.read_bytes()) is None, trace


def test_outlines_labels_and_born_digital_pages_are_kept(tmp_path: Path, scan: Path) -> None:
    source = tmp_path / "mixed.pdf"
    with pikepdf.open(odd_files.text_pdf(tmp_path / "born.pdf", text="Born digital")) as pdf:
        pdf.pages.extend(pikepdf.open(scan).pages)
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("Chương 2", 1))
        pdf.save(source)
    made = searchable(source, tmp_path / "out.pdf", [None, TEXT])
    with pikepdf.open(made.path) as pdf, pdf.open_outline() as outline:
        assert [item.title for item in outline.root] == ["Chương 2"]
        assert str(pdf.Root.Lang) == "vi"
        assert pdf.Root.PageLabels.Nums[1].St == 1
    assert "Born digital 1" in pdftotext(made.path)
    assert not made.told["pdfa"], "Helvetica is not embedded: no claim may be made"
    assert b"pdfaid:part" not in made.path.read_bytes()


def test_a_range_of_pages_is_labelled_by_their_numbers(tmp_path: Path) -> None:
    data = odd_files.jpeg()
    source = odd_files.scan_pdf(tmp_path / "five.pdf", [data] * 5)
    made = searchable(source, tmp_path / "out.pdf", [TEXT, TEXT], numbers=[3, 4])
    with pikepdf.open(made.path) as pdf:
        assert len(pdf.pages) == 2
        assert pdf.pages[0].label == "3"


def test_metadata_agrees_with_itself(tmp_path: Path, scan: Path) -> None:
    with pikepdf.open(scan, allow_overwriting_input=True) as pdf:
        pdf.docinfo["/Author"] = "Ủy ban nhân dân <tỉnh> & ban"
        pdf.save(scan)
    made = searchable(scan, tmp_path / "out.pdf", [TEXT])
    with pikepdf.open(made.path) as pdf:
        with pdf.open_metadata() as xmp:
            assert xmp["dc:title"] == "Quyết định 15" == str(pdf.docinfo.Title)
            assert list(xmp["dc:creator"]) == ["Ủy ban nhân dân <tỉnh> & ban"]
            assert xmp["pdfaid:part"] == "2"
        assert pdf.pdf_version == "1.7"


IMAGES = {
    "colour.jpg": ("RGB", {}, "/DCTDecode"),
    "grey.jpg": ("L", {}, "/DCTDecode"),
    "cmyk.jpg": ("CMYK", {}, "/FlateDecode"),
    "colour.png": ("RGB", {}, "/FlateDecode"),
    "palette.png": ("P", {}, "/FlateDecode"),
    "bits.png": ("1", {}, "/FlateDecode"),
    "alpha.png": ("RGBA", {}, "/FlateDecode"),
    "deep.png": ("I;16", {}, "/FlateDecode"),
    "fax.tif": ("1", {"compression": "group4"}, "/CCITTFaxDecode"),
    "plain.tif": ("RGB", {}, "/FlateDecode"),
    "page.webp": ("RGB", {}, "/FlateDecode"),
    "page.bmp": ("RGB", {}, "/FlateDecode"),
    "page.jp2": ("RGB", {}, "/JPXDecode"),
}


@pytest.mark.parametrize("name", IMAGES)
def test_every_kind_of_picture_becomes_a_page_that_looks_the_same(tmp_path: Path, name: str) -> None:
    mode, options, packing = IMAGES[name]
    image = odd_files.note(mode="L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image).astype(np.uint16) * 257)
    source = odd_files.save(image, tmp_path / name, dpi=(200, 200), **options)
    made = searchable(source, tmp_path / "out.pdf", [TEXT])
    assert made.told["pdfa"]
    assert _picture(made.path)[0] == packing
    assert "QUYẾT ĐỊNH" in pdftotext(made.path)
    assert _difference(drawn(made.path, width=1000), odd_files.note(mode="L")) < 40


@pytest.mark.parametrize("name", ["colour.jpg", "page.jp2"])
def test_picture_files_are_passed_through_byte_for_byte(tmp_path: Path, name: str) -> None:
    source = odd_files.save(odd_files.note(), tmp_path / name)
    made = searchable(source, tmp_path / "out.pdf", [TEXT])
    assert _picture(made.path)[1] == source.read_bytes()


def test_png_rows_and_fax_strips_are_passed_through(tmp_path: Path) -> None:
    png = odd_files.save(odd_files.note(), tmp_path / "a.png")
    made = searchable(png, tmp_path / "a.pdf", [TEXT])
    assert _picture(made.path)[1] in png.read_bytes().replace(b"\x00\x00\x00\x00IEND", b"")
    fax = tmp_path / "b.tif"
    odd_files.note(mode="1").save(fax, compression="group4", tiffinfo={278: 300}, dpi=(200, 200))
    made = searchable(fax, tmp_path / "b.pdf", [TEXT])
    assert _picture(made.path)[1] in fax.read_bytes()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_shown_and_the_bytes_stay(tmp_path: Path, orientation: int) -> None:
    undo = {
        1: None, 2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]  # fmt: skip
    upright = odd_files.note()
    stored = upright.transpose(undo) if undo is not None else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    source = tmp_path / "phone.jpg"
    source.write_bytes(odd_files.jpeg(stored, exif=exif, dpi=(200, 200)))
    made = searchable(source, tmp_path / "out.pdf", [TEXT])
    assert _difference(drawn(made.path, width=1000), upright) < 40
    assert _picture(made.path)[1] == source.read_bytes()


def test_the_same_input_makes_the_same_bytes(tmp_path: Path, scan: Path) -> None:
    first = searchable(scan, tmp_path / "one.pdf", [TEXT]).path.read_bytes()
    assert first == searchable(scan, tmp_path / "two.pdf", [TEXT]).path.read_bytes()


def test_broken_pixels_leave_the_document_whole(tmp_path: Path) -> None:
    data = odd_files.jpeg()
    source = odd_files.scan_pdf(tmp_path / "cut.pdf", [data, data[: len(data) // 3]])
    made = searchable(source, tmp_path / "out.pdf", [TEXT, TEXT])
    assert made.told["pages"] == 2
    assert io.BytesIO(made.path.read_bytes()).read(5) == b"%PDF-"


def test_a_picture_behind_a_mask_is_read_as_it_is_seen(tmp_path: Path) -> None:
    """The picture itself is all black; its mask holds the writing."""
    source = odd_files.scan_pdf(tmp_path / "mask.pdf", [odd_files.jpeg(Image.new("RGB", (1000, 300)))])
    with pikepdf.open(source, allow_overwriting_input=True) as pdf:
        ink = odd_files.note(mode="L").point(lambda grey: 255 - grey)
        mask = pdf.make_stream(
            ink.tobytes(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=1000, Height=300,
            BitsPerComponent=8, ColorSpace=pikepdf.Name.DeviceGray,
        )  # fmt: skip
        pdf.pages[0].obj.Resources.XObject.Im0.SMask = mask
        pdf.save(source)
    from digitise.pdf import Budget
    from digitise.pdf.page import PageKind
    from digitise.scan.pages import PageSource

    page = PageSource(source, Budget()).page(1)
    assert page.kind is PageKind.DRAWN
    assert page.image is not None
    assert _difference(page.image, odd_files.note(mode="L")) < 40
