"""The register of outgoing documents (văn bản đi): adding, listing, recalling, importing."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from digitise.errors import Conflict, NotFound
from digitise.model.documents import Page
from digitise.model.outgoing import Medium, NewOutgoing, Outgoing, OutgoingState
from digitise.model.people import Actor
from digitise.model.tasks import NewTask, TaskKind
from digitise.ports import Clock
from digitise.sign.register import ImportResult, OutgoingQuery, RowError, number_key
from digitise.text import mask_in_text, search_tokens
from storage.audit import append
from storage.database import Database
from storage.rows import insert
from storage.schema import new_id
from storage.schema.outgoing import intents, outgoing
from storage.tasks import insert as promise

_NAMES = tuple(field.name for field in fields(Outgoing))
_IMPORT_BATCH = 500  # rows of one statement: below the limit of variables of every SQLite
Entries = list[dict[str, Any]]  # named here: `list` is also what the register does
Errors = list[RowError]
Batch = list[tuple[int, dict[str, Any]]]
OPEN = (OutgoingState.DRAFT, OutgoingState.CONFIRMED, OutgoingState.FAILED)


class SqlOutgoing:
    """Implements `digitise.sign.register.OutgoingRegister`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def add(
        self, new: NewOutgoing, actor: Actor, *, file_name: str | None = None, copy_of: str | None = None
    ) -> Outgoing:
        """Register a document; the same external id answers the one that is there. Raises Conflict (number used)."""
        now = self._clock()
        with self._database.write() as connection:
            if new.external_id:
                known = connection.execute(select(outgoing).where(outgoing.c.external_id == new.external_id)).first()
                if known:
                    return to_outgoing(known)
            row = _row_of(new, actor, now) | {"file_name": file_name, "copy_of": copy_of}
            key = row["number_key"]
            taken = key and connection.execute(select(outgoing.c.id).where(outgoing.c.number_key == key)).first()
            if taken:
                raise Conflict("number_used", number=f"{new.number}/{new.symbol}", id=taken.id)
            connection.execute(outgoing.insert().values(**row))
            if new.replaces:
                _set_state(connection, new.replaces, OutgoingState.REPLACED, None)
            if (
                new.sha256 and new.issued_on
            ):  # issued already: what it is worth is found at once; drafts wait for their signature
                key = check_key(row["id"], new.sha256)
                promised = NewTask(TaskKind.VERIFY, row["id"], key, {"outgoing": new.sha256})
                promise(connection, [promised], now)
            append(connection, actor.name, "outgoing.added", row["id"], {"sha256": new.sha256, "kind": new.kind}, now)
            return to_outgoing(get_row(connection, row["id"]))

    def get(self, outgoing_id: str) -> Outgoing:
        """Return one document."""
        with self._database.read() as connection:
            return to_outgoing(get_row(connection, outgoing_id))

    def copy_of(self, outgoing_id: str) -> str | None:
        """Return the document that a certified copy was made from."""
        with self._database.read() as connection:
            found: str | None = get_row(connection, outgoing_id).copy_of
            return found

    def list(self, query: OutgoingQuery) -> Page[Outgoing]:
        """Return documents, newest first."""
        found = select(outgoing.c.id).order_by(outgoing.c.id.desc()).limit(query.limit + 1)
        for condition in _conditions(query):
            found = found.where(condition)
        # The ids first: words are looked for in an index, and whole rows read only of the page.
        statement = select(outgoing).where(outgoing.c.id.in_(found.subquery().select())).order_by(outgoing.c.id.desc())
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        items = tuple(to_outgoing(row) for row in rows[: query.limit])
        return Page(items, items[-1].id if len(rows) > query.limit else None)

    def numbered(self, unit: str, year: int, symbol: str, number: int) -> str | None:
        """Return the document that bears this number; None where it is free."""
        query = select(outgoing.c.id).where(outgoing.c.number_key == number_key(unit, year, symbol, number))
        with self._database.read() as connection:
            found: str | None = connection.scalar(query)
            return found

    def counts(self, unit: str | None = None, states: Iterable[OutgoingState] = ()) -> dict[str, int]:
        """Return state → number of documents, of some states or of all that have any."""
        statement = select(outgoing.c.state, func.count()).group_by(outgoing.c.state)
        wanted = [state.value for state in states]
        if wanted:
            statement = statement.where(outgoing.c.state.in_(wanted))
        if unit is not None:
            statement = statement.where(outgoing.c.unit == unit)
        with self._database.read() as connection:
            return {state: count for state, count in connection.execute(statement)}

    def change(self, outgoing_id: str, changes: Mapping[str, Any], version: int, actor: Actor) -> Outgoing:
        """Correct the registration of a document that is not signed yet; raises Conflict."""
        allowed = {"kind", "abstract", "signer", "signer_title", "recipients", "symbol", "secret", "medium"}
        now = self._clock()
        with self._database.write() as connection:
            row = get_row(connection, outgoing_id, lock=True)
            if row.version != version:
                raise Conflict("version", what="outgoing", id=outgoing_id)
            if row.state not in OPEN or not set(changes) <= allowed:
                raise Conflict("state", what="outgoing", id=outgoing_id, state=row.state)
            values = {**changes, "version": row.version + 1}
            values["search_key"] = search_key(changes.get("abstract", row.abstract), changes.get("symbol", row.symbol))
            connection.execute(update(outgoing).where(outgoing.c.id == outgoing_id).values(**values))
            append(connection, actor.name, "outgoing.changed", outgoing_id, dict(changes), now)
            return to_outgoing(get_row(connection, outgoing_id))

    def holding(self, sha256: str) -> str | None:
        """Return the newest document whose draft or signed file has these bytes. Reads the table: for single look-ups."""
        same = or_(outgoing.c.sha256 == sha256, outgoing.c.signed_sha256 == sha256)
        with self._database.read() as connection:
            return connection.scalar(select(outgoing.c.id).where(same).order_by(outgoing.c.id.desc()).limit(1))

    def recall(self, outgoing_id: str, reason: str, actor: Actor) -> Outgoing:
        """Mark as recalled (art. 18.4); open intents are withdrawn, so that nothing is signed any more."""
        now = self._clock()
        with self._database.write() as connection:
            row = get_row(connection, outgoing_id, lock=True)
            if row.state == OutgoingState.RECALLED:
                return to_outgoing(row)
            withdraw(connection, outgoing_id, now, "recalled")
            _set_state(connection, outgoing_id, OutgoingState.RECALLED, None)
            told = {"from": row.state, "to": OutgoingState.RECALLED, "reason": mask_in_text(reason)}
            append(connection, actor.name, "outgoing.recalled", outgoing_id, told, now)
            return to_outgoing(get_row(connection, outgoing_id))

    def import_rows(self, rows: Iterable[tuple[int, NewOutgoing]], actor: Actor, source: str) -> ImportResult:
        """Add rows of another register in one transaction; a row whose external id is known is left alone."""
        now = self._clock()
        added = known = 0
        warnings: Errors = []
        with self._database.write() as connection:
            batch: Batch = []
            for number, new in rows:
                batch.append((number, _row_of(new, actor, now)))
                if len(batch) == _IMPORT_BATCH:
                    new_ones, old_ones = _import(connection, batch, warnings)
                    added, known, batch = added + new_ones, known + old_ones, []
            new_ones, old_ones = _import(connection, batch, warnings)
            added, known = added + new_ones, known + old_ones
            append(connection, actor.name, "outgoing.imported", source, {"added": added, "known": known}, now)
        return ImportResult(added, known, (), tuple(warnings))

    def history(self, outgoing_id: str) -> Entries:
        """Return who moved the document and when, oldest first."""
        from storage.schema.audit import audit_entries as entries

        query = select(entries).where(entries.c.subject == outgoing_id).order_by(entries.c.seq)
        with self._database.read() as connection:
            names = ("seq", "at", "actor", "action", "details")
            return [{name: getattr(row, name) for name in names} for row in connection.execute(query)]


def _conditions(query: OutgoingQuery) -> list[Any]:
    conditions: list[Any] = []
    if query.unit is not None:
        conditions.append(outgoing.c.unit == query.unit)
    if query.kind is not None:
        conditions.append(outgoing.c.kind == query.kind)
    if query.states:
        conditions.append(outgoing.c.state.in_([state.value for state in query.states]))
    if query.from_ is not None:
        conditions.append(outgoing.c.issued_on >= query.from_)
    if query.to is not None:
        conditions.append(outgoing.c.issued_on <= query.to)
    if query.cursor is not None:
        conditions.append(outgoing.c.id < query.cursor)
    for word in search_tokens(query.text).split():
        named = [outgoing.c.search_key.contains(word, autoescape=True)]
        if word.isdecimal():
            named.append(outgoing.c.number == int(word[:9]))
        conditions.append(or_(*named))
    return conditions


def search_key(abstract: str, symbol: str | None) -> str:
    """Return what the register is searched by: words without diacritics."""
    return search_tokens(f"{abstract} {symbol or ''}")


def to_outgoing(row: Row[Any]) -> Outgoing:
    """Make a model record of a row."""
    values = {name: row._mapping[name] for name in _NAMES}
    values["state"], values["medium"] = OutgoingState(row.state), Medium(row.medium)
    return Outgoing(**values)


def check_key(outgoing_id: str, sha256: str) -> str:
    """Return the key of the task that checks a document as it was handed in."""
    return f"verify:{outgoing_id}:{sha256}"


def get_row(connection: Connection, outgoing_id: str, *, lock: bool = False) -> Row[Any]:
    """Return the row; raises NotFound."""
    statement = select(outgoing).where(outgoing.c.id == outgoing_id)
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise NotFound("outgoing", what="outgoing", id=outgoing_id)
    return row


def withdraw(connection: Connection, outgoing_id: str, now: datetime, error: str) -> None:
    """Withdraw the document's open intents."""
    open_ones = and_(
        intents.c.outgoing_id == outgoing_id, intents.c.done_sha256.is_(None), intents.c.withdrawn_at.is_(None)
    )
    connection.execute(update(intents).where(open_ones).values(withdrawn_at=now, error=error))


def _set_state(connection: Connection, outgoing_id: str, state: OutgoingState, error: str | None) -> None:
    changed = connection.execute(
        update(outgoing)
        .where(outgoing.c.id == outgoing_id)
        .values(state=state, error=error, version=outgoing.c.version + 1)
    )
    if changed.rowcount == 0:
        raise NotFound("outgoing", what="outgoing", id=outgoing_id)


def _row_of(new: NewOutgoing, actor: Actor, now: datetime) -> dict[str, Any]:
    key = None
    if new.number is not None and new.symbol and new.issued_on:
        key = number_key(new.unit, new.issued_on.year, new.symbol, new.number)
    state = OutgoingState.DRAFT if new.sha256 or new.medium == Medium.ELECTRONIC else OutgoingState.DELIVERED
    return {
        **{name.name: getattr(new, name.name) for name in fields(NewOutgoing)},
        "id": new_id(),
        "state": state,
        "created_at": now,
        "created_by": actor.name,
        "number_key": key,
        "search_key": search_key(new.abstract, new.symbol),
    }


def _import(
    connection: Connection, batch: list[tuple[int, dict[str, Any]]], warnings: list[RowError]
) -> tuple[int, int]:
    if not batch:
        return 0, 0
    wanted = [row["external_id"] for _, row in batch]
    keys = [row["number_key"] for _, row in batch if row["number_key"]]
    known = set(connection.scalars(select(outgoing.c.external_id).where(outgoing.c.external_id.in_(wanted))))
    taken = set(connection.scalars(select(outgoing.c.number_key).where(outgoing.c.number_key.in_(keys))))
    rows: list[dict[str, Any]] = []
    for number, row in batch:
        if row["external_id"] in known:
            continue
        known.add(row["external_id"])
        if row["number_key"] in taken:
            warnings.append(RowError(number, "number", f"{row['number']}/{row['symbol']}", "number_used"))
            row["number_key"] = None  # the other register gave it twice: kept, and told
        elif row["number_key"]:
            taken.add(row["number_key"])
        rows.append(row)
    if rows:
        try:
            connection.execute(insert(connection, outgoing), rows)
        except IntegrityError as error:
            raise Conflict("imported_meanwhile") from error
    return len(rows), len(batch) - len(rows)
