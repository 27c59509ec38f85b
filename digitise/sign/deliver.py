"""Hand issued documents over: into a folder, or to a webhook that speaks Standard Webhooks."""

import base64
import hashlib
import hmac
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digitise.errors import Conflict, DeliveryFailed, InvalidValue
from digitise.model.outgoing import Outgoing
from digitise.sign.register import Deliveries, OutgoingRegister

if TYPE_CHECKING:
    from digitise.ports import Clock, ObjectStore

FOLDER, WEBHOOK = "folder", "webhook"
_SECONDS = 30.0  # Standard Webhooks recommends 15 to 30 s
_RETRY = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class Receivers:
    """Where issued documents go; empty parts are off."""

    folder: Path | None = None
    url: str = ""
    secret: bytes = b""

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels in force."""
        return (*((FOLDER,) if self.folder else ()), *((WEBHOOK,) if self.url else ()))


def webhook_secret(text: str) -> bytes:
    """Return the key of a Standard Webhooks secret (`whsec_` and base64); raises InvalidValue."""
    try:
        return base64.b64decode(text.strip().removeprefix("whsec_"), validate=True)
    except ValueError as error:
        raise InvalidValue("webhook_secret", name="delivery_secret_file", value="…") from error


def deliver(
    delivery_id: str,
    register: OutgoingRegister,
    deliveries: Deliveries,
    store: "ObjectStore",
    receivers: Receivers,
    clock: "Clock",
) -> bool:
    """Deliver once; return whether anything was done. Every attempt is recorded; raises DeliveryFailed to be tried again."""
    wanted = deliveries.get(delivery_id)
    if wanted.delivered_at is not None:
        return False
    document = register.get(wanted.outgoing_id)
    if document.state == "recalled":
        return False
    if document.signed_sha256 != wanted.sha256:
        raise Conflict("bytes", what="delivery", id=delivery_id)
    hand_over: Callable[[], str]
    if wanted.channel == FOLDER and receivers.folder:
        folder = receivers.folder
        hand_over = lambda: to_folder(document, store, folder)  # noqa: E731 - one of two ways to do one thing
    elif wanted.channel == WEBHOOK and receivers.url:
        hand_over = lambda: to_webhook(document, delivery_id, receivers, clock())  # noqa: E731
    else:
        raise Conflict("channel_off", what="delivery", id=wanted.channel)
    try:
        answer = hand_over()
    except DeliveryFailed as failed:
        deliveries.record(delivery_id, str(failed.details.get("answer", failed.reason)), False)
        raise
    deliveries.record(delivery_id, answer, True)
    return True


def file_name(document: Outgoing) -> str:
    """Return a name without personal data: unit, date, number, symbol, id."""
    parts = [document.unit, document.issued_on.isoformat() if document.issued_on else ""]
    parts += [f"{document.number:02d}" if document.number is not None else "", document.symbol or document.kind]
    kept = "_".join(part for part in parts if part)
    safe = "".join(char if char.isalnum() or char in "-_." else "-" for char in kept)
    return f"{safe[:100]}_{document.id[-8:]}.pdf"


def to_folder(document: Outgoing, store: "ObjectStore", folder: Path) -> str:
    """Lay the file and its description into `folder`; both appear whole or not at all, the description last."""
    name = file_name(document)
    description = json.dumps(event(document), ensure_ascii=False, indent=2).encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with store.as_file(document.signed_sha256 or "") as source:
            _whole(folder, name, lambda target: shutil.copyfile(source, target))
        _whole(folder, name.removesuffix(".pdf") + ".json", lambda target: target.write_bytes(description))
    except OSError as error:
        raise DeliveryFailed("folder", channel=FOLDER, answer=error.strerror or type(error).__name__) from error
    return name


def _whole(folder: Path, name: str, write: Callable[[Path], Any]) -> None:
    draft = folder / f".{name}.part"
    write(draft)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(folder / name)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def event(document: Outgoing) -> dict[str, Any]:
    """Return what a receiver is told: the register's entry, never the file itself."""
    return {
        "id": document.id,
        "external_id": document.external_id,
        "unit": document.unit,
        "kind": document.kind,
        "number": document.number,
        "symbol": document.symbol,
        "issued_on": document.issued_on.isoformat() if document.issued_on else None,
        "abstract": document.abstract,
        "signer": document.signer,
        "certified_copy": document.certified_copy,
        "sha256": document.signed_sha256,
        "verdict": document.verdict,
    }


def signature_headers(message_id: str, at: datetime, body: bytes, secret: bytes) -> dict[str, str]:
    """Return the headers of Standard Webhooks: id, timestamp, `v1,` and the HMAC-SHA-256 of `id.timestamp.body`."""
    stamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), stamp.encode(), body))
    mac = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{mac}"}


def to_webhook(document: Outgoing, delivery_id: str, receivers: Receivers, at: datetime) -> str:
    """Tell the receiver; the same id at every attempt, so that it can drop repeats."""
    import httpx

    told = {"type": "outgoing.issued", "timestamp": at.isoformat(), "data": event(document)}
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json",
        **signature_headers(f"msg_{delivery_id}", at, body, receivers.secret),
    }
    try:
        answer = httpx.post(receivers.url, content=body, headers=headers, timeout=httpx.Timeout(_SECONDS, connect=5.0))
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise DeliveryFailed("webhook", channel=WEBHOOK, answer=type(error).__name__) from error
    if not answer.is_success:
        raise DeliveryFailed("webhook", channel=WEBHOOK, answer=f"HTTP {answer.status_code}")
    return f"HTTP {answer.status_code}"


def pause(attempts: int) -> float:
    """Return the seconds until the next attempt: 5 s, doubling up to two hours."""
    return float(min(5 * 2**attempts, 7200))
