"""What follows a signature in the file: validation data (B-LT) and archive timestamps (B-LTA), each an update of its own.

Neither needs the signing key, so that renewal does not either.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from asn1crypto import cms

from digitise.errors import SigningRefused
from digitise.sign.growing import GrowingFile, HoleTooSmall
from digitise.sign.increment import Increment, NotPlain, open_base, reference
from digitise.sign.order import Order
from digitise.sign.pdf_signer import add_field, put_signature
from digitise.sign.profiles import Digest, Level
from digitise.sign.timestamps import Authorities
from digitise.sign.validation_data import Gatherer, ValidationData

RESERVED = 8 * 1024  # bytes for a document timestamp with its chain; a larger one is made room for


@dataclass(frozen=True, slots=True)
class Signed:
    """The file that was made."""

    path: Path
    sha256: str
    input_sha256: str
    size: int
    field: str
    level: Level  # what was reached: lower than asked for where a timestamp is promised


def sign_file(
    source: Path,
    target: Path,
    order: Order,
    level: Level,
    authorities: Authorities,
    gatherer: Gatherer,
    *,
    authorised_sha256: str | None = None,
) -> Signed:
    """Write `source` with one more signature of `level` to the new file `target`.

    `authorised_sha256`: the only input that may be signed; anything else is SigningRefused before the key is used.
    Raises RefusedInput, SigningRefused, TimestampUnavailable, RevocationUnavailable, and what the key raises; `target`
    is removed then.
    """
    digest = order.container.digest
    try:
        file = GrowingFile.copy(source, target, digest)
        if authorised_sha256 and file.input_sha256 != authorised_sha256:
            raise SigningRefused("other_bytes", authorised=authorised_sha256[:12], found=file.input_sha256[:12])
        field = _sign(file, source, order, level, authorities, gatherer)
    except NotPlain as error:
        target.unlink(missing_ok=True)
        raise SigningRefused("damaged", file=source.name) from error
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return Signed(target, file.sha256, file.input_sha256, file.size, field, level)


def _sign(
    file: GrowingFile, source: Path, order: Order, level: Level, authorities: Authorities, gatherer: Gatherer
) -> str:
    digest = order.container.digest
    if level == Level.B_B:
        return put_signature(file, source, order)
    made: list[bytes] = []

    def stamp(data: bytes) -> bytes:
        made[:] = [authorities.stamp(data, digest)]
        return made[0]

    if level == Level.B_T:
        return put_signature(file, source, order, stamp)
    proof = certificate_proof(order, gatherer)
    field = put_signature(file, source, order, stamp)
    add_validation_data(file, proof + gatherer.gather_for(made[0]))
    if level == Level.B_LTA:
        add_timestamp(file, authorities, digest)
    return field


def certificate_proof(order: Order, gatherer: Gatherer) -> ValidationData:
    """Return what proves the signing certificate good now: fetched before signing, so that a revoked one never signs."""
    key = order.container.key
    return gatherer.gather(key.certificate.dump(), [one.dump() for one in key.chain])


def add_validation_data(file: GrowingFile, data: ValidationData) -> bool:
    """Append a document security store with what the file does not hold yet; return whether anything was missing."""
    with open_base(file.path) as base:
        update = Increment(base)
        if not _write_store(update, data):
            return False
        file.append(update.render())
    return True


def add_timestamp(file: GrowingFile, authorities: Authorities, digest: Digest) -> bytes:
    """Append a document timestamp over everything before it; return its token."""
    made: list[bytes] = []

    def stamp(value: bytes) -> bytes:
        made[:] = [authorities.stamp_digest(value, digest)]
        return made[0]

    reserved = RESERVED
    while True:
        with open_base(file.path) as base:
            update = Increment(base)
            signature = update.new()
            entries = b"/Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 "
            update.put_signature(signature, entries, reserved)
            add_field(update, "Timestamp", signature, None, 0)
            rendered = update.render()
        try:
            file.append(rendered, stamp, digest)
        except HoleTooSmall as small:
            reserved = small.needed + 1024
        else:
            return made[0]


_KINDS = (("/Certs", "certificates"), ("/OCSPs", "ocsps"), ("/CRLs", "crls"))


def _write_store(update: Increment, data: ValidationData) -> bool:
    root = update.pdf.Root
    store = root.get("/DSS")
    known = store if isinstance(store, pikepdf.Dictionary) else pikepdf.Dictionary()
    entries: dict[str, bytes] = {}
    for key, name in _KINDS:
        held = [item for item in known.get(key, []) if isinstance(item, pikepdf.Stream)]
        hashes = {hashlib.sha256(item.read_bytes()).digest() for item in held}
        missing = [der for der in getattr(data, name) if hashlib.sha256(der).digest() not in hashes]
        if missing:
            refs = [reference(item) for item in held]
            refs += [b"%d 0 R" % update.add_stream(b"", der) for der in missing]
            entries[key] = b"[" + b" ".join(refs) + b"]"
    if not entries:
        return False
    if isinstance(store, pikepdf.Dictionary) and store.is_indirect:
        update.edit(store, entries)
        return True
    kept = b" ".join(key.encode() + b" " + value.unparse() for key, value in known.items() if key not in entries)
    made = b" ".join(key.encode() + b" " + value for key, value in entries.items())
    number = update.add(b"<<" + kept + b" " + made + b">>")
    update.edit(root, {"/DSS": b"%d 0 R" % number})
    return True


def tokens(path: Path) -> list[tuple[str, bytes]]:
    """Return (subfilter, DER of the container) of every signature in the file, oldest first."""
    found: list[tuple[int, str, bytes]] = []
    with open_base(path) as base:
        form = base.pdf.Root.get("/AcroForm", pikepdf.Dictionary())
        for field in form.get("/Fields", []):
            value = field.get("/V") if isinstance(field, pikepdf.Dictionary) else None
            if isinstance(value, pikepdf.Dictionary) and "/ByteRange" in value and "/Contents" in value:
                end = int(value["/ByteRange"][2]) + int(value["/ByteRange"][3])
                contents = bytes(value["/Contents"])
                found.append((end, str(value.get("/SubFilter")), _trimmed(contents)))
    return [(subfilter, der) for _, subfilter, der in sorted(found)]


def _trimmed(contents: bytes) -> bytes:
    """Return the DER without the zeros that fill its place."""
    return bytes(cms.ContentInfo.load(contents, strict=False).dump())
