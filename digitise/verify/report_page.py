"""One A4 page about one file: outcome, who, when, the checks, what to do, the picture of what changed."""

import os
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.utils import ImageReader, simpleSplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from digitise.messages import text
from digitise.model.verdicts import Outcome, SignatureFinding, SignatureRole, Verdict, told, when
from digitise.verify.checklist import Check, checks_of, facts_of

WIDTH, HEIGHT = 595.28, 841.89  # A4 in points
LEFT, RIGHT, BOTTOM = 50.0, WIDTH - 50.0, 52.0
INK, SOFT, LINE = HexColor("#1b1f24"), HexColor("#5a6472"), HexColor("#c9d0d8")
COLOURS = {
    Outcome.VALID: HexColor("#1e6b34"),
    Outcome.INVALID: HexColor("#a51c1c"),
    Outcome.INDETERMINATE: HexColor("#8a5a00"),
    Outcome.UNSIGNED: HexColor("#44505c"),
    Outcome.ERROR: HexColor("#44505c"),
}
MARKS = {"passed": ("Đạt", "Passed"), "failed": ("Không đạt", "Failed"), "open": ("Chưa rõ", "Unclear")}
_FOLDERS = ("/usr/share/fonts/truetype/croscore", "/usr/share/fonts/croscore", "/usr/share/fonts/truetype/tinos")


@cache
def fonts() -> tuple[str, str]:
    """Register and return (regular, bold): Tinos, else reportlab's own, which lacks some Vietnamese letters."""
    for folder in _FOLDERS:
        regular, bold = Path(folder, "Tinos-Regular.ttf"), Path(folder, "Tinos-Bold.ttf")
        if regular.is_file() and bold.is_file():
            pdfmetrics.registerFont(TTFont("Tinos", os.fspath(regular)))
            pdfmetrics.registerFont(TTFont("Tinos-Bold", os.fspath(bold)))
            return "Tinos", "Tinos-Bold"
    return "Times-Roman", "Times-Bold"


class Pen:
    """Writes down the page from the top; stops silently where the page is full."""

    def __init__(self, canvas: Any, lang: str) -> None:
        self.canvas, self.lang = canvas, lang
        self.regular, self.bold = fonts()
        self.y = HEIGHT - 50.0

    def room(self, height: float) -> bool:
        """Say whether `height` points are left."""
        return self.y - height > BOTTOM

    def words(self, key: str, **values: object) -> str:
        """Return the sentence of `key`."""
        return text(key, self.lang, **values)

    def line(
        self,
        content: str,
        size: float = 10.5,
        *,
        bold: bool = False,
        colour: Color = INK,
        indent: float = 0,
        gap: float = 3,
    ) -> None:
        """Write a paragraph, broken into lines."""
        font = self.bold if bold else self.regular
        self.canvas.setFillColor(colour)
        for part in simpleSplit(content, font, size, RIGHT - LEFT - indent):
            if not self.room(size):
                return
            self.y -= size + 2
            self.canvas.setFont(font, size)
            self.canvas.drawString(LEFT + indent, self.y, part)
        self.y -= gap

    def rule(self) -> None:
        """Draw a thin line across."""
        self.y -= 4
        self.canvas.setStrokeColor(LINE)
        self.canvas.setLineWidth(0.6)
        self.canvas.line(LEFT, self.y, RIGHT, self.y)
        self.y -= 4

    def pair(self, name: str, value: str, size: float = 10) -> None:
        """Write a name and its value in two columns."""
        if not self.room(size + 2):
            return
        self.canvas.setFont(self.regular, size)
        self.canvas.setFillColor(SOFT)
        self.canvas.drawString(LEFT + 12, self.y - size - 1.5, name)
        self.canvas.setFillColor(INK)
        lines = simpleSplit(value, self.regular, size, RIGHT - LEFT - 190) or ["-"]
        for part in lines[:2]:
            self.y -= size + 1.5
            self.canvas.setFont(self.regular, size)
            self.canvas.drawString(LEFT + 190, self.y, part)
        self.y -= 1.5


def draw_page(canvas: Any, verdict: Verdict, pictures: dict[int, bytes], lang: str) -> None:
    """Draw the page of one file."""
    pen = Pen(canvas, lang)
    canvas.setTitle(f"{pen.words('verify_report.title')} - {verdict.file}")
    _head(pen, verdict)
    shown = [one for one in verdict.signatures if one.role is not SignatureRole.TIMESTAMP]
    for number, one in enumerate(shown, 1):
        if not pen.room(150):
            pen.line(pen.words("verify_report.more", count=len(shown) - number + 1), 10, colour=SOFT)
            break
        _signature(pen, one, number)
    _reasons(pen, verdict)
    _picture(pen, pictures)
    _foot(pen, verdict)


def _head(pen: Pen, verdict: Verdict) -> None:
    pen.line(pen.words("verify_report.title").upper(), 15, bold=True, gap=2)
    pen.line(pen.words("verify_report.file", file=verdict.file), 11, gap=1)
    pen.line(f"SHA-256: {verdict.sha256}", 8.5, colour=SOFT, gap=6)
    colour = COLOURS[verdict.outcome]
    canvas = pen.canvas
    canvas.setFillColor(colour)
    canvas.roundRect(LEFT, pen.y - 34, RIGHT - LEFT, 34, 4, stroke=0, fill=1)
    canvas.setFillColor(HexColor("#ffffff"))
    canvas.setFont(pen.bold, 17)
    canvas.drawString(LEFT + 12, pen.y - 23, pen.words(f"reasons.outcome.{verdict.outcome.value}").upper())
    if verdict.indication:
        told_as = " / ".join(part for part in (verdict.indication.value, verdict.sub_indication) if part)
        canvas.setFont(pen.regular, 9.5)
        canvas.drawRightString(RIGHT - 12, pen.y - 21, told_as)
    pen.y -= 42
    pen.line(pen.words(f"reasons.citizen.{verdict.outcome.value}"), 10.5, gap=2)


def _signature(pen: Pen, one: SignatureFinding, number: int) -> None:
    pen.rule()
    role = pen.words(f"reasons.role.{one.role.value}")
    outcome = pen.words(f"reasons.outcome.{one.outcome.value}")
    name = one.signer.common_name or one.signer.organisation or "?"
    title = pen.words("verify_report.signature", number=number)
    pen.line(f"{title}: {name} ({role}) - {outcome}", 11.5, bold=True, colour=COLOURS[one.outcome], gap=1)
    for key, value in facts_of(one):
        pen.pair(pen.words(f"verify_report.{key}"), value)
    for check in checks_of(one):
        _check(pen, check)


def _check(pen: Pen, check: Check) -> None:
    if not pen.room(14):
        return
    mark = MARKS[check.state][0 if pen.lang == "vi" else 1]
    colour = {"passed": COLOURS[Outcome.VALID], "failed": COLOURS[Outcome.INVALID]}.get(
        check.state, COLOURS[Outcome.INDETERMINATE]
    )
    canvas = pen.canvas
    pen.y -= 12
    canvas.setFont(pen.regular, 10)
    canvas.setFillColor(SOFT)
    canvas.drawString(LEFT + 12, pen.y, pen.words(f"verify_report.check.{check.name}"))
    canvas.setFont(pen.bold, 10)
    canvas.setFillColor(colour)
    canvas.drawString(LEFT + 190, pen.y, mark)
    canvas.setFont(pen.regular, 10)
    canvas.setFillColor(INK)
    said = pen.words(f"verify_report.found.{check.found}")
    canvas.drawString(LEFT + 250, pen.y, said)
    pen.y -= 1


def _reasons(pen: Pen, verdict: Verdict) -> None:
    if not verdict.reasons or not pen.room(60):
        return
    pen.rule()
    pen.line(pen.words("verify_report.reasons"), 11.5, bold=True, gap=1)
    for reason in verdict.reasons:
        if not pen.room(40):
            return
        what = pen.words(f"reasons.{reason.code}.what", **told(reason.details))
        todo = pen.words(f"reasons.{reason.code}.todo")
        nothing = pen.words("reasons.both_signatures.todo")
        pen.line(f"•  {what}" + ("" if todo == nothing else f"  {todo}"), 9.5, indent=6, gap=1)


def _picture(pen: Pen, pictures: dict[int, bytes]) -> None:
    """Draw the first picture of what changed into the room that is left."""
    if not pictures or not pen.room(120):
        return
    pen.rule()
    pen.line(pen.words("verify_report.picture"), 10, bold=True, gap=3)
    image = ImageReader(BytesIO(pictures[min(pictures)]))
    width, height = image.getSize()
    scale = min((RIGHT - LEFT) / width, (pen.y - BOTTOM - 8) / height)
    pen.canvas.drawImage(image, LEFT, pen.y - height * scale, width * scale, height * scale)
    pen.y -= height * scale


def _foot(pen: Pen, verdict: Verdict) -> None:
    canvas = pen.canvas
    canvas.setStrokeColor(LINE)
    canvas.line(LEFT, 40, RIGHT, 40)
    canvas.setFont(pen.regular, 8.5)
    canvas.setFillColor(SOFT)
    said = pen.words(
        "verify_report.foot",
        checked_at=when(verdict.checked_at),
        policy=verdict.policy,
        snapshot=verdict.trust_snapshot,
    )
    canvas.drawString(LEFT, 29, said)
