"""Validation data that the file brings along: the document security store (ISO 32000-2 §12.8.4.3)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from asn1crypto import x509
from pyhanko.pdf_utils import generic

from digitise.verify.certificates import certificate_of
from digitise.verify.cms import PARSING
from digitise.verify.structure import FAULTS, Structure, value_at

MAX_ENTRIES = 500  # of each kind; guards against stuffed stores
MAX_BYTES = 32 << 20  # of one entry


@dataclass(slots=True)
class ValidationData:
    """Certificates, OCSP answers and CRLs of a file, unchecked."""

    certificates: list[x509.Certificate] = field(default_factory=list)
    ocsps: list[bytes] = field(default_factory=list)
    crls: list[bytes] = field(default_factory=list)

    @property
    def has_revocation(self) -> bool:
        """Say whether there is anything to learn about revocation."""
        return bool(self.ocsps or self.crls)


def read(structure: Structure) -> ValidationData:
    """Read the store of the newest revision; never raises."""
    found = ValidationData()
    if structure.reader is None:
        return found
    try:
        root = structure.reader.root
        store = value_at(root, "/DSS")
    except FAULTS:
        return found
    if not isinstance(store, generic.DictionaryObject):
        return found
    for der in _streams(store, "/Certs"):
        try:
            found.certificates.append(certificate_of(der))
        except PARSING:
            continue
    found.ocsps = list(_streams(store, "/OCSPs"))
    found.crls = list(_streams(store, "/CRLs"))
    return found


def _streams(store: Any, key: str) -> Iterator[bytes]:
    try:
        entries = list(store[key])[:MAX_ENTRIES] if key in store else []
    except FAULTS:
        return
    for entry in entries:
        try:
            data = entry.get_object().data
        except FAULTS:
            continue
        if len(data) <= MAX_BYTES:
            yield data
