"""Inside the child: open the target, answer calls about it, turn every exception into a plain error."""

import contextlib
import importlib
import os
import socket
import traceback
from typing import Any

from digitise.child import limits, wire
from digitise.errors import DigitiseError

OUT_OF_MEMORY = 71  # exit code of a child whose memory did not even suffice to say so
ALLOWED_PACKAGE = "digitise."  # only our own functions may be named as targets


def answer(request: dict[str, Any], data: socket.socket) -> None:
    """Serve `data` until the client closes it. The first answer is that of the target itself."""
    _silence()
    served: Any = None
    call: dict[str, Any] | None = None
    while True:
        limits.allow_processor_time(request["limits"]["cpu_seconds"])
        try:
            if call is None:
                result = _target(request["target"])(**request["args"])
                served, result = (None, result) if _plain(result) else (result, None)
            else:
                result = getattr(served, call["method"])(**call["args"])
            value, body = result if isinstance(result, tuple) else (result, b"")
            wire.send(data, {"value": value}, body)
            del result, value, body
        except wire.Closed:
            return
        except Exception as error:
            try:
                wire.send(data, {"error": _told(error)})
            except wire.Closed:
                return
            if call is None:
                return
        try:
            call, _ = wire.receive(data)
        except wire.Closed:
            return


def _plain(result: Any) -> bool:
    return result is None or isinstance(result, dict | list | str | int | float | bool | tuple)


def _target(name: str) -> Any:
    module, _, attribute = name.partition(":")
    if not module.startswith(ALLOWED_PACKAGE):
        raise ImportError(name)
    return getattr(importlib.import_module(module), attribute)


def _told(error: Exception) -> dict[str, Any]:
    """Return an error as data: our own by class and reason, a library's as damage of the file."""
    if isinstance(error, DigitiseError):
        details = {name: value for name, value in error.details.items() if isinstance(value, str | int | float)}
        return {"class": type(error).__name__, "reason": error.reason, "file": error.file, "details": details}
    if isinstance(error, MemoryError):
        return {"class": "LimitExceeded", "reason": "memory", "details": {}}
    if isinstance(error, ImportError | NameError):
        name, reason = "DefectInOurselves", f"{type(error).__name__}: {error}"
    else:
        name, reason = "UnreadableFile", "damaged"
    cause = f"{type(error).__name__}: {str(error)[:300]}"
    where = "".join(traceback.format_tb(error.__traceback__)[-3:])[-1500:]
    return {"class": name, "reason": reason, "details": {"cause": cause, "where": where}}


def _silence() -> None:
    """Point the standard streams at nothing: native libraries write their warnings there."""
    if os.environ.get("DIGITISE_DEBUG"):
        return
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        with contextlib.suppress(OSError):
            os.dup2(nothing, stream)
    os.close(nothing)
