"""What runs in the limited child: everything heavy is imported here, once, before the nursery forks."""

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from digitise.model.verdict_records import record_of
from digitise.verify.evidence import Held, read_crl_folder
from digitise.verify.policy import named
from digitise.verify.trust import Purpose, Trusted, TrustSet
from digitise.verify.verify import examine


def examine_file(
    path: str, room: str, policy: str, now: str, at: str | None, name: str, offline: bool
) -> tuple[dict[str, Any], bytes]:
    """Verify in this (limited) process: the verdict as a record, what is wanted, and the pictures and answers used, one after another."""
    told = json.loads((Path(room) / "trust.json").read_text(encoding="ascii"))
    files = json.loads((Path(room) / "answers.json").read_text(encoding="utf-8"))
    held = Held(
        {key: (Path(room) / file).read_bytes() for key, file in files.items()},
        read_crl_folder(Path(told["crls"])) if told["crls"] else [],
        offline,
    )
    examined = examine(
        Path(path),
        TrustSet(tuple(_entry(one) for one in told["entries"])),
        named(policy),
        at=datetime.fromisoformat(at) if at else None,
        revocation=held,
        now=datetime.fromisoformat(now),
        name=name,
    )
    wanted = [(w.url, base64.b64encode(w.request).decode("ascii") if w.request else None) for w in held.wanted.values()]
    pictures = sorted(examined.pictures.items())
    value = {
        "verdict": record_of(examined.verdict),
        "wanted": wanted,
        "pictures": [(number, len(picture)) for number, picture in pictures],
        "answers": [len(der) for der in examined.answers.values()],
    }
    return value, b"".join([*(picture for _, picture in pictures), *examined.answers.values()])


def _entry(one: dict[str, Any]) -> Trusted:
    return Trusted(
        base64.b64decode(one["der"]),
        one["anchor"],
        frozenset(Purpose(p) for p in one["purposes"]),
        datetime.fromisoformat(one["from"]) if one["from"] else None,
        datetime.fromisoformat(one["until"]) if one["until"] else None,
    )
