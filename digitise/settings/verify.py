"""Knobs of the verify room."""

from pydantic import BaseModel


class VerifySettings(BaseModel):
    """Settings of the verify room; each default bears its reason."""
