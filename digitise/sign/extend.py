"""Raise or renew what proves a signature, without its key: promised timestamps, archive timestamps (EN 319 142-1, 5.5)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from asn1crypto import cms

from digitise.errors import RevocationUnavailable, SigningRefused
from digitise.sign.growing import GrowingFile
from digitise.sign.levels import add_timestamp, add_validation_data, tokens
from digitise.sign.profiles import Digest, Level
from digitise.sign.timestamps import Authorities
from digitise.sign.validation_data import Gatherer, ValidationData

_DIGEST = Digest.SHA256


@dataclass(frozen=True, slots=True)
class Extended:
    """The file that was made, and when its last timestamp's certificate ends."""

    path: Path
    sha256: str
    input_sha256: str
    ends_at: datetime


def promised(source: Path, target: Path, level: Level, authorities: Authorities, gatherer: Gatherer) -> Extended:
    """Give a B-B file what was promised: a document timestamp, for B-LT what proves it good, for B-LTA one more over that."""
    with _growing(source, target) as (file, held):
        token = add_timestamp(file, authorities, _DIGEST)
        if level != Level.B_T:
            add_validation_data(file, _proofs([*held, token], gatherer))
        if level == Level.B_LTA:
            token = add_timestamp(file, authorities, _DIGEST)
    return Extended(target, file.sha256, file.input_sha256, ends_at(token))


def renewed(source: Path, target: Path, authorities: Authorities, gatherer: Gatherer) -> Extended:
    """Prove the last timestamp good and put a new one over everything, before its certificate ends (B-LTA)."""
    with _growing(source, target) as (file, held):
        add_validation_data(file, _proofs(held, gatherer))
        token = add_timestamp(file, authorities, _DIGEST)
    return Extended(target, file.sha256, file.input_sha256, ends_at(token))


@contextmanager
def _growing(source: Path, target: Path) -> Iterator[tuple[GrowingFile, list[bytes]]]:
    """Give a copy of `source` that may grow, and the containers it holds; a fault leaves no `target`."""
    try:
        file = GrowingFile.copy(source, target, _DIGEST)
        held = [der for _, der in tokens(source)]
        if not held:
            raise SigningRefused("unsigned", file=source.name)
        yield file, held
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _proofs(containers: list[bytes], gatherer: Gatherer) -> ValidationData:
    """Return what can be had now; the newest container's proof must be among it, older ones may be in the file."""
    found = gatherer.gather_for(containers[-1])
    for container in containers[:-1]:
        for part in (container, *_inner_tokens(container)):
            try:
                found = found + gatherer.gather_for(part)
            except RevocationUnavailable:
                continue  # its authority may be gone by now: what proved it then is in the file
    return found


def _inner_tokens(container: bytes) -> list[bytes]:
    signer = cms.ContentInfo.load(container)["content"]["signer_infos"][0]
    attributes = signer["unsigned_attrs"] or []
    wanted = (one for one in attributes if one["type"].native == "signature_time_stamp_token")
    return [value.dump() for one in wanted for value in one["values"]]


def ends_at(token: bytes) -> datetime:
    """Return when the certificate of a timestamp ends."""
    signed = cms.ContentInfo.load(token)["content"]
    sid = signed["signer_infos"][0]["sid"].chosen
    for one in signed["certificates"]:
        certificate = one.chosen
        serial = sid["serial_number"].native if isinstance(sid, cms.IssuerAndSerialNumber) else None
        if certificate.serial_number == serial or certificate.key_identifier == sid.native:
            ends: datetime = certificate.not_valid_after
            return ends
    raise SigningRefused("unsigned")
