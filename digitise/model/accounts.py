"""Accounts of people, their sessions and API tokens."""

from dataclasses import dataclass, field
from datetime import datetime

from digitise.model.people import Actor, Role


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in; `unit` None means every unit."""

    id: str
    name: str  # what is typed at sign-in; unique without regard to case
    display_name: str
    roles: frozenset[Role]
    unit: str | None
    active: bool
    created_at: datetime
    seen_at: datetime | None = None
    external: bool = False  # signs in at the OpenID Connect issuer

    @property
    def actor(self) -> Actor:
        """The person as the audit log names them."""
        return Actor(self.name, self.roles, self.unit)


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser; the cookie holds the secret, SQL its hash."""

    id: str  # SHA-256 of the secret
    person: Person
    created_at: datetime
    expires_at: datetime
    data: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A bearer token of a program; the secret itself is shown once and never stored."""

    id: str
    label: str
    roles: frozenset[Role]
    unit: str | None
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None

    @property
    def actor(self) -> Actor:
        """The token as the audit log names it."""
        return Actor(f"token:{self.label}", self.roles, self.unit)
