"""The signing process killed at random moments of a batch: every document is signed, valid, and none twice."""

import pytest

from tests.bench.kill_sign import run

pytestmark = [pytest.mark.fault, pytest.mark.slow]


def test_killed_signing_signs_each_document_once() -> None:
    told = run(documents=24, kills=5, seed=3)
    assert told == {"documents": 24, "signed": 24, "valid": 24, "signed_files_in_store": 24, "killed": told["killed"]}
    assert told["killed"] > 0
