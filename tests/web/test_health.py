"""What the operator's page and `digitise doctor` say of time-stamping authorities and revocation lists."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from digitise.health import Finding, examine
from tests.pki import PKI
from tests.stack import free_port
from tests.web.conftest import copied, open_world


def found(data: Path, name: str, **settings: object) -> Finding:
    """Return one line of the page under other settings."""
    services = open_world(data, **settings).services
    try:
        return next(one for one in examine(services) if one.name == name)
    finally:
        services.database.close()


def test_authorities_that_take_no_connection_are_named(empty_data: Path, tmp_path: Path) -> None:
    data = copied(empty_data, tmp_path / "data")
    away = f"http://127.0.0.1:{free_port()}/tsa"
    with PKI() as pki:
        assert found(data, "timestamps", tsa_urls=[pki.tsa_url]).state == "ok"
        some = found(data, "timestamps", tsa_urls=[pki.tsa_url, away])
        assert (some.state, away in some.told, pki.tsa_url in some.told) == ("warning", True, False)
    none = found(data, "timestamps", tsa_urls=[away])
    assert none.state == "bad"
    assert away in none.told
    assert "tsa_urls" in none.todo


def test_revocation_lists_past_their_end_are_told(empty_data: Path, tmp_path: Path) -> None:
    data, folder = copied(empty_data, tmp_path / "data"), tmp_path / "crl"
    folder.mkdir()
    assert found(data, "revocation").state == "warning"  # offline, and no folder of lists
    assert str(folder) in found(data, "revocation", crl_folder=folder).told
    now = datetime.now(UTC).replace(microsecond=0)
    with PKI() as pki:
        (folder / "a.crl").write_bytes(pki.sub.crl(now - timedelta(days=1), valid=timedelta(days=8)))
        fresh = found(data, "revocation", crl_folder=folder)
        assert (fresh.state, (now + timedelta(days=7)).strftime("/%Y") in fresh.told) == ("ok", True)
        (folder / "b.crl").write_bytes(pki.sub.crl(now - timedelta(days=9), valid=timedelta(days=2)))
    old = found(data, "revocation", crl_folder=folder)
    assert old.state == "warning"
    assert old.told.startswith("1 danh sách")
