"""Tesseract as a child process, by pytesseract: works wherever the `tesseract` command does."""

import os
import tempfile
from pathlib import Path
from typing import Any

import cv2

from digitise.errors import EngineUnavailable, LimitExceeded
from digitise.scan import models
from digitise.scan.engine import Grey, Layout, Token
from digitise.settings import Settings


class PytesseractEngine:
    """Starts one `tesseract` per image; a time-out kills it."""

    def __init__(self, settings: Settings, model: models.Model | None = None) -> None:
        os.environ["OMP_THREAD_LIMIT"] = "1"  # inherited by the child; with more threads one page is 4.6 times slower
        import pytesseract

        self._library = pytesseract
        try:
            self._version = str(pytesseract.get_tesseract_version())
        except (pytesseract.TesseractNotFoundError, SystemExit) as error:
            raise EngineUnavailable("command", package="tesseract-ocr") from error
        self._settings = settings
        self._model = model or models.choose(settings)
        self._another = None if model else models.another(settings)

    @property
    def key(self) -> str:
        """Name, version and model hash."""
        also = f"+{self._another.digest}" if self._another else ""
        return f"tesseract-{self._version}/{self._model.languages}-{self._model.digest}{also}"

    @property
    def second(self) -> "PytesseractEngine | None":
        """The other installed model."""
        return PytesseractEngine(self._settings, self._another) if self._another is not None else None

    def read(self, image: Grey, *, dpi: int, layout: Layout = Layout.PAGE, seconds: float = 60.0) -> list[Token]:
        """Return the words of `image`; raises LimitExceeded after `seconds`."""
        config = f'--tessdata-dir "{self._model.directory}" --psm {int(layout)} --dpi {dpi}'
        table = self._run(self._library.image_to_data, image, seconds, lang=self._model.languages, config=config)
        return [
            Token(
                str(text).strip(),
                (left, top, left + width, top + height),
                max(0.0, float(confidence)) / 100,
                block,
                paragraph,
                line,
            )
            for level, block, paragraph, line, left, top, width, height, confidence, text in zip(
                *(
                    table[name]
                    for name in (
                        "level", "block_num", "par_num", "line_num", "left", "top", "width", "height", "conf", "text",
                    )
                ),
                strict=True,
            )
            if level == 5 and str(text).strip()
        ]  # fmt: skip

    def orientation(self, image: Grey, *, dpi: int) -> tuple[int, float]:
        """Ask Tesseract's orientation detector."""
        directory = models.orientation_directory()
        if directory is None:
            return 0, 0.0
        config = f'--tessdata-dir "{directory}" --psm 0 --dpi {dpi}'
        try:
            found = self._run(self._library.image_to_osd, image, 30.0, lang="osd", config=config)
        except EngineUnavailable:  # Tesseract's way to say "too few characters"
            return 0, 0.0
        return -int(found["orientation"]) % 360, float(found["orientation_conf"])

    def _run(self, call: Any, image: Grey, seconds: float, **arguments: Any) -> dict[str, Any]:
        output = self._library.Output.DICT
        with tempfile.TemporaryDirectory(prefix="digitise-ocr-") as folder:
            path = Path(folder) / "page.pgm"  # uncompressed: the child reads it once
            cv2.imwrite(str(path), image)
            try:
                return dict(call(str(path), output_type=output, timeout=seconds, **arguments))
            except RuntimeError as error:
                if isinstance(error, self._library.TesseractError):
                    raise EngineUnavailable("failed", detail=str(error)[:300]) from error
                raise LimitExceeded("page_seconds", limit=seconds, found=seconds) from error
            except self._library.TesseractNotFoundError as error:
                raise EngineUnavailable("command", package="tesseract-ocr") from error
