"""The nursery: a warm process without threads that forks one limited child per request.

Importing the PDF, image and recognition libraries takes over a second; a fork of a process that has them takes ten
milliseconds. It hears requests on one control socket (with two sockets attached: `data` for the child, `status` for
itself), tells how each child ended, kills a child when its client closes `status`, and ends when no client is left.
"""

import array
import contextlib
import ctypes
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from digitise.child import limits, served

CONTROL_BYTES = 64 << 10  # one request: target, arguments, limits
PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


@dataclass(frozen=True, slots=True)
class _Running:
    pid: int
    pidfd: int
    status: socket.socket


def serve(control_fd: int, modules: Sequence[str] = ()) -> None:
    """Run until every client has closed its end; `modules` are imported before the first request is heard."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the clients' affair: they close their sockets
    for module in modules:
        importlib.import_module(module)
    control = socket.socket(fileno=control_fd)
    selector = selectors.DefaultSelector()
    selector.register(control, selectors.EVENT_READ, None)
    running: dict[int, _Running] = {}
    while True:
        for key, _ in selector.select():
            if key.data is None:
                request, fds = _receive(control)
                if not request:
                    return _end_all(running)
                _start(request, fds, selector, running, control)
            elif key.fileobj in running:
                _told_end(running.pop(key.fd), selector)
            else:
                _kill(key.data)
                selector.unregister(key.fileobj)


def _receive(control: socket.socket) -> tuple[dict[str, Any], list[int]]:
    fds = array.array("i")
    try:
        message, ancillary, _, _ = control.recvmsg(CONTROL_BYTES, socket.CMSG_SPACE(2 * fds.itemsize))
    except ConnectionError:
        return {}, []
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
    return (json.loads(message) if message else {}), list(fds)


def _start(
    request: dict[str, Any],
    fds: list[int],
    selector: selectors.BaseSelector,
    running: dict[int, _Running],
    control: socket.socket,
) -> None:
    data, status = (socket.socket(fileno=fd) for fd in fds)
    with contextlib.suppress(Exception):  # the child meets the same error and tells it
        _warm(request)
    nursery = os.getpid()
    pid = os.fork()
    if pid == 0:
        _become_child(nursery, request, data, [control, status, *(one.status for one in running.values())])
    data.close()
    child = _Running(pid, os.pidfd_open(pid), status)
    running[child.pidfd] = child
    selector.register(child.pidfd, selectors.EVENT_READ, child)
    selector.register(status, selectors.EVENT_READ, child)


_warmed: set[str] = set()


def _warm(request: dict[str, Any]) -> None:
    """Import the target's module once, and let it prepare what every child of it needs (a loaded recogniser)."""
    module = importlib.import_module(request["target"].partition(":")[0])
    prepare: Callable[[dict[str, Any]], None] | None = getattr(module, "prepare_nursery", None)
    once = json.dumps([module.__name__, request.get("warm")], sort_keys=True)
    if prepare and request.get("warm") is not None and once not in _warmed:
        _warmed.add(once)
        prepare(request["warm"])


def _become_child(nursery: int, request: dict[str, Any], data: socket.socket, strange: list[socket.socket]) -> None:
    """Never returns: binds itself, serves its client, ends."""
    code = 70
    try:
        os.setsid()
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != nursery:
            os._exit(code)  # it died before the kernel was asked
        for one in strange:
            one.close()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        limits.apply(request["limits"])
        served.answer(request, data)
        code = 0
    except MemoryError:
        code = served.OUT_OF_MEMORY
    finally:
        os._exit(code)


def _told_end(child: _Running, selector: selectors.BaseSelector) -> None:
    _, status = os.waitpid(child.pid, 0)
    selector.unregister(child.pidfd)
    os.close(child.pidfd)
    with contextlib.suppress(KeyError, ValueError):
        selector.unregister(child.status)
    with contextlib.suppress(OSError):
        child.status.send(json.dumps({"status": os.waitstatus_to_exitcode(status)}).encode())
    child.status.close()


def _kill(child: _Running) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(child.pidfd, signal.SIGKILL)


def _end_all(running: dict[int, _Running]) -> None:
    for child in running.values():
        _kill(child)
    sys.exit(0)
