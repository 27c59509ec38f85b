"""Check an evidence bundle without the system that made it: hashes, members, and the numbers against the rows."""

import hashlib
import json
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

SUMS, SEAL = "SHA256SUMS", "SHA256SUMS.p7s"
# What reading a damaged archive raises: its own checks, inflation, a method or a cipher that no bundle has, odd offsets.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, struct.error)


def check_bundle(source: BinaryIO) -> list[str]:
    """Return what is wrong with a bundle: members that were changed, left out or added, numbers that the rows deny."""
    try:
        with zipfile.ZipFile(source) as archive:
            return [*_members(archive), *_numbers(archive)]
    except (*DAMAGED, KeyError, ValueError, TypeError) as broken:
        return [f"{type(broken).__name__}: {broken}"]


def read_seal(source: BinaryIO) -> tuple[bytes, bytes] | None:
    """Return the list of hashes and the signature over it; None where the bundle bears none, or cannot be read."""
    try:
        with zipfile.ZipFile(source) as archive:
            return (archive.read(SUMS), archive.read(SEAL)) if SEAL in archive.namelist() else None
    except (*DAMAGED, KeyError, ValueError):
        return None


def _members(archive: zipfile.ZipFile) -> Iterator[str]:
    names = archive.namelist()
    sums = _sums(archive)
    for name in sorted({name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ()):
        yield f"{name}: twice"
    for name in sorted(set(names) - set(sums) - {SUMS, SEAL}):
        yield f"{name}: added"
    held = set(names)
    for name, wanted in sums.items():
        if name not in held:
            yield f"{name}: missing"
        elif _hash(archive, name) != wanted:
            yield f"{name}: changed"


def _numbers(archive: zipfile.ZipFile) -> Iterator[str]:
    told = json.loads(archive.read("figure.json"))
    counts: dict[str, int] = {}
    with archive.open("rows.jsonl") as rows:
        for line in rows:
            part = json.loads(line)["part"]
            counts[part] = counts.get(part, 0) + 1
    if _sums(archive).get("rows.jsonl") != told["rows_digest"]:
        yield "rows.jsonl: not the rows of the figure"
    for which in ("numerator", "denominator"):
        counted = sum(counts.get(part, 0) for part in told[f"{which}_parts"])
        if counted != told["share"][which]:
            yield f"{which}: {told['share'][which]} told, {counted} counted"


def _sums(archive: zipfile.ZipFile) -> dict[str, str]:
    return {line[66:]: line[:64] for line in archive.read(SUMS).decode().splitlines()}


def _hash(archive: zipfile.ZipFile, name: str) -> str:
    try:
        with archive.open(name) as member:
            return hashlib.file_digest(member, "sha256").hexdigest()  # type: ignore[arg-type]
    except DAMAGED:
        return ""
