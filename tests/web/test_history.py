"""Every kind of entry that the code writes into the audit log has a name that people read."""

import re
from pathlib import Path

from digitise.messages import has

ROOT = Path(__file__).parents[2]
WRITTEN = re.compile(r'(?:append|record|NewEntry|note_reading)\((?:[^()]|\([^()]*\))*?"([a-z_]+(?:\.[a-z_]+)+)"', re.S)


def written() -> set[str]:
    """Return the actions named where entries are written."""
    files = [file for folder in ("digitise", "storage", "workers") for file in (ROOT / folder).rglob("*.py")]
    registers = re.findall(r'_fill\(\s*"(\w+)"', (ROOT / "storage" / "imports.py").read_text(encoding="utf-8"))
    assert len(registers) == 3
    found = {action for file in files for action in WRITTEN.findall(file.read_text(encoding="utf-8"))}
    return found | {f"{name}.imported" for name in registers}


def test_what_is_logged_has_a_name_in_the_history() -> None:
    found = written()
    assert len(found) > 25, "the pattern no longer finds the places that write"
    assert {action for action in found if not has(f"web_history.{action}")} == set()
