"""Promised work in SQL (việc đã hứa): leases, fencing tokens, attempts, quarantine."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select, update

from digitise.errors import Conflict, LeaseLost, NotFound
from digitise.model.people import SYSTEM, Actor
from digitise.model.tasks import MAX_ATTEMPTS, Claim, NewTask, Task, TaskKind, TaskState
from digitise.ports import Clock
from digitise.text import mask_in_text
from storage.audit import append
from storage.database import Database
from storage.rows import insert as insert_into
from storage.rows import storable
from storage.schema import new_id
from storage.schema.tasks import tasks

DIED = "worker_died: the worker stopped without a word each time"  # error of a task that was quarantined in its absence
_OPEN = (TaskState.WAITING, TaskState.RUNNING)  # states in which a task may become due
_TAKEN = (
    update(tasks)
    .where(tasks.c.seq == bindparam("row"))
    .values(
        state=TaskState.RUNNING,
        attempts=tasks.c.attempts + 1,
        token=tasks.c.token + 1,
        worker=bindparam("by"),
        lease_until=bindparam("until"),
        ready_at=bindparam("until"),
    )
)


class SqlTasks:
    """Tasks on SQLite or PostgreSQL; correct beside any number of other processes."""

    def __init__(self, database: Database, clock: Clock, max_attempts: int = MAX_ATTEMPTS) -> None:
        self._database, self._clock, self._max = database, clock, max_attempts

    def promise(self, new: Sequence[NewTask]) -> list[str]:
        """Insert tasks (a key that exists is left alone), return their ids."""
        with self._database.write() as connection:
            return insert(connection, new, self._clock())

    def claim(self, task_id: str, worker: str, lease_seconds: float) -> Claim | None:
        """Count an attempt and take the lease, or return None; one try too many quarantines the task instead."""
        now = self._clock()
        with self._database.write() as connection:
            row = _row(connection, task_id, lock=True)
            if row.state not in _OPEN or row.ready_at > now:
                return None
            return next(iter(self._take(connection, [row], worker, lease_seconds, now)), None)

    def claim_some(self, kinds: Sequence[TaskKind], worker: str, lease_seconds: float, limit: int) -> list[Claim]:
        """Claim up to `limit` due tasks, oldest first, passing over those that another worker is just claiming."""
        now = self._clock()
        with self._database.write() as connection:
            due = _due(connection, kinds, limit, now, lock=True)
            return list(self._take(connection, due, worker, lease_seconds, now))

    def claim_keys(self, keys: Sequence[str], worker: str, lease_seconds: float) -> list[Claim]:
        """Claim the open tasks of these keys, due or not, passing over those that another worker has."""
        now = self._clock()
        free = or_(tasks.c.state == TaskState.WAITING, and_(tasks.c.state.in_(_OPEN), tasks.c.ready_at <= now))
        query = select(tasks).where(tasks.c.key.in_(list(keys)), free)
        with self._database.write() as connection:
            rows = connection.execute(query.order_by(tasks.c.seq).with_for_update(skip_locked=True)).all()
            return list(self._take(connection, rows, worker, lease_seconds, now))

    def extend(self, claim: Claim, lease_seconds: float, done: int | None = None, total: int | None = None) -> Claim:
        """Prolong the lease and record progress; raises LeaseLost."""
        until = self._clock() + timedelta(seconds=lease_seconds)
        progress = {name: value for name, value in (("done", done), ("total", total)) if value is not None}
        with self._database.write() as connection:
            row = _change_held(connection, claim, lease_until=until, ready_at=until, **progress)
            return Claim(to_task(row), claim.token, until)

    def complete(self, claim: Claim, follow_up: Sequence[NewTask] = ()) -> list[str]:
        """Mark done and promise follow-up work in the same transaction; raises LeaseLost. Once more is harmless."""
        now = self._clock()
        with self._database.write() as connection:
            complete(connection, claim, now)
            return insert(connection, follow_up, now)

    def fail(self, claim: Claim, error: str, *, retry_at: datetime | None) -> TaskState:
        """Let it wait until `retry_at`, or quarantine it where that is None or the attempts are used up."""
        now = self._clock()
        told = mask_in_text(storable(error))
        with self._database.write() as connection:
            row = _held(connection, claim)
            if retry_at is None or row.attempts >= self._max:
                _quarantine(connection, row, told, now)
                return TaskState.QUARANTINED
            _change_held(connection, claim, **_waiting(retry_at), error=told)
            return TaskState.WAITING

    def release(self, claim: Claim, *, retry_at: datetime | None = None, error: str | None = None) -> None:
        """Give a task back unharmed (clean stop, a service away): the attempt does not count; raises LeaseLost."""
        when = retry_at or self._clock()
        with self._database.write() as connection:
            row = _held(connection, claim)
            told = mask_in_text(storable(error)) if error else row.error
            _change_held(connection, claim, **_waiting(when), attempts=max(row.attempts - 1, 0), error=told)

    def sweep(self) -> list[Task]:
        """Quarantine what has used up its attempts with workers that died silently, and return it."""
        now = self._clock()
        with self._database.write() as connection:
            query = (
                select(tasks)
                .where(tasks.c.state == TaskState.RUNNING, tasks.c.ready_at <= now, tasks.c.attempts >= self._max)
                .with_for_update(skip_locked=True)
            )
            found = connection.execute(query).all()
            for row in found:
                _quarantine(connection, row, DIED, now)
            return [to_task(_row(connection, row.id)) for row in found]

    def due(self, kinds: Sequence[TaskKind], limit: int) -> list[Task]:
        """Return tasks that wait and are due, or whose lease has run out, oldest first."""
        with self._database.read() as connection:
            return [to_task(row) for row in _due(connection, kinds, limit, self._clock())]

    def get(self, task_id: str) -> Task:
        """Return one task."""
        with self._database.read() as connection:
            return to_task(_row(connection, task_id))

    def list(self, *, subject: str | None = None, states: Iterable[TaskState] = (), limit: int = 100) -> list[Task]:
        """Return tasks, newest first."""
        query = select(tasks).order_by(tasks.c.seq.desc()).limit(limit)
        if subject is not None:
            query = query.where(tasks.c.subject == subject)
        wanted = [state.value for state in states]
        if wanted == [TaskState.DONE]:  # nearly all are: read from the newest on, not by state and then sorted
            query = query.where(func.coalesce(tasks.c.state, "") == TaskState.DONE.value)
        elif wanted:
            query = query.where(tasks.c.state.in_(wanted))
        with self._database.read() as connection:
            return [to_task(row) for row in connection.execute(query)]

    def retry(self, task_id: str, actor: Actor) -> Task:
        """Set a quarantined or dropped task waiting again with its attempts at 0."""
        now = self._clock()
        with self._database.write() as connection:
            row = _row(connection, task_id, lock=True)
            if row.state not in (TaskState.QUARANTINED, TaskState.DROPPED):
                raise Conflict("task_state", what="task", id=task_id, state=row.state)
            _change(connection, row, **_waiting(now), attempts=0, ended_at=None)
            append(connection, actor.name, "task.retried", row.subject, {"task": row.id, "kind": row.kind}, now)
            return to_task(_row(connection, task_id))

    def drop(self, task_id: str, actor: Actor) -> Task:
        """Give a task up for good; a worker that still has it loses its lease."""
        now = self._clock()
        with self._database.write() as connection:
            row = _row(connection, task_id, lock=True)
            if row.state in (TaskState.DONE, TaskState.DROPPED):
                raise Conflict("task_state", what="task", id=task_id, state=row.state)
            _change(connection, row, state=TaskState.DROPPED, token=row.token + 1, lease_until=None, ended_at=now)
            append(connection, actor.name, "task.dropped", row.subject, {"task": row.id, "kind": row.kind}, now)
            return to_task(_row(connection, task_id))

    def counts(self, states: Iterable[TaskState] = ()) -> dict[tuple[str, str], int]:
        """Return (kind, state) → number, of some states or of all; what is done grows without end."""
        query = select(tasks.c.kind, tasks.c.state, func.count().label("n")).group_by(tasks.c.kind, tasks.c.state)
        wanted = [state.value for state in states]
        query = query.where(tasks.c.state.in_(wanted)) if wanted else query
        with self._database.read() as connection:
            return {(row.kind, row.state): row.n for row in connection.execute(query)}

    def _take(
        self, connection: Connection, rows: Sequence[Row[Any]], worker: str, lease_seconds: float, now: datetime
    ) -> Sequence[Claim]:
        """Count the attempts before the work starts: a file that kills its worker is counted all the same."""
        until = now + timedelta(seconds=lease_seconds)
        taken = []
        for row in rows:
            if row.attempts >= self._max:
                _quarantine(connection, row, row.error if row.state == TaskState.WAITING else DIED, now)
            else:
                taken.append(row)
        if taken:  # all in one go: other writers wait meanwhile
            connection.execute(_TAKEN, [{"row": row.seq, "by": worker, "until": until} for row in taken])
        return [_claim(row, worker, until) for row in taken]


def _claim(row: Row[Any], worker: str, until: datetime) -> Claim:
    """Return the claim of a row as it was before `_TAKEN`."""
    task = replace(to_task(row), state=TaskState.RUNNING, attempts=row.attempts + 1, worker=worker, lease_until=until)
    return Claim(task, row.token + 1, until)


def complete(connection: Connection, claim: Claim, now: datetime) -> None:
    """Mark done in the caller's transaction, with what the work has changed; raises LeaseLost. Once more is harmless."""
    row = _row(connection, claim.task.id, lock=True)
    if row.token == claim.token and row.state == TaskState.DONE:
        return
    _change_held(connection, claim, state=TaskState.DONE, error=None, lease_until=None, ended_at=now)


def insert(connection: Connection, new: Sequence[NewTask], now: datetime) -> list[str]:
    """Insert tasks in the caller's transaction; return the ids, those of keys that existed among them."""
    ids: list[str] = []
    for task in new:
        due = task.not_before or now
        values = {
            "id": new_id(),
            "kind": task.kind.value,
            "subject": task.subject,
            "key": task.key,
            "args": task.args,
            "state": TaskState.WAITING.value,
            "created_at": now,
            "not_before": due,
            "ready_at": due,
        }
        statement = insert_into(connection, tasks).values(values).on_conflict_do_nothing(index_elements=["key"])
        made = connection.execute(statement.returning(tasks.c.id)).scalar_one_or_none()
        ids.append(made or connection.execute(select(tasks.c.id).where(tasks.c.key == task.key)).scalar_one())
    return ids


def to_task(row: Row[Any]) -> Task:
    """Make a task of a row."""
    return Task(
        id=row.id,
        kind=TaskKind(row.kind),
        subject=row.subject,
        args=row.args,
        state=TaskState(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        not_before=row.not_before,
        done=row.done,
        total=row.total,
        error=row.error,
        worker=row.worker,
        lease_until=row.lease_until,
    )


def _waiting(when: datetime) -> dict[str, Any]:
    return {"state": TaskState.WAITING, "not_before": when, "ready_at": when, "lease_until": None, "worker": None}


def _due(
    connection: Connection, kinds: Sequence[TaskKind], limit: int, now: datetime, *, lock: bool = False
) -> list[Row[Any]]:
    """Return due rows, oldest first: one short walk of the index for each state and kind, then merged."""
    found: list[Row[Any]] = []
    for state in _OPEN:
        for kind in kinds:
            query = (
                select(tasks)
                .where(tasks.c.state == state, tasks.c.kind == kind, tasks.c.ready_at <= now)
                .order_by(tasks.c.ready_at, tasks.c.seq)
                .limit(limit)
            )
            found += connection.execute(query.with_for_update(skip_locked=True) if lock else query).all()
    return sorted(found, key=lambda row: (row.ready_at, row.seq))[:limit]


def _row(connection: Connection, task_id: str, *, lock: bool = False) -> Row[Any]:
    query = select(tasks).where(tasks.c.id == task_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound("task", what="task", id=task_id)
    return row


def _held(connection: Connection, claim: Claim) -> Row[Any]:
    """Return the row of a task that `claim` still holds; raises LeaseLost."""
    row = _row(connection, claim.task.id, lock=True)
    if row.token != claim.token or row.state != TaskState.RUNNING:
        raise LeaseLost("token", id=claim.task.id)
    return row


def _change_held(connection: Connection, claim: Claim, **values: Any) -> Row[Any]:
    return _change(connection, _held(connection, claim), **values)


def _change(connection: Connection, row: Row[Any], **values: Any) -> Row[Any]:
    statement = update(tasks).where(tasks.c.seq == row.seq).values(values).returning(tasks)
    return connection.execute(statement).one()


def _quarantine(connection: Connection, row: Row[Any], error: str | None, now: datetime) -> None:
    _change(connection, row, state=TaskState.QUARANTINED, error=error, lease_until=None, ended_at=now)
    told = {"task": row.id, "kind": row.kind, "attempts": row.attempts, "error": error}
    append(connection, SYSTEM.name, "task.quarantined", row.subject, told, now)
