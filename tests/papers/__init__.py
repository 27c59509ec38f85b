"""Sample papers: Vietnamese official documents drawn from a seed, that know their own text, boxes, reading orders and fields.

    paper(7, kind="decision") → Paper        degrade(image, "combined", 7) → Image
    scan_pdf([paper.sheets…], path)          born_digital_pdf(paper, path)

Everything is deterministic: the same seed gives the same paper. Nothing on them is about real people.
"""

from tests.papers.damage import DAMAGES, degrade
from tests.papers.files import born_digital_pdf, scan_pdf
from tests.papers.paper import KINDS, Line, Paper, Sheet, paper
from tests.papers.truth import true_page, true_pages

__all__ = [
    "DAMAGES",
    "KINDS",
    "Line",
    "Paper",
    "Sheet",
    "born_digital_pdf",
    "degrade",
    "paper",
    "scan_pdf",
    "true_page",
    "true_pages",
]
