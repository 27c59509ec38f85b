"""One file, one profile → one signature: checked before, placed, made, and checked after by our own verifier."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from digitise.errors import SigningRefused, TimestampUnavailable
from digitise.model.verdicts import Changes, Integrity, Outcome, SignatureRole, Verdict
from digitise.sign.appearance import Picture, Stamp, Text, attachment_lines, copy_lines, picture
from digitise.sign.certificates import CertificateFacts, check_certificate
from digitise.sign.checks import check_file, may_annotate
from digitise.sign.cms import Container, SigningKey
from digitise.sign.increment import open_base
from digitise.sign.key_ring import KeyRing
from digitise.sign.levels import Signed, sign_file
from digitise.sign.numbering import numbering, two_digits
from digitise.sign.order import Mark, Order
from digitise.sign.origin import Origin
from digitise.sign.page_text import PageReader, Rect
from digitise.sign.pdf_signer import fields_of
from digitise.sign.place import Gap, Placed, corner_stamp, corner_text, person_image, seal, signer_gap
from digitise.sign.profiles import Digest, Level, Look, Mode, Profile, Scheme, WhenAway
from digitise.sign.timestamps import Authorities
from digitise.sign.validation_data import Gatherer

Verify = Callable[[Path, str], Verdict]  # file, name of the policy

FIELD_NAMES = {
    Mode.APPROVE: "Phe-duyet",
    Mode.ISSUE: "Phat-hanh",
    Mode.INCOMING: "Van-ban-den",
    Mode.ATTACHMENT: "Dinh-kem",
    Mode.COPY: "Sao-van-ban",
}


@dataclass(slots=True)
class Tools:
    """What signing uses; kept for a whole batch."""

    profiles: dict[str, Profile]
    ring: KeyRing
    authorities: Authorities
    gatherer: Gatherer
    verify: Verify | None  # None: the engine alone, for measuring
    warn_days: int = 30
    _containers: dict[tuple[int, Digest, Scheme], Container] = field(default_factory=dict)

    def container(self, key: SigningKey, profile: Profile) -> Container:
        """Return what makes containers for the key: its fixed parts are encoded once a batch."""
        wanted = (id(key), profile.digest, profile.scheme)
        if wanted not in self._containers:
            self._containers[wanted] = Container(key, profile.digest, profile.scheme)
        return self._containers[wanted]

    def close(self) -> None:
        """Log out of tokens, close connections."""
        self.ring.close()
        self.authorities.close()
        self.gatherer.close()


@dataclass(frozen=True, slots=True)
class Details:
    """What the register knows about the document."""

    at: datetime
    unit: str | None = None
    signer: str | None = None
    number: int | None = None
    symbol: str | None = None
    issued_on: date | None = None
    origin: Origin | None = None
    authorised_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A signature and what is known about it."""

    signed: Signed
    certificate: CertificateFacts
    verdict: Verdict | None
    warnings: tuple[str, ...] = ()  # keys below `sign.warnings`
    promised: Level | None = None  # the level that is still to be reached


@dataclass(frozen=True, slots=True)
class _Planned:
    appearance: Mark | None = None
    writings: tuple[Mark, ...] = ()
    warnings: tuple[str, ...] = field(default=())


def make_signature(source: Path, target: Path, profile: Profile, details: Details, tools: Tools) -> Made:
    """Write `source` with one more signature to `target`, or leave nothing there.

    Raises RefusedInput, SigningRefused, NotAllowed (PIN), KeyUnavailable, TimestampUnavailable, RevocationUnavailable.
    """
    key = tools.ring.key(profile.key_for(details.unit))
    facts = check_certificate(profile.key_for(details.unit), key.certificate, details.at, tools.warn_days)
    signed_before = check_file(source)
    warnings = [*facts.warnings, *_revocation(key, profile, tools)]
    if signed_before or "person_signature" in profile.requires:
        _check_previous(source, profile, tools, signed_before)
    if "number" in profile.requires and (details.number is None or not details.symbol):
        raise SigningRefused("number_missing", file=source.name)
    planned = _plan(source, profile, details, key)
    order = Order(
        tools.container(key, profile),
        details.at,
        profile.signature_field or FIELD_NAMES[profile.mode],
        planned.appearance,
        planned.writings,
        profile.reason or (profile.form if profile.mode == Mode.COPY else None),  # by this a copy is told from an issue
        profile.location or None,
        details.origin,
    )
    signed, promised = _sign(source, target, order, profile, details, tools)
    try:
        verdict = _check_own(signed, profile, tools)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    if promised:
        warnings.append("timestamp_promised")
    return Made(signed, facts, verdict, (*warnings, *planned.warnings), promised)


def _revocation(key: SigningKey, profile: Profile, tools: Tools) -> tuple[str, ...]:
    """Ask whether the certificate is revoked where the level does not ask anyway (TT 15/2025: before signing)."""
    if profile.level in (Level.B_LT, Level.B_LTA):
        return ()
    good = tools.gatherer.known_good(key.certificate.dump(), [one.dump() for one in key.chain])
    return () if good else ("revocation_unchecked",)


def _sign(
    source: Path, target: Path, order: Order, profile: Profile, details: Details, tools: Tools
) -> tuple[Signed, Level | None]:
    authorised = details.authorised_sha256
    services = (tools.authorities, tools.gatherer)
    try:
        return sign_file(source, target, order, profile.level, *services, authorised_sha256=authorised), None
    except TimestampUnavailable:
        if profile.when_away != WhenAway.PROMISE:
            raise
    made = sign_file(source, target, order, Level.B_B, *services, authorised_sha256=authorised)
    return made, profile.level


def policy_of(profile: Profile) -> str:
    """Return the policy under which a file of this profile is verified.

    Number and date may stand between two signatures; whoever signs an issued document again (copy, incoming) finds them there.
    """
    first = profile.mode == Mode.APPROVE and not profile.writes and "numbering" not in profile.permits
    return "default" if first else "numbering"


def _check_previous(source: Path, profile: Profile, tools: Tools, signed_before: bool) -> None:
    if not signed_before:
        raise SigningRefused("person_signature_missing", file=source.name)
    if tools.verify is None:
        return
    verdict = tools.verify(source, policy_of(profile))
    for one in verdict.signatures:
        if one.integrity != Integrity.INTACT or one.outcome == Outcome.INVALID:
            raise SigningRefused("previous_broken", signer=one.signer.common_name or one.field or "-")
        if one.changes_after == Changes.SUSPICIOUS:
            raise SigningRefused("previous_changed", signer=one.signer.common_name or one.field or "-")
    if verdict.outcome == Outcome.INVALID:
        raise SigningRefused("previous_broken", signer=verdict.first_reason or "-")
    roles = {one.role for one in verdict.signatures}
    if "person_signature" in profile.requires and not roles & {SignatureRole.PERSON, SignatureRole.UNKNOWN}:
        raise SigningRefused("person_signature_missing")


def _check_own(signed: Signed, profile: Profile, tools: Tools) -> Verdict | None:
    if tools.verify is None:
        return None
    verdict = tools.verify(signed.path, policy_of(profile))
    own = [one for one in verdict.signatures if one.field == signed.field]
    faults = [one for one in verdict.signatures if one.integrity != Integrity.INTACT or one.outcome == Outcome.INVALID]
    changed = [one for one in verdict.signatures if one.changes_after == Changes.SUSPICIOUS]
    if verdict.sha256 != signed.sha256 or len(own) != 1 or faults or changed or verdict.outcome == Outcome.INVALID:
        told = ", ".join(reason.code for one in (*faults, *changed) for reason in one.reasons)
        raise SigningRefused("self_check", reasons=told or verdict.first_reason or "-")
    return verdict


def _plan(source: Path, profile: Profile, details: Details, key: SigningKey) -> _Planned:
    if profile.look == Look.NONE and not profile.writes:
        return _Planned()
    with PageReader(source) as reader:
        if not profile.writes:
            return _appearance(reader, source, profile, details, key)
        number = details.number if "number" in profile.writes else None
        written = numbering(reader, number, details.issued_on if "date" in profile.writes else None)
        if written.blank_for_number and number is None:
            raise SigningRefused("number_missing", file=source.name)
        if written.marks and not may_annotate(source):
            raise SigningRefused("certified", file=source.name)
        looks = _appearance(reader, source, profile, details, key)
        warnings = (*written.unwritten(profile.writes), *looks.warnings)
        return replace(looks, writings=written.marks, warnings=warnings)


def _appearance(reader: PageReader, source: Path, profile: Profile, details: Details, key: SigningKey) -> _Planned:
    if profile.look in (Look.COPY, Look.ATTACHMENT):
        return _stamp(reader, Text(_lines(profile, details, key)), profile)
    if profile.look == Look.NONE:
        return _Planned()
    if profile.image is None:
        return _Planned(warnings=("no_image",))
    image = picture(profile.image, profile.image_mm)
    if profile.look == Look.STAMP:
        return _stamp(reader, Stamp(image, Text(_lines(profile, details, key)[1:])), profile)
    if profile.at is not None:
        placed = given_place(reader, profile, image.width, image.height)
    else:
        gap = signer_gap(reader, details.signer)
        placed = seal(gap, person_on(source, gap), image) if profile.look == Look.SEAL else person_image(gap, image)
    drawing = replace(
        image, width=image.width * placed.scale, height=image.height * placed.scale, rotation=placed.rotation
    )
    return _Planned(Mark(placed.page, placed.rect, drawing), warnings=placed.warnings)


def _lines(profile: Profile, details: Details, key: SigningKey) -> tuple[str, ...]:
    if profile.look == Look.ATTACHMENT:
        if details.number is None or not details.symbol:
            raise SigningRefused("number_missing")
        return attachment_lines(f"{two_digits(details.number)}/{details.symbol}", details.at)
    subject = key.certificate.subject.native
    name = profile.organisation or subject.get("organization_name") or subject.get("common_name") or "-"
    return copy_lines(profile.form, name if isinstance(name, str) else str(name[0]), details.at)


def _stamp(reader: PageReader, drawing: Text | Stamp, profile: Profile) -> _Planned:
    if profile.at is not None:
        placed = given_place(reader, profile, drawing.width, drawing.height)
        return _Planned(Mark(placed.page, placed.rect, replace(drawing, rotation=placed.rotation)))
    fitted: Text | Stamp
    placed, fitted = corner_stamp(reader, drawing) if isinstance(drawing, Stamp) else corner_text(reader, drawing)
    return _Planned(Mark(placed.page, placed.rect, fitted), warnings=placed.warnings)


def given_place(reader: PageReader, profile: Profile, width: float, height: float) -> Placed:
    """Return the place that the profile names; raises SigningRefused for a page that is not there."""
    page = profile.page or 1
    index = len(reader) + page if page < 0 else page - 1
    if not 0 <= index < len(reader):
        raise SigningRefused("no_such_page", page=page, pages=len(reader))
    sheet = reader.sheet(index)
    x, y = profile.at or (0.0, 0.0)
    return Placed(index, sheet.to_user((x, y, x + width, y + height)), sheet.rotation)


def person_on(source: Path, gap: Gap) -> Rect | None:
    """Return the newest visible signature on the page of the gap, in the shown frame."""
    with open_base(source) as base:
        page = base.pdf.pages[gap.sheet.index].obj
        found: Rect | None = None
        for _, one in fields_of(base.pdf):
            if "/V" not in one or "/Rect" not in one or one.get("/FT") != "/Sig":
                continue
            holder = one.get("/P")
            if holder is not None and holder.is_indirect and holder.objgen != page.objgen:
                continue
            x0, y0, x1, y1 = (float(side) for side in one["/Rect"])
            if abs(x1 - x0) > 1 and abs(y1 - y0) > 1:
                found = gap.sheet.shown((x0, y0, x1, y1))
        return found


__all__ = ["Details", "Made", "Picture", "Tools", "make_signature", "policy_of"]
