"""What verdicts relied on, as files for an expert: trust sets as PEM, policies as JSON, answers about revocation."""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select

from digitise.errors import NotFound
from digitise.verify import policy as policies
from digitise.verify.trust import Trusted, TrustSet
from storage.database import Database
from storage.schema.verdicts import revocation_evidence
from storage.trust import SqlTrust


class SqlProofs:
    """Implements `digitise.report.evidence.Proofs`."""

    def __init__(self, database: Database, trust: SqlTrust) -> None:
        self._database, self._trust = database, trust

    def trust(self, snapshot: str, policy: str) -> Mapping[str, bytes]:
        """Return the policy, the anchors and the intermediates of a snapshot; an unknown snapshot gives the policy alone."""
        found = {"policy.json": _policy(policy)}
        held = self._set(snapshot, policy)
        if held is None:
            return found
        return found | {
            "anchors.pem": _pem(one for one in held.entries if one.anchor),
            "intermediates.pem": _pem(one for one in held.entries if not one.anchor),
            "trust.json": _set(held),
        }

    def _set(self, snapshot: str, policy: str) -> TrustSet | None:
        try:
            return self._trust.snapshot(snapshot)
        except NotFound:  # not remembered when the verdict was kept: the set of now, if it still is that one
            current = self._trust.current()
            return current if current.snapshot(policy) == snapshot else None

    def answer(self, sha256: str) -> bytes | None:
        """Return a CRL or an OCSP answer, DER, that a verdict relied on; None where none of that hash is kept."""
        query = select(revocation_evidence.c.data).where(revocation_evidence.c.sha256 == sha256)
        with self._database.read() as connection:
            data = connection.scalar(query)
        return None if data is None else bytes(data)


def _pem(certificates: Iterator[Trusted]) -> bytes:
    blocks = []
    for one in sorted(certificates, key=lambda each: each.sha256):
        body = base64.encodebytes(one.der).decode("ascii")
        blocks.append(f"# {one.subject}\n-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n")
    return "".join(blocks).encode()


def _set(held: TrustSet) -> bytes:
    return _json(
        [
            {
                "sha256": one.sha256,
                "subject": one.subject,
                "anchor": one.anchor,
                "purposes": sorted(purpose.value for purpose in one.purposes),
                "trusted_from": one.trusted_from,
                "trusted_until": one.trusted_until,
            }
            for one in sorted(held.entries, key=lambda each: each.sha256)
        ]
    )


def _policy(name: str) -> bytes:
    try:
        return _json(asdict(policies.named(name)))
    except NotFound:
        return _json({"name": name})


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, default=_plain) + "\n").encode()


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset | set):
        return sorted(str(each) for each in value)
    return value.isoformat() if isinstance(value, datetime) else str(value)
