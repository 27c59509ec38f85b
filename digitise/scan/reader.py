"""Inside the child: one open file, its pages looked at and read one at a time.

The recogniser is loaded once in the nursery, so that every child has it by the fork.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from PIL import Image

from digitise.errors import DefectInOurselves, DigitiseError
from digitise.pdf.budget import Budget
from digitise.scan.pages import PageSource
from digitise.scan.words import to_json
from digitise.settings import Settings, load

_engines: dict[str, Any] = {}
_CODE_DPI = 140.0  # a printed QR's dots are 0.5 mm and more: 3 pixels; reading at 300 dpi takes six times as long
_QUICK_PAGES = 20  # pages whose headers are looked at while a clerk waits


def prepare_nursery(warm: dict[str, Any]) -> None:
    """Load the recogniser, both of its models, before children are forked: a fifth of a second for each that a child loads."""
    _ = _engine(load(**warm)).second


def _engine(settings: Settings) -> Any:
    from digitise.scan import page  # noqa: F401  # warm: numpy, OpenCV and preparation come with it
    from digitise.scan.engines import open_engine
    from digitise.settings.ocr import OcrSettings

    key = settings.model_dump_json(include=set(OcrSettings.model_fields))
    if key not in _engines:
        _engines[key] = open_engine(settings)
    return _engines[key]


def quick(path: str, budget: dict[str, Any], glancing: bool = False) -> dict[str, Any]:
    """Return kind, pages, facts and the warnings that headers alone give; where a person waits, what a glance shows, too."""
    source = PageSource(Path(path), Budget(**budget))
    found: dict[str, None] = {}
    for number in range(1, min(source.count, _QUICK_PAGES) + 1):
        found.update(dict.fromkeys(source.header_warnings(number)))
    told = {"kind": source.kind.value, "pages": source.count, "facts": source.facts, "warnings": list(found)}
    if glancing:
        told["glance"] = _glance(source)
    return told


def _glance(source: PageSource) -> dict[str, Any]:
    """Look at a few pages; one that cannot be drawn is for recognition to tell of, not a reason to refuse the file."""
    from digitise.scan.glance import glance

    try:
        return glance(source)
    except (DigitiseError, OSError, RuntimeError):
        return {"warnings": None, "codes": []}


def _codes(image: Image.Image, dpi: float) -> list[list[Any]]:
    """Return text, format and box of the codes that the office prints on a paper's first page."""
    from digitise.scan.codes import read_codes

    step = max(1, int(dpi / _CODE_DPI))
    found = read_codes(image.convert("L").reduce(step) if step > 1 else image)
    return [[code.text, code.format, [edge * step for edge in code.box]] for code in found]


class Reader:
    """Target of a child: `look` at a page, then `read` it if its result is not known yet."""

    def __init__(self, path: str, budget: dict[str, Any], ocr: dict[str, Any]) -> None:
        self._settings = load(**ocr)
        self._source = PageSource(Path(path), Budget(**budget))
        self._seen: _Seen | None = None
        self._engine_key: str | None = None

    def about(self) -> dict[str, Any]:
        """Return kind, number of pages and, for a PDF, its facts."""
        return {"kind": self._source.kind.value, "pages": self._source.count, "facts": self._source.facts}

    def look(self, number: int) -> dict[str, Any]:
        """Open page `number`; return its kind, warnings, its own text, and the key of its image's recognition."""
        from digitise.scan.prepare import as_array

        self._seen = None  # the former page's pixels go before the next ones come
        page = self._source.page(number)
        told: dict[str, Any] = {"kind": page.kind.value, "warnings": list(page.warnings)}
        if page.text is not None:
            told["own"] = to_json(page.text)
        if page.image is not None:
            pixels = as_array(page.image)
            self._seen = _Seen(number, pixels, page.dpi)
            told["key"] = self._key(page.sha256(pixels))
            if number == 1:
                told["codes"] = _codes(page.image, page.dpi)
        return told

    def _key(self, image: str) -> str:
        """Hash the page image with engine, model, languages, parameters and pipeline version."""
        from digitise.scan.page import engine_key

        if self._engine_key is None:
            self._engine_key = engine_key(self._settings, _engine(self._settings))
        return hashlib.sha256(f"{image} {self._engine_key}".encode()).hexdigest()

    def read(self, number: int) -> dict[str, Any]:
        """Recognise the page last looked at."""
        from digitise.scan.page import recognise_page

        seen = self._seen
        if seen is None or seen.number != number:
            raise DefectInOurselves("page not looked at")
        engine = _engine(self._settings)
        return to_json(recognise_page(seen.pixels, dpi=seen.dpi, settings=self._settings, engine=engine))


@dataclass(frozen=True, slots=True)
class _Seen:
    """The page last looked at: one copy of its pixels serves hash and recognition."""

    number: int
    pixels: NDArray[Any]  # h x w grey or h x w x 3 RGB
    dpi: float
