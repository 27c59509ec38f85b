"""Signing tasks that were claimed together are signed together: they share the commits, each ends by itself."""

from collections.abc import Callable, Sequence

from digitise.bootstrap import Services
from digitise.errors import DigitiseError
from digitise.model.tasks import Claim, TaskKind
from workers.lease import Leases

Settle = Callable[[Services, Claim, Exception], None]


def sign_together(served: Services, claims: Sequence[Claim], settle: Settle) -> list[Claim]:
    """Sign what SIGN tasks among `claims` name, and return the other claims; `settle` records what failed."""
    signing = [claim for claim in claims if claim.task.kind is TaskKind.SIGN]
    if signing:
        try:
            _sign(served, signing, settle)
        except Exception as error:  # nothing could be recorded: the database is away, or a fault of ours
            for claim in signing:
                settle(served, claim, error)
    return [claim for claim in claims if claim.task.kind is not TaskKind.SIGN]


def _sign(served: Services, claims: Sequence[Claim], settle: Settle) -> None:
    from digitise.sign.sign import sign_tasks

    with Leases(served.tasks, claims, served.settings.lease_seconds):
        ended = sign_tasks(claims, served.signing)
    for claim, one in zip(claims, ended, strict=True):
        if one.error:
            settle(served, claim, one.error)
        elif not one.task_ended:
            _complete(served, claim, settle)


def _complete(served: Services, claim: Claim, settle: Settle) -> None:
    try:
        served.tasks.complete(claim)
    except DigitiseError as error:
        settle(served, claim, error)
