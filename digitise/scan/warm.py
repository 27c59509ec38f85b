"""What the children of an OCR worker need, imported by its nursery before it forks them: no job waits for it."""

from digitise.scan import archive, preview
from digitise.scan.reader import prepare_nursery

__all__ = ["archive", "prepare_nursery", "preview", "ready"]


def ready() -> bool:
    """Answer that a child runs; asked for once so that the nursery is warm."""
    return True
