"""The only place where adapters are chosen: Settings → Services. Each part is made when it is first asked for."""

import secrets
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from digitise.ports import Clock
from digitise.settings import Settings

if TYPE_CHECKING:
    from digitise.scan.desk import Desks
    from digitise.sign.keys import Prompt
    from digitise.sign.sign import Room
    from digitise.sign.signature import Verify
    from storage.audit import SqlAuditLog
    from storage.catalogue import SqlCatalogue
    from storage.database import Database
    from storage.deliveries import SqlDeliveries
    from storage.intents import SqlIntents
    from storage.known_keys import SqlKnownKeys
    from storage.local import LocalStore
    from storage.outgoing import SqlOutgoing
    from storage.people import SqlPeople
    from storage.register import SqlRegister
    from storage.reuse import SqlReuseLog
    from storage.s3 import S3Store
    from storage.search import SqlSearch
    from storage.signing_rules import SqlSigningRules
    from storage.tasks import SqlTasks
    from storage.trust import SqlTrust
    from storage.verdicts import SqlVerdicts
    from workers.queues import RqHints


def utc_now() -> datetime:
    """Return now, aware, UTC."""
    return datetime.now(UTC)


class Services:
    """Everything that doors and jobs hand to the journeys."""

    def __init__(self, settings: Settings, clock: Clock = utc_now) -> None:
        self.settings = settings
        self.clock = clock

    @cached_property
    def database(self) -> "Database":
        """SQL, the truth."""
        from storage.database import Database

        url = self.settings.database_url or f"sqlite:///{self.settings.data.resolve()}/digitise.sqlite"
        return Database(url, read_secret(self.settings.database_password_file))

    @cached_property
    def store(self) -> "LocalStore | S3Store":
        """The object store: a directory, or an S3-compatible server."""
        if self.settings.store == "s3":
            from storage.s3 import S3Store

            settings = self.settings
            return S3Store(
                settings.s3_endpoint,
                settings.s3_bucket,
                settings.s3_access_key,
                read_secret(settings.s3_secret_key_file) or settings.s3_secret_key.get_secret_value(),
                secure=settings.s3_secure,
                region=settings.s3_region,
                spool=settings.data / "incoming",
                min_free_bytes=settings.min_free_bytes,
            )
        from storage.local import LocalStore

        return LocalStore(self.settings.data / "objects", min_free_bytes=self.settings.min_free_bytes)

    @cached_property
    def catalogue(self) -> "SqlCatalogue":
        """Documents and artefacts."""
        from storage.catalogue import SqlCatalogue

        return SqlCatalogue(self.database, self.clock)

    @cached_property
    def search(self) -> "SqlSearch":
        """Full text."""
        from storage.search import SqlSearch

        return SqlSearch(self.database)

    @cached_property
    def reuse(self) -> "SqlReuseLog":
        """Look-ups and reuses."""
        from storage.reuse import SqlReuseLog

        return SqlReuseLog(self.database, self.clock)

    @cached_property
    def tasks(self) -> "SqlTasks":
        """Promised work."""
        from storage.tasks import SqlTasks

        return SqlTasks(self.database, self.clock)

    @cached_property
    def audit(self) -> "SqlAuditLog":
        """The audit log."""
        from storage.audit import SqlAuditLog

        return SqlAuditLog(self.database, self.clock)

    @cached_property
    def people(self) -> "SqlPeople":
        """Accounts, sessions, tokens."""
        from storage.people import SqlPeople

        return SqlPeople(self.database, self.clock, self.settings)

    @cached_property
    def verdicts(self) -> "SqlVerdicts":
        """Stored verdicts."""
        from storage.verdicts import SqlVerdicts

        return SqlVerdicts(self.database, self.clock)

    @cached_property
    def trust(self) -> "SqlTrust":
        """Installed trust anchors."""
        from storage.trust import SqlTrust

        return SqlTrust(self.database, self.clock)

    @cached_property
    def outgoing(self) -> "SqlOutgoing":
        """Register of outgoing documents."""
        from storage.outgoing import SqlOutgoing

        return SqlOutgoing(self.database, self.clock)

    @cached_property
    def intents(self) -> "SqlIntents":
        """Authorisations to sign."""
        from storage.intents import SqlIntents

        return SqlIntents(self.database, self.clock)

    @cached_property
    def deliveries(self) -> "SqlDeliveries":
        """Promised deliveries of issued documents."""
        from storage.deliveries import SqlDeliveries

        return SqlDeliveries(self.database, self.clock)

    @cached_property
    def signing_rules(self) -> "SqlSigningRules":
        """Rules for unattended signing."""
        from storage.signing_rules import SqlSigningRules

        return SqlSigningRules(self.database, self.clock)

    @cached_property
    def known_keys(self) -> "SqlKnownKeys":
        """What the sign worker told of its keys."""
        from storage.known_keys import SqlKnownKeys

        return SqlKnownKeys(self.database, self.clock)

    def own_check(self, trust: Path | None = None) -> "Verify":
        """Return our own verifier for what we sign, under the installed trust set or that of a folder."""
        from digitise.sign.own_check import own_check
        from digitise.verify.trust import load_folder

        return own_check(lambda: load_folder(trust) if trust else self.trust.current(), self.clock)

    def signing_room(self, prompt: "Prompt | None" = None) -> "Room":
        """Return what signing needs; reads key settings, so only the sign worker and `digitise outgoing sign` ask for it."""
        from digitise.sign.copies import origin_for
        from digitise.sign.sign import Room
        from digitise.sign.tools import receivers, tools

        return Room(
            self.intents,
            self.store,
            tools(self.settings, self.own_check(), prompt),
            self.clock,
            self.trust.remember,
            receivers(self.settings).channels,
            timedelta(days=self.settings.renew_days),
            origin_for(self.outgoing, self.catalogue, self.clock),
        )

    @cached_property
    def signing(self) -> "Room":
        """The sign worker's room: keys opened once a process."""
        return self.signing_room()

    @cached_property
    def register(self) -> "SqlRegister":
        """Dossiers, units, figures."""
        from storage.register import SqlRegister

        return SqlRegister(self.database, self.clock)

    @cached_property
    def desks(self) -> "Desks":
        """The file whose pages this process reads, kept open from one page range to the next."""
        from digitise.scan.desk import Desks

        return Desks(self.store, self.settings)

    @cached_property
    def hints(self) -> "RqHints":
        """Hints to workers; impatient, as nobody waits for them."""
        from workers.queues import RqHints, connect

        return RqHints(connect(self.settings, patient=False))


def compose(settings: Settings, clock: Clock = utc_now) -> Services:
    """Return the composed service."""
    return Services(settings, clock)


def read_secret(file: Path | None) -> str | None:
    """Return the content of a secret's file without the line feed at its end."""
    return file.read_text(encoding="utf-8").rstrip("\r\n") if file else None


FIRST_ACCOUNT_FILE = "first-account.txt"


def first_account(served: Services) -> Path | None:
    """Make the first account and token where nobody has one yet; return the 0600 file that holds them."""
    from digitise.model.people import LOCAL_OPERATOR, Role

    if served.people.all() or served.people.tokens():
        return None
    password = secrets.token_urlsafe(12)
    served.people.add(
        "admin", password, frozenset(Role), LOCAL_OPERATOR, display_name="Quản trị viên đầu tiên", unit=None
    )
    _, token = served.people.add_token("first", frozenset(Role), None, LOCAL_OPERATOR)
    file = served.settings.data / FIRST_ACCOUNT_FILE
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text(f"user: admin\npassword: {password}\ntoken: {token}\n", encoding="utf-8")
    return file
