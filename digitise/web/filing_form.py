"""Choices that several forms offer: kinds of documents, the filing's fields."""

from digitise.bootstrap import Services
from digitise.messages import area
from digitise.model.verdicts import VIETNAM

FILING_FIELDS = (
    "title",
    "number",
    "issued_on",
    "kind",
    "issuer",
    "signer",
    "dossier",
    "component",
    "owner_id",
    "owner_name",
    "unit",
    "procedure",
    "valid_until",
)


def units(services: Services) -> dict[str, str]:
    """Return code → name of the units in force, for a person who does not know codes by heart."""
    today = services.clock().astimezone(VIETNAM).date()
    return {
        unit.code: unit.name
        for unit in services.register.units()
        if (unit.valid_from is None or unit.valid_from <= today) and (unit.valid_to is None or unit.valid_to >= today)
    }


def kinds(lang: str) -> list[tuple[str, str]]:
    """Return the kinds of annex III NĐ 30/2020 as (abbreviation, name), in the decree's order."""
    return [(key.removeprefix("kinds."), name) for key, name in area(lang, "web").items() if key.startswith("kinds.")]
