"""docker-compose.yml is true: its commands, with its environment, run natively against real servers."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.papers import paper
from tests.servers import PostgresServer, S3Server, ValkeyServer, free_port
from tests.stack import machine_for_itself, until

ROOT = Path(__file__).parents[2]
OURS = ("migrate", "web", "dispatch", "ocr", "verify", "sign")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_every_service_is_pinned_healthy_and_unprivileged(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        tag = service["image"].rpartition(":")[2]
        assert re.search(r"\d", tag), f"{name}: image {service['image']} is not pinned"
        assert "privileged" not in service
        if name != "migrate":
            assert "healthcheck" in service, name
    for name in OURS:
        service = compose["services"][name]
        assert service["user"].split(":")[0] != "0"
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]


def test_no_secret_stands_in_the_file(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for key, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|TOKEN|PIN", key):
                assert str(value).startswith("/run/secrets/"), (name, key)
    assert all("file" in secret for secret in compose["secrets"].values())


def test_keys_are_mounted_in_the_sign_worker_alone(compose: dict[str, Any]) -> None:
    holders = [n for n, s in compose["services"].items() if any("keys" in str(v) for v in s.get("volumes", []))]
    assert holders == ["sign"]
    readers = [n for n, s in compose["services"].items() if "DIGITISE_SIGN_KEYS" in (s.get("environment") or {})]
    assert readers == ["sign"]


@pytest.fixture
def environment(
    compose: dict[str, Any],
    tmp_path: Path,
    postgresql_server: PostgresServer,
    s3_server: S3Server,
    valkey_server: ValkeyServer,
) -> dict[str, str]:
    """The environment of the file, with its hosts and secrets those of the servers of this test."""
    secrets = {
        "postgres_password": postgresql_server.password,
        "valkey_password": valkey_server.password,
        "s3_secret_key": s3_server.secret_key,
    }
    for name, value in secrets.items():
        (tmp_path / name).write_text(value)
    postgresql_server.execute("CREATE DATABASE composed")
    replaced = {
        "digitise@postgres:5432/digitise": f"{postgresql_server.user}@127.0.0.1:{postgresql_server.port}/composed",
        "valkey:6379": f"127.0.0.1:{valkey_server.port}",
        "s3:9000": s3_server.endpoint,
        "/run/secrets": str(tmp_path),
    }
    environment = dict(os.environ)
    for key, value in compose["services"]["web"]["environment"].items():
        text = str(value)
        for old, new in replaced.items():
            text = text.replace(old, new)
        environment[key] = text
    assert environment["DIGITISE_S3_ACCESS_KEY"] == s3_server.access_key
    environment["DIGITISE_S3_BUCKET"] = s3_server.new_bucket()
    environment["DIGITISE_DATA"] = str(tmp_path / "data")
    return environment


def native(command: list[str], port: int) -> list[str]:
    """The command of a service as it runs outside a container."""
    start = {"python": [sys.executable], "digitise": [sys.executable, "-c", "from digitise.cli import main; main()"]}
    swapped = [str(port) if part == "8000" else "127.0.0.1" if part == "0.0.0.0" else part for part in command[1:]]
    return start[command[0]] + swapped


@pytest.fixture
def server(compose: dict[str, Any], environment: dict[str, str], tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The composed service, and a token for it."""
    port = free_port()
    services = compose["services"]
    subprocess.run(native(services["migrate"]["command"], port), env=environment, check=True, capture_output=True)
    made = subprocess.run(
        [*native(["digitise", "users", "token"], port), "test", "--role", "clerk", "--json"],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    token = yaml.safe_load(made.stdout)["token"]
    with ExitStack() as stack:
        stack.enter_context(machine_for_itself())
        log = stack.enter_context((tmp_path / "log").open("wb"))
        for name in OURS[1:]:
            for _ in range(services[name].get("deploy", {}).get("replicas", 1)):
                process = subprocess.Popen(
                    native(services[name]["command"], port), env=environment, stdout=log, stderr=log
                )
                stack.callback(process.wait, 20)
                stack.callback(process.terminate)
        yield f"http://127.0.0.1:{port}", token


@pytest.mark.slow
def test_a_scan_goes_through_the_composed_service(server: tuple[str, str], tmp_path: Path) -> None:
    url, token = server
    scan = tmp_path / "giay-moi.png"
    sheet = paper(3, kind="letter").sheets[0].image
    sheet.convert("L").save(scan, dpi=(200, 200))

    def answers() -> bool:
        try:
            return httpx.get(f"{url}/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    until(answers, 60)
    with httpx.Client(base_url=f"{url}/api/v1", headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        with scan.open("rb") as stream:
            sent = client.post("/documents", files={"file": (scan.name, stream)})
        assert sent.status_code == 201, sent.text
        document = sent.json()["id"]
        until(lambda: client.get(f"/documents/{document}").json()["state"] == "stored", 120)
        searchable = client.get(f"/documents/{document}/artefacts/searchable")
        assert searchable.content.startswith(b"%PDF-1.7")
        assert client.get("/documents", params={"q": "cong hoa xa hoi"}).json()["items"]
