"""Our own verifier as signing uses it: in this process, over files that are ours, offline."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from digitise.model.verdicts import Verdict
from digitise.sign import quick_hex, quick_paths
from digitise.sign.signature import Verify

if TYPE_CHECKING:
    from digitise.ports import Clock
    from digitise.verify.trust import TrustSet

_TRUST_SECONDS = (
    30.0  # a changed trust set is seen within this; reading it for each document would cost more than signing
)


def own_check(trust: "Callable[[], TrustSet]", clock: "Clock") -> Verify:
    """Return a function (file, policy name) → verdict under the trust set in force."""
    from digitise.verify.evidence import Held
    from digitise.verify.policy import named
    from digitise.verify.verify import verify

    quick_hex.install()
    quick_paths.install()
    kept: list[tuple[float, TrustSet]] = []

    def check(path: Path, policy: str) -> Verdict:
        if not kept or time.monotonic() - kept[0][0] > _TRUST_SECONDS:
            kept[:] = [(time.monotonic(), trust())]
        now = clock() + timedelta(seconds=1)  # a token made this second must not lie in the future
        return verify(path, kept[0][1], named(policy), revocation=Held(offline=True), now=now)

    return check
