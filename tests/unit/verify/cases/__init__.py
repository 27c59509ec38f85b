"""The table of verdicts: name → (what is given, expected outcome, expected first reason or notice)."""

from tests.unit.verify.cases import crafted, forged, kinds, times, trust

AREAS = (trust, times, kinds, forged, crafted)
CASES = {name: case for area in AREAS for name, case in area.CASES.items()}
