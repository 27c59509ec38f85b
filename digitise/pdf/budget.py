"""What an input may cost: limits that are checked against headers, before anything is decoded."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from digitise.settings import Settings


@dataclass(frozen=True, slots=True)
class Budget:
    """Bounds of one input; the settings say why each is what it is."""

    pages: int = 2000
    page_pixels: int = 100_000_000
    document_pixels: int = 40_000_000_000
    page_points: float = 14_400.0

    @classmethod
    def of(cls, settings: "Settings") -> Self:
        """Return the limits of the settings."""
        return cls(settings.max_pages, settings.max_page_pixels, settings.max_document_pixels, settings.max_page_points)

    def as_json(self) -> dict[str, Any]:
        """Return the limits as a child is told them."""
        return asdict(self)
