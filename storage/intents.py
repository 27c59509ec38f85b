"""Authorisations to sign (ý định ký): the only thing that the sign worker obeys."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.exc import IntegrityError

from digitise.errors import Conflict, DigitiseError, NotFound
from digitise.model.outgoing import Intent, Outgoing, OutgoingState
from digitise.model.people import SYSTEM, Actor
from digitise.model.tasks import NewTask, TaskKind
from digitise.ports import Clock
from digitise.sign.register import Archive, Authorised, Finished, Numbered, Reservation, Result, family, number_key
from digitise.text import mask_in_text
from storage import signatures
from storage.audit import append
from storage.database import Database
from storage.outgoing import get_row, search_key, to_outgoing
from storage.schema import new_id
from storage.schema.outgoing import intents, outgoing, renewals
from storage.signatures import to_intent
from storage.tasks import insert as promise
from storage.verdicts import insert_rows, row_of

_VIETNAM = timezone(timedelta(hours=7))
_WITHDRAWN = (OutgoingState.RECALLED, OutgoingState.REPLACED)
_SIGNABLE = (OutgoingState.DRAFT, OutgoingState.CONFIRMED, OutgoingState.FAILED)


class SqlIntents:
    """Implements `digitise.sign.register.Intents`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def authorise(
        self, outgoing_id: str, profile: str, input_sha256: str, actor: Actor, numbered: Numbered | None = None
    ) -> Intent:
        """Record intent, number and task in one transaction; an open intent of that profile over those bytes is answered.

        Raises NotFound; Conflict when the state forbids it, the bytes are not the document's, or the number is used.
        """
        now = self._clock()
        try:
            with self._database.write() as connection:
                row = get_row(connection, outgoing_id, lock=True)
                known = _open(connection, outgoing_id)
                if known is not None and known.profile == profile and known.input_sha256 == input_sha256:
                    return to_intent(known)
                again = _done_with(connection, outgoing_id, profile, input_sha256)
                if again is not None and row.state not in _WITHDRAWN:
                    return to_intent(again)
                if row.state not in _SIGNABLE or known is not None:
                    raise Conflict(f"outgoing_{row.state}", what="outgoing", id=outgoing_id, state=row.state)
                if input_sha256 != (row.signed_sha256 or row.sha256):
                    raise Conflict("bytes", what="outgoing", id=outgoing_id)
                values = _numbered(connection, row, numbered, now) if numbered else {}
                made = _new_intent(outgoing_id, profile, input_sha256, actor, now)
                connection.execute(intents.insert().values(**made))
                _move(connection, row, OutgoingState.CONFIRMED, **values)
                task = NewTask(TaskKind.SIGN, outgoing_id, f"sign:{made['id']}", {"intent": made["id"]})
                promise(connection, [task], now)
                signatures.postpone_check(connection, outgoing_id, input_sha256, now)
                told = {"from": row.state, "profile": profile, "intent": made["id"], "sha256": input_sha256, **values}
                append(connection, actor.name, "outgoing.confirmed", outgoing_id, told, now)
                return Intent(made["id"], outgoing_id, profile, input_sha256, actor.name, now)
        except IntegrityError as error:
            raise Conflict("number_used", number=str(numbered), id=outgoing_id) from error

    def get(self, intent_id: str) -> Authorised:
        """Return what SQL says now."""
        with self._database.read() as connection:
            return _authorised(connection, intent_id)

    def open_intents(self, outgoing_ids: Sequence[str] = (), limit: int = 1000) -> list[Intent]:
        """Return intents that wait to be signed, oldest first."""
        query = select(intents).where(intents.c.done_sha256.is_(None), intents.c.withdrawn_at.is_(None))
        if outgoing_ids:
            query = query.where(intents.c.outgoing_id.in_(list(outgoing_ids)))
        with self._database.read() as connection:
            return [to_intent(row) for row in connection.execute(query.order_by(intents.c.id).limit(limit))]

    def of(self, outgoing_id: str) -> list[Intent]:
        """Return a document's intents, oldest first."""
        query = select(intents).where(intents.c.outgoing_id == outgoing_id).order_by(intents.c.id)
        with self._database.read() as connection:
            return [to_intent(row) for row in connection.execute(query)]

    def begin(self, tokens: Mapping[str, int]) -> dict[str, Authorised | DigitiseError]:
        """Return what SQL says of each intent. Writes nothing: a commit costs as much as signing."""
        with self._database.read() as connection:
            return signatures.begin(connection, tokens)

    def reserve(self, wanted: Sequence[Reservation]) -> set[str]:
        """Say which bytes are about to be stored; return the intents that may go on."""
        with self._database.write() as connection:
            return signatures.reserve(connection, wanted)

    def finish(self, done: Sequence[Finished]) -> dict[str, Outgoing]:
        """Record signed files, verdicts, states, what follows and the ends of the tasks, in one transaction; twice is harmless."""
        verdicts = signatures.judged(done)
        with self._database.write() as connection:
            return signatures.finish(connection, done, verdicts, self._clock())

    def fail(self, intent_id: str, error: str) -> None:
        """Withdraw the intent with its reason; the document's former file stays what it was."""
        now = self._clock()
        with self._database.write() as connection:
            row = _row(connection, intent_id)
            if row.done_sha256 is not None or row.withdrawn_at is not None:
                return
            told = mask_in_text(error)
            values = {"withdrawn_at": now, "error": told}
            connection.execute(update(intents).where(intents.c.id == intent_id).values(**values))
            _move(connection, get_row(connection, row.outgoing_id), OutgoingState.FAILED, error=told)
            append(connection, SYSTEM.name, "outgoing.failed", row.outgoing_id, {"error": told}, now)

    def wait(self, intent_id: str, error: str) -> None:
        """Say why the document waits (a service is away); the intent stays open."""
        with self._database.write() as connection:
            row = _row(connection, intent_id)
            if row.done_sha256 is None and row.withdrawn_at is None:
                before = get_row(connection, row.outgoing_id)
                _move(connection, before, OutgoingState.CONFIRMED, error=mask_in_text(error))

    def level_raised(self, outgoing_id: str, before: str, result: Result) -> Outgoing:
        """Replace the signed file by its extension; raises Conflict where it is not the one that was extended."""
        now = self._clock()
        with self._database.write() as connection:
            row = get_row(connection, outgoing_id, lock=True)
            if row.signed_sha256 == result.sha256:
                return to_outgoing(row)
            if row.signed_sha256 != before:
                raise Conflict("bytes", what="outgoing", id=outgoing_id)
            verdict = row_of(result.verdict, outgoing_id=outgoing_id) if result.verdict else None
            insert_rows(connection, [verdict] if verdict else [])
            _move(connection, row, OutgoingState(row.state), **signatures.shown(result, verdict))
            signatures.follow(connection, outgoing_id, result, now)
            told = {"level": result.level, "before": before, "sha256": result.sha256}
            append(connection, SYSTEM.name, "outgoing.extended", outgoing_id, told, now)
            return to_outgoing(get_row(connection, outgoing_id))

    def renewals_due(self, now: datetime, limit: int = 100) -> list[str]:
        """Return outgoing ids whose archive timestamp must have its successor by `now`."""
        query = select(renewals.c.outgoing_id).where(renewals.c.due_at <= now).order_by(renewals.c.due_at).limit(limit)
        with self._database.read() as connection:
            return list(connection.scalars(query))

    def archive(self) -> Archive | None:
        """Return what is known of archive timestamps; None where no document has one."""
        query = select(func.count(), func.min(renewals.c.due_at), func.min(renewals.c.ends_at))
        with self._database.read() as connection:
            count, due, ends = connection.execute(query).one()
        return Archive(count, due, ends) if count else None


def _move(connection: Connection, row: Row[Any], state: OutgoingState, **values: Any) -> None:
    values = {"error": None, **values, "state": state, "version": row.version + 1}
    if "symbol" in values:
        values["search_key"] = search_key(row.abstract, values["symbol"])
    connection.execute(update(outgoing).where(outgoing.c.id == row.id).values(**values))


def _numbered(connection: Connection, row: Row[Any], wanted: Numbered, now: datetime) -> dict[str, Any]:
    symbol = wanted.symbol or row.symbol
    issued_on: date = wanted.issued_on or row.issued_on or now.astimezone(_VIETNAM).date()
    number = wanted.number if wanted.number is not None else row.number
    if not symbol:
        return {"issued_on": issued_on, **({"number": number} if number is not None else {})}
    if number is None:
        number = _next(connection, row.unit, issued_on.year, symbol)
    key = number_key(row.unit, issued_on.year, symbol, number)
    taken = connection.execute(
        select(outgoing.c.id).where(outgoing.c.number_key == key, outgoing.c.id != row.id)
    ).first()
    if taken:
        raise Conflict("number_used", number=f"{number}/{symbol}", id=taken.id)
    return {"number": number, "symbol": symbol, "issued_on": issued_on, "number_key": key}


def _next(connection: Connection, unit: str, year: int, symbol: str) -> int:
    """Return one more than the highest number of that sequence, registers imported included."""
    query = select(outgoing.c.symbol, func.max(outgoing.c.number)).where(
        outgoing.c.unit == unit,
        outgoing.c.issued_on >= date(year, 1, 1),
        outgoing.c.issued_on <= date(year, 12, 31),
        outgoing.c.number.is_not(None),
    )
    wanted = family(symbol)
    found = connection.execute(query.group_by(outgoing.c.symbol)).all()
    return max((highest for other, highest in found if other and family(other) == wanted), default=0) + 1


def _new_intent(outgoing_id: str, profile: str, sha256: str, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "outgoing_id": outgoing_id,
        "profile": profile,
        "input_sha256": sha256,
        "authorised_by": actor.name,
        "authorised_at": now,
    }


def _open(connection: Connection, outgoing_id: str) -> Row[Any] | None:
    return connection.execute(
        select(intents).where(
            intents.c.outgoing_id == outgoing_id, intents.c.done_sha256.is_(None), intents.c.withdrawn_at.is_(None)
        )
    ).first()


def _done_with(connection: Connection, outgoing_id: str, profile: str, sha256: str) -> Row[Any] | None:
    """Return the intent of that profile whose result these bytes are: signing them so again would say nothing new."""
    return connection.execute(
        select(intents).where(
            intents.c.outgoing_id == outgoing_id, intents.c.profile == profile, intents.c.done_sha256 == sha256
        )
    ).first()


def _row(connection: Connection, intent_id: str) -> Row[Any]:
    row = connection.execute(select(intents).where(intents.c.id == intent_id).with_for_update()).first()
    if row is None:
        raise NotFound("intent", what="intent", id=intent_id)
    return row


def _authorised(connection: Connection, intent_id: str) -> Authorised:
    row = connection.execute(select(intents).where(intents.c.id == intent_id)).first()
    if row is None:
        raise NotFound("intent", what="intent", id=intent_id)
    return signatures.authorised(row, get_row(connection, row.outgoing_id))
