"""What is to be put into a PDF: the signature, how it looks, what is written beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Protocol

from digitise.sign.cms import Container
from digitise.sign.increment import Increment
from digitise.sign.origin import Origin

VIETNAM = timezone(timedelta(hours=7), "+07:00")  # no daylight saving
Rect = tuple[float, float, float, float]  # points, default user space of the page


class Drawable(Protocol):
    """Something that can be drawn as the appearance of a signature or annotation."""

    def write(self, update: Increment) -> int:
        """Write the form XObject and what it needs; return its object number."""
        ...


@dataclass(frozen=True, slots=True)
class Mark:
    """A drawing at a place of a page (index from 0)."""

    page: int
    rect: Rect
    drawing: Drawable


@dataclass(frozen=True, slots=True)
class Order:
    """What to put into the file."""

    container: Container
    at: datetime  # claimed signing time
    field: str  # an empty signature field to fill, or the name for a new one (made unique)
    appearance: Mark | None = None
    writings: Sequence[Mark] = ()  # number, date: written in the same revision
    reason: str | None = None
    location: str | None = None
    origin: Origin | None = None  # certified copies: what the file was converted from


Stamper = Callable[[bytes], bytes]  # data to be stamped → RFC 3161 token (DER)


def contents(container: Container, digest: bytes, stamp: Stamper | None) -> bytes:
    """Return the DER container of a signature over `digest`; uses the key."""
    signature = container.key.sign(container.to_be_signed(digest), container.digest, container.scheme)
    return container.join(digest, signature, stamp(signature) if stamp else None)
