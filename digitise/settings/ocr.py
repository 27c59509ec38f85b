"""Knobs of recognition: engine, model, languages, time."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field


class OcrSettings(BaseModel):
    """How page images are read; each default bears its reason."""

    ocr_engine: Literal["auto", "tesserocr", "pytesseract"] = Field(
        "auto", description="tesserocr runs in the worker itself and is quicker; auto takes it where it is installed"
    )
    ocr_languages: str = Field("vie", description="Tesseract languages joined by +; eng beside vie costs accents")
    ocr_model: Literal["auto", "best", "fast"] = Field(
        "auto", description="Traineddata: best (integer) reads real scans better; auto takes it where it is installed"
    )
    ocr_tessdata: Path | None = Field(
        None, description="Directory with traineddata of your own; wins over the installed best and fast models"
    )
    ocr_page_seconds: float = Field(
        180.0, gt=0, description="Longest recognition of one page: ten times what a dense A3 page takes on a busy core"
    )
    ocr_second_look: bool = Field(True, description="Read doubtful lines again in another preparation")
