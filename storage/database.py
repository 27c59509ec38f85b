"""One SQL database, SQLite or PostgreSQL: connections, transactions, migrations, and its errors as ours."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, text
from sqlalchemy.engine import URL, make_url

from digitise.errors import DatabaseUnavailable, DefectInOurselves, DiskFull, InvalidValue

BUSY_SECONDS = 30  # a writer waits for its turn this long before it says that the database is busy
CONNECT_SECONDS = 5  # a server that does not answer within this is away
POOL_SIZE = 8  # connections kept per process; web threads and supervisors share them
MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x6469_6700  # advisory lock of PostgreSQL: two processes never migrate at once

_inherited: list[Engine] = []  # engines of the process that forked us: kept, so that nothing closes their sockets


class Database:
    """Gives connections to one database; safe to use from threads and after a fork.

    `read()` sees one snapshot and cannot write; `write()` is one transaction, and on SQLite the only one at its time.
    Both raise DatabaseUnavailable, DiskFull, and InvalidValue for what SQL cannot hold; an IntegrityError passes, for
    the adapter that knows what it means.
    """

    def __init__(self, url: str, password: str | None = None) -> None:
        self.url = _complete(url, password)
        self.dialect = self.url.get_backend_name()
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._pid = 0
        self._local = threading.local()

    def __repr__(self) -> str:
        return f"Database({self.url.render_as_string(hide_password=True)})"

    @property
    def engine(self) -> Engine:
        """Return the engine of this very process: one that was opened before a fork is never used after it."""
        with self._lock:
            if self._engine is None or self._pid != os.getpid():
                if self._engine is not None:
                    _inherited.append(self._engine)
                self._engine, self._pid = _engine(self.url), os.getpid()
                self._local = threading.local()
            return self._engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a read-only transaction on one snapshot."""
        with _our_errors(), self.engine.connect() as connection:
            if self.dialect == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that commits at the end of the block and rolls back when it raises."""
        engine = self.engine
        if getattr(self._local, "writing", False):
            raise DefectInOurselves("write() inside write(): the inner one would wait for the outer one")
        self._local.writing = True
        try:
            with (
                _our_errors(),
                engine.connect().execution_options(digitise_write=True) as connection,
                connection.begin(),
            ):
                yield connection
        finally:
            self._local.writing = False

    def check(self) -> None:
        """Raise unless the database answers."""
        with self.read() as connection:
            connection.execute(text("SELECT 1"))

    def tend(self) -> None:
        """Let SQLite count its rows, so that it chooses the right index, and fold the WAL back; for now and then.

        PostgreSQL tends itself.
        """
        if self.dialect == "sqlite":
            with self.write() as connection:
                connection.exec_driver_sql("PRAGMA analysis_limit=1000")
                connection.exec_driver_sql("ANALYZE")
            with _our_errors(), self.engine.connect() as connection:
                # Outside a transaction; PASSIVE waits for nobody.
                connection.connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Close idle connections; the next use opens new ones."""
        with self._lock:
            if self._engine is not None and self._pid == os.getpid():
                self._engine.dispose()
            self._engine = None


def _complete(url: str, password: str | None) -> URL:
    try:
        parsed = make_url(url)
    except exc.ArgumentError as error:
        raise InvalidValue("database_url", name="database_url", value="…") from error
    backend = parsed.get_backend_name()
    if backend == "sqlite" and parsed.database and parsed.database != ":memory:":
        return parsed.set(drivername="sqlite")
    if backend in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
        return parsed.set(password=password) if password is not None else parsed
    raise InvalidValue("database_url", name="database_url", value=backend)


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    options = f"-c timezone=UTC -c lock_timeout={BUSY_SECONDS}s -c idle_in_transaction_session_timeout=300s"
    return create_engine(
        url,
        isolation_level="READ COMMITTED",  # whoever waited for a lock must see what its holder wrote
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        pool_pre_ping=True,  # a server that was restarted is noticed before the work starts
        pool_timeout=BUSY_SECONDS,
        connect_args={"connect_timeout": CONNECT_SECONDS, "options": options, "prepare_threshold": None},
    )


def _sqlite(url: URL) -> Engine:
    file = Path(str(url.database))
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))  # personal data: WAL and index inherit the mode
    except OSError as error:
        raise DatabaseUnavailable("unwritable", database=str(file), cause=str(error.strerror)) from error
    engine = create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        pool_timeout=BUSY_SECONDS,
        connect_args={"timeout": BUSY_SECONDS, "isolation_level": None},  # we say BEGIN ourselves
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A plain BEGIN that reads first and writes later fails at once beside another writer; IMMEDIATE waits its turn.
    write = connection.get_execution_options().get("digitise_write")
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if write else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def _our_errors() -> Iterator[None]:
    try:
        yield
    except exc.IntegrityError:
        raise
    except exc.TimeoutError as error:
        raise DatabaseUnavailable("busy") from error
    except (exc.DataError, UnicodeEncodeError, OverflowError) as error:  # NUL, half a surrogate pair, a huge number
        raise InvalidValue("not_storable", name="value", value="…") from error
    except exc.DBAPIError as error:
        raise _ours(error) from error


def _ours(error: exc.DBAPIError) -> Exception:
    """Choose our error for one of the driver's; its text stays in the chain, for the log only."""
    origin = error.orig
    said = str(origin).lower()
    state = getattr(origin, "sqlstate", None) or ""
    if state == "53100" or "disk is full" in said:
        return DiskFull("database")
    if "locked" in said or state in ("55P03", "40P01", "40001", "57014"):
        return DatabaseUnavailable("busy")
    if "malformed" in said or "not a database" in said:
        return DatabaseUnavailable("damaged")
    if "readonly" in said or state == "25006":
        return DatabaseUnavailable("read_only")
    if "no such table" in said or state == "42P01":
        return DatabaseUnavailable("not_migrated")
    if isinstance(error, exc.OperationalError | exc.InterfaceError) or error.connection_invalidated:
        return DatabaseUnavailable("away")
    return error


def migrate(database: Database, revision: str = "head") -> str:
    """Bring the schema to `revision` in one transaction and return where it is; a second process waits its turn."""
    from alembic import command

    with database.write() as connection:
        if database.dialect == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        command.upgrade(_alembic(connection), revision)
    return current(database) or ""


def current(database: Database) -> str | None:
    """Return the revision that the database is at; None where it is empty."""
    from alembic.migration import MigrationContext

    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """Return the newest revision that this version of the software knows."""
    from alembic.script import ScriptDirectory

    return str(ScriptDirectory.from_config(_alembic(None)).get_current_head())


def _alembic(connection: Connection | None) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
