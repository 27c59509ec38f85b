"""What is asked of a signature: named policies, as data. Each verdict names the policy that it was given under."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from digitise.errors import NotFound
from digitise.verify.reasons import Reason


@dataclass(frozen=True, slots=True)
class Numbering:
    """Number and date may be put in between the person's and the organisation's signature (NĐ 30/2020 art. 14, 15)."""

    region: float = 0.40  # of the page's height, from the top: where annex I places number and date
    max_share: float = 0.06  # of the page's area, for all that is written: a line of 13 pt text is some 2 %
    max_hidden_ink: float = 0.002  # of the page's ink may become paper: numbering adds, it takes nothing away


@dataclass(frozen=True, slots=True)
class Roles:
    """How attributes of a certificate tell in what capacity it signs (DOMAIN §5); names are never searched."""

    person_prefixes: tuple[str, ...] = ("CCCD:", "CMND:", "HC:", "BHXH:")  # values of UID 0.9.2342.19200300.100.1.1
    organisation_prefixes: tuple[str, ...] = ("MST:", "MNS:")
    person_attributes: tuple[str, ...] = ("surname", "given_name")
    organisation_identifiers: tuple[str, ...] = ("organization_identifier",)
    organisation_policies: tuple[str, ...] = ()  # certificate policy OIDs that mark organisations
    person_policies: tuple[str, ...] = ()
    copy_reasons: tuple[str, ...] = (
        "SAO Y",
        "SAO LỤC",
        "TRÍCH SAO",
    )  # /Reason of an organisation's signature on a copy


@dataclass(frozen=True, slots=True)
class Policy:
    """One set of rules. `lenient` lists reasons that this policy treats as notices."""

    name: str
    numbering: Numbering | None = None
    roles: Roles = field(default_factory=Roles)
    lenient: frozenset[Reason] = frozenset()
    pictures: bool = True
    digests_until: tuple[tuple[str, datetime | None], ...] = (
        ("md5", datetime(2005, 1, 1, tzinfo=UTC)),
        ("ripemd160", datetime(2014, 8, 1, tzinfo=UTC)),
        ("sha1", datetime(2017, 1, 1, tzinfo=UTC)),  # TT 15/2025: SHA-1 is not conforming; older proof stands
        ("sha224", None),
    )  # a digest that is not named here is fine; with a date: fine for what is proven to be older
    min_rsa_bits: int = 2048  # TT 15/2025/TT-BKHCN
    min_ec_bits: int = 256
    ocsp_freshness: timedelta = timedelta(hours=24)  # for answers without nextUpdate
    clock_skew: timedelta = timedelta(minutes=5)  # between our clock and theirs
    check_timestamp_revocation: bool = True


DEFAULT = Policy("default")
POLICIES: dict[str, Policy] = {
    "default": DEFAULT,
    # a number and a date may have been put in between the two signatures
    "numbering": replace(DEFAULT, name="numbering", numbering=Numbering()),
    # ETSI's reading: a certificate that is good today needs no proof of when it signed
    "claimed-time": replace(
        DEFAULT, name="claimed-time", lenient=frozenset({Reason.TIME_ONLY_CLAIMED, Reason.TIME_MISSING})
    ),
    "numbering-claimed-time": replace(
        DEFAULT,
        name="numbering-claimed-time",
        numbering=Numbering(),
        lenient=frozenset({Reason.TIME_ONLY_CLAIMED, Reason.TIME_MISSING}),
    ),
}


def named(name: str) -> Policy:
    """Return the policy of that name; raises NotFound."""
    try:
        return POLICIES[name]
    except KeyError:
        raise NotFound("policy", what="policy", id=name) from None
