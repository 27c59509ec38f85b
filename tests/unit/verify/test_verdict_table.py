"""Every case of the table gets the outcome and the reason that it must get."""

import pytest

from digitise.model.verdicts import Outcome
from digitise.verify.reasons import TABLE, Reason
from tests.unit.verify.cases import AREAS, CASES
from tests.unit.verify.world import World


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 80
    assert len(CASES) == sum(len(area.CASES) for area in AREAS)  # no name twice


@pytest.mark.parametrize("name", CASES)
def test_verdict(world: World, name: str) -> None:
    make, outcome, reason = CASES[name]
    verdict = world.verdict(make(world))
    codes = [given.code for given in verdict.reasons]
    assert verdict.outcome == outcome, codes
    if outcome in ("invalid", "indeterminate", "error", "unsigned") and reason is not None:
        assert codes[0] == reason, codes
    elif reason is not None:
        assert reason in codes
    if outcome == "valid":
        assert all(TABLE[Reason(code)].outcome is None or code in ("time_only_claimed",) for code in codes), codes
    if name.startswith("forgery") and outcome == "invalid":
        assert (
            all(one.outcome is not Outcome.VALID for one in verdict.signatures if one.role != "timestamp")
            or "ssa" in name
        )
