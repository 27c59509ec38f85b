"""Knobs of the ocr room."""

from pydantic import BaseModel


class OcrSettings(BaseModel):
    """Settings of the ocr room; each default bears its reason."""
