"""The report of a verification: one A4 page per file, in Vietnamese or English, with what TT 15/2025/TT-BKHCN demands."""

from collections.abc import Sequence
from io import BytesIO

from digitise.model.verdicts import Verdict
from digitise.pdf.printing import PRINTING


def report_pdf(examined: Sequence[tuple[Verdict, dict[int, bytes]]], lang: str = "vi") -> bytes:
    """Return a PDF with one page per file."""
    from reportlab.pdfgen.canvas import Canvas

    from digitise.verify.report_page import draw_page

    output = BytesIO()
    with PRINTING:
        canvas = Canvas(output, pagesize=(595.28, 841.89))
        for verdict, pictures in examined:
            draw_page(canvas, verdict, pictures, lang)
            canvas.showPage()
        canvas.save()
    return output.getvalue()
