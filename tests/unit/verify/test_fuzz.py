"""The short form of `python -m tests.bench.fuzz`: fixed seeds over two files of our own."""

from pathlib import Path

import pytest

from tests.bench.fuzz import one_round, ranges_of
from tests.unit.verify.world import NOW, World


@pytest.mark.parametrize("level", ["B-T", "B-LTA"])
def test_mutations_never_crash_and_are_never_valid(world: World, level: str, tmp_path: Path) -> None:
    pdf = world.signed(level)
    original = tmp_path / "original.pdf"
    original.write_bytes(pdf)
    trust = (world.trust(), world.crls(), NOW)
    outcomes = {one_round(pdf, ranges_of(original), seed, tmp_path, trust)[0] for seed in range(40)}
    assert "invalid" in outcomes
