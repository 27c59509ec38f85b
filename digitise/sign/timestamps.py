"""Time-stamping authorities (RFC 3161): a list, limits, and failover from one to the next."""

import hashlib
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asn1crypto import tsp

from digitise.errors import TimestampUnavailable
from digitise.sign.cms import timestamp_request
from digitise.sign.profiles import Digest

if TYPE_CHECKING:
    import httpx

_LARGEST = 256 << 10  # bytes of an answer; tokens with their chain are about 6 kB


@dataclass(slots=True)
class Authorities:
    """Asks the authorities in order; one that failed is asked last for `rest` seconds.

    `seconds` and `connect_seconds` bound each request; `attempts` the rounds through the list.
    """

    urls: Sequence[str]
    seconds: float = 150.0
    connect_seconds: float = 5.0
    attempts: int = 2
    rest: float = 60.0
    clock: Callable[[], float] = time.monotonic
    _failed: dict[str, float] = field(default_factory=dict)
    _client: "httpx.Client | None" = None

    def stamp(self, data: bytes, digest: Digest = Digest.SHA256) -> bytes:
        """Return a token (DER) over `data`; raises TimestampUnavailable when every authority is away."""
        return self.stamp_digest(hashlib.new(digest, data).digest(), digest)

    def stamp_digest(self, imprint: bytes, digest: Digest = Digest.SHA256) -> bytes:
        """Return a token (DER) over what has this digest; raises TimestampUnavailable."""
        if not self.urls:
            raise TimestampUnavailable("no_authority")
        reasons: list[str] = []
        for _ in range(self.attempts):
            for url in self._ordered():
                try:
                    token = self._ask(url, imprint, digest)
                except _Away as away:
                    self._failed[url] = self.clock()
                    reasons.append(f"{url}: {away}")
                else:
                    self._failed.pop(url, None)
                    return token
        raise TimestampUnavailable("all_away", tried="; ".join(reasons) or "-")

    def close(self) -> None:
        """Close connections."""
        if self._client:
            self._client.close()
            self._client = None

    def _ordered(self) -> list[str]:
        now = self.clock()
        return sorted(self.urls, key=lambda url: now - self._failed.get(url, -1e12) < self.rest)

    def _ask(self, url: str, imprint: bytes, digest: Digest) -> bytes:
        import httpx

        nonce = secrets.randbits(63) | 1 << 62
        request = timestamp_request(imprint, digest, nonce).dump()
        if self._client is None:
            limits = httpx.Timeout(self.seconds, connect=self.connect_seconds)
            self._client = httpx.Client(timeout=limits, follow_redirects=False)
        try:
            answer = self._client.post(
                url,
                content=request,
                headers={"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"},
            )
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise _Away(type(error).__name__) from error
        if answer.status_code != 200 or len(answer.content) > _LARGEST:
            raise _Away(f"HTTP {answer.status_code}")
        return _token(answer.content, imprint, nonce)


class _Away(Exception):
    """This authority gave no usable token."""


def _token(answer: bytes, imprint: bytes, nonce: int) -> bytes:
    """Return the token of an answer that is granted, about our imprint, and to our question."""
    try:
        response = tsp.TimeStampResp.load(answer)
        status = response["status"]["status"].native
        if status not in ("granted", "granted_with_mods"):
            raise _Away(str(status))
        token = response["time_stamp_token"]
        content = token["content"]["encap_content_info"]["content"].parsed
        if content["message_imprint"]["hashed_message"].native != imprint:
            raise _Away("token is about something else")
        if content["nonce"].native != nonce:
            raise _Away("token answers another request")
        return bytes(token.dump())
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _Away("answer cannot be read") from error
