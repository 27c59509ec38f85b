"""What the web door needs, as one Protocol; `digitise.bootstrap` composes it, tests compose their own."""

from datetime import timedelta
from typing import Any, Protocol

from digitise.model.accounts import ApiToken, Person, Session
from digitise.model.people import Actor, Role
from digitise.ports import Catalogue, Clock, Hints, ReuseLog, Search, Tasks
from digitise.settings import Settings
from storage.database import Database


class People(Protocol):
    """Accounts, sessions, tokens, throttle, remembered answers. Raises NotAuthenticated, NotFound, Conflict, InvalidValue."""

    def sign_in(self, name: str, password: str, address: str) -> Person:
        """Return the person; NotAuthenticated (`wrong`, `throttled`) otherwise, always after the same work."""
        ...

    def refuse_throttled(self, address: str) -> None:
        """Raise NotAuthenticated `throttled` where too many tries of `address` failed."""
        ...

    def sign_in_refused(self, told: str, address: str) -> None:
        """Count a failed try of `address` that no password was part of; `told` goes into the audit log."""
        ...

    def open_session(self, person: Person, data: dict[str, object] | None = None) -> str:
        """Start a session that begins with `data`, return its secret."""
        ...

    def session(self, secret: str) -> Session | None:
        """Return the live session of `secret`."""
        ...

    def keep(self, session: Session, data: dict[str, object]) -> None:
        """Replace the session's data."""
        ...

    def close_session(self, secret: str) -> None:
        """End a session; unknown secrets are no error."""
        ...

    def token(self, secret: str) -> ApiToken | None:
        """Return the live API token of `secret`."""
        ...

    def tokens(self) -> list[ApiToken]:
        """Return all tokens, newest first."""
        ...

    def add_token(
        self, label: str, roles: frozenset[Role], unit: str | None, actor: Actor, *, lifetime: timedelta | None = None
    ) -> tuple[ApiToken, str]:
        """Make a token; its secret is in this answer only."""
        ...

    def revoke_token(self, token_id: str, actor: Actor) -> None:
        """End a token at once."""
        ...

    def add(
        self,
        name: str,
        password: str | None,
        roles: frozenset[Role],
        actor: Actor,
        *,
        display_name: str,
        unit: str | None,
    ) -> Person:
        """Make a local account."""
        ...

    def external(self, subject: str, name: str, display_name: str, roles: frozenset[Role], unit: str | None) -> Person:
        """Make or update the account of an OpenID Connect subject."""
        ...

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
        """Change an account; withdrawing roles or switching it off ends its sessions. `unit` `""` means every unit."""
        ...

    def all(self) -> list[Person]:
        """Return all accounts by name."""
        ...

    def answer_key(self, *parts: str) -> str:
        """Return the key for an actor, route and Idempotency-Key."""
        ...

    def remember(self, key: str, fingerprint: str) -> tuple[int, bytes, str] | None:
        """Begin an idempotent request: None = go on; else the answer given before (status, body, media type).

        Raises Conflict `in_progress` while the first one runs and InvalidValue `idempotency_key` for another request's key.
        """
        ...

    def answered(self, key: str, status: int, body: bytes, media_type: str) -> None:
        """Keep the answer of an idempotent request for a day."""
        ...

    def forget(self, key: str) -> None:
        """Drop a begun request that failed in a way worth repeating."""
        ...


class Services(Protocol):
    """Everything the routes may use."""

    @property
    def settings(self) -> Settings: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def store(self) -> Any: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def search(self) -> Search: ...
    @property
    def reuse(self) -> ReuseLog: ...
    @property
    def tasks(self) -> Tasks: ...
    @property
    def audit(self) -> Any: ...
    @property
    def hints(self) -> Hints: ...
    @property
    def database(self) -> Database: ...
    @property
    def people(self) -> People: ...
    @property
    def verdicts(self) -> Any: ...
    @property
    def outgoing(self) -> Any: ...
    @property
    def register(self) -> Any: ...
    @property
    def trust(self) -> Any: ...
    @property
    def intents(self) -> Any: ...
    @property
    def known_keys(self) -> Any: ...
    @property
    def signing_rules(self) -> Any: ...
