"""Which recogniser is used."""

from importlib.util import find_spec

from digitise.scan.engine import OcrEngine
from digitise.settings import Settings


def open_engine(settings: Settings) -> OcrEngine:
    """Return the engine of the settings; `auto` takes the in-process one where it is installed."""
    if settings.ocr_engine == "tesserocr" or (settings.ocr_engine == "auto" and find_spec("tesserocr")):
        from digitise.scan.engine_library import TesserocrEngine

        return TesserocrEngine(settings)
    from digitise.scan.engine_command import PytesseractEngine

    return PytesseractEngine(settings)
