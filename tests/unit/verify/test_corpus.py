"""The labelled corpus, where it is at hand: no forgery passes, no file is without an answer."""

import csv
import os
from pathlib import Path

import pytest

from tests.bench.verdicts import attacked, false_accept, verify_row

CORPUS = Path(os.environ.get("DIGITISE_CORPUS", Path(__file__).parents[3].parent / "shared" / "corpus")) / "signatures"
MANIFEST = CORPUS / "manifest.csv"


def _rows() -> list[dict[str, str]]:
    with MANIFEST.open(encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if attacked(row)]


@pytest.mark.slow
@pytest.mark.skipif(not MANIFEST.is_file(), reason="the corpus of signed PDFs is not at hand")
def test_no_forgery_of_the_corpus_passes() -> None:
    answers = [verify_row(CORPUS, row) for row in _rows()]
    assert answers
    assert [one.row["file"] for one in answers if one.fault] == []
    assert [one.row["file"] for one in answers if false_accept(one)] == []
