"""Step 2: are the signed bytes unchanged, and which bytes does the signature cover?"""

import re
from dataclasses import dataclass, field

from asn1crypto import core, x509

from digitise.model.verdicts import Coverage, Integrity
from digitise.verify import cms
from digitise.verify.cms import Container
from digitise.verify.enumerate import FoundSignature
from digitise.verify.keys import Mechanism, NotSupported, confirms, read_key
from digitise.verify.reasons import Reason
from digitise.verify.source import Source
from digitise.verify.structure import FAULTS, Structure

_KINDS = {
    "/adbe.pkcs7.detached": "detached",
    "/ETSI.CAdES.detached": "cades",
    "/PBAD.PAdES": "detached",
    "/adbe.pkcs7.sha1": "sha1",
    "/ETSI.RFC3161": "timestamp",
}


@dataclass(slots=True)
class Checked:
    """A signature with its container, integrity and coverage."""

    found: FoundSignature
    container: Container
    integrity: Integrity
    coverage: Coverage
    reasons: list[Reason] = field(default_factory=list)
    revision: int | None = None  # pyHanko's number, from 0

    @property
    def sound(self) -> bool:
        """Say whether bytes and container fit together, so that the rest means something."""
        return self.integrity is Integrity.INTACT and self.coverage in (Coverage.WHOLE_FILE, Coverage.WHOLE_REVISION)


def check(source: Source, structure: Structure, found: FoundSignature) -> Checked:
    """Judge one signature's bytes; never raises."""
    reasons: list[Reason] = []
    ranges_hold = _check_ranges(source, found, reasons)
    container = _container(source, found, ranges_hold, reasons)
    reasons += container.problems
    integrity = Integrity.INTACT if ranges_hold and container.intact else Integrity.BROKEN
    checked = Checked(found, container, integrity, Coverage.UNCLEAR, reasons)
    checked.revision = _revision(structure, found)
    checked.coverage = _coverage(source, structure, found, checked.revision)
    if checked.coverage is Coverage.PARTIAL:
        reasons.append(Reason.COVERAGE_PARTIAL)
    if checked.coverage is Coverage.UNCLEAR and ranges_hold:
        reasons.append(_why_unclear(found))
    return checked


def _check_ranges(source: Source, found: FoundSignature, reasons: list[Reason]) -> bool:
    """Say whether a digest over the ranges can be computed at all."""
    if found.ranges is None:
        reasons.append(Reason.RANGE_MISSING)
        return False
    numbers = found.ranges
    if len(numbers) % 2 or any(number < 0 for number in numbers):
        reasons.append(Reason.RANGE_MALFORMED)
        return False
    before = 0
    for start, length in found.pairs:
        if start + length > source.size:
            reasons.append(Reason.RANGE_OUTSIDE)
            return False
        if start < before:
            reasons.append(Reason.RANGE_OVERLAPS)
            return True
        before = start + length
    return True


def _why_unclear(found: FoundSignature) -> Reason:
    if found.ranges is None or len(found.ranges) != 4 or found.ranges[0] != 0:
        return Reason.RANGE_MALFORMED
    if found.ranges[2] < found.ranges[1]:
        return Reason.RANGE_OVERLAPS
    return Reason.GAP_HOLDS_OTHER


def _container(source: Source, found: FoundSignature, readable: bool, reasons: list[Reason]) -> Container:
    contents = found.contents
    if not contents or not contents.strip(b"\0"):
        reasons.append(Reason.CONTENTS_MISSING)
        return Container()

    def digest(algorithm: str) -> bytes:
        if not readable:
            return b""
        return source.digest(found.pairs, algorithm)

    if found.subfilter == "/adbe.x509.rsa_sha1":
        return _bare_rsa(found, digest)
    kind = _KINDS.get(found.subfilter or "", "detached")
    container = cms.read(contents, digest, kind=kind)
    if container.content_type == "tst_info" and kind != "timestamp":
        found.subfilter = "/ETSI.RFC3161"
        container = cms.read(contents, digest, kind="timestamp")
    if found.subfilter is not None and found.subfilter not in _KINDS:
        reasons.append(Reason.NOT_SUPPORTED)
    return container


def _bare_rsa(found: FoundSignature, digest: cms.Digest) -> Container:
    """Check adbe.x509.rsa_sha1: a PKCS#1 signature in an OCTET STRING, certificates in the dictionary (ISO 32000-1 §12.8.3.2)."""
    container = Container(digest="sha1", mechanism=Mechanism("rsa", "sha1"))
    try:
        assert found.contents is not None
        container.signature = core.OctetString.load(found.contents).native
        container.certificates = [x509.Certificate.load(one) for one in found.certificates]
        if not container.certificates:
            container.problems.append(Reason.SIGNER_MISSING)
            return container
        container.signer = container.certificates[0]
        container.key = read_key(container.signer.public_key)
        assert container.mechanism is not None
        for algorithm in ("sha1", "sha256", "sha384", "sha512"):  # Acrobat writes longer digests under the same name
            how = Mechanism("rsa", algorithm)
            if confirms(container.key, container.signature, how, data=None, hashed=digest(algorithm)):
                container.digest, container.mechanism, container.intact = algorithm, how, True
                return container
        container.problems.append(Reason.DIGEST_DIFFERS)
    except NotSupported:
        container.problems.append(Reason.KEY_UNREADABLE)
    except cms.PARSING:
        container.problems.append(Reason.CMS_UNREADABLE)
    return container


def _revision(structure: Structure, found: FoundSignature) -> int | None:
    if structure.reader is None or found.reference is None:
        return None
    try:
        return int(structure.reader.xrefs.get_last_change(found.reference))
    except FAULTS:
        return None


def _coverage(source: Source, structure: Structure, found: FoundSignature, revision: int | None) -> Coverage:
    if not found.gap_is_contents or found.end > source.size:
        return Coverage.UNCLEAR
    if _padding_hides(found):
        return Coverage.UNCLEAR
    if found.end == source.size:
        return Coverage.WHOLE_FILE
    if structure.reader is None or revision is None:
        return Coverage.WHOLE_REVISION if _ends_revision(source, found.end) else Coverage.PARTIAL
    try:
        return _covers_revision(source, structure, found.end, revision)
    except FAULTS:
        return Coverage.PARTIAL


def _ends_revision(source: Source, end: int) -> bool:
    """Say by the bytes alone whether a revision ends here; used where no structure tells."""
    before = source.read(max(0, end - 64), min(end, 64))
    return bool(re.search(rb"startxref\s+\d+\s+%%EOF\s*$", before))


def _padding_hides(found: FoundSignature) -> bool:
    """Say whether something other than zeros follows the container inside /Contents, where no signature covers it."""
    assert found.contents is not None
    try:
        length = len(core.Asn1Value.load(found.contents).dump())
    except cms.PARSING:
        return False
    rest = found.contents[length:]
    return bool(rest.strip(b"\0\n\r "))


def _covers_revision(source: Source, structure: Structure, end: int, revision: int) -> Coverage:
    """Whole revision: the range ends with this revision's own startxref and %%EOF, and every earlier table lies within it."""
    from pyhanko.pdf_utils.reader import process_data_at_eof

    reader = structure.reader
    assert reader is not None
    source.stream.seek(end)
    if process_data_at_eof(source.stream) != reader.xrefs.get_startxref_for_revision(revision):
        return Coverage.PARTIAL
    for earlier in range(revision + 1):
        if reader.xrefs.get_xref_container_info(earlier).end_location > end:
            return Coverage.PARTIAL
    return Coverage.WHOLE_REVISION
