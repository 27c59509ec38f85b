"""A remote signing service for tests: speaks the Cloud Signature Consortium's API v2 and really signs."""

import base64
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from tests.pki import Identity

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "2.16.840.1.101.3.4.2.1": hashes.SHA256(),
    "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
    "2.16.840.1.101.3.4.2.3": hashes.SHA512(),
}
PSS = "1.2.840.113549.1.1.10"


class CscServer:
    """Answers `/csc/v2/…` on a free loopback port for one credential; `authorised` and `signed` count what was asked."""

    def __init__(
        self, who: Identity, *, pin: str = "2468", token: str = "", scal: str = "1", multisign: int = 10
    ) -> None:
        self.who, self.pin, self.token, self.scal, self.multisign = who, pin, token, scal, multisign
        self.away = False
        self.authorised = self.signed = 0
        self._sads: dict[str, tuple[int, set[str]]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        """Base URL of the API."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/csc/v2"

    def __enter__(self) -> "CscServer":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, request: dict[str, Any], bearer: str) -> tuple[int, dict[str, Any]]:
        """Return status and JSON for one call."""
        if self.away:
            return 503, {}
        if self.token and bearer != self.token:
            return 401, {"error": "invalid_token"}
        if request.get("credentialID") != "cred-1":
            return 400, {"error": "invalid_request"}
        match path.rsplit("/csc/v2/", 1)[-1]:
            case "credentials/info":
                return 200, self._info()
            case "credentials/authorize":
                return self._authorise(request)
            case "signatures/signHash":
                return self._sign(request)
        return 404, {"error": "invalid_request"}

    def _info(self) -> dict[str, Any]:
        chain = [self.who, *self.who.chain()]
        return {
            "key": {"status": "enabled", "algo": ["1.2.840.113549.1.1.1"]},
            "cert": {"status": "valid", "certificates": [base64.b64encode(one.der).decode() for one in chain]},
            "SCAL": self.scal,
            "multisign": self.multisign,
        }

    def _authorise(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        given = {one["id"]: one["value"] for one in request.get("authData", [])}
        if given.get("PIN") != self.pin:
            return 400, {"error": "invalid_pin"}
        if self.scal == "2" and not request.get("hashes"):
            return 400, {"error": "invalid_request"}
        self.authorised += 1
        sad = secrets.token_hex(8)
        self._sads[sad] = (min(int(request["numSignatures"]), self.multisign), set(request.get("hashes", [])))
        return 200, {"SAD": sad, "expiresIn": 300}

    def _sign(self, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        left, bound = self._sads.get(request.get("SAD", ""), (0, set()))
        wanted = request["hashes"]
        if left < len(wanted) or (self.scal == "2" and not set(wanted) <= bound):
            return 400, {"error": "invalid_request"}
        self._sads[request["SAD"]] = (left - len(wanted), bound)
        algorithm = _HASHES[request["hashAlgorithmOID"]]
        signatures = [self._raw(base64.b64decode(one), algorithm, request["signAlgo"]) for one in wanted]
        self.signed += len(wanted)
        return 200, {"signatures": [base64.b64encode(one).decode() for one in signatures]}

    def _raw(self, digest: bytes, algorithm: hashes.HashAlgorithm, wanted: str) -> bytes:
        ready = utils.Prehashed(algorithm)
        if isinstance(self.who.key, ec.EllipticCurvePrivateKey):
            return self.who.key.sign(digest, ec.ECDSA(ready))
        assert isinstance(self.who.key, rsa.RSAPrivateKey)
        if wanted == PSS:
            return self.who.key.sign(digest, padding.PSS(padding.MGF1(algorithm), algorithm.digest_size), ready)
        return self.who.key.sign(digest, padding.PKCS1v15(), ready)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
                bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
                status, told = outer.answer(self.path, request, bearer)
                body = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler
