"""Knobs of the verify room."""

from pathlib import Path

from pydantic import BaseModel, Field


class VerifySettings(BaseModel):
    """Settings of the verify room; each default bears its reason."""

    verify_policy: str = Field("default", description="Policy of verification where none is asked for")
    verify_offline: bool = Field(False, description="Never ask OCSP responders or fetch CRLs: closed networks")
    crl_folder: Path | None = Field(None, description="Folder of CRLs that the operator keeps up to date (*.crl)")
    revocation_hosts: list[str] = Field(
        [],
        description="Hosts that may be asked about revocation; empty = any public host that a trusted certificate names",
    )
    revocation_private_hosts: list[str] = Field(
        [], description="Private addresses that may be asked nevertheless: host, host:port, or network in CIDR form"
    )
    fetch_seconds: float = Field(
        10.0, description="Longest wait for one OCSP answer or CRL: a checker waits at the counter"
    )
    fetch_bytes: int = Field(64 << 20, description="Largest CRL taken: the largest national ones have some 20 MB")
    fetch_reuse_seconds: float = Field(3600.0, description="An answer is asked for again after this long")
    fetch_rest_seconds: float = Field(60.0, description="A host that failed is left alone for this long")
    verify_memory_bytes: int = Field(2 << 30, description="Address space of the child that verifies one file")
    verify_seconds: float = Field(120.0, description="Longest time for one file; hostile ones are given up then")
