"""Promised work, on both databases, also beside many real processes."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import text

from digitise.errors import Conflict, LeaseLost, NotFound
from digitise.model.people import LOCAL_OPERATOR
from digitise.model.tasks import MAX_ATTEMPTS, Claim, NewTask, TaskKind, TaskState
from storage.database import Database
from storage.tasks import DIED, SqlTasks
from tests.contract.filed import Ticking
from tests.contract.side_by_side import side_by_side

LEASE = 60.0


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def tasks(database: Database, clock: Ticking) -> SqlTasks:
    return SqlTasks(database, clock)


def work(key: str, kind: TaskKind = TaskKind.VERIFY, **more: object) -> NewTask:
    return NewTask(kind, "subject", key, {"first": 1}, **more)  # type: ignore[arg-type]


def claimed(tasks: SqlTasks, task_id: str, worker: str = "w") -> Claim:
    claim = tasks.claim(task_id, worker, LEASE)
    assert claim is not None
    return claim


def test_a_key_is_promised_once(tasks: SqlTasks) -> None:
    [first, second] = tasks.promise([work("a"), work("b")])
    assert tasks.promise([work("b"), work("c")])[0] == second
    assert first != second
    assert len(tasks.list()) == 3


def test_a_claim_counts_the_attempt_and_shuts_others_out(tasks: SqlTasks, clock: Ticking) -> None:
    [task_id] = tasks.promise([work("a")])
    claim = claimed(tasks, task_id)
    assert claim.task.args == {"first": 1}
    assert (claim.task.attempts, claim.task.state, claim.task.worker) == (1, TaskState.RUNNING, "w")
    assert claim.lease_until == clock.now + timedelta(seconds=LEASE)
    assert tasks.claim(task_id, "other", LEASE) is None
    assert tasks.due([TaskKind.VERIFY], 10) == []


def test_a_done_task_is_never_done_again(tasks: SqlTasks, clock: Ticking) -> None:
    [task_id] = tasks.promise([work("a")])
    [next_id] = tasks.complete(claimed(tasks, task_id), [work("next")])
    clock.forward(1000)
    assert tasks.claim(task_id, "w", LEASE) is None
    assert tasks.get(task_id).state is TaskState.DONE
    assert tasks.get(next_id).state is TaskState.WAITING


def test_a_lease_that_ran_out_passes_on_and_the_ghost_is_fenced_off(tasks: SqlTasks, clock: Ticking) -> None:
    [task_id] = tasks.promise([work("a")])
    ghost = claimed(tasks, task_id, "ghost")
    clock.forward(LEASE + 1)
    assert [task.id for task in tasks.due([TaskKind.VERIFY], 10)] == [task_id]
    heir = claimed(tasks, task_id, "heir")
    assert heir.token > ghost.token
    for late in (
        lambda: tasks.extend(ghost, LEASE),
        lambda: tasks.complete(ghost, [work("never")]),
        lambda: tasks.fail(ghost, "late", retry_at=None),
        lambda: tasks.release(ghost),
    ):
        with pytest.raises(LeaseLost):
            late()
    assert len(tasks.list()) == 1
    tasks.complete(heir)


def test_a_late_worker_whose_task_nobody_took_may_still_end_it(tasks: SqlTasks, clock: Ticking) -> None:
    [task_id] = tasks.promise([work("a")])
    claim = claimed(tasks, task_id)
    clock.forward(LEASE + 1)
    tasks.complete(tasks.extend(claim, LEASE))
    assert tasks.get(task_id).state is TaskState.DONE


def test_extending_records_progress(tasks: SqlTasks, clock: Ticking) -> None:
    [task_id] = tasks.promise([work("a")])
    claim = claimed(tasks, task_id)
    clock.forward(50)
    claim = tasks.extend(claim, LEASE, done=3, total=12)
    clock.forward(50)
    assert tasks.claim(task_id, "other", LEASE) is None
    task = tasks.get(task_id)
    assert (task.done, task.total) == (3, 12)


def test_a_failure_waits_and_the_last_one_is_quarantined(tasks: SqlTasks, clock: Ticking) -> None:
    [task_id] = tasks.promise([work("a")])
    for attempt in range(1, MAX_ATTEMPTS + 1):
        later = clock.now + timedelta(seconds=5)
        state = tasks.fail(claimed(tasks, task_id), f"unavailable: try {attempt} of 079088001234", retry_at=later)
        assert state is (TaskState.WAITING if attempt < MAX_ATTEMPTS else TaskState.QUARANTINED)
        assert tasks.claim(task_id, "w", LEASE) is None
        clock.forward(6)
    assert tasks.get(task_id).error == "unavailable: try 4 of 079•••••1234"


def test_a_failure_for_good_is_quarantined_at_once(tasks: SqlTasks) -> None:
    [task_id] = tasks.promise([work("a")])
    assert tasks.fail(claimed(tasks, task_id), "unreadable: truncated", retry_at=None) is TaskState.QUARANTINED


def test_workers_that_die_silently_lead_to_quarantine(tasks: SqlTasks, clock: Ticking) -> None:
    [task_id] = tasks.promise([work("a")])
    for _ in range(MAX_ATTEMPTS):
        claimed(tasks, task_id)
        clock.forward(LEASE + 1)
    assert tasks.claim(task_id, "w", LEASE) is None
    task = tasks.get(task_id)
    assert (task.state, task.error, task.attempts) == (TaskState.QUARANTINED, DIED, MAX_ATTEMPTS)


def test_the_sweep_finds_dead_work_that_nobody_claims_again(tasks: SqlTasks, clock: Ticking) -> None:
    [task_id, other] = tasks.promise([work("a"), work("b")])
    for _ in range(MAX_ATTEMPTS):
        claimed(tasks, task_id)
        assert tasks.sweep() == []
        clock.forward(LEASE + 1)
    assert [task.id for task in tasks.sweep()] == [task_id]
    assert tasks.get(task_id).error == DIED
    assert tasks.get(other).state is TaskState.WAITING


def test_a_task_given_back_costs_no_attempt(tasks: SqlTasks, clock: Ticking) -> None:
    [task_id] = tasks.promise([work("a")])
    for _ in range(MAX_ATTEMPTS * 2):
        tasks.release(claimed(tasks, task_id), retry_at=clock.now + timedelta(seconds=1), error="store away")
        assert tasks.claim(task_id, "w", LEASE) is None
        clock.forward(2)
    assert claimed(tasks, task_id).task.attempts == 1


def test_somebody_who_asks_by_key_does_not_wait_for_the_time_nor_take_what_another_has(
    tasks: SqlTasks, clock: Ticking
) -> None:
    one, other = tasks.promise([work("key:1"), work("key:2")])
    tasks.release(claimed(tasks, one), retry_at=clock.now + timedelta(minutes=5))
    assert tasks.claim(one, "worker", LEASE) is None
    assert tasks.claim(other, "worker", LEASE) is not None
    assert [claim.task.id for claim in tasks.claim_keys(["key:1", "key:2"], "person", LEASE)] == [one]


def test_due_is_oldest_first_by_kind_and_time(tasks: SqlTasks, clock: Ticking) -> None:
    later = clock.now + timedelta(hours=1)
    tasks.promise([work("a"), work("o", TaskKind.PAGES), work("later", not_before=later)])
    clock.forward(1)
    tasks.promise([work("s", TaskKind.SIGN), work("b")])
    wanted = [TaskKind.VERIFY, TaskKind.SIGN]
    assert [task.kind for task in tasks.due(wanted, 10)] == [TaskKind.VERIFY, TaskKind.SIGN, TaskKind.VERIFY]
    assert [claim.task.kind for claim in tasks.claim_some(wanted, "w", LEASE, 2)] == [TaskKind.VERIFY, TaskKind.SIGN]
    assert len(tasks.claim_some(wanted, "w", LEASE, 5)) == 1
    clock.forward(3600)
    assert len(tasks.claim_some(wanted, "w", LEASE, 5)) == 4


def test_an_operator_retries_and_drops(tasks: SqlTasks) -> None:
    [task_id] = tasks.promise([work("a")])
    with pytest.raises(Conflict):
        tasks.retry(task_id, LOCAL_OPERATOR)
    tasks.fail(claimed(tasks, task_id), "x", retry_at=None)
    assert tasks.retry(task_id, LOCAL_OPERATOR).attempts == 0
    claim = claimed(tasks, task_id)
    assert tasks.drop(task_id, LOCAL_OPERATOR).state is TaskState.DROPPED
    with pytest.raises(LeaseLost):
        tasks.complete(claim)
    with pytest.raises(Conflict):
        tasks.drop(task_id, LOCAL_OPERATOR)
    with pytest.raises(NotFound):
        tasks.get("nothing")


def test_counts_and_lists(tasks: SqlTasks) -> None:
    [first, _, _] = tasks.promise([work("a"), work("b"), work("p", TaskKind.PAGES)])
    tasks.complete(claimed(tasks, first))
    assert tasks.counts() == {("verify", "done"): 1, ("verify", "waiting"): 1, ("pages", "waiting"): 1}
    assert [task.id for task in tasks.list(states=[TaskState.DONE])] == [first]
    assert len(tasks.list(subject="subject", limit=2)) == 2
    assert tasks.list(subject="other") == []


def _work_off(database: Database, number: int) -> None:
    """Claim and complete in a process of its own; each start leaves a row, so that a second start would be seen."""
    tasks = SqlTasks(database, Ticking())
    while claims := tasks.claim_some([TaskKind.VERIFY], f"w{number}", LEASE, 3):
        for claim in claims:
            with database.write() as connection:
                values = {"key": claim.task.id, "sha": str(os.getpid())}
                connection.execute(text("INSERT INTO page_results VALUES (:key, :sha, '2026-01-01 00:00:00')"), values)
            tasks.complete(claim, [])


def test_many_processes_do_every_task_exactly_once(database: Database, tasks: SqlTasks) -> None:
    tasks.promise([work(str(number)) for number in range(60)])
    side_by_side(_work_off, database)
    assert tasks.counts() == {("verify", "done"): 60}
    assert all(task.attempts == 1 for task in tasks.list())
