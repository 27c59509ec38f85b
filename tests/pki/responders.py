"""OCSP, CRL, CA-issuers and RFC 3161 time-stamping over HTTP on a free loopback port, with faults to order."""

import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from asn1crypto import tsp
from cryptography.hazmat.primitives import serialization
from cryptography.x509 import OCSPNonce, ocsp

if TYPE_CHECKING:
    from tests.pki.authority import Authority, Identity
    from tests.pki.signing import TimeStamper


class Responders:
    """A loopback server that answers for a PKI.

    `delay[prefix]` seconds before an answer, `away` prefixes that answer 503, `garbage` prefixes that answer nonsense,
    `rejecting` prefixes whose TSA answers a proper rejection. A prefix is the beginning of a path: `/tsa`, `/tsa/slow`, `/ocsp`.
    `requests` lists the paths asked for, oldest first.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.authorities: dict[str, Authority] = {}
        self.tsas: dict[str, Identity] = {}
        self.delay: dict[str, float] = {}
        self.away: set[str] = set()
        self.garbage: set[str] = set()
        self.rejecting: set[str] = set()
        self.requests: list[str] = []
        self._stampers: dict[str, tuple[Identity, TimeStamper]] = {}
        self._stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop answering; answers that wait are given up."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def _matching(self, prefixes: Any, path: str) -> list[str]:
        return [prefix for prefix in prefixes if path.startswith(prefix)]

    def answer(self, path: str, body: bytes) -> tuple[int, str, bytes]:
        """Return status, media type and body for one request."""
        self.requests.append(path)
        waits = [self.delay[prefix] for prefix in self._matching(self.delay, path)]
        if waits:
            self._stopping.wait(max(waits))
        if self._matching(self.away, path):
            return 503, "text/plain", b"away"
        if self._matching(self.garbage, path):
            return 200, "application/octet-stream", b"\x30\x03nonsense"
        _, kind, name = path.split("/", 2)
        if kind == "crl" and (authority := self.authorities.get(name.removesuffix(".crl"))):
            return 200, "application/pkix-crl", authority.crl()
        if kind == "ca" and (authority := self.authorities.get(name.removesuffix(".crt"))):
            return 200, "application/pkix-cert", authority.identity.der
        if kind == "ocsp" and (authority := self.authorities.get(name)):
            return 200, "application/ocsp-response", _ocsp(authority, body)
        if kind == "tsa" and (tsa := self.tsas.get(name)):
            rejects = bool(self._matching(self.rejecting, path))
            return 200, "application/timestamp-reply", _timestamp(self._stamper(name, tsa), body, self.clock(), rejects)
        return 404, "text/plain", b"no such responder"

    def _stamper(self, name: str, tsa: "Identity") -> "TimeStamper":
        """Return what stamps for `tsa`, kept from one request to the next."""
        from tests.pki.signing import stamper

        kept = self._stampers.get(name)
        if kept is None or kept[0] is not tsa:
            kept = self._stampers[name] = (tsa, stamper(tsa, self.clock()))
        return kept[1]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._reply(b"")

            def do_POST(self) -> None:
                self._reply(self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def _reply(self, body: bytes) -> None:
                status, media_type, answer = outer.answer(self.path, body)
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", media_type)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)
                except OSError:
                    pass  # the asker gave up waiting, as the test meant it to

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


def _ocsp(authority: "Authority", body: bytes) -> bytes:
    request = ocsp.load_der_ocsp_request(body)
    nonces = [e.value.nonce for e in request.extensions if isinstance(e.value, OCSPNonce)]
    return authority.ocsp_for_serial(request.serial_number, nonce=nonces[0] if nonces else None)


def _timestamp(tsa: "TimeStamper", body: bytes, now: datetime, rejects: bool) -> bytes:
    if rejects:
        return tsp.TimeStampResp({"status": {"status": "rejection"}, "time_stamp_token": None}).dump(force=True)
    request = tsp.TimeStampReq.load(body)
    return tsa.at(now).request_tsa_response(request).dump()


def pem(identity: "Identity") -> bytes:
    """Return an identity's certificate as PEM."""
    return identity.certificate.public_bytes(serialization.Encoding.PEM)
