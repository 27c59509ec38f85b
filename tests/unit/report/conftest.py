"""Fixtures of the report room."""

from pathlib import Path

import pytest

from storage.local import LocalStore
from storage.register import SqlRegister
from tests.unit.report.registers import register_at


@pytest.fixture
def register(tmp_path: Path) -> SqlRegister:
    """Return an empty register."""
    return register_at(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    """Return an empty object store."""
    return LocalStore(tmp_path / "objects")
