"""Step 7: are digest, key and padding strong enough at the time that counts (TT 15/2025/TT-BKHCN)?"""

from datetime import datetime

from digitise.verify.cms import Container
from digitise.verify.keys import PublicKey
from digitise.verify.policy import Policy
from digitise.verify.reasons import Reason


def judge(container: Container, policy: Policy, at: datetime) -> list[Reason]:
    """Return what is weak about a signature made no later than `at`."""
    reasons: list[Reason] = []
    digests = {container.digest, container.binds, container.mechanism.digest if container.mechanism else None} - {None}
    if any(not _digest_holds(str(name), policy, at) for name in digests):
        reasons.append(Reason.DIGEST_WEAK)
    if container.mechanism is not None and not _fits(container.mechanism.kind, container.digest):
        reasons.append(Reason.DIGEST_WEAK)
    if container.key is not None and not key_holds(container.key, policy):
        reasons.append(Reason.KEY_WEAK)
    if container.mechanism is not None and container.mechanism.kind == "rsa":
        reasons.append(Reason.PADDING_OLD)
    return reasons


def _fits(kind: str, digest: str | None) -> bool:
    """Say whether a digest may stand beside an Edwards curve (RFC 8419 §2.3, §3.2); other keys take any."""
    return digest is None or digest.startswith({"ed25519": "sha512", "ed448": "shake256"}.get(kind, ""))


def _digest_holds(name: str, policy: Policy, at: datetime) -> bool:
    for digest, until in policy.digests_until:
        if name == digest:
            return until is not None and at < until
    return True


def key_holds(key: PublicKey, policy: Policy) -> bool:
    """Say whether a key is long enough for the policy."""
    if key.kind in ("rsa", "dsa"):
        return key.bits >= policy.min_rsa_bits
    return key.bits >= policy.min_ec_bits
