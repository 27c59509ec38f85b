"""The signing process killed at random moments of a batch: every document is signed, valid, and none twice."""

import pytest

from tests.bench.kill_sign import run

pytestmark = [pytest.mark.fault, pytest.mark.slow]


def test_killed_signing_signs_each_document_once() -> None:
    told = run(documents=16, kills=5, seed=3)
    assert told == {"documents": 16, "signed": 16, "valid": 16, "signed_files_in_store": 16, "killed": told["killed"]}
    assert told["killed"] > 0
