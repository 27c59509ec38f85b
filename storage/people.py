"""Accounts, sessions and API tokens in SQL: argon2id passwords, hashed secrets, a throttle on sign-in."""

import secrets
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from digitise.errors import Conflict, InvalidValue, NotAuthenticated, NotFound
from digitise.model.accounts import Person, Session
from digitise.model.people import Actor, Role
from digitise.ports import Clock
from digitise.settings import Settings
from storage import audit
from storage.answers import SqlAnswers
from storage.database import Database
from storage.schema import new_id
from storage.schema.people import people, sessions, sign_in_failures
from storage.tokens import SqlTokens, digest

SEEN_EVERY = timedelta(minutes=1)  # a session's last use is written at most this often


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # argon2id with the parameters of RFC 9106, second recommendation


@cache
def _decoy() -> str:
    return _hasher().hash(secrets.token_urlsafe())


class SqlPeople(SqlTokens, SqlAnswers):
    """People of one database; see `digitise.web.services.People` for what is promised."""

    def __init__(self, database: Database, clock: Clock, settings: Settings) -> None:
        super().__init__(database, clock)
        self.settings = settings

    def sign_in(self, name: str, password: str, address: str) -> Person:
        """Return the person; NotAuthenticated (`wrong`, `throttled`) otherwise, always after the same work."""
        keys = (digest("name", name.casefold()), digest("address", address))
        now = self.clock()
        with self.database.read() as connection:
            self._refuse_throttled(connection, keys, now)
            row = connection.execute(select(people).where(people.c.name_key == name.strip().casefold())).first()
        good = _matches(row.password_hash if row else None, password)
        if row is None or not good or not row.active:
            self._count_failure(keys, name, now)
            raise NotAuthenticated("wrong")
        with self.database.write() as connection:
            connection.execute(delete(sign_in_failures).where(sign_in_failures.c.key == keys[0]))
            if _hasher().check_needs_rehash(row.password_hash):
                _set(connection, row.id, password_hash=_hasher().hash(password))
            _set(connection, row.id, seen_at=now)
            audit.append(connection, row.name, "session.opened", row.id, None, now)
        return _person(row)

    def _refuse_throttled(self, connection: Connection, keys: tuple[str, str], now: datetime) -> None:
        since = now - timedelta(seconds=self.settings.login_wait_seconds)
        found = connection.execute(
            select(sign_in_failures.c.key, sign_in_failures.c.failures).where(
                sign_in_failures.c.key.in_(keys), sign_in_failures.c.last_at > since
            )
        )
        # One office shares one address: it gets ten times the tries of one account.
        limits = {keys[0]: self.settings.login_failures, keys[1]: self.settings.login_failures * 10}
        if any(row.failures >= limits[row.key] for row in found):
            raise NotAuthenticated("throttled", minutes=max(1, round(self.settings.login_wait_seconds / 60)))

    def _count_failure(self, keys: tuple[str, ...], name: str, now: datetime) -> None:
        since = now - timedelta(seconds=self.settings.login_wait_seconds)
        with self.database.write() as connection:
            for key in keys:
                row = connection.execute(select(sign_in_failures).where(sign_in_failures.c.key == key)).first()
                count = row.failures + 1 if row and row.last_at > since else 1
                connection.execute(delete(sign_in_failures).where(sign_in_failures.c.key == key))
                connection.execute(insert(sign_in_failures).values(key=key, failures=count, last_at=now))
            audit.append(connection, "anonymous", "session.refused", name[:100], None, now)

    def refuse_throttled(self, address: str) -> None:
        """Raise NotAuthenticated `throttled` where too many tries of `address` failed."""
        with self.database.read() as connection:
            self._refuse_throttled(connection, ("", digest("address", address)), self.clock())

    def sign_in_refused(self, told: str, address: str) -> None:
        """Count a failed try of `address` that no password was part of; `told` goes into the audit log."""
        self._count_failure((digest("address", address),), told, self.clock())

    def open_session(self, person: Person, data: dict[str, object] | None = None) -> str:
        """Start a session, return its secret; sessions that ended are cleared on the way."""
        secret, now = secrets.token_urlsafe(32), self.clock()
        with self.database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires_at < now))
            connection.execute(
                insert(sessions).values(
                    hash=digest(secret),
                    person_id=person.id,
                    created_at=now,
                    seen_at=now,
                    expires_at=now + timedelta(hours=self.settings.session_hours),
                    data=data or {},
                )
            )
        return secret

    def session(self, secret: str) -> Session | None:
        """Return the live session of `secret`: neither ended, idle too long, nor of an account switched off."""
        now = self.clock()
        idle = now - timedelta(minutes=self.settings.session_idle_minutes)
        with self.database.read() as connection:
            row = connection.execute(
                select(sessions).where(
                    sessions.c.hash == digest(secret), sessions.c.expires_at > now, sessions.c.seen_at > idle
                )
            ).first()
            if row is None:
                return None
            owner = connection.execute(select(people).where(people.c.id == row.person_id)).one()
        if not owner.active:
            return None
        if now - row.seen_at > SEEN_EVERY:
            with self.database.write() as connection:
                connection.execute(update(sessions).where(sessions.c.hash == row.hash).values(seen_at=now))
        return Session(row.hash, _person(owner), row.created_at, row.expires_at, row.data)

    def keep(self, session: Session, data: dict[str, object]) -> None:
        """Replace the session's data."""
        with self.database.write() as connection:
            connection.execute(update(sessions).where(sessions.c.hash == session.id).values(data=data))

    def close_session(self, secret: str) -> None:
        """End a session; unknown secrets are no error."""
        with self.database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.hash == digest(secret)))

    def add(
        self,
        name: str,
        password: str | None,
        roles: frozenset[Role],
        actor: Actor,
        *,
        display_name: str = "",
        unit: str | None = None,
    ) -> Person:
        """Make a local account; Conflict `name_taken`, InvalidValue `name`, `password_short`, `roles`."""
        name = name.strip()
        if not name or len(name) > 100 or any(c.isspace() for c in name):
            raise InvalidValue("name", name="name", value=name)
        if not roles:
            raise InvalidValue("roles", name="roles", value="")
        row: dict[str, Any] = {
            "id": new_id(),
            "name": name,
            "name_key": name.casefold(),
            "display_name": display_name.strip() or name,
            "password_hash": self._hash(password) if password is not None else None,
            "roles": sorted(roles),
            "unit": unit or None,
            "active": True,
            "created_at": self.clock(),
        }
        try:
            with self.database.write() as connection:
                connection.execute(insert(people).values(row))
                told = {"name": name, "roles": sorted(roles), "unit": unit}
                audit.append(connection, actor.name, "person.added", row["id"], told, row["created_at"])
        except IntegrityError as error:
            raise Conflict("name_taken", name=name) from error
        return self.get(row["id"])

    def _hash(self, password: str) -> str:
        if len(password) < self.settings.password_min_length:
            raise InvalidValue("password_short", name="password", value="", least=self.settings.password_min_length)
        return _hasher().hash(password)

    def external(self, subject: str, name: str, display_name: str, roles: frozenset[Role], unit: str | None) -> Person:
        """Make or update the account of an OpenID Connect subject; the issuer's roles win. Conflict `name_taken`."""
        now = self.clock()
        values = {"display_name": display_name or name, "roles": sorted(roles), "unit": unit or None, "seen_at": now}
        try:
            with self.database.write() as connection:
                row = connection.execute(select(people).where(people.c.subject == subject)).first()
                if row is None:
                    made = {"id": new_id(), "name": name, "name_key": name.casefold(), "subject": subject}
                    connection.execute(insert(people).values(**made, **values, active=True, created_at=now))
                elif not row.active:
                    raise NotAuthenticated("inactive")
                else:
                    _set(connection, row.id, **values)
                row = connection.execute(select(people).where(people.c.subject == subject)).one()
                audit.append(connection, row.name, "session.opened", row.id, {"issuer": True}, now)
        except IntegrityError as error:
            raise Conflict("name_taken", name=name) from error
        return _person(row)

    def change(
        self,
        person_id: str,
        actor: Actor,
        *,
        roles: frozenset[Role] | None = None,
        unit: str | None = None,
        active: bool | None = None,
        password: str | None = None,
    ) -> Person:
        """Change an account; every change but the unit's ends its sessions. `unit` `""` means every unit."""
        person = self.get(person_id)
        if person.name == actor.name and (active is False or (roles is not None and Role.OPERATOR not in roles)):
            raise Conflict("own_account", name=person.name)  # the last operator must not lock everybody out
        values: dict[str, Any] = {}
        if roles is not None:
            values["roles"] = sorted(roles)
        if unit is not None:
            values["unit"] = unit or None
        if active is not None:
            values["active"] = active
        if password is not None:
            values["password_hash"] = self._hash(password)
        told = {k: v for k, v in values.items() if k != "password_hash"} | {"password": password is not None}
        with self.database.write() as connection:
            _set(connection, person.id, **values)
            if roles is not None or active is not None or password is not None:
                connection.execute(delete(sessions).where(sessions.c.person_id == person.id))
            audit.append(connection, actor.name, "person.changed", person.id, told, self.clock())
        return self.get(person.id)

    def change_own_password(self, session: Session, old: str, new: str, address: str) -> None:
        """Change the password of the session's person, who knows the old one; the account's other sessions end.

        Raises NotAuthenticated (`wrong`, `throttled`) as sign-in does, and InvalidValue `password_short`.
        """
        person, now = session.person, self.clock()
        keys = (digest("name", person.name.casefold()), digest("address", address))
        with self.database.read() as connection:
            self._refuse_throttled(connection, keys, now)
            held = connection.execute(select(people.c.password_hash).where(people.c.id == person.id)).scalar()
        if not _matches(held, old):
            self._count_failure(keys, person.name, now)
            raise NotAuthenticated("wrong")
        made = self._hash(new)
        with self.database.write() as connection:
            _set(connection, person.id, password_hash=made)
            others = (sessions.c.person_id == person.id) & (sessions.c.hash != session.id)
            connection.execute(delete(sessions).where(others))
            audit.append(connection, person.name, "person.password_changed", person.id, None, now)

    def get(self, person_id: str) -> Person:
        """Return an account by id or sign-in name; NotFound."""
        with self.database.read() as connection:
            row = connection.execute(
                select(people).where((people.c.id == person_id) | (people.c.name_key == person_id.casefold()))
            ).first()
        if row is None:
            raise NotFound(what="person", id=person_id)
        return _person(row)

    def all(self) -> list[Person]:
        """Return all accounts by name."""
        with self.database.read() as connection:
            return [_person(row) for row in connection.execute(select(people).order_by(people.c.name_key))]


def _set(connection: Connection, person_id: str, **values: Any) -> None:
    if values:
        connection.execute(update(people).where(people.c.id == person_id).values(**values))


def _matches(password_hash: str | None, password: str) -> bool:
    """Check a password; without an account the same work is done on a decoy, so that names cannot be probed by time."""
    try:
        return _hasher().verify(password_hash or _decoy(), password) and password_hash is not None
    except (Argon2Error, InvalidHashError):
        return False


def _person(row: Row[Any]) -> Person:
    return Person(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        roles=frozenset(Role(role) for role in row.roles),
        unit=row.unit,
        active=row.active,
        created_at=row.created_at,
        seen_at=row.seen_at,
        external=row.subject is not None,
    )
