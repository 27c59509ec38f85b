"""Knobs of the web room."""

from pydantic import BaseModel


class WebSettings(BaseModel):
    """Settings of the web room; each default bears its reason."""
