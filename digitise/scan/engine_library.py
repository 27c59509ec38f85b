"""Tesseract inside this process, by tesserocr: no child to start, no image file to write."""

import os
from typing import Any

from digitise.errors import EngineUnavailable, LimitExceeded
from digitise.scan import models
from digitise.scan.engine import Grey, Layout, Token
from digitise.settings import Settings


class TesserocrEngine:
    """Holds one loaded recogniser; not for use by two threads at a time."""

    def __init__(self, settings: Settings, model: models.Model | None = None) -> None:
        # OpenMP reads this once, when libtesseract loads: with more threads one page is 4.6 times slower.
        os.environ["OMP_THREAD_LIMIT"] = "1"
        try:
            import tesserocr
        except ImportError as error:
            raise EngineUnavailable("library", package="tesserocr") from error
        self._library = tesserocr
        self._settings = settings
        self._model = model or models.choose(settings)
        self._another = None if model else models.another(settings)
        self._second: TesserocrEngine | None = None
        self._version = tesserocr.tesseract_version().split()[1]
        self._reader = self._open(str(self._model.directory), self._model.languages)
        self._orienter: Any = None

    def _open(self, directory: str, languages: str, **more: Any) -> Any:
        try:
            return self._library.PyTessBaseAPI(path=directory + "/", lang=languages, **more)
        except RuntimeError as error:
            raise EngineUnavailable("language", language=languages, package=f"tesseract-ocr-{languages}") from error

    @property
    def key(self) -> str:
        """Name, version and model hash."""
        also = f"+{self._another.digest}" if self._another else ""
        return f"tesserocr-{self._version}/{self._model.languages}-{self._model.digest}{also}"

    @property
    def second(self) -> "TesserocrEngine | None":
        """The other installed model, loaded when it is first asked for."""
        if self._second is None and self._another is not None:
            self._second = TesserocrEngine(self._settings, self._another)
        return self._second

    def read(self, image: Grey, *, dpi: int, layout: Layout = Layout.PAGE, seconds: float = 60.0) -> list[Token]:
        """Return the words of `image`; raises LimitExceeded after `seconds`."""
        reader = self._reader
        height, width = image.shape
        reader.SetPageSegMode(int(layout))
        reader.SetImageBytes(image.tobytes(), width, height, 1, width)
        reader.SetSourceResolution(dpi)
        try:
            if not reader.Recognize(max(1, int(seconds * 1000))):
                raise LimitExceeded("page_seconds", limit=seconds, found=seconds)
            return _tokens(reader.GetTSVText(0))
        except RuntimeError as error:
            raise LimitExceeded("page_seconds", limit=seconds, found=seconds) from error
        finally:
            reader.Clear()

    def orientation(self, image: Grey, *, dpi: int) -> tuple[int, float]:
        """Ask Tesseract's orientation detector."""
        directory = models.orientation_directory()
        if directory is None:
            return 0, 0.0
        if self._orienter is None:
            self._orienter = self._open(str(directory), "osd", psm=self._library.PSM.OSD_ONLY)
        height, width = image.shape
        self._orienter.SetImageBytes(image.tobytes(), width, height, 1, width)
        self._orienter.SetSourceResolution(dpi)
        found = self._orienter.DetectOrientationScript()
        if not found:
            return 0, 0.0
        return -int(found["orient_deg"]) % 360, float(found["orient_conf"])


def _tokens(table: str) -> list[Token]:
    """Parse Tesseract's TSV: level, page, block, paragraph, line, word, left, top, width, height, confidence, text."""
    tokens: list[Token] = []
    for row in table.splitlines():
        cells = row.split("\t")
        if len(cells) < 12 or cells[0] != "5" or not cells[11].strip():
            continue
        block, paragraph, line = map(int, cells[2:5])
        left, top, width, height = map(int, cells[6:10])
        confidence = max(0.0, float(cells[10])) / 100
        tokens.append(
            Token(cells[11].strip(), (left, top, left + width, top + height), confidence, block, paragraph, line)
        )
    return tokens
