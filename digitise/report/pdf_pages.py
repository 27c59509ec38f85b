"""Pages that know how many they are: number on top from page 2 (NĐ 30/2020, annex I), the report's name below."""

from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from digitise.report import words
from digitise.report.pdf_fonts import ITALIC, REGULAR

LEFT, RIGHT, TOP, BOTTOM = 30 * mm, 15 * mm, 20 * mm, 20 * mm  # NĐ 30/2020: 30-35, 15-20, 20-25, 20-25


class NumberedCanvas(Canvas):
    """Keeps each page until the last, then writes the numbers."""

    def __init__(self, *args: Any, foot: str = "", lang: str = "vi", **given: Any) -> None:
        super().__init__(*args, **given)
        self._kept: list[dict[str, Any]] = []
        self._foot, self._words = foot, lang

    def showPage(self) -> None:
        """Keep the page instead of writing it."""
        self._kept.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # the stubs leave it out

    def save(self) -> None:
        """Write all pages, each with its number."""
        for number, page in enumerate(self._kept, start=1):
            self.__dict__.update(page)
            self._number(number, len(self._kept))
            super().showPage()
        super().save()

    def _number(self, number: int, pages: int) -> None:
        if number > 1:
            self.setFont(REGULAR, 12)
            self.drawCentredString((LEFT + A4[0] - RIGHT) / 2, A4[1] - 13 * mm, str(number))
        self.setFont(ITALIC, 8.5)
        self.setFillGray(0.35)
        self.drawString(LEFT, 11 * mm, self._foot[:110])
        self.drawRightString(A4[0] - RIGHT, 11 * mm, words.say("page", self._words, page=number, pages=pages))
