"""One world per session."""

from collections.abc import Iterator

import pytest

from tests.pki import PKI
from tests.unit.verify.world import NOW, World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give the PKI at NOW and the signed bases."""
    with PKI(NOW) as pki:
        yield World(pki, tmp_path_factory.mktemp("world"))
