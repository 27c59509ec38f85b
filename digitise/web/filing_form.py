"""Choices that several forms offer: kinds of documents, the filing's fields."""

from digitise.messages import area

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


def kinds(lang: str) -> list[tuple[str, str]]:
    """Return the kinds of annex III NĐ 30/2020 as (abbreviation, name), in the decree's order."""
    return [(key.removeprefix("kinds."), name) for key, name in area(lang, "web").items() if key.startswith("kinds.")]
