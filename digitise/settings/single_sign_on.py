"""Knobs of signing in through the organisation's own accounts (OpenID Connect)."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, field_validator

from digitise.model.people import Role

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class SingleSignOnSettings(BaseModel):
    """Settings of single sign-on; without an issuer there is none."""

    oidc_issuer: str = Field("", description="OpenID Connect issuer, https://…; empty = only accounts of this service")
    oidc_client_id: str = Field("", description="Client id that the issuer gave this service")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="Client secret (prefer oidc_client_secret_file); empty = a public client, PKCE alone"
    )
    oidc_client_secret_file: Path | None = Field(None, description="File with the client secret")
    oidc_scopes: str = Field("openid profile", description="Scopes asked for; `openid` must be among them")
    oidc_button: str = Field("", description="Text of the button on the sign-in page; empty = a general one")
    oidc_name_claim: str = Field("preferred_username", description="Claim that holds the account's name")
    oidc_roles_claim: str = Field("roles", description="Claim that holds groups or roles; a dot goes one level down")
    oidc_roles: dict[str, list[Role]] = Field(
        {}, description="Value of that claim → our roles, as {van-thu = ['signer']}; who has none of them is refused"
    )
    oidc_unit_claim: str = Field("", description="Claim that holds the unit; empty = people work for every unit")
    oidc_units: dict[str, str] = Field(
        {}, description="Value of that claim → code of our unit, * = every unit; empty = the value is the code"
    )
    oidc_public_url: str = Field(
        "", description="Address of this service as registered with the issuer; empty = as the browser asked for it"
    )
    oidc_ca_file: Path | None = Field(
        None, description="Certificates (PEM) to check the issuer's TLS by, beside none else"
    )
    oidc_seconds: float = Field(10.0, description="Longest wait for one answer of the issuer: somebody is signing in")

    @field_validator("oidc_issuer")
    @classmethod
    def _protected(cls, value: str) -> str:
        """Refuse an issuer that anybody on the way could impersonate."""
        parts = urlsplit(value)
        if value and parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise ValueError("https:// expected")
        return value

    @field_validator("oidc_scopes")
    @classmethod
    def _with_openid(cls, value: str) -> str:
        """Hold to what makes it OpenID Connect."""
        if "openid" not in value.split():
            raise ValueError("openid expected")
        return value
