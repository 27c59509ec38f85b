"""Ask a child for something and learn how it ended."""

import contextlib
import json
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from digitise import errors
from digitise.child import nursery_client, wire
from digitise.child.limits import Limits
from digitise.child.served import OUT_OF_MEMORY
from digitise.errors import DefectInOurselves, DigitiseError, LimitExceeded, UnreadableFile

_END_SECONDS = 5.0  # how long the nursery may take to say how a child ended


class _NurseryGone(Exception):
    """The child ended because the nursery did: nobody can tell why, and the file need not be to blame."""


class Child:
    """One limited process that holds one untrusted file open and answers about it; not for two threads at a time.

    `target` is `package.module:callable` below `digitise`; what it returns with `args` answers the calls. `file` names the
    input in errors. Raises RefusedInput (and its kinds), and what else our own code in the child raises.
    """

    def __init__(
        self,
        target: str,
        args: Mapping[str, Any],
        limits: Limits,
        *,
        file: str | None = None,
        warm: Mapping[str, Any] | None = None,
    ) -> None:
        self._limits, self._file = limits, file
        wish = {"target": target, "args": dict(args), "limits": limits.as_json(), "warm": warm and dict(warm)}
        try:
            self._open(wish)
        except _NurseryGone:
            with self._blamed():
                self._open(wish)

    def _open(self, wish: Mapping[str, Any]) -> None:
        self._data, data = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._status, status = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with data, status:
            nursery_client.request(wish, data, status)
        try:
            self.opened, self.body = self._answer(self._limits.wall_seconds)
        except BaseException:
            self.close()
            raise

    def call(
        self, method: str, args: Mapping[str, Any] | None = None, *, seconds: float | None = None
    ) -> tuple[Any, bytearray]:
        """Return (value, body) of `method`; after `seconds` (default: the limits') the child is killed."""
        with contextlib.suppress(wire.Closed):
            wire.send(self._data, {"method": method, "args": dict(args or {})})
        with self._blamed():
            return self._answer(seconds if seconds is not None else self._limits.wall_seconds)

    @contextlib.contextmanager
    def _blamed(self) -> Iterator[None]:
        try:
            yield
        except _NurseryGone:
            raise UnreadableFile("crashed", file=self._file, cause="nursery") from None

    def close(self) -> None:
        """End the child, if need be by force."""
        self._data.close()
        self._status.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _answer(self, seconds: float | None) -> tuple[Any, bytearray]:
        try:
            head, body = wire.receive(self._data, None if seconds is None else time.monotonic() + seconds)
        except TimeoutError:
            self.close()
            raise LimitExceeded("seconds", file=self._file, limit=seconds, found=seconds) from None
        except (wire.Closed, ValueError):
            raise self._ended() from None
        if "error" in head:
            raise _rebuilt(head["error"], self._file)
        return head.get("value"), body

    def _ended(self) -> DigitiseError | _NurseryGone:
        """Say why the child is gone."""
        try:
            self._status.settimeout(_END_SECONDS)
            message = self._status.recv(1024)
            code = int(json.loads(message)["status"]) if message else None
        except (OSError, ValueError):
            code = None
        self.close()
        if code is None:
            return _NurseryGone()
        if code == OUT_OF_MEMORY:
            return LimitExceeded("memory", file=self._file, limit=self._limits.memory_bytes, found="")
        if code == -signal.SIGXCPU:
            limit = self._limits.cpu_seconds
            return LimitExceeded("seconds", file=self._file, limit=limit, found=limit)
        if code == -signal.SIGXFSZ:
            return LimitExceeded("output", file=self._file, limit=self._limits.file_bytes, found="")
        cause = signal.Signals(-code).name if code < 0 else str(code)
        return UnreadableFile("crashed", file=self._file, cause=cause)


def run(target: str, args: Mapping[str, Any], limits: Limits, *, file: str | None = None) -> tuple[Any, bytearray]:
    """Return (value, body) of one function run in a child of its own."""
    with Child(target, args, limits, file=file) as child:
        return child.opened, child.body


def _rebuilt(told: Mapping[str, Any], file: str | None) -> DigitiseError:
    kind = getattr(errors, str(told.get("class")), None)
    if not (isinstance(kind, type) and issubclass(kind, DigitiseError)):
        kind = DefectInOurselves
    details = {str(name): value for name, value in dict(told.get("details") or {}).items() if name != "file"}
    return kind(str(told.get("reason") or ""), file=told.get("file") or file, **details)
