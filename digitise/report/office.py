"""The office in whose name a report is printed."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from digitise.settings import Settings


@dataclass(frozen=True, slots=True)
class Office:
    """Whose report it is, as the title block prints it (NĐ 30/2020, annex I)."""

    organisation: str = ""
    superior: str = ""
    place: str = ""
    font_dir: Path | None = None
    symbol: str = "BC"  # behind the number's blank: Số: …/BC-UBND

    @classmethod
    def of(cls, settings: "Settings") -> Self:
        """Return the office of the settings."""
        return cls(
            settings.report_organisation,
            settings.report_superior,
            settings.report_place,
            settings.report_font_dir,
            settings.report_symbol,
        )
