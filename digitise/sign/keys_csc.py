"""A key at a remote signing service, through the Cloud Signature Consortium's API v2."""

import base64
import hashlib
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
from asn1crypto import x509

from digitise.errors import InvalidValue, KeyUnavailable, NotAllowed
from digitise.sign.cms import pss_parameters
from digitise.sign.keys import KeyEntry, extra_chain
from digitise.sign.profiles import Digest, Scheme

_SECONDS = 60.0  # a service that asks its user on a telephone takes long
_DIGEST_OIDS = {
    Digest.SHA256: "2.16.840.1.101.3.4.2.1",
    Digest.SHA384: "2.16.840.1.101.3.4.2.2",
    Digest.SHA512: "2.16.840.1.101.3.4.2.3",
}
_RSA_OIDS = {
    Digest.SHA256: "1.2.840.113549.1.1.11",
    Digest.SHA384: "1.2.840.113549.1.1.12",
    Digest.SHA512: "1.2.840.113549.1.1.13",
}
_ECDSA_OIDS = {
    Digest.SHA256: "1.2.840.10045.4.3.2",
    Digest.SHA384: "1.2.840.10045.4.3.3",
    Digest.SHA512: "1.2.840.10045.4.3.4",
}
_PSS_OID = "1.2.840.113549.1.1.10"


@dataclass
class RemoteKey:
    """A private key at the service; one authorisation (SAD) serves as many signatures as the service allows."""

    entry: KeyEntry
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    bound: bool  # SCAL 2: each authorisation names the hashes it is for
    most: int  # signatures that one authorisation may serve
    _client: httpx.Client = field(repr=False)
    _pin: str | None = field(repr=False)
    _sad: str = field(default="", repr=False)
    _left: int = 0
    _until: float = 0.0

    def sign(self, data: bytes, digest: Digest, scheme: Scheme) -> bytes:
        """Return the signature over `data`; raises KeyUnavailable, NotAllowed."""
        value = base64.b64encode(hashlib.new(digest, data).digest()).decode()
        if self.bound or self._left <= 0 or time.monotonic() >= self._until:
            self._authorise([value], digest)
        self._left -= 1
        request = {
            "credentialID": self.entry.text("credential"),
            "SAD": self._sad,
            "hashes": [value],
            "hashAlgorithmOID": _DIGEST_OIDS[digest],
            "operationMode": "S",
            **self._algorithm(digest, scheme),
        }
        try:
            return base64.b64decode(self._call("signatures/signHash", request)["signatures"][0], validate=True)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise KeyUnavailable("remote_answer", key=self.entry.name) from error

    def _algorithm(self, digest: Digest, scheme: Scheme) -> dict[str, str]:
        kind = self.certificate.public_key.algorithm
        if kind == "ec":
            return {"signAlgo": _ECDSA_OIDS[digest]}
        if kind != "rsa":
            raise InvalidValue("key_kind", name=f"key.{self.entry.name}", value=kind)
        if scheme == Scheme.PSS:
            return {
                "signAlgo": _PSS_OID,
                "signAlgoParams": base64.b64encode(pss_parameters(digest).dump()).decode(),
            }
        return {"signAlgo": _RSA_OIDS[digest]}

    def _authorise(self, values: list[str], digest: Digest) -> None:
        count = 1 if self.bound else self.most
        request: dict[str, Any] = {"credentialID": self.entry.text("credential"), "numSignatures": count}
        if self.bound:
            request |= {"hashes": values, "hashAlgorithmOID": _DIGEST_OIDS[digest]}
        if self._pin is not None:
            request["authData"] = [{"id": "PIN", "value": self._pin}]
        answer = self._call("credentials/authorize", request)
        self._sad = str(answer.get("SAD", ""))
        self._left = count
        self._until = time.monotonic() + float(answer.get("expiresIn", 3600)) - 5

    def _call(self, path: str, request: dict[str, Any]) -> dict[str, Any]:
        return _call(self._client, self.entry, path, request)

    def close(self) -> None:
        """Close the connection and forget the authorisation."""
        self._sad, self._left = "", 0
        self._client.close()


def _call(client: httpx.Client, entry: KeyEntry, path: str, request: dict[str, Any]) -> dict[str, Any]:
    try:
        answer = client.post(f"{entry.text('url').rstrip('/')}/{path}", json=request)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise KeyUnavailable("remote_away", key=entry.name, cause=type(error).__name__) from error
    try:
        told = answer.json()
    except ValueError:
        told = {}
    if answer.status_code == 200 and isinstance(told, dict):
        return told
    code = str(told.get("error", "")) if isinstance(told, dict) else ""
    if answer.status_code in (401, 403):
        raise NotAllowed("remote_refused", key=entry.name, cause=code or answer.status_code)
    if answer.status_code == 400 and code in ("invalid_pin", "invalid_otp"):
        raise NotAllowed("wrong_pin", key=entry.name)
    raise KeyUnavailable("remote_failed", key=entry.name, cause=code or f"HTTP {answer.status_code}")


def open_csc(entry: KeyEntry, pin: str | None) -> RemoteKey:
    """Ask the service about the credential; raises KeyUnavailable, NotAllowed, InvalidValue."""
    client = httpx.Client(timeout=httpx.Timeout(_SECONDS, connect=5.0), headers=_headers(entry))
    info = _call(
        client,
        entry,
        "credentials/info",
        {"credentialID": entry.text("credential"), "certificates": "chain", "certInfo": True, "authInfo": True},
    )
    try:
        listed = [x509.Certificate.load(base64.b64decode(one)) for one in info["cert"]["certificates"]]
        own, *chain = listed
        most = max(1, int(info.get("multisign", 1)))
    except (KeyError, TypeError, ValueError) as error:
        raise KeyUnavailable("remote_answer", key=entry.name) from error
    bound = str(info.get("SCAL", "1")) == "2"
    return RemoteKey(entry, own, (*chain, *extra_chain(entry)), bound, most, client, pin)


def _headers(entry: KeyEntry) -> dict[str, str]:
    file = entry.path("access_token_file")
    if file is None:
        return {}
    try:
        return {"Authorization": f"Bearer {file.read_text(encoding='utf-8').strip()}"}
    except OSError as error:
        raise KeyUnavailable("pin_file", key=entry.name, file=str(file)) from error
