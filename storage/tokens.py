"""API tokens of programs: the secret is shown once, SQL keeps its hash."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, insert, select, update

from digitise.errors import InvalidValue, NotFound
from digitise.model.accounts import ApiToken
from digitise.model.people import Actor, Role
from digitise.ports import Clock
from storage import audit
from storage.database import Database
from storage.schema import new_id
from storage.schema.people import api_tokens

PREFIX = "dgt_"  # lets secret scanners recognise ours
SEEN_EVERY = timedelta(minutes=1)  # a token's last use is written at most this often


def digest(*parts: str) -> str:
    """Return the SHA-256 of the parts, length-framed so that no two lists collide."""
    return sha256("".join(f"{len(p)}:{p}" for p in parts).encode("utf-8", "surrogatepass")).hexdigest()


class SqlTokens:
    """Bearer tokens of one database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    def add_token(
        self,
        label: str,
        roles: frozenset[Role],
        unit: str | None,
        actor: Actor,
        *,
        lifetime: timedelta | None = None,
    ) -> tuple[ApiToken, str]:
        """Make a token; its secret is in this answer only."""
        if not roles:
            raise InvalidValue("roles", name="roles", value="")
        label, secret, now = label.strip(), PREFIX + secrets.token_urlsafe(32), self.clock()
        if not label or len(label) > 100:
            raise InvalidValue("label", name="label", value=label)
        row: dict[str, Any] = {
            "id": new_id(),
            "hash": digest(secret),
            "label": label,
            "roles": sorted(roles),
            "unit": unit or None,
            "created_at": now,
            "created_by": actor.name,
            "expires_at": now + lifetime if lifetime else None,
        }
        with self.database.write() as connection:
            connection.execute(insert(api_tokens).values(row))
            told = {"label": label, "roles": sorted(roles), "unit": unit}
            audit.append(connection, actor.name, "token.added", row["id"], told, now)
            made = connection.execute(select(api_tokens).where(api_tokens.c.id == row["id"])).one()
        return _token(made), secret

    def token(self, secret: str) -> ApiToken | None:
        """Return the live API token of `secret`."""
        if not secret:
            return None
        now = self.clock()
        with self.database.read() as connection:
            row = connection.execute(select(api_tokens).where(api_tokens.c.hash == digest(secret))).first()
        if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
            return None
        self._note_use(row, now)
        return _token(row)

    def _note_use(self, row: Row[Any], now: datetime) -> None:
        if row.used_at is None or now - row.used_at > SEEN_EVERY:
            with self.database.write() as connection:
                connection.execute(update(api_tokens).where(api_tokens.c.id == row.id).values(used_at=now))

    def tokens(self) -> list[ApiToken]:
        """Return all tokens, newest first."""
        with self.database.read() as connection:
            return [_token(row) for row in connection.execute(select(api_tokens).order_by(api_tokens.c.id.desc()))]

    def revoke_token(self, token_id: str, actor: Actor) -> None:
        """End a token at once; NotFound."""
        now = self.clock()
        with self.database.write() as connection:
            done = connection.execute(
                update(api_tokens)
                .where(api_tokens.c.id == token_id, api_tokens.c.revoked_at.is_(None))
                .values(revoked_at=now)
            )
            if done.rowcount == 0:
                raise NotFound(what="token", id=token_id)
            audit.append(connection, actor.name, "token.revoked", token_id, None, now)


def _token(row: Row[Any]) -> ApiToken:
    return ApiToken(
        id=row.id,
        label=row.label,
        roles=frozenset(Role(role) for role in row.roles),
        unit=row.unit,
        created_at=row.created_at,
        created_by=row.created_by,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        used_at=row.used_at,
    )
