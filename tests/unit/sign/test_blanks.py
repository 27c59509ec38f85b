"""Every draft of an official document shows where its number and date go, in whatever order its columns are told."""

from datetime import date
from pathlib import Path

import pytest

from digitise.sign.numbering import numbering
from digitise.sign.page_text import PageReader
from tests.papers import KINDS, born_digital_pdf, paper


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("certificate", "citizen_card")])
def test_number_and_date_find_their_blanks(kind: str, tmp_path: Path) -> None:
    missed = []
    for seed in range(8):
        draft = born_digital_pdf(
            paper(300 + seed, kind=kind, numbered=False, dated=False, year=2026), tmp_path / f"{seed}.pdf"
        )
        made = numbering(PageReader(draft), 7, date(2026, 11, 22))
        if not made.blank_for_number or not made.blank_for_date or len(made.marks) != 3:
            missed.append(seed)
    assert missed == []
