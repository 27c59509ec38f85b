"""Knobs of the report room."""

from pydantic import BaseModel


class ReportSettings(BaseModel):
    """Settings of the report room; each default bears its reason."""
