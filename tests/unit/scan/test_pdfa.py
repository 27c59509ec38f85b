"""What we call PDF/A-2b is judged by veraPDF, not by our word."""

from pathlib import Path

import pytest

from tests import odd_files
from tests.unit.scan.searchables import page_text, searchable
from tests.verapdf import judge

TEXT = page_text((1000, 300), [("QUYẾT", (60.0, 100.0, 260.0, 160.0), 0), ("ĐỊNH", (280.0, 100.0, 440.0, 160.0), 0)])


def _sources(folder: Path) -> list[Path]:
    """Return one of every kind of file that we say we can make PDF/A of."""
    note, made = odd_files.note, []
    for name, mode, options in (
        ("colour.jpg", "RGB", {}), ("grey.jpg", "L", {}), ("cmyk.jpg", "CMYK", {}), ("palette.png", "P", {}),
        ("bits.png", "1", {}), ("alpha.png", "RGBA", {}), ("fax.tif", "1", {"compression": "group4"}),
        ("lzw.tif", "RGB", {"compression": "tiff_lzw"}), ("page.webp", "RGB", {}), ("page.bmp", "RGB", {}),
        ("page.jp2", "RGB", {}),
    ):  # fmt: skip
        made.append(odd_files.save(note(mode=mode), folder / name, **options))
    scan = odd_files.scan_pdf(folder / "scan.pdf", [odd_files.jpeg()])
    made += [scan, odd_files.ocred_pdf(folder / "ocred.pdf", scan), odd_files.active_pdf(folder / "active.pdf", scan)]
    made.append(odd_files.encrypted_pdf(folder / "owner.pdf", scan))
    made.append(odd_files.scan_pdf(folder / "poster.pdf", [odd_files.jpeg()], UserUnit=10))
    return made


@pytest.mark.slow
def test_verapdf_agrees_with_every_claim(verapdf: str, tmp_path: Path) -> None:
    outputs = []
    for source in _sources(tmp_path):
        made = searchable(source, tmp_path / f"out-{source.name}.pdf", [TEXT])
        assert made.told["pdfa"], source.name
        outputs.append(made.path)
    verdicts = judge(verapdf, outputs)
    assert verdicts == {path.name: "PASS" for path in outputs}
