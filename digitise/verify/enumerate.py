"""Step 1: every signature of a file, by its form fields and by its raw bytes, whatever state the structure is in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm

from digitise.verify.source import RangeEntry, Source
from digitise.verify.structure import FAULTS, Structure, value_at

MAX_FIELDS = 5_000  # form fields walked: the largest real forms have some 2,000
MAX_SIGNATURES = 200  # more signatures than any file in use; guards against signature bombs
_HEX_STRING = re.compile(rb"^<[0-9A-Fa-f\s\x00]*>$")
_HEX = re.compile(rb"^[0-9A-Fa-f\s\x00]+$")


@dataclass(slots=True)
class FoundSignature:
    """One signature dictionary: what it says, before anything is believed."""

    names: list[str] = field(default_factory=list)  # of the fields that refer to it; empty = in no form
    contents: bytes | None = None
    ranges: tuple[int, ...] | None = None
    subfilter: str | None = None
    kind: str | None = None  # /Type
    written_at: datetime | None = None  # /M
    reason: str | None = None  # /Reason
    certificates: list[bytes] = field(default_factory=list)  # /Cert, of adbe.x509.rsa_sha1
    reference: Any = None  # pyHanko reference of the dictionary, or of its field
    certifies: MDPPerm | None = None
    locks: FieldMDPSpec | None = None
    usage_rights: bool = False
    gap_is_contents: bool = False
    faults: list[str] = field(default_factory=list)

    @property
    def is_timestamp(self) -> bool:
        """Say whether it is a document timestamp: judged by SubFilter, since some lack the type."""
        return self.subfilter == "/ETSI.RFC3161"

    @property
    def end(self) -> int:
        """Return the offset where the signed ranges end."""
        return self.ranges[-2] + self.ranges[-1] if self.ranges and len(self.ranges) >= 2 else 0

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Return the signed ranges as (offset, length)."""
        numbers = self.ranges or ()
        return [(numbers[i], numbers[i + 1]) for i in range(0, len(numbers) - 1, 2)]


def find_signatures(source: Source, structure: Structure) -> tuple[list[FoundSignature], int]:
    """Return the signatures, by where their range ends, and the number of empty signature fields.

    Signatures in the bytes that no form field leads to come without names.
    """
    found: list[FoundSignature] = []
    empty = 0
    if structure.reader is not None:
        for name, field_object, reference in _signature_fields(structure.reader):
            value = value_at(field_object, "/V")
            if not isinstance(value, generic.DictionaryObject):
                empty += 1
                continue
            _merge(found, _signature(structure.reader, name, field_object, value, reference))
    known = {one.ranges for one in found}
    seen: set[tuple[int, ...]] = set()
    for entry in source.ranges:
        if entry.numbers is None or entry.numbers in known or entry.numbers in seen:
            continue
        if len(entry.numbers) != 4 or not any(entry.numbers):
            continue  # a placeholder that was never filled
        seen.add(entry.numbers)
        found.append(_orphan(source, entry))
    _usage_rights(structure, found)
    for one in found:
        one.gap_is_contents = _gap_is_contents(source, one)
    found.sort(key=lambda one: one.end)
    return found[:MAX_SIGNATURES], empty


def _signature_fields(reader: PdfFileReader) -> Iterator[tuple[str, Any, Any]]:
    """Yield (name, field, reference) of terminal signature fields, each object once, never raising."""
    form = value_at(reader.root, "/AcroForm")
    fields = value_at(form, "/Fields") if isinstance(form, generic.DictionaryObject) else None
    seen: set[Any] = set()
    waiting: list[tuple[Any, str, Any]] = [(one, "", None) for one in reversed(fields or [])]
    while waiting and len(seen) < MAX_FIELDS:
        entry, prefix, inherited = waiting.pop()
        reference = getattr(entry, "reference", None)
        if reference is not None:
            if reference in seen:
                continue
            seen.add(reference)
        try:
            field_object = entry.get_object()
        except FAULTS:
            continue
        if not isinstance(field_object, generic.DictionaryObject):
            continue
        part = value_at(field_object, "/T")
        name = f"{prefix}.{part}" if prefix and part is not None else str(part if part is not None else prefix)
        kind = value_at(field_object, "/FT") or inherited
        kids = value_at(field_object, "/Kids")
        below = [kid for kid in kids or [] if _is_field(kid)] if isinstance(kids, generic.ArrayObject) else []
        if kind == "/Sig" and (not below or value_at(field_object, "/V") is not None):
            yield name, field_object, reference
        waiting += [(kid, name, kind) for kid in reversed(below)]


def _is_field(kid: Any) -> bool:
    try:
        value = kid.get_object()
        return isinstance(value, generic.DictionaryObject) and "/T" in value
    except FAULTS:
        return False


def _merge(found: list[FoundSignature], one: FoundSignature) -> None:
    """Add a signature; one that two fields refer to is one signature with two names."""
    for other in found:
        if other.ranges is not None and other.ranges == one.ranges and other.contents == one.contents:
            other.names += one.names
            return
    found.append(one)


def _signature(
    reader: PdfFileReader, name: str, field_object: Any, value: generic.DictionaryObject, field_reference: Any
) -> FoundSignature:
    one = FoundSignature(names=[name])
    one.contents = _contents(value)
    one.ranges = _ranges(value)
    one.subfilter = _text(value_at(value, "/SubFilter"))
    one.kind = _text(value_at(value, "/Type"))
    one.written_at = _date(value)
    one.reason = _text(value_at(value, "/Reason"))
    one.certificates = _raw_certificates(value)
    try:
        raw = field_object.raw_get("/V")
        one.reference = getattr(raw, "reference", None) or field_reference
    except FAULTS:
        one.reference = field_reference
    _permissions(one, field_object, value)
    return one


def _contents(value: generic.DictionaryObject) -> bytes | None:
    try:
        raw = value.raw_get("/Contents", decrypt=generic.EncryptedObjAccess.RAW)
        raw = raw.get_object() if isinstance(raw, generic.IndirectObject) else raw  # type: ignore[no-untyped-call]
        return bytes(raw.original_bytes)
    except FAULTS:
        return None


def _ranges(value: generic.DictionaryObject) -> tuple[int, ...] | None:
    raw = value_at(value, "/ByteRange")
    if not isinstance(raw, generic.ArrayObject) or not raw or len(raw) > 64:
        return None
    try:
        numbers = [one.get_object() for one in raw]
        if not all(isinstance(one, generic.NumberObject) for one in numbers):
            return None
        return tuple(int(one) for one in numbers)
    except FAULTS:
        return None


def _text(value: Any) -> str | None:
    return str(value) if isinstance(value, str) else None


def _date(value: generic.DictionaryObject) -> datetime | None:
    try:
        moment = generic.parse_pdf_date(value["/M"], strict=False)
        return moment if moment.tzinfo else None
    except FAULTS:
        return None


def _raw_certificates(value: generic.DictionaryObject) -> list[bytes]:
    try:
        raw = value_at(value, "/Cert")
        entries = raw if isinstance(raw, generic.ArrayObject) else [raw] if raw is not None else []
        return [bytes(one.get_object().original_bytes) for one in entries]
    except FAULTS:
        return []


def _permissions(one: FoundSignature, field_object: Any, value: generic.DictionaryObject) -> None:
    """Read what the signature allows to change: DocMDP and FieldMDP, from its references or the field's lock."""
    for reference in value_at(value, "/Reference") or []:
        try:
            entry = reference.get_object()
            method, parameters = entry["/TransformMethod"], entry["/TransformParams"]
            if method == "/DocMDP":
                one.certifies = MDPPerm(int(value_at(parameters, "/P") or 2))
            elif method == "/FieldMDP":
                one.locks = FieldMDPSpec.from_pdf_object(parameters)
            elif method in ("/UR", "/UR3"):
                one.usage_rights = True
        except FAULTS as e:
            one.faults.append(f"reference: {type(e).__name__}")
    lock = value_at(field_object, "/Lock")
    if one.certifies is None and isinstance(lock, generic.DictionaryObject) and "/P" in lock:
        try:
            one.certifies = MDPPerm(int(lock["/P"]))
        except FAULTS as e:
            one.faults.append(f"lock: {type(e).__name__}")


def _orphan(source: Source, entry: RangeEntry) -> FoundSignature:
    """Make a signature of a raw `/ByteRange`: its contents are what the range leaves out."""
    assert entry.numbers is not None
    one = FoundSignature(ranges=entry.numbers)
    start, first, second, _ = entry.numbers
    gap = source.read(start + first, max(0, min(second - start - first, 1 << 20)))
    if _HEX_STRING.match(gap) or _HEX.match(gap):
        one.contents = from_hex(gap)
    if one.contents is None:
        one.contents = _contents_near(source, entry.offset)
    around = source.read(max(0, entry.offset - 2048), 4096)
    near = re.findall(rb"/SubFilter\s*(/[A-Za-z0-9.]+)", around)
    one.subfilter = near[0].decode("ascii") if len(set(near)) == 1 else None
    one.usage_rights = bool(re.search(rb"/TransformMethod\s*/UR3?\b", around)) and one.subfilter != "/ETSI.RFC3161"
    return one


def _contents_near(source: Source, offset: int) -> bytes | None:
    """Return the /Contents string that stands nearest to an orphaned /ByteRange (wrapped signatures)."""
    start = max(0, offset - 70_000)  # a signature with its chain and timestamp takes up to 64 kB of digits
    window = source.read(start, 140_000)
    strings = [
        (abs(start + m.start() - offset), m[1]) for m in re.finditer(rb"/Contents\s*(<[0-9A-Fa-f\s\x00]+>)", window)
    ]
    return from_hex(min(strings)[1]) if strings else None


def from_hex(text: bytes) -> bytes | None:
    """Return the bytes of a PDF hexadecimal string, with or without its brackets; None where it is none."""
    digits = re.sub(rb"[\s\x00<>]", b"", text)
    try:
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    except (ValueError, UnicodeDecodeError):
        return None


def _usage_rights(structure: Structure, found: list[FoundSignature]) -> None:
    """Mark the signatures that /Perms names as usage rights: they license a viewer and sign nothing for people."""
    if structure.reader is None:
        return
    permissions = value_at(structure.reader.root, "/Perms")
    for key in ("/UR", "/UR3"):
        value = value_at(permissions, key) if isinstance(permissions, generic.DictionaryObject) else None
        if isinstance(value, generic.DictionaryObject):
            ranges = _ranges(value)
            for one in found:
                if one.ranges == ranges and not one.names:
                    one.usage_rights = True


def _gap_is_contents(source: Source, one: FoundSignature) -> bool:
    """Say whether what the ranges leave out is the hexadecimal string of /Contents and nothing else."""
    if one.ranges is None or len(one.ranges) != 4 or one.contents is None:
        return False
    start, first, second, _ = one.ranges
    if start != 0 or not 0 < first < second or second - first > 16 << 20:
        return False
    gap = source.read(first, second - first)
    if not _HEX_STRING.match(gap):
        # some signers leave only the digits out and cover the brackets
        bracketed = source.read(first - 1, 1) == b"<" and source.read(second, 1) == b">"
        if not (bracketed and _HEX.match(gap)):
            return False
    return from_hex(gap) == one.contents
