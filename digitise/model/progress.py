"""How far long work is: a journey hands its items through `watched`, a door listens with `listening`.

The listener is a context variable, as progress is of no interest to what lies between the two; without a listener the
items pass through as they are.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
Listener = Callable[[int, int | None], None]  # done, of how many where that is known
_listener: ContextVar[Listener | None] = ContextVar("progress", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Call `listener` for each item that passes through `watched` within this block."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def watched(items: Iterable[T], whole: int | None = None) -> Iterator[T]:
    """Yield the items; a listener is told how many have been worked off."""
    listener = _listener.get()
    if listener is None:
        yield from items
        return
    done = 0
    for done, item in enumerate(items, start=1):
        yield item
        listener(done, whole)
    listener(done, done)
