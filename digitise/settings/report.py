"""Knobs of the report room."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field


class ReportSettings(BaseModel):
    """Settings of the report room; each default bears its reason."""

    report_superior: str = Field("", description="Superior body, above the organisation's name on printed reports")
    report_organisation: str = Field(
        "", description="Organisation whose reports these are, top left on printed reports"
    )
    report_place: str = Field("", description="Place in front of the date of printed reports, e.g. Cao Bằng")
    report_symbol: str = Field("BC", description="Symbol behind the number's blank on printed reports, e.g. BC-UBND")
    report_calendar: Literal["nd09", "civil"] = Field(
        "nd09", description="Months of reports: NĐ 09/2019 (15th to 14th), which binds state bodies, or civil"
    )
    report_target: float | None = Field(
        1.0, ge=0, le=1, description="Share aimed at: every electronic document is to be signed (NĐ 30/2020 art. 5.1)"
    )
    report_recalled: Literal["apart", "counted"] = Field(
        "apart", description="Recalled and replaced documents: counted apart, or as any other; printed on each report"
    )
    report_freeze_rows: int = Field(
        200_000, ge=0, description="Reports of at most this many rows are frozen by themselves (~10 s); more: --freeze"
    )
    report_personal_store: bool | None = Field(
        None, description="Declared: connected to the personal data store (QĐ 766, 4 points); empty = not declared"
    )
    report_population_lookup: bool | None = Field(
        None, description="Declared: uses the national population database (2 points)"
    )
    report_population_share: bool | None = Field(
        None, description="Declared: shares with the national population database (2 points)"
    )
    audit_seal_profile: str = Field(
        "", description="Signing profile whose key signs a published head of the audit log each day; empty = none does"
    )
    report_columns: dict[str, dict[str, str]] = Field(
        {}, description="Headings of this office's registers: {dossiers: {code: 'Số HS', …}, units: …, incoming: …}"
    )
    report_font_dir: Path | None = Field(
        None,
        description="Folder with Tinos-Regular.ttf and its sisters; empty = where Debian's fonts-croscore puts them",
    )
