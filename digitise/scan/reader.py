"""Inside the child: one open file, its pages looked at and read one at a time.

The recogniser is loaded once in the nursery, so that every child has it by the fork.
"""

from pathlib import Path
from typing import Any

from digitise.errors import DefectInOurselves
from digitise.pdf.budget import Budget
from digitise.scan.pages import PageImage, PageSource
from digitise.scan.words import to_json
from digitise.settings import Settings, load

_engines: dict[str, Any] = {}


def prepare_nursery(warm: dict[str, Any]) -> None:
    """Load the recogniser before children are forked."""
    _engine(load(**warm))


def _engine(settings: Settings) -> Any:
    from digitise.scan.engine import open_engine

    key = settings.model_dump_json(include=set(type(settings).model_fields) & _ocr_fields())
    if key not in _engines:
        _engines[key] = open_engine(settings)
    return _engines[key]


def _ocr_fields() -> set[str]:
    from digitise.settings.ocr import OcrSettings

    return set(OcrSettings.model_fields)


def ocr_settings(settings: Settings) -> dict[str, Any]:
    """Return what a child must be told of the settings to recognise as its client would."""
    return settings.model_dump(mode="json", include=_ocr_fields())


class Reader:
    """Target of a child: `look` at a page, then `read` it if its result is not known yet."""

    def __init__(self, path: str, budget: dict[str, Any], ocr: dict[str, Any]) -> None:
        self._settings = load(**ocr)
        self._source = PageSource(Path(path), Budget(**budget))
        self._page: PageImage | None = None
        self._number = 0

    def about(self) -> dict[str, Any]:
        """Return kind, number of pages and, for a PDF, its facts."""
        return {"kind": self._source.kind.value, "pages": self._source.count, "facts": self._source.facts}

    def engine_key(self) -> str:
        """Return what, besides the page image, decides a page's result."""
        from digitise.scan.page import engine_key

        return engine_key(self._settings, _engine(self._settings))

    def look(self, number: int) -> dict[str, Any]:
        """Open page `number`; return its kind, warnings, and the hash of its image or its own text."""
        self._page = None  # the former page's pixels go before the next ones come
        self._page, self._number = self._source.page(number), number
        page = self._page
        told: dict[str, Any] = {"kind": page.kind.value, "warnings": list(page.warnings)}
        if page.text is not None:
            told["own"] = to_json(page.text)
        if page.image is not None:
            told["sha256"] = page.sha256
        return told

    def read(self, number: int) -> dict[str, Any]:
        """Recognise the page last looked at."""
        from digitise.scan.page import recognise_page

        page = self._page
        if page is None or page.image is None or self._number != number:
            raise DefectInOurselves("page not looked at")
        text = recognise_page(page.image, dpi=page.dpi, settings=self._settings, engine=_engine(self._settings))
        return to_json(text)
