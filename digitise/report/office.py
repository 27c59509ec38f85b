"""The office in whose name a report is printed."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Office:
    """Whose report it is, as the title block prints it (NĐ 30/2020, annex I)."""

    organisation: str = ""
    superior: str = ""
    place: str = ""
    font_dir: Path | None = None
    symbol: str = "BC"  # behind the number's blank: Số: …/BC-UBND
