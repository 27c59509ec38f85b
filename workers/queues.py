"""RQ behind a narrow door: one queue per worker process, JSON only, an allow-list of functions, ids as arguments.

Valkey carries hints of work; the work itself is promised in SQL. Whoever can write to Valkey can therefore do no more
than wake a worker: a job names one of `ALLOWED`, its argument is a task id, and everything else in it is dropped.
"""

import hashlib
import os
import re
import tempfile
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry
from rq import Queue, SimpleWorker, Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import import_attribute
from rq.worker import BaseWorker

from digitise.errors import NotAllowed, QueueUnavailable
from digitise.model.tasks import QUEUE_OF, Task
from digitise.settings import Settings
from workers.processes import die_with_parent

QUEUES = ("ocr", "verify", "sign")
ALLOWED = frozenset(f"workers.jobs.{queue}" for queue in QUEUES)
JOB_SECONDS = 3600  # outer bound of one job; leases and per-page limits act long before it
WAKE = "digitise:wake"  # list that wakes the dispatcher
_ID = re.compile(r"^[0-9A-Za-z_-]{1,64}$")


def private_socket(data: Path) -> Path:
    """Return the socket of the embedded stack's Valkey; a path too long for Linux (107 bytes) moves to a private folder."""
    path = data.resolve() / "run" / "valkey" / "valkey.sock"
    if len(os.fsencode(path)) <= 100:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"digitise-{os.getuid()}-{digest}" / "valkey.sock"


def connect(settings: Settings, *, patient: bool = True) -> Redis:
    """Return a connection to Valkey.

    `patient` ones (workers, dispatcher) outlive a restart of Valkey: without retries an RQ worker quits after 6 s.
    Doors use impatient ones: nobody waits for a hint.
    """
    url = settings.queue_url or f"unix://{private_socket(settings.data)}"
    password = settings.queue_password_file.read_text().strip() if settings.queue_password_file else None
    over_tcp: dict[str, Any] = {} if url.startswith("unix:") else {"socket_keepalive": True}
    return Redis.from_url(
        url,
        **over_tcp,
        password=password,
        socket_connect_timeout=5,
        health_check_interval=30,
        retry=Retry(ExponentialBackoff(cap=2, base=0.1), 60 if patient else 1),
        retry_on_error=[RedisConnectionError, RedisTimeoutError],
    )


class GuardedJob(Job):
    """A job of which only the function's name and one task id are believed."""

    @property
    def func(self) -> Callable[..., Any]:
        """Return the function if it is on the allow-list; raises NotAllowed otherwise."""
        if self.instance is not None or self.func_name not in ALLOWED or self.kwargs:
            raise NotAllowed("job_function", name=str(self.func_name)[:80])
        if len(self.args) != 1 or not isinstance(self.args[0], str) or not _ID.match(self.args[0]):
            raise NotAllowed("job_arguments", name=self.func_name)
        function: Callable[..., Any] = import_attribute(self.func_name)
        return function

    def restore(self, raw_data: Any) -> None:
        """Load the job and drop callbacks and webhooks: they would run or call whatever the queue says."""
        super().restore(raw_data)
        self._success_callback_name = self._failure_callback_name = self._stopped_callback_name = None
        self.webhooks = []


class GuardedQueue(Queue):
    """A queue of guarded jobs."""

    job_class = GuardedJob


def queue(name: str, connection: Redis) -> Queue:
    """Return the queue `name` of `QUEUES`."""
    return GuardedQueue(
        name, connection=connection, serializer=JSONSerializer, job_class=GuardedJob, default_timeout=JOB_SECONDS
    )


class ForkingWorker(Worker):
    """Forks for each job; the fork ends with its worker, so that nothing outlives a stack that was killed."""

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Run in the fork."""
        die_with_parent(self.pid or 0)
        super().main_work_horse(job, queue)


def worker(name: str, connection: Redis) -> BaseWorker:
    """Return a worker for one queue: a second queue on the same worker can lose a job when it dies.

    Signing keeps one process, as a token's session does not survive a fork; the others fork per job, so that a
    crash in a parser ends that job alone.
    """
    kind: type[BaseWorker] = SimpleWorker if name == "sign" else ForkingWorker
    return kind(
        [queue(name, connection)],
        connection=connection,
        serializer=JSONSerializer,
        job_class=GuardedJob,
        queue_class=GuardedQueue,
        name=f"{name}-{uuid.uuid4().hex[:8]}",
        job_monitoring_interval=5,
    )


class RqHints:
    """Hints over RQ. Losing all of them loses nothing: the dispatcher sends them again from SQL."""

    def __init__(self, connection: Redis) -> None:
        self.connection = connection

    def send(self, tasks: Sequence[Task]) -> None:
        """Queue one hint per task; ids are never used twice, as RQ keeps those of failed jobs."""
        try:
            for task in tasks:
                queue(QUEUE_OF[task.kind], self.connection).enqueue(
                    f"workers.jobs.{QUEUE_OF[task.kind]}",
                    task.id,
                    job_id=uuid.uuid4().hex,
                    result_ttl=0,
                    failure_ttl=3600,
                    job_timeout=JOB_SECONDS,
                )
        except RedisError as e:
            raise QueueUnavailable(type(e).__name__) from e

    def wake(self) -> None:
        """Tell the dispatcher that there is something new in SQL; silent where Valkey is away."""
        try:
            pipe = self.connection.pipeline(transaction=False)
            pipe.lpush(WAKE, "1")
            pipe.ltrim(WAKE, 0, 0)
            pipe.execute()
        except RedisError:
            return

    def waiting(self, name: str) -> int:
        """Return the number of hints in queue `name`; raises QueueUnavailable."""
        try:
            return int(queue(name, self.connection).count)
        except RedisError as e:
            raise QueueUnavailable(type(e).__name__) from e

    def sleep(self, seconds: float) -> None:
        """Wait until woken or for `seconds`; raises QueueUnavailable."""
        try:
            self.connection.brpop([WAKE], timeout=seconds)
        except RedisError as e:
            raise QueueUnavailable(type(e).__name__) from e

    def check(self) -> None:
        """Raise QueueUnavailable unless Valkey answers, keeps what it is given and evicts nothing."""
        try:
            self.connection.ping()
            policy = self.connection.config_get("maxmemory-policy").get("maxmemory-policy")
        except RedisError as e:
            raise QueueUnavailable(type(e).__name__) from e
        if policy not in (None, "noeviction"):
            raise QueueUnavailable("evicts", policy=policy)
