"""The client's end of the nursery: start it once per process tree, ask it for children."""

import array
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from digitise.errors import DefectInOurselves

_ROOT = Path(__file__).resolve().parents[2]
# One thread each: children may not start threads, and one process per core is quicker than threads.
# Memory that is freed stays with the child: handed back, each of a page's images costs its page faults anew, half of all
# processor time beside the recogniser's; the largest resident size is the same.
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "OMP_THREAD_LIMIT": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OPENCV_FOR_THREADS_NUM": "1",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(256 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
}
_KEPT = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DIGITISE_DEBUG", "TESSDATA_PREFIX")

_lock = threading.Lock()
_control: socket.socket | None = None
_process: subprocess.Popen[bytes] | None = None


def start(modules: Sequence[str] = ()) -> None:
    """Start the nursery if this process has none; a worker does so before it forks, so that its jobs find it warm.

    `modules` below `digitise` are imported there at once, while this process goes on.
    """
    with _lock:
        if _control is None:
            _start(modules)


def request(wish: Mapping[str, Any], data: socket.socket, status: socket.socket) -> None:
    """Ask for a child that serves `data`; its end is told on `status`. A nursery that died is started anew once."""
    message = json.dumps(wish).encode()
    with _lock:
        for attempt in (1, 2):
            if _control is None:
                _start()
            assert _control is not None
            fds = array.array("i", [data.fileno(), status.fileno()])
            try:
                _control.sendmsg([message], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
                return
            except OSError as error:
                _forget()
                if attempt == 2:
                    raise DefectInOurselves(f"nursery: {error}") from error


def _start(modules: Sequence[str] = ()) -> None:
    global _control, _process
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ} | ENVIRONMENT
    program = (
        f"import sys; sys.path.insert(0, {str(_ROOT)!r}); "
        f"from digitise.child.nursery import serve; serve({theirs.fileno()}, {tuple(modules)!r})"
    )
    with theirs:
        _process = subprocess.Popen(
            [sys.executable, "-I", "-c", program],
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=None if "DIGITISE_DEBUG" in environment else subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
    _control = ours


def _forget() -> None:
    global _control, _process
    if _control is not None:
        _control.close()
    if _process is not None:
        with contextlib.suppress(OSError):
            _process.kill()
            _process.wait(5)
    _control = _process = None
