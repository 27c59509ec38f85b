"""A page as a picture for a screen: drawn in the limited child, never from the file in the web process."""

import io
from pathlib import Path
from typing import Any

from PIL import Image

from digitise import child
from digitise.errors import NotFound
from digitise.pdf.budget import Budget
from digitise.settings import Settings

MEDIA_TYPE = "image/webp"
_TURN = Image.Transpose  # counter-clockwise
QUALITY = 82  # text stays crisp, a page at 1,400 pixels is about 150 kB


def page_picture(file: Path, number: int, width: int, settings: Settings, turn: int = 0) -> bytes:
    """Return page `number` (1-based) of `file` as WebP of at most `width` pixels; RefusedInput, NotFound.

    `turn` is in degrees clockwise, 0, 90, 180 or 270, for a page that was scanned so.
    """
    args = {"path": str(file), "budget": Budget.of(settings).as_json(), "number": number, "width": width, "turn": turn}
    _, body = child.run("digitise.scan.view:draw", args, child.Limits.of(settings))
    return bytes(body)


def draw(path: str, budget: dict[str, Any], number: int, width: int, turn: int = 0) -> tuple[dict[str, int], bytes]:
    """Draw in the child: a PDF's page as a viewer shows it, an image file's frame as it is."""
    from digitise.scan.pages import PageSource

    source = PageSource(Path(path), Budget(**budget))
    if not 1 <= number <= source.count:
        raise NotFound(what="page", id=number)
    image = _of_pdf(source, number, width) if source._pdf is not None else source.page(number).image
    assert image is not None
    if image.mode not in ("L", "RGB"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    if turn in (90, 180, 270):
        image = image.transpose({90: _TURN.ROTATE_270, 180: _TURN.ROTATE_180, 270: _TURN.ROTATE_90}[turn])
    if image.width > width:
        image = image.resize((width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "WEBP", quality=QUALITY, method=2)
    return {"width": image.width, "height": image.height}, out.getvalue()


def _of_pdf(source: Any, number: int, width: int) -> Image.Image:
    page = source._pdf[number - 1]
    scale = min(width * 1.5 / max(1.0, page.get_width()), 6000 / max(1.0, page.get_height()))
    image: Image.Image = page.render(scale=scale, may_draw_forms=True).to_pil()
    return image
