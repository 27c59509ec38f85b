"""Who signs what, how, and in which order: profiles, from a TOML file that is checked at start.

A profile is one of five *modes* with its usual values; the file only says what differs:

    [profile.issue]              # a mode's own name, or any name with mode = "…"
    key = "ubnd"                 # a key of the keys file
    image = "seal.png"           # transparent PNG, beside this file
    units = { "H53.12" = "ubnd-12" }   # other keys for other units
"""

import tomllib
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from digitise.errors import InvalidValue, NotFound


class Digest(StrEnum):
    """Digest of document and attributes (TT 15/2025/TT-BKHCN lists the SHA-2 family)."""

    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"


class Scheme(StrEnum):
    """Signature scheme where the key is RSA; other keys have only one."""

    PKCS1 = "pkcs1"  # RSASSA-PKCS1-v1_5: what tokens make
    PSS = "pss"


class Level(StrEnum):
    """PAdES baseline levels (EN 319 142-1)."""

    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"
    B_LTA = "B-LTA"

    @property
    def timestamped(self) -> bool:
        """Say whether a signature timestamp belongs to the level."""
        return self != Level.B_B


class Mode(StrEnum):
    """The five ways in which offices sign."""

    APPROVE = "approve"  # phê duyệt: the authorised person
    ISSUE = "issue"  # phát hành: number, date, the organisation's seal
    INCOMING = "incoming"  # văn bản đến: digitised incoming paper
    ATTACHMENT = "attachment"  # tài liệu đính kèm in a file of its own
    COPY = "copy"  # sao y, sao lục, trích sao


class Look(StrEnum):
    """What is seen of the signature (NĐ 30/2020, annex I)."""

    NONE = "none"
    IMAGE = "image"  # handwritten signature, centred between title and name
    SEAL = "seal"  # seal at actual size, over a third of the person's signature
    COPY = "copy"  # form of the copy, organisation, time: top right of page 1
    ATTACHMENT = "attachment"  # number and symbol, time: top right of page 1
    STAMP = "stamp"  # organisation and time beside its seal at actual size, there too: as TT 01/2019/TT-BNV had incoming papers


class WhenAway(StrEnum):
    """What happens when no time-stamping authority answers."""

    WAIT = "wait"  # nothing is signed; tried again later
    PROMISE = "promise"  # signed B-B at once, the timestamp promised as work


COPY_FORMS = ("SAO Y", "SAO LỤC", "TRÍCH SAO")


@dataclass(frozen=True, slots=True)
class Profile:
    """How one kind of signature is made."""

    name: str
    mode: Mode
    key: str
    look: Look
    level: Level = Level.B_LT
    digest: Digest = Digest.SHA256
    scheme: Scheme = Scheme.PKCS1
    image: Path | None = None
    image_mm: float = 36.0  # diameter of a seal (round seal of a people's committee), width of a signature image
    form: str = "SAO Y"
    organisation: str = ""  # empty = the certificate's organisation
    page: int | None = None  # 1-based, -1 the last; None = found from the text
    at: tuple[float, float] | None = None  # lower left corner in points, instead of the place found
    signature_field: str = ""  # an empty signature field to fill, where the file has it
    writes: frozenset[str] = frozenset()  # number, date
    requires: frozenset[str] = frozenset()  # person_signature, number
    permits: frozenset[str] = frozenset()  # what may follow in later revisions: numbering, signature
    when_away: WhenAway = WhenAway.WAIT
    reason: str = ""
    location: str = ""
    units: dict[str, str] = field(default_factory=dict)  # unit code → key

    def key_for(self, unit: str | None) -> str:
        """Return the name of the key that signs for `unit`."""
        return self.units.get(unit or "", self.key)


_FOLLOWS = frozenset({"numbering", "signature"})
USUAL: dict[Mode, Profile] = {
    Mode.APPROVE: Profile("approve", Mode.APPROVE, "person", Look.IMAGE, image_mm=40.0, permits=_FOLLOWS),
    Mode.ISSUE: Profile(
        "issue",
        Mode.ISSUE,
        "organisation",
        Look.SEAL,
        writes=frozenset({"number", "date"}),
        requires=frozenset({"person_signature"}),
    ),
    Mode.INCOMING: Profile("incoming", Mode.INCOMING, "organisation", Look.COPY, form="SAO Y"),
    Mode.ATTACHMENT: Profile(
        "attachment", Mode.ATTACHMENT, "organisation", Look.ATTACHMENT, requires=frozenset({"number"})
    ),
    Mode.COPY: Profile("copy", Mode.COPY, "organisation", Look.COPY),
}
_WORDS = {
    "requires": {"person_signature", "number"},
    "permits": set(_FOLLOWS),
    "writes": {"number", "date"},
}


def load_profiles(file: Path | None) -> dict[str, Profile]:
    """Return the profiles by name: the five usual ones, changed and joined by those of `file`.

    Raises InvalidValue with the profile, the entry and what is wrong.
    """
    profiles = {str(mode): profile for mode, profile in USUAL.items()}
    if file is None:
        return profiles
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidValue("profiles", name="sign_profiles", value=str(error), file=str(file)) from error
    for name, entries in sections(table, "profile", "profiles", "sign_profiles").items():
        profiles[name] = _profile(name, dict(entries), file)
    return profiles


def sections(table: dict[str, Any], kind: str, reason: str, setting: str) -> dict[str, dict[str, Any]]:
    """Return the tables `[kind.NAME]` of a file that holds nothing else; a misspelt one would silently change nothing."""
    for name in table:
        if name != kind:
            raise InvalidValue(reason, name=setting, value=f"[{name}]")
    found = table.get(kind, {})
    if not isinstance(found, dict):
        raise InvalidValue(reason, name=setting, value=f"{kind} = {found}")
    for name, entries in found.items():
        if not isinstance(entries, dict):
            raise InvalidValue(reason, name=f"{kind}.{name}", value=entries)
    return found


def named(profiles: dict[str, Profile], name: str) -> Profile:
    """Return the profile of that name; raises NotFound."""
    try:
        return profiles[name]
    except KeyError:
        raise NotFound("profile", what="profile", id=name) from None


def _profile(name: str, entries: dict[str, Any], file: Path) -> Profile:
    def wrong(entry: str, value: object) -> InvalidValue:
        return InvalidValue("profiles", name=f"profile.{name}.{entry}", value=value, file=str(file))

    try:
        mode = Mode(entries.pop("mode", name))
    except ValueError:
        raise wrong("mode", entries.get("mode", name)) from None
    made = replace(USUAL[mode], name=name)
    known = {entry.name for entry in fields(Profile)} - {"name", "mode"}
    for entry, value in entries.items():
        if entry not in known:
            raise wrong(entry, value)
        try:
            made = replace(made, **{entry: _value(entry, value, file)})
        except (ValueError, TypeError, AttributeError):
            raise wrong(entry, value) from None
    if made.image and not made.image.is_file():
        raise wrong("image", made.image)
    if made.form not in COPY_FORMS:
        raise wrong("form", made.form)
    return made


_PLAIN: dict[str, type] = {
    "key": str,
    "form": str,
    "organisation": str,
    "signature_field": str,
    "reason": str,
    "location": str,
}
_ENUMS: dict[str, type[StrEnum]] = {
    "level": Level,
    "digest": Digest,
    "scheme": Scheme,
    "look": Look,
    "when_away": WhenAway,
}


def _value(entry: str, value: Any, file: Path) -> Any:
    if entry in _ENUMS:
        return _ENUMS[entry](value)
    if entry in _WORDS:
        if not set(value) <= _WORDS[entry]:
            raise ValueError(entry)
        return frozenset(value)
    if entry in _PLAIN:
        if not isinstance(value, str):
            raise ValueError(entry)
        return value
    match entry:
        case "image":
            return (file.parent / value).resolve()
        case "image_mm":
            if not 5 <= float(value) <= 100:  # the largest seal in use is 42 mm; guards against metres and points
                raise ValueError(entry)
            return float(value)
        case "page":
            if int(value) == 0:
                raise ValueError(entry)
            return int(value)
        case "at":
            x, y = value
            return (float(x), float(y))
        case "units":
            return {str(unit): str(key) for unit, key in value.items()}
    raise ValueError(entry)
