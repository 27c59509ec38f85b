"""Put a quicker function in place of one of pyHanko's, in this process, once."""

from collections.abc import Callable
from typing import Any

Function = Callable[..., Any]


def put_before(owner: Any, name: str, quicker: Callable[[Function], Function]) -> None:
    """Let `quicker(slow)` answer for `owner.name`; twice is harmless. It hands on to `slow` what it does not know."""
    slow: Any = getattr(owner, name)
    if getattr(slow, "digitise", False):
        return
    quick: Any = quicker(slow)
    quick.digitise = True
    setattr(owner, name, quick)
