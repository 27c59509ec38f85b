"""Knobs of the web room."""

from typing import Literal

from pydantic import BaseModel, Field


class WebSettings(BaseModel):
    """Settings of the pages and the HTTP API."""

    web_host: str = Field("127.0.0.1", description="Address to listen on; the office's network only by decision")
    web_port: int = Field(8000, description="Port of the pages and the API")
    web_secure_cookies: Literal["auto", "always", "never"] = Field(
        "auto", description="Secure flag of cookies; auto = whenever the request came by https"
    )
    web_trusted_proxies: str = Field(
        "127.0.0.1", description="Proxies whose X-Forwarded-* headers are believed, comma separated"
    )

    session_hours: float = Field(10.0, description="Longest session: one working day with its lunch break")
    session_idle_minutes: float = Field(
        60.0, description="Signed out after this long without a click: desks are shared"
    )
    login_failures: int = Field(5, description="Wrong passwords of one account or address before it has to wait")
    login_wait_seconds: float = Field(300.0, description="How long it then waits")
    password_min_length: int = Field(10, description="Shortest password (NIST SP 800-63B asks for 8 and more)")

    public_verification: bool = Field(False, description="Let anybody check a signed PDF without an account")
    public_verification_per_minute: int = Field(6, description="Checks a minute and address without an account")
    verification_max_bytes: int = Field(200 << 20, description="Largest PDF for a check that keeps nothing")
    metrics_open: bool = Field(True, description="Serve /metrics (counts only) without a token")
    events_seconds: float = Field(0.5, description="How often progress is read from SQL for a page that watches it")
    upload_glance: bool = Field(
        True, description="Look at a few pages of each upload at once (flaws, printed codes): half a second a file"
    )
    batch_files: int = Field(200, description="Most files of one upload form")
