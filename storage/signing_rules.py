"""Rules for unattended signing (quy tắc ký tự động): enabled by a signer, stopped at once, listed daily."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from digitise.errors import NotFound
from digitise.model.outgoing import OutgoingState
from digitise.model.people import Actor
from digitise.ports import Clock
from digitise.sign.register import Rule
from storage.audit import append
from storage.database import Database
from storage.rows import insert
from storage.schema.outgoing import intents, outgoing, signing_rules

_NAMES = tuple(field.name for field in fields(Rule))


class SqlSigningRules:
    """Implements `digitise.sign.register.Rules`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def enable(self, rule: Rule, actor: Actor) -> Rule:
        """Enable a rule, or change the one of that name."""
        now = self._clock()
        values = {name: getattr(rule, name) for name in _NAMES}
        values |= {"enabled_by": actor.name, "enabled_at": now, "stopped_by": None, "stopped_at": None}
        with self._database.write() as connection:
            statement = insert(connection, signing_rules).values(**values)
            connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))
            told = {name: values[name] for name in ("profile", "unit", "kind", "from_hour", "to_hour", "per_day")}
            append(connection, actor.name, "rule.enabled", rule.name, told, now)
        return Rule(**values)

    def stop(self, name: str, actor: Actor) -> Rule:
        """Stop a rule at once; its intents that are not signed yet are withdrawn."""
        now = self._clock()
        with self._database.write() as connection:
            values = {"stopped_by": actor.name, "stopped_at": now}
            changed = connection.execute(update(signing_rules).where(signing_rules.c.name == name).values(**values))
            if changed.rowcount == 0:
                raise NotFound("rule", what="rule", id=name)
            waiting = (intents.c.authorised_by == f"rule:{name}", intents.c.done_sha256.is_(None))
            ids = connection.scalars(
                select(intents.c.outgoing_id).where(*waiting, intents.c.withdrawn_at.is_(None))
            ).all()
            connection.execute(update(intents).where(*waiting).values(withdrawn_at=now, error="rule_stopped"))
            if ids:
                back = {"state": OutgoingState.DRAFT, "version": outgoing.c.version + 1}
                connection.execute(update(outgoing).where(outgoing.c.id.in_(ids)).values(**back))
            append(connection, actor.name, "rule.stopped", name, {"withdrawn": len(ids)}, now)
            row = connection.execute(select(signing_rules).where(signing_rules.c.name == name)).one()
            return Rule(**{field: row._mapping[field] for field in _NAMES})

    def rules(self) -> list[Rule]:
        """Return all rules by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(signing_rules).order_by(signing_rules.c.name)).all()
        return [Rule(**{field: row._mapping[field] for field in _NAMES}) for row in rows]

    def used(self, name: str, since: datetime) -> int:
        """Return how many intents the rule authorised since then."""
        query = select(func.count()).where(intents.c.authorised_by == f"rule:{name}", intents.c.authorised_at >= since)
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())

    def signed_by_rules(self, since: datetime, until: datetime) -> list[dict[str, Any]]:
        """Return each document signed unattended in that time, oldest first."""
        query = (
            select(
                intents.c.authorised_by,
                intents.c.profile,
                intents.c.done_at,
                intents.c.done_sha256,
                outgoing.c.id,
                outgoing.c.unit,
                outgoing.c.kind,
                outgoing.c.number,
                outgoing.c.symbol,
                outgoing.c.abstract,
            )
            # an outer join, so that no planner begins with the whole register
            .outerjoin(outgoing, outgoing.c.id == intents.c.outgoing_id)
            .where(intents.c.authorised_by.like("rule:%"), intents.c.done_at >= since, intents.c.done_at < until)
            .order_by(intents.c.done_at)
        )
        with self._database.read() as connection:
            return [dict(row._mapping) for row in connection.execute(query)]
