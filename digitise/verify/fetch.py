"""Ask OCSP responders and CRL servers that a file names, without letting the file choose whom we talk to.

Only http and https, only allowed hosts, only public addresses unless the operator names them; the address that was checked is the one
connected to; size and time are limited; a host that failed is left alone for a while.
"""

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urljoin, urlsplit

from digitise.settings import Settings
from digitise.verify.evidence import Fetched, Want

MAX_REDIRECTS = 3  # CRL servers redirect once, from http to https
PARALLEL = 8  # answers fetched at once for one file
PIECE = 64 << 10
NO_ANSWER = b""  # remembered in place of an answer that did not come


class AnswerCache(Protocol):
    """Keeps answers between verifications."""

    def get(self, key: str) -> Fetched | None:
        """Return the answer kept under `key`."""
        ...

    def put(self, key: str, answer: Fetched) -> None:
        """Keep an answer, replacing the former one."""
        ...


@dataclass(slots=True)
class MemoryCache:
    """Answers of this process, for `digitise verify` without a data directory."""

    held: dict[str, Fetched] = field(default_factory=dict)

    def get(self, key: str) -> Fetched | None:
        """Return the answer kept under `key`."""
        return self.held.get(key)

    def put(self, key: str, answer: Fetched) -> None:
        """Keep an answer."""
        self.held[key] = answer


class Refused(Exception):
    """The policy does not allow this address."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Whom we may ask, and how long we wait."""

    hosts: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    seconds: float = 10.0
    max_bytes: int = 64 << 20
    reuse: timedelta = timedelta(hours=1)
    rest_seconds: float = 60.0

    @classmethod
    def of(cls, settings: Settings) -> "Rules":
        """Return the rules of the settings."""
        return cls(
            tuple(settings.revocation_hosts),
            tuple(settings.revocation_private_hosts),
            settings.fetch_seconds,
            settings.fetch_bytes,
            timedelta(seconds=settings.fetch_reuse_seconds),
            settings.fetch_rest_seconds,
        )


class Fetcher:
    """Fetches what verification wants, through rules and a cache; safe to use from threads."""

    def __init__(
        self, rules: Rules, cache: AnswerCache | None = None, clock: Callable[[], datetime] | None = None
    ) -> None:
        self._rules = rules
        self._cache = cache if cache is not None else MemoryCache()
        self._clock = clock
        self._resting: dict[str, float] = {}

    def get_all(self, wants: Iterable[Want], now: datetime) -> dict[str, bytes]:
        """Return an answer for each want, `NO_ANSWER` where none came; slow hosts wait beside each other."""
        wanted = list(wants)
        if not wanted:
            return {}
        with ThreadPoolExecutor(min(PARALLEL, len(wanted))) as pool:
            answers = list(pool.map(lambda want: self.get(want, now), wanted))
        return {want.key: answer for want, answer in zip(wanted, answers, strict=True)}

    def get(self, want: Want, now: datetime) -> bytes:
        """Return one answer: a recent one from the cache, else from the network, else an older one."""
        held = self._cache.get(want.key)
        if held is not None and timedelta(0) <= now - held.fetched_at <= self._rules.reuse:
            return held.data
        host = urlsplit(want.url).netloc
        if time.monotonic() < self._resting.get(host, 0.0):
            return held.data if held else NO_ANSWER
        try:
            data = self._fetch(want)
        except Refused:
            return NO_ANSWER
        except (OSError, http.client.HTTPException, ValueError):
            self._resting[host] = time.monotonic() + self._rules.rest_seconds
            return held.data if held else NO_ANSWER
        self._cache.put(want.key, Fetched(data, now))
        return data

    def _fetch(self, want: Want) -> bytes:
        url = want.url
        until = time.monotonic() + self._rules.seconds
        for _ in range(MAX_REDIRECTS + 1):
            status, location, data = self._once(url, want.request, until)
            if status in (301, 302, 303, 307, 308) and location:
                url = urljoin(url, location)
                continue
            if status != 200:
                raise OSError(f"status {status}")
            return data
        raise OSError("redirects")

    def _once(self, url: str, request: bytes | None, until: float) -> tuple[int, str | None, bytes]:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise Refused(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = self._allowed_address(parts.hostname, port)
        connection = _connect(parts.scheme, parts.hostname, address, port, until)
        try:
            path = parts.path or "/"
            target = f"{path}?{parts.query}" if parts.query else path
            headers = {"User-Agent": "digitise", "Accept": "*/*"}
            if request is None:
                connection.request("GET", target, headers=headers)
            else:
                connection.request("POST", target, request, {**headers, "Content-Type": "application/ocsp-request"})
            response = connection.getresponse()
            data = self._read(connection, response, until) if response.status == 200 else b""
            return response.status, response.headers.get("Location"), data
        finally:
            connection.close()

    def _read(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse, until: float) -> bytes:
        data = bytearray()
        while True:
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            if connection.sock is not None:
                connection.sock.settimeout(left)
            piece = response.read(PIECE)
            if not piece:
                return bytes(data)
            data += piece
            if len(data) > self._rules.max_bytes:
                raise OSError("too large")

    def _allowed_address(self, host: str, port: int) -> str:
        """Resolve a host and return an address that may be connected to; raises Refused."""
        if self._rules.hosts and not any(_same_host(host, one) for one in self._rules.hosts):
            raise Refused(host)
        for *_, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            address = ipaddress.ip_address(place[0])
            if address.is_global and not address.is_multicast:
                return str(address)
            if any(_names(one, host, port, address) for one in self._rules.private):
                return str(address)
        raise Refused(host)


def _same_host(host: str, rule: str) -> bool:
    """`ocsp.ca.gov.vn` allows itself; `.ca.gov.vn` allows every host below it."""
    host, rule = host.lower().rstrip("."), rule.lower()
    return host == rule or (rule.startswith(".") and host.endswith(rule))


def _names(rule: str, host: str, port: int, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if rule in (host, f"{host}:{port}", str(address), f"{address}:{port}"):
        return True
    try:
        return address in ipaddress.ip_network(rule, strict=False)
    except ValueError:
        return False


def _connect(scheme: str, host: str, address: str, port: int, until: float) -> http.client.HTTPConnection:
    """Connect to the address that was checked; the name goes into Host and TLS only."""
    left = max(until - time.monotonic(), 0.01)
    raw = socket.create_connection((address, port), timeout=left)
    connection = http.client.HTTPConnection(host, port, timeout=left)
    connection.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=host) if scheme == "https" else raw
    return connection
