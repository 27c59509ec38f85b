"""A door in front of a TCP server that can be shut and opened again: what is behind it is then away, and comes back."""

import selectors
import socket
import threading
from contextlib import suppress

CHUNK = 1 << 16


class Gate:
    """Forwards connections from `address` to a server until it is shut; `open` takes them again on the same port."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._port = 0
        self._ears: socket.socket | None = None
        self._links: set[socket.socket] = set()
        self.open()

    @property
    def address(self) -> str:
        """Return host:port of this side."""
        return f"127.0.0.1:{self._port}"

    def open(self) -> None:
        """Take connections."""
        ears = socket.socket()
        ears.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ears.bind(("127.0.0.1", self._port))
        ears.listen(64)
        self._port, self._ears = ears.getsockname()[1], ears
        threading.Thread(target=self._take, args=(ears,), daemon=True).start()

    def shut(self) -> None:
        """Refuse new connections and cut those that are open."""
        if self._ears:
            with suppress(OSError):
                self._ears.shutdown(socket.SHUT_RDWR)
            self._ears.close()
        for link in list(self._links):
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def _take(self, ears: socket.socket) -> None:
        while True:
            try:
                caller, _ = ears.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._server, timeout=5)
            except OSError:
                caller.close()
                continue
            server.settimeout(None)
            threading.Thread(target=self._forward, args=(caller, server), daemon=True).start()

    def _forward(self, caller: socket.socket, server: socket.socket) -> None:
        ends = {caller: server, server: caller}
        self._links |= set(ends)
        with selectors.DefaultSelector() as waiting, suppress(OSError):
            for end in ends:
                waiting.register(end, selectors.EVENT_READ)
            while True:
                for key, _ in waiting.select():
                    source = key.fileobj
                    assert isinstance(source, socket.socket)
                    data = source.recv(CHUNK)
                    if not data:
                        raise ConnectionResetError
                    ends[source].sendall(data)
        self._links -= set(ends)
        for end in ends:
            end.close()
