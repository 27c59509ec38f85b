"""An OpenID Connect provider for tests: real keys, real signatures, HTTP on loopback; it can be told to misbehave."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "so-hoa"
SECRET = "bi mat/+&"  # must be percent-encoded on its way, as RFC 6749 says
Claims = dict[str, Any]


def _plain(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class _Answering(BaseHTTPRequestHandler):
    """Ways to answer."""

    def to(self, address: str) -> None:
        self.send_response(303)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer(self, status: int, body: Claims) -> None:
        self.send(status, json.dumps(body).encode(), "application/json")

    def send(self, status: int, body: bytes, media_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Provider:
    """`people` maps a sign-in name to claims; `spoil` may change the claims of each ID token, `header` its header."""

    def __init__(self, people: dict[str, Claims]) -> None:
        self.people = people
        self.spoil: Callable[[Claims], None] = lambda claims: None
        self.header: Claims = {"alg": "RS256"}
        self.away = False
        self.ended = 0
        self.key = self.new_key()
        self.signing_key: Any = self.key
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @staticmethod
    def new_key() -> RSAKey:
        """Make a signing key with an id of its own."""
        return RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"})

    def rotate(self) -> None:
        """Sign with a new key from now on, and publish only that one."""
        self.key = self.signing_key = self.new_key()

    @property
    def issuer(self) -> str:
        """The issuer's identifier."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/realms/tinh"

    def settings(self, **more: Any) -> dict[str, Any]:
        """Settings of a service that trusts this provider."""
        mapping = {"can-bo-mot-cua": ["clerk"], "van-thu": ["signer"], "quan-tri": ["operator"]}
        named = {"oidc_issuer": self.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
        return {**named, "oidc_roles": mapping, "oidc_roles_claim": "realm_access.roles", **more}

    def __enter__(self) -> "Provider":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def code_for(self, name: str, asked: dict[str, str]) -> str:
        """Give out a code for the person, bound to what the client asked."""
        code = secrets.token_urlsafe(16)
        self._codes[code] = {**asked, "name": name}
        return code

    def discovery(self) -> Claims:
        """The metadata document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/end",
            "id_token_signing_alg_values_supported": ["RS256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, Claims]:
        """Exchange a code: client, redirect address and PKCE verifier must be those of the attempt; a code works once."""
        given = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        client, _, secret = given.partition(":")
        asked = self._codes.pop(form.get("code", ""), None)
        challenge = _plain(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        good = (
            (unquote(client), unquote(secret)) == (CLIENT, SECRET)
            and asked is not None
            and form.get("grant_type") == "authorization_code"
            and form.get("redirect_uri") == asked["redirect_uri"]
            and asked["code_challenge_method"] == "S256"
            and challenge == asked["code_challenge"]
        )
        if not good or asked is None:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims: Claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims |= self.people[asked["name"]]
        self.spoil(claims)
        return 200, {"access_token": secrets.token_urlsafe(8), "token_type": "Bearer", "id_token": self.sealed(claims)}

    def sealed(self, claims: Claims) -> str:
        """Make an ID token; libraries refuse the two classic forgeries, so those are put together by hand."""
        header = {"kid": self.signing_key.kid, **self.header}
        if self.header["alg"] == "RS256":
            return jwt.encode(header, claims, self.signing_key)
        text = ".".join(_plain(json.dumps(part).encode()) for part in (header, claims))
        tag = hmac.digest(self.key.as_pem(private=False), text.encode(), "sha256")
        return f"{text}." + (_plain(tag) if self.header["alg"] == "HS256" else "")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(_Answering):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                if provider.away:
                    self.answer(503, {})
                elif parts.path.endswith("/.well-known/openid-configuration"):
                    self.answer(200, provider.discovery())
                elif parts.path.endswith("/keys"):
                    self.answer(200, {"keys": [provider.key.as_dict(private=False)]})
                elif parts.path.endswith("/authorize"):
                    self.page(asked)
                elif parts.path.endswith("/end"):
                    provider.ended += 1
                    self.to(asked["post_logout_redirect_uri"])
                else:
                    self.answer(404, {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                if provider.away:
                    self.answer(503, {})
                elif self.path.endswith("/token"):
                    self.answer(*provider.token(form, self.headers.get("Authorization", "")))
                else:
                    code = provider.code_for(form["name"], form)
                    more = {"code": code, "state": form["state"], "iss": provider.issuer}
                    self.to(form["redirect_uri"] + "?" + urlencode(more))

            def page(self, asked: dict[str, str]) -> None:
                hidden = "".join(f'<input type="hidden" name="{k}" value="{v}">' for k, v in asked.items())
                buttons = "".join(f'<button name="name" value="{one}">{one}</button>' for one in provider.people)
                html = f'<!doctype html><html lang="vi"><title>Tài khoản tỉnh</title><form method="post">{hidden}{buttons}</form>'
                self.send(200, html.encode(), "text/html; charset=utf-8")

        return Handler
