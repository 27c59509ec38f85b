"""The organisation's own accounts: OpenID Connect Core 1.0, authorisation code with PKCE (RFC 7636), as a relying party.

What the issuer says counts only where its ID token is signed by one of its published keys, was made for this client and
for this attempt (nonce), and has not expired. Nothing of an answer is shown or logged: it may hold personal data.
"""

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

import httpx

from digitise.errors import NotAuthenticated, ServiceUnavailable
from digitise.settings import Settings

WELL_KNOWN = "/.well-known/openid-configuration"
ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
FRESH_SECONDS = 3600.0  # metadata and keys are asked for again after this long
AGAIN_SECONDS = 30.0  # an unknown key id makes us ask before that, but not more often than this
LEEWAY_SECONDS = 60  # clocks of two servers
MAX_BYTES = 1 << 20  # of one answer; key sets have a few kB


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to sign in; kept by the browser in a cookie until the issuer sends it back."""

    state: str
    nonce: str
    verifier: str  # of PKCE
    next: str  # local path to go on to

    @classmethod
    def new(cls, onward: str) -> "Attempt":
        """Return an attempt with fresh secrets."""
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), onward)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the issuer says it is."""

    claims: Mapping[str, Any]
    id_token: str  # handed back when signing out

    @property
    def subject(self) -> str:
        """The account's key: issuer and subject, never a name, which issuers give away again."""
        return f"{self.claims['iss']} {self.claims['sub']}"


class Issuer:
    """One issuer of the settings; safe to use from threads."""

    def __init__(self, settings: Settings, client_secret: str) -> None:
        self._settings = settings
        self._secret = client_secret
        self._lock = threading.Lock()
        self._held: dict[str, tuple[float, dict[str, Any]]] = {}

    def address_of(self, attempt: Attempt, redirect_uri: str) -> str:
        """Return where the browser is sent to. Raises ServiceUnavailable."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        return str(
            prepare_grant_uri(
                self._endpoint("authorization_endpoint"),
                client_id=self._settings.oidc_client_id,
                response_type="code",
                redirect_uri=redirect_uri,
                scope=self._settings.oidc_scopes,
                state=attempt.state,
                nonce=attempt.nonce,
                code_challenge=create_s256_code_challenge(attempt.verifier),
                code_challenge_method="S256",
            )
        )

    def identify(self, attempt: Attempt, answer: Mapping[str, str], redirect_uri: str) -> Identity:
        """Return who came back with `answer`, the query of the callback. Raises NotAuthenticated, ServiceUnavailable."""
        if not secrets.compare_digest(answer.get("state", ""), attempt.state):
            raise NotAuthenticated("oidc_state")
        named = answer.get("iss")  # RFC 9207: guards against an answer of another issuer
        if named is None and self._metadata().get("authorization_response_iss_parameter_supported"):
            raise NotAuthenticated("oidc")
        if (named is not None and named != self._settings.oidc_issuer) or "code" not in answer:
            raise NotAuthenticated("oidc_refused" if "error" in answer else "oidc")
        token = self._exchange(answer["code"], attempt.verifier, redirect_uri)
        id_token = token.get("id_token")
        if not isinstance(id_token, str):
            raise NotAuthenticated("oidc")
        return Identity(self._claims(id_token, attempt.nonce, token.get("access_token")), id_token)

    def way_out(self, id_token: str, onward: str) -> str | None:
        """Return where the browser ends its session at the issuer (RP-Initiated Logout 1.0); None where it cannot."""
        from authlib.common.urls import add_params_to_uri

        try:
            address = self._metadata().get("end_session_endpoint")
        except ServiceUnavailable:
            return None
        if not isinstance(address, str) or not address.startswith(("https://", "http://")):
            return None
        values = {
            "id_token_hint": id_token,
            "post_logout_redirect_uri": onward,
            "client_id": self._settings.oidc_client_id,
        }
        return str(add_params_to_uri(address, list(values.items())))

    def _claims(self, id_token: str, nonce: str, access_token: object) -> Mapping[str, Any]:
        """Check an ID token as OpenID Connect Core 1.0, 3.1.3.7 and 3.1.3.8 say."""
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import JoseError

        try:
            token = self._decoded(id_token)
            issuer = {"iss": {"essential": True, "value": self._settings.oidc_issuer}}
            audience = {"aud": {"essential": True, "value": self._settings.oidc_client_id}}
            expected = {"nonce": nonce, "client_id": self._settings.oidc_client_id, "access_token": access_token}
            claims = CodeIDToken(token.claims, token.header, issuer | audience, expected)
            claims.validate(leeway=LEEWAY_SECONDS)
            if not isinstance(claims["sub"], str) or not claims["sub"]:
                raise NotAuthenticated("oidc")
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise NotAuthenticated("oidc") from error
        return dict(claims)

    def _decoded(self, id_token: str) -> Any:
        """Check the signature by the issuer's keys; by fresh ones where it was made with a key not seen before."""
        from joserfc import jwt
        from joserfc.errors import BadSignatureError, InvalidKeyIdError
        from joserfc.jwk import KeySet
        from joserfc.jws import JWSRegistry

        registry = JWSRegistry(algorithms=list(ASYMMETRIC), strict_check_header=False)
        for oldest in (FRESH_SECONDS, AGAIN_SECONDS):
            keys = KeySet.import_key_set(cast(Any, self._get(self._endpoint("jwks_uri"), oldest)))
            try:
                return jwt.decode(id_token, keys, registry=registry)
            except (InvalidKeyIdError, BadSignatureError):
                continue
        raise NotAuthenticated("oidc")

    def _exchange(self, code: str, verifier: str, redirect_uri: str) -> dict[str, Any]:
        """Exchange the code for tokens, as RFC 6749, 4.1.3 and 2.3.1 say."""
        client_id = self._settings.oidc_client_id
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        auth: tuple[str, str] | None = None
        ways = self._metadata().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if self._secret and "client_secret_basic" in ways:
            auth = (quote(client_id, safe=""), quote(self._secret, safe=""))
        else:
            form |= {"client_id": client_id} | ({"client_secret": self._secret} if self._secret else {})
        return self._asked("POST", self._endpoint("token_endpoint"), data=form, auth=auth)

    def _endpoint(self, name: str) -> str:
        address = self._metadata().get(name)
        if not isinstance(address, str):
            raise ServiceUnavailable("issuer")
        return address

    def _metadata(self) -> dict[str, Any]:
        issuer = self._settings.oidc_issuer
        found = self._get(issuer.rstrip("/") + WELL_KNOWN, FRESH_SECONDS)
        if found.get("issuer") != issuer:
            raise ServiceUnavailable("issuer")  # OpenID Connect Discovery 1.0, 4.3: must be the same, letter by letter
        return found

    def _get(self, address: str, oldest: float) -> dict[str, Any]:
        """Return a published document, from memory where it is at most `oldest` seconds old."""
        with self._lock:
            held = self._held.get(address)
        if held is not None and time.monotonic() - held[0] < oldest:
            return held[1]
        found = self._asked("GET", address)
        with self._lock:
            self._held[address] = (time.monotonic(), found)
        return found

    def _asked(self, method: str, address: str, **what: Any) -> dict[str, Any]:
        verify: Any = True
        if self._settings.oidc_ca_file is not None:
            import ssl

            verify = ssl.create_default_context(cafile=str(self._settings.oidc_ca_file))
        try:
            with httpx.Client(timeout=self._settings.oidc_seconds, verify=verify, follow_redirects=False) as client:
                answer = client.request(method, address, **what)
            if answer.status_code >= 500 or len(answer.content) > MAX_BYTES:
                raise ServiceUnavailable("issuer")
            found = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
            raise ServiceUnavailable("issuer") from error
        if answer.status_code != 200:
            raise NotAuthenticated("oidc") if method == "POST" else ServiceUnavailable("issuer")
        if not isinstance(found, dict):
            raise ServiceUnavailable("issuer")
        return found
