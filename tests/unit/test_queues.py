"""Whoever can write to Valkey can wake a worker, and nothing more."""

import json
import os
from pathlib import Path

import pytest
from redis import Redis
from rq import SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

from digitise.errors import NotAllowed, QueueUnavailable
from digitise.settings import load
from workers import queues
from workers.valkey import PrivateValkey


@pytest.fixture
def valkey(tmp_path: Path):
    server = PrivateValkey(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def connection(valkey: PrivateValkey) -> Redis:
    return queues.connect(load(data=valkey.folder.parents[1]))


def forged(connection: Redis, function: str, *args: str, **more: str) -> Job:
    """A job as somebody else with access to Valkey could write it."""
    job = Job.create(function, args=args, connection=connection, serializer=JSONSerializer, id="forged")
    job.save()
    if more:
        connection.hset(job.key, mapping=more)
    connection.sadd("rq:queues", "rq:queue:sign")
    connection.rpush("rq:queue:sign", job.id)
    return job


def work(connection: Redis) -> None:
    queues.worker("sign", connection).work(burst=True, logging_level="CRITICAL")


@pytest.mark.parametrize("function", ["os.system", "workers.jobs.perform", "builtins.eval", "workers.queues.connect"])
def test_a_forged_function_does_not_run(connection: Redis, tmp_path: Path, function: str) -> None:
    witness = tmp_path / "ran"
    forged(connection, function, f"touch {witness}")
    work(connection)
    assert not witness.exists()
    assert queues.GuardedJob.fetch("forged", connection, serializer=JSONSerializer).is_failed


def test_a_forged_callback_does_not_run(connection: Redis, tmp_path: Path) -> None:
    forged(connection, "os.getpid", success_callback_name="os.abort", failure_callback_name="os.abort")
    work(connection)  # would end this very process
    job = queues.GuardedJob.fetch("forged", connection, serializer=JSONSerializer)
    assert job.failure_callback is None
    assert job.success_callback is None
    assert job.webhooks == []


@pytest.mark.parametrize("arguments", [["; rm -rf"], ["a", "b"], [{"id": 1}], []])
def test_arguments_are_one_task_id(connection: Redis, arguments: list[object]) -> None:
    job = queues.GuardedJob.create("workers.jobs.ocr", args=arguments, connection=connection, serializer=JSONSerializer)
    with pytest.raises(NotAllowed):
        _ = job.func


def test_the_embedded_valkey_is_private_and_durable(valkey: PrivateValkey, connection: Redis) -> None:
    assert valkey.socket.parent.stat().st_mode & 0o777 == 0o700
    assert connection.config_get("port")["port"] == "0"
    assert connection.config_get("appendonly")["appendonly"] == "yes"
    assert connection.config_get("appendfsync")["appendfsync"] == "always"
    assert connection.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"


def test_a_killed_valkey_keeps_what_it_acknowledged(valkey: PrivateValkey, connection: Redis) -> None:
    connection.set("promised", "1")
    assert valkey.process
    valkey.process.kill()
    valkey.process.wait()
    valkey.start()
    assert connection.get("promised") == b"1"


def test_a_leftover_valkey_is_stopped(tmp_path: Path) -> None:
    left = PrivateValkey(tmp_path)
    process = left.start()
    assert PrivateValkey(tmp_path).clear_leftover()
    assert process.wait(10) is not None
    assert not PrivateValkey(tmp_path).clear_leftover()


def test_a_long_data_directory_still_gets_a_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 90) / "e"
    server = PrivateValkey(deep)
    server.start()
    assert len(os.fsencode(server.socket)) < 107
    assert queues.connect(load(data=deep)).ping()
    server.stop()


def test_valkey_away_is_our_error(tmp_path: Path) -> None:
    hints = queues.RqHints(queues.connect(load(data=tmp_path), patient=False))
    hints.wake()  # silent
    with pytest.raises(QueueUnavailable):
        hints.check()


def test_the_serialiser_is_json(connection: Redis) -> None:
    worker = queues.worker("sign", connection)
    assert isinstance(worker, SimpleWorker)
    assert len(worker.queues) == 1
    job = worker.queues[0].enqueue("workers.jobs.sign", "task-1")
    import zlib

    assert json.loads(zlib.decompress(connection.hget(job.key, "data")))[0] == "workers.jobs.sign"
