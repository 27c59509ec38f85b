"""Fixtures of every test: the real servers; and which tests share a worker of pytest-xdist."""

from typing import Any

import pytest

pytest_plugins = ["tests.server_fixtures"]

# pytest-xdist's own `xdist_group` does nothing under pytest 9.2 (node ids are no longer made from `_nodeid`).
TOGETHER = {
    "stack": (  # run whole stacks: two at once would time each other out
        "tests/faults/",
        "tests/journeys/test_compose.py",
        "tests/journeys/test_robustness.py",
        "tests/journeys/test_scan.py",
        "tests/journeys/stories/",
    ),
    "browser": ("tests/web/test_browser", "tests/web/test_single_sign_on.py"),  # one Chromium and one server for all
}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the tests of a group on one worker, one after the other; all others go wherever there is room."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((name for name, places in TOGETHER.items() if nodeid.startswith(places)), nodeid)

    return Together(config, log) if config.getoption("dist") == "loadgroup" else None
