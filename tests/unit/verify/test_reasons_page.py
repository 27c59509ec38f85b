"""`docs/reasons.md` lists every reason; `python -m tests.unit.verify.test_reasons_page` writes it anew."""

from pathlib import Path

from digitise.messages import text
from digitise.verify.reasons import TABLE

PAGE = Path(__file__).parents[3] / "docs" / "reasons.md"


def page() -> str:
    """Return the page as the table and the catalogues make it."""
    lines = [
        "# Reasons of a verdict",
        "",
        "Every code that verification can give, what it does to the outcome, and what to do. Made from the table in",
        "`digitise/verify/reasons.py` and the catalogues; a notice changes no outcome.",
        "",
        "| code | outcome | ETSI sub-indication | what (vi) | what to do (vi) | what (en) |",
        "|---|---|---|---|---|---|",
    ]
    for reason, row in TABLE.items():
        cells = [
            f"`{reason.value}`",
            row.outcome.value if row.outcome else "notice",
            row.sub_indication or "",
            text(f"reasons.{reason.value}.what", "vi"),
            text(f"reasons.{reason.value}.todo", "vi"),
            text(f"reasons.{reason.value}.what", "en"),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
