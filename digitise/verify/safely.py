"""Verify in a limited child, and fetch what it wants outside of it.

The child parses and has no use for the network; it answers with a verdict and a list of revocation answers that it would like to have.
The parent fetches bytes, which it does not parse, through the rules of `fetch.py`, and asks again.
"""

import base64
import json
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from digitise.child import Limits, run
from digitise.errors import LimitExceeded, NotFound, PasswordNeeded, UnreadableFile
from digitise.model.verdict_records import verdict_of
from digitise.model.verdicts import Examined, ReasonGiven, Verdict
from digitise.settings import Settings
from digitise.verify.evidence import Want
from digitise.verify.fetch import Fetcher
from digitise.verify.policy import named
from digitise.verify.reasons import Reason, decide
from digitise.verify.source import Source
from digitise.verify.trust import TrustSet

ROUNDS = 4  # of asking: OCSP, then CRLs, for signer and TSA; what is missing then stays missing


@dataclass(frozen=True, slots=True)
class Verifier:
    """Everything that one verification needs besides the file; safe to use from threads."""

    trust: TrustSet
    limits: Limits
    policy: str = "default"
    fetcher: Fetcher | None = None  # None = offline
    crl_folder: Path | None = None

    def __call__(
        self,
        path: Path,
        *,
        now: datetime,
        at: datetime | None = None,
        name: str | None = None,
        policy: str | None = None,
    ) -> Examined:
        """Verify the file at `path`; never raises for what is in it. Raises NotFound for a policy that does not exist."""
        rules = policy or self.policy
        named(rules)
        if not path.is_file():
            raise NotFound("file", what="file", id=str(path))
        with tempfile.TemporaryDirectory(prefix="verify-") as folder:
            self._prepare(Path(folder))
            args = {
                "path": str(path.resolve()),
                "room": folder,
                "policy": rules,
                "now": now.isoformat(),
                "at": at.isoformat() if at else None,
                "name": name or path.name,
                "offline": self.fetcher is None,
            }
            try:
                return self._rounds(args, Path(folder), now)
            except UnreadableFile:
                return self._error(path, args, Reason.NOT_A_PDF, now)
            except PasswordNeeded:
                return self._error(path, args, Reason.PASSWORD_NEEDED, now)
            except LimitExceeded:
                return self._error(path, args, Reason.TOO_COSTLY, now)

    def many(self, paths: Iterable[Path], *, workers: int, now: datetime, **more: Any) -> Iterator[Examined]:
        """Verify many files, `workers` at a time, in their order."""
        with ThreadPoolExecutor(max(1, workers)) as pool:
            yield from pool.map(lambda path: self(path, now=now, **more), paths)

    def _prepare(self, room: Path) -> None:
        entries = [
            {
                "der": base64.b64encode(one.der).decode("ascii"),
                "anchor": one.anchor,
                "purposes": sorted(one.purposes),
                "from": one.trusted_from.isoformat() if one.trusted_from else None,
                "until": one.trusted_until.isoformat() if one.trusted_until else None,
            }
            for one in self.trust.entries
        ]
        folder = str(self.crl_folder.resolve()) if self.crl_folder else None
        (room / "trust.json").write_text(json.dumps({"entries": entries, "crls": folder}), encoding="ascii")
        (room / "answers.json").write_text("{}", encoding="ascii")

    def _rounds(self, args: dict[str, Any], room: Path, now: datetime) -> Examined:
        answers: dict[str, str] = {}
        for _ in range(ROUNDS):
            value, body = run("digitise.verify.in_child:examine_file", args, self.limits, file=args["name"])
            wanted = [Want(url, base64.b64decode(request) if request else None) for url, request in value["wanted"]]
            if self.fetcher is None or not wanted:
                break
            for number, (key, data) in enumerate(self.fetcher.get_all(wanted, now).items(), len(answers)):
                (room / f"answer-{number}").write_bytes(data)
                answers[key] = f"answer-{number}"
            (room / "answers.json").write_text(json.dumps(answers), encoding="utf-8")
        parts = BytesIO(body)
        pictures = {int(number): parts.read(length) for number, length in value["pictures"]}
        used = {sha256(der).hexdigest(): der for der in [parts.read(length) for length in value["answers"]]}
        return Examined(verdict_of(value["verdict"]), pictures, used)

    def _error(self, path: Path, args: dict[str, Any], reason: Reason, now: datetime) -> Examined:
        source = Source(path)
        try:
            decision = decide([ReasonGiven(reason.value)])
            snapshot = self.trust.snapshot(args["policy"])
            return Examined(
                Verdict(
                    args["name"],
                    source.sha256,
                    decision.outcome,
                    None,
                    None,
                    decision.reasons,
                    (),
                    args["policy"],
                    snapshot,
                    now,
                )
            )
        finally:
            source.close()


def verifier_of(
    settings: Settings, trust: TrustSet, fetcher: Fetcher | None, *, offline: bool | None = None
) -> Verifier:
    """Return a verifier by the settings; `offline` wins over them."""
    away = settings.verify_offline if offline is None else offline
    limits = Limits(
        memory_bytes=settings.verify_memory_bytes,
        cpu_seconds=int(settings.verify_seconds),
        wall_seconds=settings.verify_seconds,
        file_bytes=settings.max_upload_bytes,
    )
    return Verifier(trust, limits, settings.verify_policy, None if away else fetcher, settings.crl_folder)
