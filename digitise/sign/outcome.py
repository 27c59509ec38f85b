"""What is recorded of a signature: its verdict, its level, and what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from digitise.errors import DigitiseError
from digitise.model.outgoing import Outgoing
from digitise.model.tasks import NewTask, TaskKind
from digitise.sign.extend import ends_at
from digitise.sign.levels import tokens
from digitise.sign.profiles import Level, Mode, Profile
from digitise.sign.register import Result

if TYPE_CHECKING:
    from digitise.model.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Bytes:
    """A signed file: where it lies now, what it is, and what it still lacks."""

    path: Path
    sha256: str
    level: Level
    promised: Level | None  # the level that is still to be reached
    verdict: "Verdict | None"


def told(error: DigitiseError) -> str:
    """Return an error as the register keeps it: `code: reason`, and what it is about."""
    about = ", ".join(f"{name}={value}" for name, value in error.details.items())
    return f"{error.code}: {error.reason}" + (f" ({about})" if about else "")


def result_of(
    signed: Bytes, document: Outgoing, profile: Profile, channels: Sequence[str], renew_before: timedelta
) -> Result:
    """Return what is recorded: deliveries of an issued document, the promise of a timestamp, the date of renewal."""
    issued = profile.mode != Mode.APPROVE
    follow_up = deliveries(document, signed.sha256, channels) if issued and signed.promised is None else []
    if signed.promised:
        args = {"sha256": signed.sha256, "level": signed.promised.value, "promise": True}
        follow_up.append(NewTask(TaskKind.RENEW, document.id, f"stamp:{signed.sha256}", args))
    ends = ends_at(tokens(signed.path)[-1][1]) if signed.level == Level.B_LTA else None
    return Result(
        signed.sha256,
        signed.level.value,
        issued,
        signed.verdict,
        renewal(ends, renew_before) if ends else None,
        ends,
        tuple(follow_up),
    )


def renewal(ends: datetime, before: timedelta) -> datetime:
    """Return when an archive timestamp that ends then must be renewed."""
    return ends - before


def deliveries(document: Outgoing, sha256: str, channels: Sequence[str]) -> list[NewTask]:
    """Return the tasks that deliver these bytes, one for each channel; the same bytes are delivered once."""
    return [
        NewTask(
            TaskKind.DELIVER,
            document.id,
            f"deliver:{document.id}:{sha256}:{channel}",
            {"delivery": f"{document.id}-{sha256[:16]}-{channel}", "channel": channel},
        )
        for channel in channels
    ]
