"""The sign worker tells the certificates of its keys; no other process opens the key settings."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from digitise.sign.key_ring import KeyRing
from digitise.sign.keys import load_keys
from digitise.sign.known_keys import ending, tell_keys
from storage.audit import SqlAuditLog
from storage.database import Database
from storage.known_keys import SqlKnownKeys
from tests.pki import PKI
from tests.unit.sign.conftest import write_keys

NOW = datetime(2026, 9, 1, tzinfo=UTC)


def _keys(folder: Path, pki: PKI, pin: str) -> KeyRing:
    (folder / "seal.p12").write_bytes(pki.ubnd.p12("right"))
    (folder / "seal.pin").write_text(pin)
    return KeyRing(
        load_keys(write_keys(folder, '[key.seal]\nkind = "pkcs12"\nfile = "seal.p12"\npin_file = "seal.pin"'))
    )


def test_the_certificate_is_told_and_what_ends_soon_found(tmp_path: Path, pki: PKI, database: Database) -> None:
    known = SqlKnownKeys(database, lambda: NOW)
    ring = _keys(tmp_path, pki, "right")
    for _ in range(2):  # every start tells again
        tell_keys(ring, known, lambda: NOW)
    (key,) = known.all()
    assert key.x509 is not None
    assert key.x509.serial_number == pki.ubnd.certificate.serial_number
    assert not key.problem
    ends = key.x509.not_valid_after
    assert ending([key], ends - timedelta(days=20), timedelta(days=30)) == ["seal"]
    assert ending([key], ends - timedelta(days=40), timedelta(days=30)) == []
    told = [entry for entry in SqlAuditLog(database, lambda: NOW).entries() if entry.action == "keys.told"]
    assert len(told) == 1


def test_a_key_that_does_not_open_is_told_with_its_reason(tmp_path: Path, pki: PKI, sqlite_database: Database) -> None:
    known = SqlKnownKeys(sqlite_database, lambda: NOW)
    tell_keys(_keys(tmp_path, pki, "wrong"), known, lambda: NOW)
    (key,) = known.all()
    assert (key.certificate, key.problem) == (None, "not_allowed: wrong_pin")
