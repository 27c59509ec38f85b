"""Knobs of the sign room."""

from pydantic import BaseModel


class SignSettings(BaseModel):
    """Settings of the sign room; each default bears its reason."""
