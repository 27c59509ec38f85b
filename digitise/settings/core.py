"""Knobs that every room shares: where things are kept, which services are used, intake limits."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, SecretStr


class CoreSettings(BaseModel):
    """Where things are kept and what is accepted."""

    data: Path = Field(Path("data"), description="Data directory of the embedded stack")
    lang: Literal["vi", "en"] = Field("vi", description="Language of messages")
    log_level: str = Field("INFO", description="Level of the log on stderr")

    database_url: str = Field("", description="SQLAlchemy URL; empty = SQLite in the data directory")
    database_password_file: Path | None = Field(None, description="File with the database password")
    queue_url: str = Field(
        "", description="redis:// or unix:// URL of Valkey; empty = the private one in the data directory"
    )
    queue_password_file: Path | None = Field(None, description="File with Valkey's password")

    store: Literal["local", "s3"] = Field("local", description="Object store: a directory, or an S3-compatible server")
    s3_endpoint: str = Field("", description="host:port of the S3 server")
    s3_bucket: str = Field("digitise", description="Bucket, made at start where it is missing")
    s3_secure: bool = Field(True, description="TLS to the S3 server")
    s3_access_key: str = Field("", description="Access key")
    s3_secret_key: SecretStr = Field(SecretStr(""), description="Secret key (prefer s3_secret_key_file)")
    s3_secret_key_file: Path | None = Field(None, description="File with the secret key")
    s3_region: str = Field("us-east-1", description="Region; most self-hosted servers ignore it")

    max_upload_bytes: int = Field(
        2 << 30, description="Largest file taken in: one bound volume at 300 dpi colour is ~1 GB"
    )
    max_pages: int = Field(2000, description="Most pages of one file: one bound volume; guards against page bombs")
    max_page_pixels: int = Field(100_000_000, description="Most pixels of one page image: A2 at 400 dpi is 62 million")
    max_document_pixels: int = Field(40_000_000_000, description="Most pixels of a document: 2,000 A3 pages at 300 dpi")
    max_page_points: float = Field(14_400.0, description="Longest page side in points: PDF's own limit, 5.08 m")

    child_memory_bytes: int = Field(2 << 30, description="Address space of a child that parses an untrusted file")
    child_cpu_seconds: int = Field(120, description="Processor time of such a child for one step")
    child_wall_seconds: int = Field(180, description="Time after which such a child is killed")

    lease_seconds: float = Field(60.0, description="How long a claimed task is ours without a sign of life")
    min_free_bytes: int = Field(
        512 << 20, description="Free disk below which intake refuses, so that work under way can end"
    )
