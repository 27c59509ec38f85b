"""What signing writes into the register, for many documents in one transaction: a commit waits for the disk as long as signing takes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, bindparam, select, update

from digitise.errors import DigitiseError, LeaseLost, NotFound
from digitise.model.outgoing import Intent, Outgoing, OutgoingState
from digitise.model.people import SYSTEM
from digitise.model.tasks import Claim, TaskKind, TaskState
from digitise.sign.register import Authorised, Finished, Reservation, Result
from storage.audit import NewEntry, append_all
from storage.outgoing import check_key, to_outgoing
from storage.rows import insert as insert_into
from storage.schema.outgoing import deliveries, intents, outgoing, renewals
from storage.schema.tasks import tasks
from storage.tasks import insert as promise
from storage.verdicts import columns_of, insert_rows, row_of

_RESERVE = (
    update(intents)
    .where(intents.c.id == bindparam("intent"))
    .values(token=bindparam("held"), pending_sha256=bindparam("bytes"), pending_level=bindparam("reached"))
)
_SIGNING = (
    update(outgoing)
    .where(outgoing.c.id == bindparam("document"))
    .values(state=OutgoingState.SIGNING, error=None, version=outgoing.c.version + 1)
)
_DONE = (
    update(intents)
    .where(intents.c.id == bindparam("intent"))
    .values(token=bindparam("held"), done_sha256=bindparam("bytes"), done_at=bindparam("at"), error=None)
)
Judged = Mapping[str, dict[str, Any]]  # intent → row of the verdict about its signed file
_SHOWN = ("signed_sha256", "verdict", "verdict_id", "full_value", "reason")
_SIGNED = (
    update(outgoing)
    .where(outgoing.c.id == bindparam("document"))
    .values(
        state=bindparam("now_state"),
        error=None,
        version=outgoing.c.version + 1,
        **{name: bindparam(f"now_{name}") for name in _SHOWN},
    )
)
_ENDED = (
    update(tasks)
    .where(tasks.c.id == bindparam("task"), tasks.c.state == TaskState.RUNNING)
    .values(state=TaskState.DONE, error=None, lease_until=None, ended_at=bindparam("at"))
)
_OVERTAKEN = (
    update(tasks)
    .where(tasks.c.key == bindparam("check"), tasks.c.state == TaskState.WAITING)
    .values(state=TaskState.DONE, ended_at=bindparam("at"))
)
_POSTPONED = (
    update(tasks)
    .where(tasks.c.key == bindparam("check"), tasks.c.state == TaskState.WAITING)
    .values(not_before=bindparam("later"), ready_at=bindparam("later"))
)
_SIGNED_BY_THEN = timedelta(minutes=10)  # most documents; what is not is checked as it is, unsigned


def postpone_check(connection: Connection, outgoing_id: str, sha256: str, now: datetime) -> None:
    """Let the check of bytes that are about to be signed wait: with the signature comes the verdict that counts."""
    connection.execute(_POSTPONED, [{"check": check_key(outgoing_id, sha256), "later": now + _SIGNED_BY_THEN}])


def begin(connection: Connection, tokens: Mapping[str, int]) -> dict[str, Authorised | DigitiseError]:
    """Return what SQL says of each intent; LeaseLost in its place where a newer worker has it, NotFound where there is none."""
    rows = _rows(connection, intents, tokens)
    papers = _rows(connection, outgoing, {row.outgoing_id for row in rows.values()})
    found: dict[str, Authorised | DigitiseError] = {}
    for intent, token in tokens.items():
        row = rows.get(intent)
        if row is None:
            found[intent] = NotFound("intent", what="intent", id=intent)
        elif row.token > token:
            found[intent] = LeaseLost("newer_worker", id=intent)
        else:
            found[intent] = authorised(row, papers[row.outgoing_id])
    return found


def reserve(connection: Connection, wanted: Sequence[Reservation]) -> set[str]:
    """Write down which bytes are about to be stored; return the intents that may go on."""
    rows = _rows(connection, intents, [one.intent for one in wanted], lock=True)
    good = [one for one in wanted if _open(rows.get(one.intent), one.token)]
    if good:
        connection.execute(
            _RESERVE,
            [{"intent": one.intent, "held": one.token, "bytes": one.sha256, "reached": one.level} for one in good],
        )
        connection.execute(_SIGNING, [{"document": rows[one.intent].outgoing_id} for one in good])
    return {one.intent for one in good}


def judged(done: Sequence[Finished]) -> Judged:
    """Return the rows of the verdicts; made before `finish`, as other writers wait while its transaction is open."""
    return {one.intent: row_of(one.result.verdict) for one in done if one.result.verdict is not None}


def finish(connection: Connection, done: Sequence[Finished], verdicts: Judged, now: datetime) -> dict[str, Outgoing]:
    """Record what was signed and its verdicts; return the documents, those that may not be recorded left out."""
    rows = _rows(connection, intents, [one.intent for one in done], lock=True)
    papers = _rows(connection, outgoing, {row.outgoing_id for row in rows.values()}, lock=True)
    held = _rows(connection, tasks, [one.task.task.id for one in done if one.task], lock=True)
    kept = [one for one in done if _may_end(rows.get(one.intent), one) and _holds(held, one.task)]
    fresh = [one for one in kept if rows[one.intent].done_sha256 is None]
    if fresh:
        _record(connection, fresh, rows, verdicts, now)
    ended = [{"task": one.task.task.id, "at": now} for one in kept if one.task]
    if ended:
        connection.execute(_ENDED, ended)
    if fresh:
        append_all(connection, [_told(one.result, rows[one.intent], papers) for one in fresh], now)
    after = _rows(connection, outgoing, {rows[one.intent].outgoing_id for one in kept})
    return {one.intent: to_outgoing(after[rows[one.intent].outgoing_id]) for one in kept}


def _record(
    connection: Connection,
    fresh: Sequence[Finished],
    rows: Mapping[str, Row[Any]],
    verdicts: Judged,
    now: datetime,
) -> None:
    connection.execute(
        _DONE,
        [{"intent": one.intent, "held": one.token, "bytes": one.result.sha256, "at": now} for one in fresh],
    )
    about = {one.intent: rows[one.intent].outgoing_id for one in fresh}
    insert_rows(
        connection, [{**verdicts[intent], "outgoing_id": about[intent]} for intent in about if intent in verdicts]
    )
    connection.execute(
        _SIGNED,
        [
            {"document": about[one.intent], "now_state": state_after(one.result)}
            | {f"now_{name}": value for name, value in shown(one.result, verdicts.get(one.intent)).items()}
            for one in fresh
        ],
    )
    checks = [check_key(rows[one.intent].outgoing_id, rows[one.intent].input_sha256) for one in fresh]
    connection.execute(_OVERTAKEN, [{"check": check, "at": now} for check in checks])
    for one in fresh:
        follow(connection, rows[one.intent].outgoing_id, one.result, now)


def state_after(result: Result) -> OutgoingState:
    """Return the state of a document with this signature: the organisation's lets it go out."""
    return OutgoingState.SIGNED if result.issued else OutgoingState.DRAFT


def shown(result: Result, verdict_row: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a document's row shows of its signed file; none of a former verdict, which was about other bytes."""
    told = columns_of(result.verdict, verdict_row["id"]) if result.verdict and verdict_row else {}
    return {**dict.fromkeys(_SHOWN), **told, "signed_sha256": result.sha256}


def follow(connection: Connection, outgoing_id: str, result: Result, now: datetime) -> None:
    """Promise what follows a signature: deliveries, a timestamp, the renewal of an archive timestamp."""
    promise(connection, list(result.follow_up), now)
    for task in result.follow_up:
        if task.kind is TaskKind.DELIVER:
            made = {
                "id": task.args["delivery"],
                "outgoing_id": outgoing_id,
                "sha256": result.sha256,
                "channel": task.args["channel"],
                "created_at": now,
            }
            connection.execute(insert_into(connection, deliveries).values(**made).on_conflict_do_nothing())
    if result.renew_due and result.renew_ends:
        values = {"due_at": result.renew_due, "ends_at": result.renew_ends}
        statement = insert_into(connection, renewals).values(outgoing_id=outgoing_id, **values)
        connection.execute(statement.on_conflict_do_update(index_elements=["outgoing_id"], set_=values))


def authorised(row: Row[Any], document: Row[Any]) -> Authorised:
    """Make what signing may know of an intent from its row and its document's."""
    return Authorised(
        to_intent(row), to_outgoing(document), row.pending_sha256, row.pending_level, row.withdrawn_at is not None
    )


def to_intent(row: Row[Any]) -> Intent:
    """Make a model record of a row."""
    return Intent(
        row.id,
        row.outgoing_id,
        row.profile,
        row.input_sha256,
        row.authorised_by,
        row.authorised_at,
        row.done_sha256,
    )


def _rows(connection: Connection, table: Table, ids: Iterable[str], *, lock: bool = False) -> dict[str, Row[Any]]:
    """Return rows by id; locked ones in one order, so that two batches never wait for each other in a circle."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    return {row.id: row for row in connection.execute(_by_ids(table, lock), {"wanted": wanted})}


@cache
def _by_ids(table: Table, lock: bool) -> Select[Any]:
    query = select(table).where(table.c.id.in_(bindparam("wanted", expanding=True))).order_by(table.c.id)
    return query.with_for_update() if lock else query


def _open(row: Row[Any] | None, token: int) -> bool:
    return row is not None and row.token <= token and row.done_sha256 is None and row.withdrawn_at is None


def _may_end(row: Row[Any] | None, one: Finished) -> bool:
    return row is not None and row.token <= one.token and (row.done_sha256 is not None or row.withdrawn_at is None)


def _holds(held: Mapping[str, Row[Any]], claim: Claim | None) -> bool:
    """Say whether the claim's task is still ours, or ended by us already."""
    if claim is None:
        return True
    row = held.get(claim.task.id)
    return row is not None and row.token == claim.token and row.state in (TaskState.RUNNING, TaskState.DONE)


def _told(result: Result, row: Row[Any], papers: Mapping[str, Row[Any]]) -> NewEntry:
    told = {
        "from": papers[row.outgoing_id].state,
        "to": state_after(result),
        "profile": row.profile,
        "authorised_by": row.authorised_by,
        "level": result.level,
        "input": row.input_sha256,
        "sha256": result.sha256,
    }
    return NewEntry(SYSTEM.name, "outgoing.signed", row.outgoing_id, told)
