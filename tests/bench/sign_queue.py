"""Signing through the queue of the running service, beside pyHanko as its documentation shows it, with one and two workers.

    python -m tests.bench.sign_queue [--documents 320] [--rounds 3]

One page of 100 kB, B-B, RSA-2048: store, register, audit log, our own verifier, kept verdict. The sign workers are stopped
(SIGSTOP) while documents are authorised, so that only signing is measured: first to last task, by the times in SQL.
What two workers gain is the machine's affair as well as ours: beside it stands, from the same round, what two signing
processes gain that share nothing, and two that only calculate. Figures are medians of the rounds' ratios.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pikepdf
import psutil
from rq import Worker
from rq.serializers import JSONSerializer
from sqlalchemy import select

from digitise.bootstrap import Services, compose
from digitise.model.outgoing import NewOutgoing
from digitise.model.people import LOCAL_OPERATOR
from digitise.model.tasks import TaskKind
from digitise.settings import load
from storage.schema.outgoing import outgoing
from storage.schema.tasks import tasks
from tests.bench import sign_alone
from tests.bench.sign import page_of_100_kb, per_second, stock
from tests.office import furnish
from tests.pki import PKI
from tests.stack import Stack, running, until
from workers.queues import connect

PROFILE = """
[profile.issue]
key = "organisation"
level = "B-B"
look = "none"
requires = []
writes = []
"""
WARM = 48  # documents at the beginning that are not counted: imports, first use of the key


def authorise(served: Services, source: Path, count: int) -> None:
    """Register and confirm documents that all differ."""
    for number in range(count):
        with pikepdf.open(source) as pdf:
            pdf.docinfo["/Title"] = f"{number} {time.monotonic_ns()}"
            made = BytesIO()
            pdf.save(made, compress_streams=False)
        made.seek(0)
        sha256, _ = served.store.put(made, media_type="application/pdf")
        new = NewOutgoing(unit="H53.12", kind="QĐ", abstract=f"văn bản {number}", symbol="QĐ-UBND", sha256=sha256)
        document = served.outgoing.add(new, LOCAL_OPERATOR)
        served.intents.authorise(document.id, "issue", sha256, LOCAL_OPERATOR)


def signers(stack: Stack, second: "subprocess.Popen[bytes] | None") -> list[psutil.Process]:
    """Return the running sign workers."""
    found = stack.children("workers sign")
    for worker in found:
        weigh_as_we_do(worker.pid)
    return [*found, psutil.Process(second.pid)] if second else found


def weigh_as_we_do(pid: int) -> None:
    """Give another session our session's share of the processor, or a busy machine hurts the first worker more than the second."""
    with suppress(OSError):  # no autogroups here
        ours = Path("/proc/self/autogroup").read_text().split()[-1]
        Path(f"/proc/{pid}/autogroup").write_text(ours)


@contextmanager
def stopped(workers: list[psutil.Process]) -> Iterator[None]:
    """Let the workers stand still."""
    for worker in workers:
        worker.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGCONT)


def rate(stack: Stack, served: Services, source: Path, count: int, second: "subprocess.Popen[bytes] | None") -> float:
    """Return documents a second from the first counted task to the last."""
    workers = signers(stack, second)
    with stopped(workers):
        authorise(served, source, count + WARM)
        begun, used, since = served.clock(), _used(workers), time.monotonic()
    until(lambda: not any(state in ("waiting", "running") for (kind, state) in _counts(served)), 900, 0.2)
    print(f"  cores used by the workers: {(_used(workers) - used) / (time.monotonic() - since):.2f}", flush=True)
    query = select(tasks.c.ended_at).where(tasks.c.kind == TaskKind.SIGN, tasks.c.ended_at >= begun)
    with served.database.read() as connection:
        ends = sorted(connection.scalars(query))
        states = set(connection.scalars(select(outgoing.c.state)))
        verdicts = set(connection.scalars(select(outgoing.c.verdict)))
    assert len(ends) == count + WARM
    assert states == {"signed"}, states
    assert "invalid" not in verdicts
    return (len(ends) - WARM) / (ends[-1] - ends[WARM - 1]).total_seconds()


def _used(workers: list[psutil.Process]) -> float:
    """Return processor seconds used by the workers."""
    return sum(sum(worker.cpu_times()[:2]) for worker in workers)


def plain_pair() -> float:
    """Return how much more two processes that only calculate get done than one: what this machine allows at best."""
    sum_up = (
        "import time\nt = time.perf_counter()\nsum(i * i % 7 for i in range(6_000_000))\nprint(time.perf_counter() - t)"
    )

    def seconds(count: int) -> float:
        started = [subprocess.Popen([sys.executable, "-c", sum_up], stdout=subprocess.PIPE) for _ in range(count)]
        return max(float(one.communicate()[0]) for one in started)

    return 2 * min(seconds(1) for _ in range(2)) / min(seconds(2) for _ in range(2))


def _counts(served: Services) -> list[tuple[str, str]]:
    return [(kind, state) for (kind, state), n in served.tasks.counts().items() if kind == TaskKind.SIGN and n]


def _registered(data: Path) -> int:
    """Return how many sign workers wait for jobs."""
    waiting = Worker.all(connection=connect(load(data=data)), serializer=JSONSerializer)
    return sum(one.name.startswith("sign-") for one in waiting)


@contextmanager
def second_worker(data: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Run one sign worker more than `digitise up` does."""
    environment = {**os.environ, "DIGITISE_DATA": str(data.resolve())}
    worker = subprocess.Popen([sys.executable, "-m", "workers", "sign"], env=environment)
    try:
        until(lambda: _registered(data) == 2, 120)
        yield worker
    finally:
        worker.terminate()
        worker.wait(60)


@dataclass(frozen=True, slots=True)
class Round:
    """Rates of one round, documents a second; `calculating`: two processes that only calculate, times one."""

    pyhanko: float
    one: float
    two: float
    alone_one: float
    alone_two: float
    calculating: float

    def __str__(self) -> str:
        return (
            f"pyHanko {self.pyhanko:.1f}/s, one worker {self.one:.1f}/s, two {self.two:.1f}/s ({self.two / self.one:.2f}); "
            f"sharing nothing {self.alone_one:.1f}/s and {self.alone_two:.1f}/s ({self.alone_two / self.alone_one:.2f}), "
            f"only calculating {self.calculating:.2f}"
        )


def measure(folder: Path, pki: PKI, documents: int, rounds: int) -> list[Round]:
    """Return the rates of pyHanko, one worker, two workers, and of processes that share nothing, in turns."""
    data = folder / "data"
    office = furnish(data, pki)
    (data / "signing.toml").write_text(PROFILE, encoding="utf-8")
    (folder / "ubnd.p12").write_bytes(pki.ubnd.p12("pw-ubnd"))
    page = page_of_100_kb(folder / "page.pdf")
    done: list[Round] = []
    with running(data) as stack:
        stack.run("trust", "add", str(office.trust))
        served = compose(load(data=data))
        for _ in range(rounds):
            slow = per_second(stock(folder, page), 10)
            one = rate(stack, served, page, documents, None)
            with second_worker(data) as second:
                two = rate(stack, served, page, documents, second)
            alone = [sign_alone.rate(data, page, documents // 2, processes) for processes in (1, 2)]
            done.append(Round(slow, one, two, alone[0], alone[1], plain_pair()))
            print(f"  {done[-1]}", flush=True)
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=320)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with PKI() as pki, tempfile.TemporaryDirectory(prefix="bench-sign-queue-") as folder:
        done = measure(Path(folder), pki, given.documents, given.rounds)
    print(f"figure calculating_two_times_one {statistics.median(one.calculating for one in done):.2f} - ok")
    alone = statistics.median(one.alone_two / one.alone_one for one in done)
    print(f"figure sharing_nothing_two_times_one {alone:.2f} - ok")
    for name, value, goal in (
        ("queue_times_stock", statistics.median(one.one / one.pyhanko for one in done), 4.0),
        ("two_workers_times_one", statistics.median(one.two / one.one for one in done), 1.7),
    ):
        print(f"figure {name} {value:.2f} {goal} {'ok' if value >= goal else 'short'}")


if __name__ == "__main__":
    main()
