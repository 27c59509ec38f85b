"""The body of a request, pulled by a synchronous route: the network waits until the next piece is wanted."""

from collections.abc import Iterator

import anyio.from_thread
from fastapi import Request
from starlette.types import Message

from digitise.errors import LimitExceeded, UsageError


def chunks(request: Request, limit: int, reason: str) -> Iterator[bytes]:
    """Iterate over the body's pieces; LimitExceeded (`reason`) beyond `limit` bytes, UsageError where the sender hung up."""

    async def receive() -> Message:
        return await request.receive()

    seen = 0
    while True:
        message = anyio.from_thread.run(receive)
        if message["type"] == "http.disconnect":
            raise UsageError("body_incomplete")
        body: bytes = message.get("body", b"")
        seen += len(body)
        if seen > limit:
            raise LimitExceeded(reason, limit=limit, found=seen)
        if body:
            yield body
        if not message.get("more_body", False):
            return
