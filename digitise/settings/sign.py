"""Knobs of the sign room."""

from pathlib import Path

from pydantic import BaseModel, Field


class SignSettings(BaseModel):
    """Settings of the sign room; each default bears its reason."""

    sign_profiles: Path | None = Field(
        None, description="TOML file of signing profiles; empty = signing.toml in the data directory where it exists"
    )
    sign_keys: Path | None = Field(
        None, description="TOML file of keys, read by the sign worker alone; empty = keys.toml in the data directory"
    )
    tsa_urls: list[str] = Field([], description="Time-stamping authorities, tried in this order")
    tsa_seconds: float = Field(
        150.0, description="Longest wait for one authority: tsa.ca.gov.vn was seen to take 131 s"
    )
    tsa_connect_seconds: float = Field(5.0, description="Longest wait for a connection: an authority that is away")
    tsa_attempts: int = Field(2, description="Rounds through the list before all count as away")
    tsa_rest_seconds: float = Field(60.0, description="An authority that failed is tried last for this long")
    tsa_retry_seconds: float = Field(60.0, description="When all are away a document is tried again after this long")
    revocation_seconds: float = Field(20.0, description="Longest wait for one OCSP answer or CRL while signing")
    revocation_reuse_seconds: float = Field(
        300.0, description="A batch uses the same OCSP answers this long: fresh enough, and one request per batch"
    )
    key_warn_days: int = Field(30, description="Warn when a signing certificate ends within this many days")
    sign_lease_batch: int = Field(
        16, description="Tasks that the sign worker leases at a time: they share their commits"
    )
    renew_days: int = Field(
        60, description="Renew the archive timestamp this many days before its certificate ends: two monthly runs"
    )
    outgoing_columns: dict[str, str] = Field(
        {}, description="Column of an imported register → our field; what is not named is recognised by its usual name"
    )
    delivery_folder: Path | None = Field(
        None, description="Folder in which issued documents are laid for other systems"
    )
    delivery_webhook: str = Field("", description="URL that is told of each issued document (Standard Webhooks)")
    delivery_secret_file: Path | None = Field(None, description="File with the webhook secret (whsec_…)")
    delivery_attempts: int = Field(8, description="Attempts to deliver: about one day with doubling waits")
