"""One-page documents by the thousand: text with an embedded font, laid out as NĐ 30/2020 wants it, each different."""

from datetime import date
from functools import cache
from io import BytesIO

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from tests.papers.fonts import font_path

BODY = (
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015;",
    "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;",
    "Xét đề nghị của cơ quan chuyên môn,",
    "Điều 1. Giao các đơn vị trực thuộc triển khai nhiệm vụ theo kế hoạch đã được phê duyệt.",
    "Điều 2. Các cơ quan, đơn vị, cá nhân có liên quan chịu trách nhiệm thi hành./.",
)


def page(number: int, kind: str, name: str, issued: date, unit: str) -> bytes:
    """Return document `number` as PDF."""
    regular, bold, italic = _fonts()
    target = BytesIO()
    pdf = Canvas(target, pagesize=A4, invariant=1)
    left, middle, right = 30 * mm, A4[0] / 2, A4[0] - 18 * mm
    pdf.setFont(regular, 12)
    pdf.drawCentredString(65 * mm, 275 * mm, "UBND TỈNH CAO BẰNG")
    pdf.drawCentredString(65 * mm, 263 * mm, f"Số: {number + 1:02d}/{kind}-UBND")
    pdf.setFont(bold, 12)
    pdf.drawCentredString(65 * mm, 270 * mm, "UBND THÀNH PHỐ CAO BẰNG")
    pdf.drawCentredString(148 * mm, 275 * mm, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    pdf.drawCentredString(148 * mm, 270 * mm, "Độc lập - Tự do - Hạnh phúc")
    pdf.setFont(italic, 13)
    pdf.drawRightString(right, 255 * mm, f"Cao Bằng, ngày {issued:%d} tháng {issued:%m} năm {issued:%Y}")
    pdf.setFont(bold, 14)
    pdf.drawCentredString(middle, 240 * mm, name)
    pdf.drawCentredString(middle, 233 * mm, f"Về việc triển khai nhiệm vụ số {number + 1}")
    pdf.setFont(regular, 13)
    for line, text in enumerate(BODY):
        pdf.drawString(left, (215 - line * 8) * mm, text[:80])
    pdf.setFont(bold, 13)
    pdf.drawCentredString(150 * mm, 150 * mm, "TM. ỦY BAN NHÂN DÂN")
    pdf.drawCentredString(150 * mm, 144 * mm, "CHỦ TỊCH")
    pdf.drawCentredString(150 * mm, 112 * mm, "Nguyễn Văn An")
    pdf.setFont(regular, 11)
    for line, text in enumerate(("Nơi nhận:", "- Như Điều 2;", f"- {unit};", "- Lưu: VT.")):
        pdf.drawString(left, (150 - line * 5) * mm, text)
    pdf.showPage()
    pdf.save()
    return target.getvalue()


@cache
def _fonts() -> tuple[str, ...]:
    names = tuple(f"Tinos-{style}" for style in ("regular", "bold", "italic"))
    for name in names:
        pdfmetrics.registerFont(TTFont(name, str(font_path(name.removeprefix("Tinos-")))))
    return names
