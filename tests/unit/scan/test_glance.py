"""What is seen of a scan at once, on drawn papers that were spoilt as scanners and hurried hands spoil them."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import segno
from PIL import Image

from digitise.errors import UnreadableFile
from digitise.scan import glance
from digitise.scan.intake import look
from digitise.settings import load
from tests.papers import paper

CODE = "H53.12-220915-0007|1.001193|079203001234|Giấy khai sinh"


def sheet(seed: int = 2) -> Image.Image:
    return paper(seed, "decision", dpi=120).sheets[0].image.convert("RGB")


def share(image: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    width, height = image.size
    return image.crop((int(left * width), int(top * height), int(right * width), int(bottom * height)))


SPOILT: dict[str, tuple[Callable[[Image.Image], Image.Image], list[str]]] = {
    "good": (lambda page: page, []),
    "upside_down": (lambda page: page.rotate(180), ["rotated"]),
    "sideways": (lambda page: page.rotate(90, expand=True), ["rotated"]),
    "askew": (lambda page: page.rotate(2.5, fillcolor="white"), ["skewed"]),
    "cut_on_the_left": (lambda page: share(page, 0.17, 0, 1, 1), ["cut_edge"]),
    "cut_on_the_right": (lambda page: share(page, 0, 0, 0.85, 1), ["cut_edge"]),
    "dark": (lambda page: page.point(lambda level: level // 3), ["dark"]),
    "blank": (lambda page: Image.effect_noise(page.size, 3).point(lambda level: min(255, level + 110)).convert("RGB"), ["blank"]),
}  # fmt: skip


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_flaw_is_seen_and_nothing_else(spoilt: str) -> None:
    change, wanted = SPOILT[spoilt]
    image = change(sheet())
    image.thumbnail((glance.PIXELS, glance.PIXELS))
    assert glance.flaws(image) == wanted


def test_a_printed_code_fills_the_filing(tmp_path: Path) -> None:
    page = sheet().rotate(180)
    code = io.BytesIO()
    segno.make(CODE, micro=False).save(code, kind="png", scale=4, border=4)
    page.paste(Image.open(code).convert("RGB"), (60, 60))
    page.save(tmp_path / "a.jpg", dpi=(120, 120))
    seen = look(tmp_path / "a.jpg", load(data=tmp_path), "a.jpg", glancing=True)
    assert seen.said == {
        "dossier": "H53.12-220915-0007",
        "owner_id": "079203001234",
        "procedure": "1.001193",
    }
    assert seen.seen == ("rotated",)
    assert look(tmp_path / "a.jpg", load(data=tmp_path), "a.jpg").seen is None


def test_a_file_that_cannot_be_opened_is_still_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4 cut off")
    with pytest.raises(UnreadableFile):
        look(tmp_path / "a.pdf", load(data=tmp_path), "a.pdf", glancing=True)
