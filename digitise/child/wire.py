"""Frames between client and child: length of the JSON head, length of the body, head, body. No pickles."""

import json
import socket
import struct
import time
from typing import Any

_LENGTHS = struct.Struct("!IQ")
MAX_HEAD_BYTES = 256 << 20  # facts of 2,000 pages with words stay far below; guards against a child gone mad
MAX_BODY_BYTES = 2 << 30


class Closed(Exception):
    """The other end is gone."""


def send(to: socket.socket, head: Any, body: bytes | bytearray | memoryview = b"") -> None:
    """Send one frame; raises Closed."""
    encoded = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    view = memoryview(body).cast("B")
    try:
        to.sendall(_LENGTHS.pack(len(encoded), view.nbytes) + encoded)
        if view.nbytes:
            to.sendall(view)
    except (BrokenPipeError, ConnectionError) as error:
        raise Closed from error


def receive(source: socket.socket, deadline: float | None = None) -> tuple[Any, bytearray]:
    """Return (head, body) of the next frame; raises Closed, and TimeoutError after `deadline` (time.monotonic)."""
    head_length, body_length = _LENGTHS.unpack(_exactly(source, _LENGTHS.size, deadline))
    if head_length > MAX_HEAD_BYTES or body_length > MAX_BODY_BYTES:
        raise Closed
    head = json.loads(_exactly(source, head_length, deadline).decode("utf-8", "replace"))
    return head, _exactly(source, body_length, deadline)


def _exactly(source: socket.socket, length: int, deadline: float | None) -> bytearray:
    buffer = bytearray(length)
    view = memoryview(buffer)
    while view.nbytes:
        if deadline is None:
            source.settimeout(None)
        else:
            source.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            count = source.recv_into(view)
        except TimeoutError:
            raise
        except OSError as error:
            raise Closed from error
        if not count:
            raise Closed
        view = view[count:]
    return buffer
